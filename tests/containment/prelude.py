"""What an attack may use inside the container, where this file's text stands in front of its own."""

from __future__ import annotations

import ctypes  # noqa: F401  # for the attacks
import errno
import json
import os
import signal  # noqa: F401
import socket
import stat  # noqa: F401
import struct  # noqa: F401
import subprocess  # noqa: F401
import sys  # noqa: F401
import time  # noqa: F401
from collections.abc import Callable
from typing import Any

REPORT = "## Executive Summary\n\nNothing.\n\n## Detailed Findings\n\n## Recommended Labels\n\n## Conclusion\n\nFine.\n"
RISK = "-".join(["security", "risk"]) + ":"  # noqa: FLY002
"""Put together here: a file that spells a label out tells the reviewer what to find, which the surface sees and weighs by itself."""
LABELS = RISK + "info\n"


def observe(**seen: Any) -> None:
    """Tell the test what was seen."""
    print("OBSERVED " + json.dumps(seen), flush=True)


def write(name: str, content: bytes | str) -> None:
    """Write one file of the output."""
    with open("/out/" + name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def harmless() -> None:
    """Write what a reviewer that found nothing writes."""
    write("report.md", REPORT)
    write("labels.txt", LABELS)


def attempt(work: Callable[..., Any], *arguments: Any) -> str:
    """Do it, and return how that ended: what it returned, or the error."""
    try:
        return repr(work(*arguments))
    except BaseException as error:
        number = error.errno if isinstance(error, OSError) else None
        return f"refused: {errno.errorcode.get(number or 0, '')} {error!r}"[:300]


def spoken(raw: bytes, seconds: float = 10) -> bytes:
    """Send bytes to the proxy, and return what it answers until it closes or falls silent."""
    answer = b""
    with socket.create_connection(("127.0.0.1", 4000), timeout=seconds) as client:
        client.sendall(raw)
        try:
            while part := client.recv(65536):
                answer += part
                if answer.endswith(b"0\r\n\r\n"):
                    break
        except OSError:
            pass
    return answer


def asked(body: bytes, target: str = "/v1/messages", method: str = "POST", *headers: str, token: str | None = None) -> int:
    """Make one call with this run's token, or another, and return the status."""
    given = os.environ["PINWARDEN_CLIENT_TOKEN"] if token is None else token
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: proxy",
        f"Authorization: Bearer {given}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    answer = spoken("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
    return int(answer[9:12] or b"0")

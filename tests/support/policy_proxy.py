"""The review's proxy as a process of its own, and a client that sends it raw bytes."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FOLDER = Path(__file__).resolve().parents[2] / "actions" / "run-review" / "sandbox" / "proxy"
KEY = "sk-canary-0123456789-abcdefghij"
TOKEN = "token-of-this-run-0001"
MODELS = {"anthropic": "claude-sonnet-4-5", "openai": "gpt-6.1-sol"}
PATHS = {"anthropic": "/v1/messages?beta=true", "openai": "/v1/responses"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client was answered. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The reason code in a provider's error."""
        return str(json.loads(self.body)["error"]["code"])


class PolicyProxy:
    """Runs the proxy for `provider` in front of `upstream`; further settings as PINWARDEN_<name>."""

    def __init__(self, provider: str, upstream: str, **settings: str | int) -> None:
        self.provider = provider
        self._folder = Path(tempfile.mkdtemp(prefix="proxy-"))
        self.socket = self._folder / "proxy.sock"
        key = self._folder / "key"
        key.write_text(f"{KEY}\n")
        environment = {
            "PINWARDEN_PROVIDER": provider,
            "PINWARDEN_MODELS": MODELS[provider],
            "PINWARDEN_UPSTREAM": upstream,
            "PINWARDEN_CLIENT_TOKEN": TOKEN,
            "PINWARDEN_KEY_FILE": str(key),
            "PINWARDEN_SOCKET": str(self.socket),
            # A proxy that listened to its environment would send everything there.
            "HTTP_PROXY": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
        }
        environment |= {f"PINWARDEN_{name}": str(value) for name, value in settings.items()}
        # A pipe that nobody reads while the proxy runs would be full after some hundred lines, and the proxy would wait.
        with (self._folder / "ledger").open("w") as ledger:
            self._process = start(environment, ledger.fileno())
        self.printed = ""
        self.complained = ""

    @property
    def process(self) -> subprocess.Popen[str]:
        return self._process

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """What was printed, once the proxy has ended."""
        return [json.loads(line) for line in self.printed.splitlines()]

    def post(self, body: Any, *, path: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """POST a value as JSON, or bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(request("POST", path or PATHS[self.provider], raw, headers))

    def send(self, raw: bytes) -> Reply:
        """Send raw bytes and read one answer."""
        with self.connect() as connection:
            return exchange(connection, raw)

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(str(self.socket))
        return connection

    def stop(self) -> int:
        """End the proxy as a container is ended; return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self.complained += self._process.communicate(timeout=30)[1]
        self.printed = (self._folder / "ledger").read_text()
        return self._process.returncode

    def __enter__(self) -> Self:
        assert self._process.stderr
        first = self._process.stderr.readline()
        self.complained += first
        assert first == "listening\n", first + self._process.stderr.read()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.returncode is None:
            self.stop()
        shutil.rmtree(self._folder)


def start(environment: Mapping[str, str], stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start the proxy with these variables and no others of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PINWARDEN_"))}
    return subprocess.Popen([sys.executable, "-I", str(FOLDER)], env=kept | dict(environment), stdout=stdout, stderr=subprocess.PIPE, text=True)


def request(method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, token: str | None = TOKEN) -> bytes:
    """A request as bytes; `headers` replace the usual ones of the same name."""
    fields = {"host": "proxy", "content-type": "application/json", "content-length": str(len(body))}
    if token is not None:
        fields["authorization"] = f"Bearer {token}"
    replaced = {name.lower() for name in headers or {}}
    fields = {name: value for name, value in fields.items() if name not in replaced} | dict(headers or {})
    return (
        f"{method} {target} HTTP/1.1\r\n".encode("latin-1")
        + "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("latin-1")
        + b"\r\n"
        + body
    )


def exchange(connection: socket.socket, raw: bytes) -> Reply:
    """Send raw bytes over a connection, read one answer whole."""
    # A server that has decided may have closed before all is sent; its answer is there all the same.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(raw)
    method = raw.split(b" ", 1)[0].decode("latin-1")
    with http.client.HTTPResponse(connection, method=method) as response:
        response.begin()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def message(**changes: Any) -> dict[str, Any]:
    """A small valid body for Anthropic."""
    return {"model": MODELS["anthropic"], "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}], **changes}


def response(**changes: Any) -> dict[str, Any]:
    """A small valid body for OpenAI."""
    return {"model": MODELS["openai"], "store": False, "input": [{"type": "message", "role": "user", "content": "hello"}], **changes}

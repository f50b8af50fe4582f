"""Tries, inside the agent's container, what no agent may do, and prints one JSON object: what was tried, and how it ended.

    {"interfaces": [...], "names": "…", "root": "…", "input": "…", "output": bytes, "files": n, "processes": n, "key": [...], …}

An ending is "done" or the name of the error. Started by `doctor --sandbox` alone.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import sys
import time
from collections.abc import Callable


def ending(work: Callable[[], object]) -> str:
    """Do it, and return how that ended."""
    try:
        work()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    return "done"


def written(folder: str, most: int) -> int:
    """Return how many bytes fit into one file of a folder, up to `most`."""
    size, part = 0, bytes(65536)
    try:
        with open(f"{folder}/probe", "wb", buffering=0) as file:
            while size < most:
                size += file.write(part)
    except OSError:
        pass
    os.unlink(f"{folder}/probe")
    return size


def processes(most: int) -> int:
    """Return how many processes there may be, up to `most`."""
    children = []
    try:
        while len(children) < most:
            if (child := os.fork()) == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return len(children)


def proxy() -> str:
    """Return the proxy's status for a call without the run's token."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        for _ in range(100):
            try:
                client.connect("/run/proxy/proxy.sock")
                break
            except OSError:
                time.sleep(0.1)
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: proxy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return client.recv(64).decode("latin-1").split(" ")[1]


# asm/unistd_64.h and asm-generic/unistd.h
KEYCTL, UNSHARE = (250, 272) if os.uname().machine == "x86_64" else (219, 97)


def called(number: int, *arguments: int) -> str:
    """Make a system call, and return how that ended."""
    libc = ctypes.CDLL(None, use_errno=True)
    return "done" if libc.syscall(number, *arguments) >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")


def vsock() -> None:
    socket.socket(getattr(socket, "AF_VSOCK", 40), socket.SOCK_STREAM).close()


def main() -> int:
    with open("/proc/self/status") as file:
        status = dict(line.strip().split(":\t", 1) for line in file if ":\t" in line)
    with open("/proc/net/route") as file:
        routes = len(file.readlines()) - 1
    seen = {
        "interfaces": sorted(os.listdir("/sys/class/net")),
        "routes": routes,
        "names": ending(lambda: socket.getaddrinfo("example.com", 443)),
        "hypervisor": ending(vsock),
        # Where everybody may write as far as modes go, so that only a file system that is read-only refuses.
        "root": ending(lambda: open("/var/tmp/probe-was-here", "wb")),  # noqa: S108, SIM115  # it is not to succeed
        "input": ending(lambda: open("/in/probe-was-here", "wb")),  # noqa: SIM115
        "keyctl": called(KEYCTL, 0, -3, 1),
        "unshare": called(UNSHARE, 0x10000000),
        "output": written("/out", 8 * 1024 * 1024),
        "processes": processes(400),
        "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
        "privileges": status["NoNewPrivs"],
        "filter": status["Seccomp"],
        "user": os.getuid(),
        # Only who started this knows what the key is: all that is here is told, and looked through there.
        "environment": dict(os.environ),
        "secrets": os.listdir("/run/secrets") if os.path.isdir("/run/secrets") else [],
        "proxy": proxy(),
    }
    print(json.dumps(seen), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

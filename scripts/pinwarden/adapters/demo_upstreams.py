"""The demonstration's upstreams: real repositories, served by git's own HTTP backend on loopback."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pinwarden.demo import MAIN, Turn, Upstream
from pinwarden.record import records_of

_MOST_ASKED = 1024 * 1024


def build(root: Path, upstream: Upstream, submodule: Sequence[str] = ()) -> list[str]:
    """Build a bare repository below `root`; return its commits. `submodule` holds the commits that `commit:<n>` stands for."""
    path = root / f"{upstream.name}.git"
    _git("init", "--quiet", "--bare", "--template=", f"--initial-branch={MAIN}", str(path))
    stream: list[bytes] = []
    for number, files in enumerate(upstream.commits, 1):
        who = f"Ada Demo <ada@demo.example> {1_735_689_600 + 3600 * number} +0000"
        parent = number > 1 and upstream.turn is not Turn.REWRITES
        stream.append(f"reset refs/build\n\ncommit refs/build\nmark :{number}\nauthor {who}\ncommitter {who}\n".encode() + _blob(f"Change {number}"))
        stream.append(b"from :%d\ndeleteall\n" % (number - 1) if parent else b"deleteall\n")
        stream += [_file(name, content, submodule) for name, content in files.items()]
    last = len(upstream.commits)
    refs = {f"refs/heads/{MAIN}": 1 if upstream.turn is Turn.FORK else last}
    refs |= {"refs/pull/1/head": last} if upstream.turn is Turn.FORK else {}
    refs |= {f"refs/tags/{upstream.tag}": 1} if upstream.tag else {}
    stream += [f"reset {ref}\nfrom :{number}\n\n".encode() for ref, number in refs.items()]
    marks = path / "marks"
    _git("-C", str(path), "fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=b"".join(stream))
    ids = dict(line.split() for line in marks.read_text().splitlines())
    _git("-C", str(path), "update-ref", "-d", "refs/build")
    return [ids[f":{number}"] for number in range(1, last + 1)]


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve the repositories below `root`; give the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"root": root}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Hands git's requests to `git http-backend`. Source: RFC 3875, git-http-backend(1)."""

    root: Path

    def do_POST(self) -> None:
        asked = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), _MOST_ASKED))
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": "POST",
            "PATH_INFO": self.path,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(asked)),
            "REMOTE_ADDR": "127.0.0.1",
        }
        answer = subprocess.run(["git", "http-backend"], input=asked, env=environment, capture_output=True, check=False).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = dict(line.partition(": ")[::2] for line in head.decode("latin-1").split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the demonstration's output is the table."""


def _file(name: str, content: str, submodule: Sequence[str]) -> bytes:
    if content.startswith("commit:"):
        return f"M 160000 {submodule[int(content.removeprefix('commit:'))]} {name}\n".encode()
    return f"M 100644 inline {name}\n".encode() + _blob(content)


def _blob(content: str) -> bytes:
    raw = content.encode()
    return b"data %d\n%s\n" % (len(raw), raw)


def _git(*arguments: str, stdin: bytes = b"") -> None:
    environment: Mapping[str, str] = {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], input=stdin, check=True, capture_output=True, env=environment)


def record(root: Path, reviews: Sequence[Mapping[str, Any]]) -> None:
    """Write the records of reviews as the branch of records has them."""
    for one in records_of(reviews, "1.1", private=False):
        path = root / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.content)

"""A web server of a few files on loopback, which can also refuse, or send elsewhere."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar, Self


class FileServer:
    """Serves `files` by path: bytes, the number of a status, or the URL of a redirect. `asked` are the paths that were wanted."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | int | str] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[FileServer]

    def do_GET(self) -> None:
        self.owner.asked.append(self.path)
        found = self.owner.files.get(self.path, 404)
        body = found if isinstance(found, bytes) else b""
        self.send_response(302 if isinstance(found, str) else found if isinstance(found, int) else 200)
        if isinstance(found, str):
            self.send_header("Location", found)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""

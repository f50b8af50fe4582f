"""A registry on loopback that answers as a test wants: honest where nothing is said, and every way such a server can misbehave.

with OddRegistry() as registry:
    digest = registry.publish("mcp/x", "1", revision="a1…")
    registry.behave(f"/v2/mcp/x/manifests/{digest}", Said(200, {}, b"something else"))
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. An `endless` one sends its body again and again until nobody reads any more."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    endless: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came; names of headers in lower case."""

    method: str
    path: str
    """Without the query."""
    query: str
    headers: Mapping[str, str]


class OddRegistry:
    """Serves what was published; `token` makes it ask for that token, from its own /token."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.token: str | None = None
        self.challenge: str | None = None
        self._content: dict[str, Said] = {}
        self._odd: dict[str, Said] = {}
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                registry.answer(self)

            def do_HEAD(self) -> None:
                registry.answer(self)

            def log_message(self, *args: object) -> None:
                """Say nothing: `asked` holds it all."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def behave(self, path: str, said: Said) -> None:
        """Answer requests for `path` like this."""
        self._odd[path] = said

    def publish(self, repository: str, tag: str, *, revision: str, **more: Any) -> str:
        """Publish an image of one platform, whose manifest has `more`; return its digest."""
        config = self.put(
            repository,
            "blobs",
            json.dumps({"os": "linux", "architecture": "amd64", "config": {"Labels": {"org.opencontainers.image.revision": revision}}}).encode(),
        )
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": config, "size": 1}, "layers": [], **more}
        digest = self.put(repository, "manifests", json.dumps(manifest).encode())
        self._content[f"/v2/{repository}/manifests/{tag}"] = self._content[f"/v2/{repository}/manifests/{digest}"]
        return digest

    def put(self, repository: str, kind: str, body: bytes) -> str:
        """Publish bytes under their digest, and return it."""
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        self._content[f"/v2/{repository}/{kind}/{digest}"] = Said(200, {"Docker-Content-Digest": digest, "Content-Type": MANIFEST}, body)
        return digest

    def config_of(self, repository: str, digest: str) -> str:
        """Return the path of the configuration of a published image."""
        return f"/v2/{repository}/blobs/{json.loads(self._content[f'/v2/{repository}/manifests/{digest}'].body)['config']['digest']}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        path, query = urlsplit(handler.path).path, urlsplit(handler.path).query
        asked = Asked(handler.command, path, query, {name.lower(): value for name, value in handler.headers.items()})
        self.asked.append(asked)
        said = self._odd.get(path) or self._usual(asked)
        handler.send_response(said.status)
        for name, value in said.headers.items():
            handler.send_header(name, value)
        if not said.endless and "Content-Length" not in said.headers:
            handler.send_header("Content-Length", str(len(said.body)))
        if said.endless or "Content-Length" in said.headers:
            handler.close_connection = True
            handler.send_header("Connection", "close")
        handler.end_headers()
        if asked.method == "GET":
            try:
                for piece in _repeated(said.body) if said.endless else [said.body]:
                    handler.wfile.write(piece)
            except OSError:
                handler.close_connection = True

    def _usual(self, asked: Asked) -> Said:
        if asked.path == "/token":
            return Said(200, {}, json.dumps({"token": self.token}).encode())
        if self.token and asked.headers.get("authorization") not in (f"Bearer {self.token}", f"Basic {self.token}"):
            realm = f'Bearer realm="{self.url}/token",service="odd"'
            return Said(401, {"WWW-Authenticate": self.challenge or realm})
        return self._content.get(asked.path, Said(404))


def _repeated(body: bytes) -> Iterator[bytes]:
    while True:
        yield body

"""A loopback stand-in for the part of GitHub's REST API that reads files of a commit. Anything else is answered with 501.

Shapes: GET /repos/{owner}/{repo}/git/commits/{sha} and GET /repos/{owner}/{repo}/contents/{path}?ref= as GitHub's API
description has them, cut down to what a client reads.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from support.token_canary import CANARY

_COMMIT = re.compile(r"/repos/(?P<repository>[^/]+/[^/]+)/git/commits/(?P<sha>[0-9a-f]{40})")
_CONTENTS = re.compile(r"/repos/(?P<repository>[^/]+/[^/]+)/contents/(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was made; `authorization` is empty where it had none."""

    method: str
    target: str
    authorization: str


@dataclass(slots=True)
class GitHubApi:
    """The API's state, which a test sets, and its log."""

    url: str
    commits: dict[tuple[str, str], Mapping[str, bytes]] = field(default_factory=dict)
    """Files by their path, by repository (owner/name) and commit."""
    failing: int = 0
    """The status that every request gets; 0 answers them."""
    requests: list[Request] = field(default_factory=list)

    def answer(self, method: str, target: str) -> tuple[int, dict[str, Any]]:
        """Return status and body."""
        if self.failing:
            return self.failing, {"message": "set by the test"}
        url = urlsplit(target)
        path = unquote(url.path)
        if method == "GET" and (asked := _COMMIT.fullmatch(path)):
            known = (asked["repository"], asked["sha"]) in self.commits
            return (200, {"sha": asked["sha"], "url": self.url + url.path, "message": "base"}) if known else _NOT_FOUND
        if method == "GET" and (asked := _CONTENTS.fullmatch(path)):
            ref = parse_qs(url.query).get("ref", [""])[0]
            content = self.commits.get((asked["repository"], ref), {}).get(asked["path"])
            return _NOT_FOUND if content is None else (200, _file(self.url + target, asked["path"], content))
        return 501, {"message": f"this stand-in does not know {method} {path}"}


_NOT_FOUND: tuple[int, dict[str, Any]] = (404, {"message": "Not Found"})


@contextmanager
def serve() -> Iterator[GitHubApi]:
    """Serve an empty API on a free loopback port; leaving the context closes the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    api = GitHubApi(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(api: GitHubApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            CANARY.look("an address", self.path)
            api.requests.append(Request(self.command, self.path, self.headers.get("Authorization") or ""))
            status, document = api.answer(self.command, self.path)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            # One answer a connection: an idle one would keep its thread, and with it the end of the test, waiting.
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing: the log of requests is in `api.requests`."""

    return Handler


def _file(url: str, path: str, content: bytes) -> dict[str, Any]:
    return {
        "type": "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "url": url,
        "size": len(content),
        "encoding": "base64",
        "content": base64.encodebytes(content).decode(),
    }

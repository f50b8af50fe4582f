"""git smart HTTP on loopback, as a code host serves it: real `git http-backend`, and every way such a host can misbehave.

with GitServer(root) as server:
    server.behave("owner/name", Status(429, {"Retry-After": "1"}), times=2)
    subprocess.run(["git", "clone", f"{server.url}/owner/name"], check=True)
    assert server.requests[0].command == "advertise"
"""

from __future__ import annotations

import gzip
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, assert_never
from urllib.parse import unquote, urlsplit

from support.token_canary import CANARY

_TARGET = re.compile(r"/([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/(info/refs|git-upload-pack)\Z")


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with this status and nothing else."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hang:
    """Take the request and say nothing until the server is closed."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Take the request and close the connection."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the client to another repository (owner/name) of this server, or to a whole other URL."""

    to: str
    code: int = 301


@dataclass(frozen=True, slots=True)
class Garbage:
    """Answer 200, with git's own content type, and this body."""

    body: bytes = b"<html>Sign in to continue</html>"


@dataclass(frozen=True, slots=True)
class Truncated:
    """Announce the whole of the real answer, send its first bytes, close the connection."""

    sent: int


Behaviour = Status | Hang | Drop | Redirect | Garbage | Truncated


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. Names of headers are in lower case."""

    method: str
    path: str
    """Path and query."""
    repository: str
    """owner/name, without .git; empty where the path names none."""
    command: str
    """`advertise` for info/refs; the command of protocol v2, such as `ls-refs` or `fetch`; `upload-pack` for older protocols."""
    headers: Mapping[str, str]
    connection: int = 0
    """The client's port: requests with the same one came over the same connection."""


@dataclass(slots=True)
class _Rule:
    behaviour: Behaviour
    times: int | None
    command: str | None


class GitServer:
    """Serves the bare repositories `root`/owner/name.git, for reading, at /owner/name and /owner/name.git.

    `missing` is the answer for a repository that is not there (GitHub asks for a password instead: Status(401, {...})).
    Without `allow_filter` partial clones are refused, as some hosts do. A subclass may answer more than git with its own `handler`.
    """

    handler: ClassVar[type[Handler]]

    def __init__(self, root: Path, *, allow_filter: bool = True, missing: Behaviour = Status(404)) -> None:  # immutable
        self.root = root.resolve()
        self.allow_filter = allow_filter
        self.missing = missing
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._sent = 0
        self._rules: dict[str, list[_Rule]] = {}
        self._http = _Listener(self, self.handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, name="git server")

    @property
    def url(self) -> str:
        """Where the server listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order in which they were read."""
        with self._lock:
            return list(self._requests)

    @property
    def sent(self) -> int:
        """How many bytes of bodies were sent so far."""
        with self._lock:
            return self._sent

    def count(self, sent: int) -> None:
        """Add to the bytes that were sent."""
        with self._lock:
            self._sent += sent

    def commands(self, repository: str | None = None) -> list[str]:
        """Return the commands asked so far, of one repository or of all."""
        return [request.command for request in self.requests if repository in (None, request.repository)]

    def behave(self, repository: str, behaviour: Behaviour, *, times: int | None = None, command: str | None = None) -> None:
        """Answer requests for `repository` (owner/name) so: the next `times`, or all; those for `command`, or all.

        Behaviours are tried in the order in which they were set.
        """
        with self._lock:
            self._rules.setdefault(repository, []).append(_Rule(behaviour, times, command))

    def reset(self) -> None:
        """Forget every request and behaviour."""
        with self._lock:
            self._requests.clear()
            self._rules.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.end_connections()
        # Waits for the threads of all connections.
        self._http.server_close()
        self._thread.join()

    def note(self, request: Request) -> Behaviour | None:
        """Write `request` down; return what to do instead of answering it, None for a real answer."""
        CANARY.look("an address that git was asked", request.path)
        with self._lock:
            self._requests.append(request)
            for rule in self._rules.get(request.repository, ()):
                if rule.times != 0 and rule.command in (None, request.command):
                    rule.times = None if rule.times is None else rule.times - 1
                    return rule.behaviour
        return None if request.repository and (self.root / f"{request.repository}.git").is_dir() else self.missing


class _Listener(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = False

    def __init__(self, owner: GitServer, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.owner = owner
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        # The canary's look at exceptions is for what is tested, and would only slow this down.
        sys.settrace(None)
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._connections_lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client may leave when it wants; anything else is a defect of this server, and is shown.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers git's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self._body())

    def log_message(self, *arguments: object) -> None:
        """Stay silent; GitServer.requests tells."""

    def _serve(self, body: bytes) -> None:
        owner = self.server.owner
        url = urlsplit(self.path)
        match = _TARGET.match(unquote(url.path))
        repository, service = (f"{match[1]}/{match[2]}", match[3]) if match else ("", "")
        fields = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.command, self.path, repository, self._command(service, body), fields, self.client_address[1])
        behaviour = owner.note(request)
        match behaviour:
            case None:
                self._send(*_backend(owner, request, service, url.query, body))
            case Status(code, headers):
                self._send(code, dict(headers), b"")
            case Hang():
                owner.closing.wait()
                self.close_connection = True
            case Drop():
                self.close_connection = True
            case Redirect(to, code):
                base = to if "://" in to else f"{owner.url}/{to}"
                self._send(code, {"Location": f"{base}/{service}" + (f"?{url.query}" if url.query else "")}, b"")
            case Garbage(garbage):
                kind = "result" if self.command == "POST" else "advertisement"
                self._send(200, {"Content-Type": f"application/x-git-upload-pack-{kind}"}, garbage)
            case Truncated(sent):
                self._send(*_backend(owner, request, service, url.query, body), sent=sent)
            case _:
                assert_never(behaviour)

    def _command(self, service: str, body: bytes) -> str:
        if service != "git-upload-pack":
            return "advertise" if service else ""
        found = re.match(rb"[0-9a-f]{4}command=([a-z-]+)", gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        return found[1].decode() if found else "upload-pack"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes, sent: int | None = None) -> None:
        self.server.owner.count(len(body[:sent]))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if sent is None and body:
            # In chunks, as code hosts answer: a client must read on to know that this was all.
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
        if sent is not None:
            self.close_connection = True


GitServer.handler = Handler


@cache
def _backend_path() -> str:
    return subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip() + "/git-http-backend"


def _backend(owner: GitServer, request: Request, service: str, query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Let git's own CGI program answer (gitprotocol-http(5), git-http-backend(1)); return status, headers and body."""
    configuration = {
        "safe.directory": "*",
        "uploadpack.allowFilter": str(owner.allow_filter).lower(),
        "uploadpack.allowAnySHA1InWant": "true",
    }
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(configuration)),
        "GIT_PROJECT_ROOT": str(owner.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "PATH_INFO": f"/{request.repository}.git/{service}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.method,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
    }
    for number, (key, value) in enumerate(configuration.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    if "content-encoding" in request.headers:
        environment["HTTP_CONTENT_ENCODING"] = request.headers["content-encoding"]
    # What git says on stderr about a client's mistakes is the client's to tell.
    answer = subprocess.run([_backend_path()], input=body, capture_output=True, check=False, env=environment).stdout
    head, _, payload = answer.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    return int(headers.pop("Status", "200").split()[0]), headers, payload

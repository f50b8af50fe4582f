"""A provider of models on loopback: records every request as raw bytes and gives scripted answers.

with Provider() as provider:
    provider.answer(Answer(200, pieces=[event("message_start", …), hold, …]))
    …
    assert provider.calls[0].body == b"…"
"""

from __future__ import annotations

import json
import re
import socket
import socketserver
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Cut:
    """Ends the connection in the middle of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request is answered. A piece that is an Event holds the rest back until it is set."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes | threading.Event | Cut] = ()
    held: threading.Event | None = None
    """Holds back even the head until it is set."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request, as raw as it came."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        """The request line."""
        return self.head.split(b"\r\n")[0].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the head, names in lower case."""
        fields = (line.partition(":") for line in self.head.decode("latin-1").split("\r\n")[1:] if line)
        return {name.lower(): value.strip() for name, _, value in fields}


class Provider:
    """Answers as scripted, in order; where nothing is scripted, with a complete and cheap answer of the API that was asked."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.closing = threading.Event()
        self._calls: list[Recorded] = []
        self._answers: list[Answer] = []
        self._changed = threading.Condition()
        self._server = _Listener(self, host)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="provider")

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.address)

    @property
    def calls(self) -> list[Recorded]:
        """All requests so far."""
        with self._changed:
            return list(self._calls)

    def answer(self, *answers: Answer) -> None:
        """Script the answers of the next requests."""
        with self._changed:
            self._answers += answers

    def reset(self) -> None:
        """Forget every request and scripted answer."""
        with self._changed:
            self._calls.clear()
            self._answers.clear()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address)

    def wait_for(self, calls: int) -> None:
        """Wait until so many requests have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._calls) >= calls, timeout=30)

    def take(self, call: Recorded) -> Answer:
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()
            scripted = self._answers.pop(0) if self._answers else None
        return scripted or self.unscripted(call)

    def unscripted(self, call: Recorded) -> Answer:
        """Return what a call gets for which nothing is scripted."""
        return cheap_answer(call)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join()


def cheap_answer(call: Recorded) -> Answer:
    """A complete answer to a call: seven tokens in, three out."""
    try:
        stream = json.loads(call.body).get("stream", False)
    except (ValueError, AttributeError):
        stream = False
    if "/v1/responses" in call.line:
        usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
        whole: dict[str, Any] = {"id": "resp_1", "status": "completed", "output": [], "usage": usage}
        return events(event("response.created", response={"id": "resp_1"}), event("response.completed", response=whole)) if stream else document(whole)
    if "count_tokens" in call.line:
        return document({"input_tokens": 7})
    if not stream:
        return document({"id": "msg_1", "type": "message", "content": [], "usage": {"input_tokens": 7, "output_tokens": 3}})
    return events(
        event("message_start", message={"id": "msg_1", "usage": {"input_tokens": 7, "output_tokens": 1}}),
        event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3}),
        event("message_stop"),
    )


def document(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer that is one JSON document."""
    return Answer(status, {"Content-Type": "application/json", **headers}, [json.dumps(value).encode()])


def events(*pieces: bytes | threading.Event | Cut, **headers: str) -> Answer:
    """An answer that is a stream of events."""
    return Answer(200, {"Content-Type": "text/event-stream", **headers}, pieces)


def event(kind: str, **content: Any) -> bytes:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n".encode()


class _Listener(socketserver.ThreadingTCPServer):
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, owner: Provider, host: str) -> None:
        super().__init__((host, 0), _Connection)
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.StreamRequestHandler):
    server: _Listener
    disable_nagle_algorithm = True

    def handle(self) -> None:
        # A client may leave whenever it wants.
        with suppress(ConnectionError, ValueError):
            while self._one():
                pass

    def _one(self) -> bool:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            head += line
        call = Recorded(head, self._body(head))
        return self._send(self.server.owner.take(call))

    def _body(self, head: bytes) -> bytes:
        if re.search(rb"(?i)^transfer-encoding:.*chunked", head, re.MULTILINE):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        length = re.search(rb"(?i)^content-length:\s*(\d+)", head, re.MULTILINE)
        return self.rfile.read(int(length[1])) if length else b""

    def _send(self, answer: Answer) -> bool:
        if answer.held and not self._wait(answer.held):
            return False
        fields = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        self.wfile.write(f"HTTP/1.1 {answer.status} Answer\r\n{fields}Transfer-Encoding: chunked\r\n\r\n".encode("latin-1"))
        for piece in answer.pieces:
            if isinstance(piece, threading.Event):
                if not self._wait(piece):
                    return False
            elif isinstance(piece, Cut):
                return False
            elif piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")
        return True

    def _wait(self, event: threading.Event) -> bool:
        """Wait for an event; false where the provider closes before."""
        while not event.wait(0.02):
            if self.server.owner.closing.is_set():
                return False
        return True

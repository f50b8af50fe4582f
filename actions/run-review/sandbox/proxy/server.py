"""The proxy's server: HTTP on a unix socket, one provider behind it. It holds the key and decides nothing: policy.py does.

Written so that no exception, header or line of the client's or the provider's reaches a log: what is printed are the ledger's lines.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import re
import signal
import socket
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from yarl import URL

from proxy.budget import Budget, Spent
from proxy.ledger import Ledger, Line
from proxy.policy import Call, Provider, Refused, Request, check_head, decide, endpoint, refused
from proxy.redaction import Redaction
from proxy.settings import BadSettings, Settings, read_settings
from proxy.usage import UsageReader

MOST_BODY = 8 * 1024 * 1024
MOST_HEAD_LINE = 8 * 1024
CONNECT_SECONDS = 15
BODY_SECONDS = 60
WRITE_SECONDS = 60

# All that is passed on of a provider's head. No cookies, no limits of the account, nothing of its network.
_PASSED = ("content-type", "retry-after", "retry-after-ms", "request-id", "x-request-id", "x-should-retry")
_PLAIN_VALUE = re.compile(r"[ -~]{1,256}")


@dataclass(slots=True)
class _Entry:
    """What becomes known of one call while it is served."""

    path: str = "other"
    model: str = ""
    decision: str = "refused"
    reason: str = ""
    status: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: int = 0


class _Failed(Exception):
    """The provider gave no answer that can be passed on: a status and a reason code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


class Proxy:
    """Serves the calls of one run."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._provider = settings.rules.provider
        self._session = session
        self._budget = Budget(settings.limits)
        self._ledger = Ledger()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, and write down what became of it."""
        entry = _Entry()
        try:
            return await self._answer(request, entry)
        except Spent as spent:
            entry.reason = str(spent)
            return self._say(entry, *_spent(entry.reason))
        except _Failed as failed:
            entry.reason = failed.code
            return self._say(entry, failed.status, failed.code, f"pinwarden has no answer of the provider ({failed.code})")
        except asyncio.CancelledError:
            entry.reason = entry.reason or "client-left"
            raise
        finally:
            self._write(entry)

    def finish(self) -> None:
        """Print what was only counted."""
        _print(self._ledger.rest())

    async def _answer(self, request: web.BaseRequest, entry: _Entry) -> web.StreamResponse:
        # The first call that is too many is refused like all after it, whoever makes it.
        self._budget.admit()
        target = request.raw_path
        entry.path = endpoint(self._provider, target) or "other"
        if not _authorised(request, self._settings.client_token):
            entry.reason = "token"
            return self._say(entry, 401, "token", "this is not the token of this run")
        head = Call(request.method, target, [(_text(name), _text(value)) for name, value in request.raw_headers])
        refusal = check_head(self._settings.rules, head)
        if refusal:
            return self._refuse(entry, refusal)
        body = await self._body(request)
        if body is None:
            return self._refuse(entry, refused(self._provider, "too-large"))
        decision = decide(self._settings.rules, Call(head.method, head.target, head.headers, body))
        if isinstance(decision, Refused):
            return self._refuse(entry, decision)
        entry.model = decision.model
        self._budget.reserve(decision.reserved)
        entry.decision = "forwarded"
        # Until the answer has told what it cost, the reservation is what is charged.
        entry.estimated = decision.reserved
        try:
            return await self._forward(request, decision, entry)
        finally:
            self._budget.settle(decision.reserved, entry.estimated or entry.input_tokens + entry.output_tokens)

    async def _body(self, request: web.BaseRequest) -> bytes | None:
        """Read the body, None where it is too large. Raises Spent, _Failed."""
        if (request.content_length or 0) > MOST_BODY:
            return None
        pieces = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for piece in request.content.iter_any():
                    self._budget.carry(len(piece))
                    pieces += piece
                    if len(pieces) > MOST_BODY:
                        return None
        except (TimeoutError, web.RequestPayloadError):
            raise _Failed(400, "body-cut") from None
        return bytes(pieces)

    async def _forward(self, request: web.BaseRequest, sent: Request, entry: _Entry) -> web.StreamResponse:
        query = f"?{sent.query}" if sent.query else ""
        url = URL(f"{self._settings.upstream}{sent.path}{query}", encoded=True)
        try:
            async with asyncio.timeout(self._settings.first_byte_seconds):
                answer = await self._session.post(url, data=sent.body, headers=sent.headers | _credential(self._settings), allow_redirects=False)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            entry.estimated = 0  # it never arrived
            raise _Failed(502, "provider-unreachable") from None
        except TimeoutError:
            raise _Failed(504, "provider-silent") from None
        except (aiohttp.ClientError, ValueError):
            raise _Failed(502, "provider-answer") from None
        try:
            return await self._pass_on(request, sent, answer, entry)
        finally:
            # Also ends the call at the provider, where the client or the budget has ended it here.
            answer.close()

    async def _pass_on(self, request: web.BaseRequest, sent: Request, answer: aiohttp.ClientResponse, entry: _Entry) -> web.StreamResponse:
        if answer.status >= 300:
            entry.estimated = 0  # providers ask nothing for what they refuse
        if 300 <= answer.status < 400:
            raise _Failed(502, "redirect")
        if answer.status == 401:
            # Passed on as it is, both command lines would take their own token to be wrong and try for minutes.
            raise _Failed(refused(self._provider, "provider-key").status, "provider-key")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise _Failed(502, "answer-encoding")
        entry.status = answer.status
        response = web.StreamResponse(status=answer.status, headers=_passed_on(answer, self._settings.key))
        redaction = Redaction(self._settings.key.encode())
        reader = UsageReader(self._provider, events=answer.content_type == "text/event-stream")
        await response.prepare(request)
        try:
            await self._stream(response, answer, redaction, reader)
        except (Spent, _Failed) as cut:
            entry.reason = cut.code if isinstance(cut, _Failed) else str(cut)
            self._charge(entry, sent, reader, ended=False)
            # The head is out, so the only way to say that this is not all is to break off.
            if request.transport:
                request.transport.abort()
            return response
        except BaseException:
            self._charge(entry, sent, reader, ended=False)
            raise
        self._charge(entry, sent, reader, ended=True)
        if redaction.found:
            entry.reason = "key-redacted"
        return response

    async def _stream(self, response: web.StreamResponse, answer: aiohttp.ClientResponse, redaction: Redaction, reader: UsageReader) -> None:
        """Pass an answer on, piece by piece as it comes. Raises Spent, _Failed."""
        pieces = answer.content.iter_any()
        while True:
            try:
                async with asyncio.timeout(self._settings.idle_seconds):
                    piece = await anext(pieces, b"")
            except (TimeoutError, aiohttp.ClientError):
                raise _Failed(answer.status, "answer-cut") from None
            self._budget.carry(len(piece))
            reader.feed(piece)
            cleaned = redaction.feed(piece) if piece else redaction.end()
            try:
                async with asyncio.timeout(WRITE_SECONDS):
                    if cleaned:
                        await response.write(cleaned)
                    if not piece:
                        await response.write_eof()
            except (TimeoutError, ConnectionError):
                raise _Failed(answer.status, "client-left") from None
            if not piece:
                return

    def _charge(self, entry: _Entry, sent: Request, reader: UsageReader, *, ended: bool) -> None:
        """Write down what a call cost: what the answer says, or where it was cut or says nothing, what was reserved."""
        if not entry.estimated:
            return
        usage = reader.usage() if ended else None
        if usage:
            entry.input_tokens, entry.output_tokens, entry.estimated = usage.input_tokens, usage.output_tokens, 0
        else:
            entry.estimated = max(sent.reserved, reader.known())

    def _refuse(self, entry: _Entry, refusal: Refused) -> web.Response:
        entry.reason = refusal.code
        return self._say(entry, refusal.status, refusal.code, refusal.message)

    def _say(self, entry: _Entry, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
        """Answer in the provider's own form for errors, and close: the rest of what was sent is not read as a next request."""
        entry.status = status
        body = _error(self._provider, status, code, message)
        response = web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json", headers=headers)
        response.force_close()
        return response

    def _write(self, entry: _Entry) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        _print(
            self._ledger.text(
                Line(
                    now,
                    entry.model,
                    entry.path,
                    entry.decision,
                    entry.reason,
                    entry.status,
                    entry.input_tokens,
                    entry.output_tokens,
                    entry.estimated,
                    self._budget.requests,
                    self._budget.tokens,
                )
            )
        )


def _authorised(request: web.BaseRequest, token: str) -> bool:
    """Tell whether all credentials of a request are this run's token, and there is one."""
    given = request.headers.getall("x-api-key", [])
    for value in request.headers.getall("authorization", []):
        scheme, _, credential = value.partition(" ")
        given = [*given, credential.strip() if scheme.lower() == "bearer" else ""]
    # All are compared, so that nothing can be learned from the time that it takes.
    right = [hmac.compare_digest(value.encode("utf-8", "surrogateescape"), token.encode()) for value in given]
    return bool(right) and all(right)


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _credential(settings: Settings) -> dict[str, str]:
    if settings.rules.provider is Provider.ANTHROPIC:
        return {"x-api-key": settings.key}
    return {"authorization": f"Bearer {settings.key}"}


def _passed_on(answer: aiohttp.ClientResponse, key: str) -> dict[str, str]:
    """Return the fields that the client is given of a provider's head."""
    found = {name: answer.headers[name] for name in _PASSED if name in answer.headers}
    return {name: value for name, value in found.items() if _PLAIN_VALUE.fullmatch(value) and key not in value}


def _spent(reason: str) -> tuple[int, str, str, dict[str, str]]:
    if reason == "parallel":
        return 429, "parallel", "too many calls at the same time", {"retry-after": "1"}
    # What makes both command lines give up at once, and not try again for minutes.
    return 429, "insufficient_quota", f"the budget of this review is spent ({reason})", {"x-should-retry": "false"}


def _error(provider: Provider, status: int, code: str, message: str) -> dict[str, object]:
    if provider is Provider.OPENAI:
        kind = "insufficient_quota" if code == "insufficient_quota" else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    return {"type": "error", "error": {"type": kinds.get(status, "api_error"), "code": code, "message": message}}


def _print(line: str | None) -> None:
    if line is not None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _listening(settings: Settings) -> socket.socket:
    """Return the socket, for everyone who can reach its folder. Raises BadSettings."""
    path = settings.socket
    listening = socket.socket(socket.AF_UNIX)
    try:
        # What an earlier start has left; anything else in this place is a mistake.
        if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
        listening.bind(str(path))
        path.chmod(0o666)
    except OSError as error:
        listening.close()
        raise BadSettings(f"PINWARDEN_SOCKET names no place for a socket ({error.strerror or 'too long'})") from None
    return listening


async def _run(settings: Settings) -> None:
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    listening = _listening(settings)
    session = aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        trust_env=False,
    )
    async with session:
        proxy = Proxy(settings, session)
        server = web.Server(
            proxy.serve,
            access_log=None,
            auto_decompress=False,
            handler_cancellation=True,
            lingering_time=1,
            max_field_size=MOST_HEAD_LINE,
            max_line_size=MOST_HEAD_LINE,
        )
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, listening, backlog=512).start()
            sys.stderr.write("listening\n")
            sys.stderr.flush()
            await ending.wait()
        finally:
            await runner.cleanup()
            proxy.finish()


def main() -> int:
    """Serve until SIGTERM. Exit code 2 for settings that can't be."""
    # Others' log messages and tracebacks can hold what a client or the provider wrote.
    logging.disable(logging.CRITICAL)
    try:
        settings = read_settings(os.environ)
        asyncio.run(_run(settings))
    except BadSettings as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0

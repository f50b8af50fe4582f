"""Serves the calls of one run: asks the policy, keeps the account, passes the provider's answers on piece by piece.

Written so that no exception, header or line of the client's or the provider's reaches a log: what is printed are the ledger's lines.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from yarl import URL

from proxy import answers
from proxy.budget import Budget, Spent
from proxy.ledger import Entry, Ledger
from proxy.policy import Call, Refused, Request, check_head, decide, endpoint, refused
from proxy.redaction import Redaction
from proxy.settings import Settings
from proxy.trouble import SILENCE, Trouble
from proxy.usage import UsageReader

MOST_BODY = 8 * 1024 * 1024
BODY_SECONDS = 60
WRITE_SECONDS = 60


class _Failed(Exception):
    """The provider gave no answer that can be passed on: a status, a reason code, and how much it counts as a failure."""

    def __init__(self, status: int, code: str, weight: int = 1) -> None:
        super().__init__(code)
        self.status = status
        self.weight = weight


class Proxy:
    """Serves the calls of one run."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._provider = settings.rules.provider
        self._session = session
        self._budget = Budget(settings.limits)
        self._ledger = Ledger()
        self._trouble = Trouble()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, and write down what became of it."""
        entry = Entry()
        try:
            return await self._answer(request, entry)
        except Spent as spent:
            entry.reason = str(spent)
            return self._say(entry, *answers.spent(entry.reason))
        except _Failed as failed:
            entry.reason = str(failed)
            self._trouble.failed(failed.weight)
            # At a refusal both command lines stop at once.
            status = refused(self._provider, entry.reason).status if self._trouble.hopeless else failed.status
            return self._say(entry, status, entry.reason, f"pinwarden has no answer of the provider ({failed})")
        except (asyncio.CancelledError, ConnectionError):
            # Codex leaves as soon as it has the last event, and has all of it then.
            entry.reason = "client-left" if entry.estimated or not entry.output_tokens else ""
            raise
        finally:
            self._write(entry)

    def finish(self) -> None:
        """Print what was only counted."""
        _print(self._ledger.rest())

    async def _answer(self, request: web.BaseRequest, entry: Entry) -> web.StreamResponse:
        target = request.raw_path
        entry.path = endpoint(self._provider, target) or "other"
        # Before anything else: also who has no token uses up the run.
        self._budget.admit()
        if not _authorised(request, self._settings.client_token):
            entry.reason = "token"
            return self._say(entry, 401, "token", "this is not the token of this run")
        head = Call(request.method, target, [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers])
        refusal = check_head(self._settings.rules, head)
        if refusal:
            return self._refuse(entry, refusal)
        with self._budget.call():
            body = await self._body(request)
            if isinstance(body, Refused):
                return self._refuse(entry, body)
            decision = decide(self._settings.rules, Call(head.method, head.target, head.headers, body))
            if isinstance(decision, Refused):
                return self._refuse(entry, decision)
            entry.model = decision.model
            if self._trouble.hopeless:
                return self._refuse(entry, refused(self._provider, "provider-failing"))
            self._budget.reserve(decision.reserved)
            entry.decision = "forwarded"
            # Until the answer has told what it cost, the reservation is what is charged.
            entry.estimated = decision.reserved
            try:
                return await self._forward(request, decision, entry)
            finally:
                self._budget.settle(decision.reserved, entry.estimated or entry.input_tokens + entry.output_tokens)

    async def _body(self, request: web.BaseRequest) -> bytes | Refused:
        """Read the body as far as it may be read. Raises Spent."""
        too_large = refused(self._provider, "too-large")
        if (request.content_length or 0) > MOST_BODY:
            return too_large
        pieces = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for piece in request.content.iter_any():
                    self._budget.carry(len(piece))
                    pieces += piece
                    if len(pieces) > MOST_BODY:
                        return too_large
        except (TimeoutError, web.RequestPayloadError):
            return refused(self._provider, "body-cut")
        return bytes(pieces)

    async def _forward(self, request: web.BaseRequest, sent: Request, entry: Entry) -> web.StreamResponse:
        query = f"?{sent.query}" if sent.query else ""
        url = URL(f"{self._settings.upstream}{sent.path}{query}", encoded=True)
        try:
            async with asyncio.timeout(self._settings.first_byte_seconds):
                answer = await self._session.post(url, data=sent.body, headers=sent.headers | self._settings.credential, allow_redirects=False)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            entry.estimated = 0  # it never arrived
            raise _Failed(502, "provider-unreachable") from None
        except TimeoutError:
            raise _Failed(504, "provider-silent", SILENCE) from None
        except (aiohttp.ClientError, ValueError):
            raise _Failed(502, "provider-answer") from None
        try:
            return await self._pass_on(request, sent, answer, entry)
        finally:
            # Also ends the call at the provider, where the client or the budget has ended it here.
            answer.close()

    async def _pass_on(self, request: web.BaseRequest, sent: Request, answer: aiohttp.ClientResponse, entry: Entry) -> web.StreamResponse:
        if answer.status >= 300:
            entry.estimated = 0  # providers ask nothing for what they refuse
        if 300 <= answer.status < 400:
            raise self._final("redirect")
        if answer.status == 401:
            # Passed on as it is, both command lines would take their own token to be wrong and try for minutes.
            raise self._final("provider-key")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise self._final("answer-encoding")
        entry.status = answer.status
        response = web.StreamResponse(status=answer.status, headers=answers.passed_on(answer.headers, self._settings.key))
        redaction = Redaction(self._settings.key.encode())
        reader = UsageReader(self._provider, events=answer.content_type == "text/event-stream")
        try:
            await response.prepare(request)
            await self._stream(response, answer, redaction, reader)
        except (Spent, _Failed) as cut:
            entry.reason = str(cut)
            if isinstance(cut, _Failed):
                self._trouble.failed(cut.weight)
            # The head is out, so the only way to say that this is not all is to break off.
            if request.transport:
                request.transport.abort()
            return response
        finally:
            self._charge(entry, sent, reader)
        self._trouble.answered(answer.status)
        entry.reason = "key-redacted" if redaction.found else ""
        return response

    def _final(self, code: str) -> _Failed:
        """Return a failure that no second try will mend, so that both command lines stop at once."""
        return _Failed(refused(self._provider, code).status, code, 0)

    async def _stream(self, response: web.StreamResponse, answer: aiohttp.ClientResponse, redaction: Redaction, reader: UsageReader) -> None:
        """Pass an answer on, piece by piece as it comes. Raises Spent, _Failed."""
        pieces = answer.content.iter_any()
        while True:
            try:
                async with asyncio.timeout(self._settings.idle_seconds):
                    piece = await anext(pieces, b"")
            except TimeoutError:
                raise _Failed(answer.status, "answer-cut", SILENCE) from None
            except aiohttp.ClientError:
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
                raise _Failed(answer.status, "client-left", 0) from None
            if not piece:
                return

    def _charge(self, entry: Entry, sent: Request, reader: UsageReader) -> None:
        """Write down what a call cost: what the whole answer says, or where it was cut or says nothing, what was reserved."""
        if not entry.estimated:
            return
        usage = reader.usage()
        if usage:
            entry.input_tokens, entry.output_tokens, entry.estimated = usage.input_tokens, usage.output_tokens, 0
            entry.reason = entry.reason.replace("client-left", "")
        else:
            entry.estimated = max(sent.reserved, reader.known())

    def _refuse(self, entry: Entry, refusal: Refused) -> web.Response:
        entry.reason = refusal.code
        return self._say(entry, refusal.status, refusal.code, refusal.message)

    def _say(self, entry: Entry, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
        """Answer in the provider's own form for errors, and close: the rest of what was sent is not read as a next request."""
        entry.status = status
        body = answers.error(self._provider, status, code, message)
        response = web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json", headers=answers.SERVER | (headers or {}))
        response.force_close()
        return response

    def _write(self, entry: Entry) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        _print(self._ledger.text(entry, time=now, requests=self._budget.requests, tokens=self._budget.tokens))


def _authorised(request: web.BaseRequest, token: str) -> bool:
    """Tell whether all credentials of a request are this run's token, and there is one."""
    given = request.headers.getall("x-api-key", [])
    for value in request.headers.getall("authorization", []):
        scheme, _, credential = value.partition(" ")
        given = [*given, credential.strip() if scheme.lower() == "bearer" else ""]
    # All are compared, so that nothing can be learned from the time that it takes.
    right = [hmac.compare_digest(value.encode("utf-8", "surrogateescape"), token.encode()) for value in given]
    return bool(right) and all(right)


def _print(line: str | None) -> None:
    if line is not None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

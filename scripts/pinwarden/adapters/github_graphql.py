"""GitHub's GraphQL, read-only: one POST per query, told apart by what can be done next.

The token travels in one header and is in nothing else: no URL, message or exception holds it, and no redirect is followed.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from pinwarden.adapters.http_answers import Body, plain_session, reason
from pinwarden.errors import OutsideError
from pinwarden.git_protocol import BadAnswer
from pinwarden.github_limit import seconds_to_wait

Json = Any
_MOST_LIMITS = 10
"""So often one query is put off before it is given up."""


class TooMuch(Exception):
    """The query was not answered whole, and a smaller one may be: it took too long, or the line broke again and again."""


class Refused(Exception):
    """No query of this kind will be answered; the message says why."""


class Limited(Exception):
    """GitHub wants no more queries for longer than this run waits; the message says for how long."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What one answer and one limit may cost. Times in seconds."""

    connect: float = 10
    read: float = 30
    whole: float = 60
    answer_bytes: int = 64 * 1024 * 1024
    tries: int = 3
    """Of one query, where an answer was broken off."""
    wait: float = 1
    """Before such a repetition, doubling."""
    longest_wait: float = 120
    """For a limit."""
    all_waits: float = 600
    """For the limits of a whole run."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back. Names of headers are in lower case; the document is None where the body is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Json


class GitHubGraphql:
    """A client for one host, to be used from several threads. `now` is in seconds since 1970; `sleep` waits."""

    def __init__(
        self,
        url: str,
        token: str,
        patience: Patience = Patience(),
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._patience = patience
        self._sleep = sleep
        self._now = now
        self._session = plain_session(HTTPAdapter(pool_maxsize=8))
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "User-Agent": "pinwarden", "Accept": "application/json", "Content-Type": "application/json"}
        )
        self._lock = threading.Lock()
        self._resume = 0.0
        self._waited = self._counted = 0.0
        self._over = ""
        self.requests = 0
        """How many queries were sent, repeated ones included."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def ask(self, query: str, variables: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the answer's document, which holds data; it may hold errors as well.

        Raises TooMuch, Refused, and Limited: then at once for every later query too. Raises OutsideError where the token is wrong.
        """
        body = json.dumps({"query": query, "variables": variables}).encode()
        broken = limits = 0
        while True:
            self._hold()
            answer = self._try(body)
            if isinstance(answer, _Answer):
                wait = seconds_to_wait(answer.status, answer.headers, answer.document, now=self._now(), attempt=limits)
                if wait is None:
                    return self._judged(answer)
                limits += 1
                self._limit(wait, limits)
                continue
            broken += 1
            if broken >= self._patience.tries:
                raise TooMuch(f"{self._host}: {answer}")
            self._sleep(self._patience.wait * 2 ** (broken - 1))

    def _try(self, body: bytes) -> _Answer | str:
        """Send a query once; return what came, or why nothing did. What it raises inside holds the request, and stays inside."""
        try:
            answer = self._post(body)
        except BadAnswer as error:
            return str(error)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return reason(error)
        except (ValueError, RecursionError):
            return "its answer is not JSON"
        if answer.status in (500, 503):
            return f"it answered {answer.status}"
        return answer if answer.status != 200 or isinstance(answer.document, dict) else "its answer is not a document"

    def _post(self, body: bytes) -> _Answer:
        with self._lock:
            self.requests += 1
        timeout = (self._patience.connect, self._patience.read)
        with self._session.post(self._url, data=body, timeout=timeout, allow_redirects=False, stream=True) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            content = Body(response.raw, self._patience.answer_bytes, self._patience.whole).read(self._patience.answer_bytes + 1)
        # An error page need not be JSON: its status says enough.
        return _Answer(response.status_code, headers, json.loads(content) if content[:1] in (b"{", b"[") else None)

    def _judged(self, answer: _Answer) -> Mapping[str, Json]:
        if answer.status in (502, 504):
            raise TooMuch(f"{self._host} answered {answer.status}")
        if answer.status == 401:
            raise OutsideError(f"{self._host} does not accept the token (401)", "renew it, or unset it to read as a stranger does")
        if answer.status != 200:
            raise Refused(f"{self._host} answered {answer.status}")
        document: Mapping[str, Json] = answer.document
        if not isinstance(document.get("data"), dict):
            errors = document.get("errors")
            if isinstance(errors, list) and any(isinstance(error, dict) and error.get("locations") and not error.get("path") for error in errors):
                raise Refused(f"{self._host} does not understand the query")
            raise TooMuch(f"{self._host} answered without data")
        self._left(document["data"])
        return document

    def _hold(self) -> None:
        """Wait until queries are wanted again. Raises Limited where that is not worth it."""
        with self._lock:
            now = self._now()
            wait = self._resume - now
            # Several threads wait for the same moment at once: it counts once.
            self._waited += max(0.0, self._resume - max(self._counted, now))
            self._counted = max(self._counted, self._resume)
            if wait > self._patience.longest_wait or self._waited > self._patience.all_waits:
                self._over = self._over or f"{self._host}: the API's rate limit is reached, for another {wait:.0f} s"
            if self._over:
                raise Limited(self._over)
        if wait > 0:
            self._sleep(wait)

    def _limit(self, wait: float, times: int) -> None:
        """Take note of a limit, the n-th of one query. Raises Limited where there is no end of them."""
        with self._lock:
            self._resume = max(self._resume, self._now() + wait)
            if times >= _MOST_LIMITS:
                self._over = f"{self._host}: the API's rate limit is reached, again and again"
                raise Limited(self._over)

    def _left(self, data: Mapping[str, Json]) -> None:
        """Take note of an hour that is used up: what is asked before its end would be refused."""
        left = data.get("rateLimit")
        if isinstance(left, dict) and left.get("remaining") == 0:
            try:
                reset = datetime.fromisoformat(str(left.get("resetAt"))).timestamp()
            except (ValueError, OverflowError):
                return
            with self._lock:
                self._resume = max(self._resume, reset + 1)

"""What the HTTP clients share: a session without a memory, answers read within bounds, failures in few words."""

from __future__ import annotations

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from pinwarden.git_protocol import BadAnswer


class PatientRetry(Retry):
    """Repeats what may pass by itself; a host that keeps the line open without a word has had its time."""

    @classmethod
    def reading(cls, retries: int, wait: float, longest_wait: int) -> Self:
        """Return a policy for questions that change nothing. Times in seconds."""
        return cls(
            total=retries,
            redirect=False,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=None,
            backoff_factor=wait,
            backoff_jitter=wait,
            retry_after_max=longest_wait,
            raise_on_status=False,
        )

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        error = kwargs.get("error")
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(*args, **kwargs)


class CountingAdapter(HTTPAdapter):
    """Connections that know how often they were used."""

    def sent(self) -> int:
        """Return the number of requests that the pools sent, each try counted."""
        managers = [self.poolmanager, *self.proxy_manager.values()]
        return sum(manager.pools[key].num_requests for manager in managers for key in manager.pools.keys())  # noqa: SIM118


class _Session(requests.Session):
    """Looks at no redirect: even where none is followed, requests reads its address, and fails over one that is none."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Tell of no target; who wants to follow one reads it from the answer."""


def plain_session(adapter: HTTPAdapter) -> requests.Session:
    """Return a session that sends no credential on its own and keeps no cookie."""
    session = _Session()
    session.auth = _no_credentials
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from looking for the host in ~/.netrc: upstreams are read as a stranger reads them."""
    return request


class Body:
    """A response's body, read within its limits: bytes, and seconds for the whole of it."""

    def __init__(self, raw: Any, most: int, seconds: float) -> None:
        self._raw = raw
        self._left = most
        self._end = time.monotonic() + seconds
        self._whole = seconds

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, fewer only at the end. Raises BadAnswer."""
        parts = []
        while size > 0 and (part := self._raw.read(size, decode_content=True)):
            self._left -= len(part)
            if self._left < 0:
                raise BadAnswer("the answer is larger than the limit")
            if time.monotonic() > self._end:
                raise BadAnswer(f"the answer took longer than {self._whole:g} s")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def drain(self) -> None:
        """Read to the end, so that the connection can serve the next question."""
        while self.read(65536):
            pass


def reason(error: Exception) -> str:
    """Say in few words what a library's nested exceptions say in many."""
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    text = str(error)
    for sign, words in (("NameResolution", "no such host"), ("Connection refused", "connection refused"), ("Read timed out", "no answer in time")):
        if sign in text:
            return words
    return f"the connection failed ({type(error).__name__})"

"""git's smart HTTP protocol, version 2, read-only: `ls-refs` and `fetch`, each one POST.

Source: gitprotocol-http(5), gitprotocol-v2(5). No redirect is followed and no credential is sent. An upstream is
untrusted: answers are bounded in bytes and in time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests import Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from pinwarden import git_protocol
from pinwarden.git_protocol import BadAnswer
from pinwarden.shown import shown
from pinwarden.upstream import Failure, Refs

_FAILURES_IN_A_ROW = 5
"""After so many answers that never came, a host is asked once per question instead of again and again."""


class UpstreamFailed(Exception):
    """An upstream gave no usable answer; `detail` is a sentence about it, for MOVED the new address."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost. Times in seconds; a wait is that before a repeated question."""

    connect: float = 10
    read: float = 15
    whole: float = 120
    answer_bytes: int = 256 * 1024 * 1024
    tries: int = 4
    wait: float = 0.5
    longest_wait: int = 30


class _Retry(Retry):
    """Repeats what may pass by itself; a host that keeps the line open without a word has had its time."""

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        error = kwargs.get("error")
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(*args, **kwargs)


class GitHttp:
    """A client for many repositories on few hosts; its methods may be called from several threads."""

    def __init__(self, limits: Limits = Limits(), connections: int = 16) -> None:
        self._limits = limits
        self._patient = self._session(limits.tries - 1, connections)
        self._once = self._session(0, connections)
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._patient.close()
        self._once.close()

    def _session(self, retries: int, connections: int) -> requests.Session:
        session = requests.Session()
        session.auth = _no_credentials
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        retry = _Retry(
            total=retries,
            redirect=False,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=None,  # both questions only read, though they are POSTs
            backoff_factor=self._limits.wait,
            backoff_jitter=self._limits.wait,
            retry_after_max=self._limits.longest_wait,
            raise_on_status=False,
        )
        adapter = _CountingAdapter(max_retries=retry, pool_connections=64, pool_maxsize=connections, pool_block=True)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent, repeated ones included."""
        adapters = (session.get_adapter("https://") for session in (self._patient, self._once))
        return sum(adapter.sent() for adapter in adapters if isinstance(adapter, _CountingAdapter))

    def ls_refs(self, url: str, prefixes: Sequence[str]) -> Refs:
        """Return the refs of the repository at `url` that start with one of `prefixes`. Raises UpstreamFailed."""
        with self._post(url, git_protocol.ls_refs_request(prefixes)) as answer:
            return git_protocol.read_refs(answer.read)

    @contextmanager
    def fetch(
        self, url: str, wants: Sequence[str], *, haves: Sequence[str] = (), shallow: Sequence[str] = (), depth: int | None = None, keep: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        """Give the pack with the commits `wants`, without what is reachable from `haves`, as chunks of bytes.

        `shallow` names those of the `haves` whose parents are not here. `keep` is a filter of git-rev-list(1), such as `tree:0`; a server that knows no filters sends all. Raises NotOurRef and UpstreamFailed, also while read.
        """
        for asked in (keep, None) if keep else (None,):
            with self._post(url, git_protocol.fetch_request(wants, haves, depth, asked, shallow)) as answer:
                pack = git_protocol.open_pack(answer.read)
                if pack is not None:
                    yield pack
                    return
        raise UpstreamFailed(Failure.ERROR, f"{urlsplit(url).hostname} answered without a pack")

    @contextmanager
    def _post(self, url: str, body: bytes) -> Iterator[_Answer]:
        host = urlsplit(url).hostname or url
        session = self._once if self._failures.get(host, 0) >= _FAILURES_IN_A_ROW else self._patient
        try:
            response = session.post(
                f"{url}/git-upload-pack",
                data=body,
                headers={
                    "Content-Type": "application/x-git-upload-pack-request",
                    "Accept": "application/x-git-upload-pack-result",
                    "Git-Protocol": "version=2",
                    "User-Agent": "git/pinwarden",
                },
                timeout=(self._limits.connect, self._limits.read),
                allow_redirects=False,
                stream=True,
            )
            with response:
                self._check(host, response)
                answer = _Answer(response.raw, self._limits)
                yield answer
                answer.drain()
        except UpstreamFailed as failed:
            self._note(host, failed=failed.failure is Failure.ERROR)
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self._note(host, failed=True)
            raise UpstreamFailed(Failure.ERROR, f"{host}: {_reason(error)}") from error
        except BadAnswer as error:
            self._note(host, failed=False)
            raise UpstreamFailed(Failure.ERROR, f"{host}: {error}") from error
        else:
            self._note(host, failed=False)

    def _check(self, host: str, response: Response) -> None:
        status = response.status_code
        if status == 200:
            return
        if status in (401, 404, 410, 451):
            raise UpstreamFailed(Failure.GONE, f"{host} answered {status}")
        if response.is_redirect:
            raise UpstreamFailed(Failure.MOVED, shown(response.headers["Location"].removesuffix("/git-upload-pack").removesuffix(".git")))
        tries = len(response.raw.retries.history) + 1 if response.raw.retries else 1
        raise UpstreamFailed(Failure.ERROR, f"{host} answered {status}" + (f" {tries} times" if tries > 1 else ""))

    def _note(self, host: str, *, failed: bool) -> None:
        with self._lock:
            self._failures[host] = self._failures.get(host, 0) + 1 if failed else 0


class _CountingAdapter(HTTPAdapter):
    def sent(self) -> int:
        """Return the number of requests that the pools sent, each try counted."""
        managers = [self.poolmanager, *self.proxy_manager.values()]
        return sum(manager.pools[key].num_requests for manager in managers for key in manager.pools.keys())  # noqa: SIM118


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from looking for the host in ~/.netrc: upstreams are read as a stranger reads them."""
    return request


class _Answer:
    """A response body, read within its limits."""

    def __init__(self, raw: Any, limits: Limits) -> None:
        self._raw = raw
        self._left = limits.answer_bytes
        self._end = time.monotonic() + limits.whole
        self._whole = limits.whole

    def read(self, size: int) -> bytes:
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


def _reason(error: Exception) -> str:
    """Say in few words what a library's nested exceptions say in many."""
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    text = str(error)
    for sign, reason in (("NameResolution", "no such host"), ("Connection refused", "connection refused"), ("Read timed out", "no answer in time")):
        if sign in text:
            return reason
    return f"the connection failed ({type(error).__name__})"

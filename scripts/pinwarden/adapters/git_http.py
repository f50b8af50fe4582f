"""git's smart HTTP protocol, version 2, read-only: `ls-refs` and `fetch`, each one POST.

Source: gitprotocol-http(5), gitprotocol-v2(5). No redirect is followed, and no credential is sent but the one that was
given, to the host it was given for. An upstream is untrusted: answers are bounded in bytes and in time.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests import Response, Session

from pinwarden import git_protocol
from pinwarden.adapters.http_answers import Body, CountingAdapter, PatientRetry, plain_session, reason
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


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, and the start of the URLs that it is for."""

    prefix: str
    token: str = field(repr=False)

    def header(self, url: str) -> str | None:
        """Return what to send to `url`, None where it is not for it."""
        if not url.startswith(self.prefix):
            return None
        return "Basic " + base64.b64encode(f"x-access-token:{self.token}".encode()).decode()


class GitHttp:
    """A client for many repositories on few hosts; its methods may be called from several threads.

    Where a host refuses the credential it is asked again as a stranger: some owners let only strangers read.
    """

    def __init__(self, limits: Limits = Limits(), connections: int = 16, credential: Credential | None = None) -> None:
        self._limits = limits
        self._credential = credential
        self._refusing: set[str] = set()
        self._patient = self._session(limits.tries - 1, connections)
        self._once = self._session(0, connections)
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._patient.close()
        self._once.close()

    def _session(self, retries: int, connections: int) -> Session:
        # Both questions only read, though they are POSTs.
        retry = PatientRetry.reading(retries, self._limits.wait, self._limits.longest_wait)
        return plain_session(CountingAdapter(max_retries=retry, pool_connections=64, pool_maxsize=connections, pool_block=True))

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent, repeated ones included."""
        adapters = (session.get_adapter("https://") for session in (self._patient, self._once))
        return sum(adapter.sent() for adapter in adapters if isinstance(adapter, CountingAdapter))

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
    def _post(self, url: str, body: bytes) -> Iterator[Body]:
        host = urlsplit(url).hostname or url
        session = self._once if self._failures.get(host, 0) >= _FAILURES_IN_A_ROW else self._patient
        try:
            with self._response(session, url, body) as response:
                self._check(host, response)
                answer = Body(response.raw, self._limits.answer_bytes, self._limits.whole)
                yield answer
                answer.drain()
        except UpstreamFailed as failed:
            self._note(host, failed=failed.failure is Failure.ERROR)
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self._note(host, failed=True)
            raise UpstreamFailed(Failure.ERROR, f"{host}: {reason(error)}") from error
        except BadAnswer as error:
            self._note(host, failed=False)
            raise UpstreamFailed(Failure.ERROR, f"{host}: {error}") from error
        else:
            self._note(host, failed=False)

    @contextmanager
    def _response(self, session: Session, url: str, body: bytes) -> Iterator[Response]:
        header = self._credential.header(url) if self._credential and url not in self._refusing else None
        response = self._send(session, url, body, header)
        if header and response.status_code in (401, 403, 404):
            response.close()
            self._refusing.add(url)
            response = self._send(session, url, body, None)
        with response:
            yield response

    def _send(self, session: Session, url: str, body: bytes, authorization: str | None) -> Response:
        headers = {
            "Content-Type": "application/x-git-upload-pack-request",
            "Accept": "application/x-git-upload-pack-result",
            "Git-Protocol": "version=2",
            "User-Agent": "git/pinwarden",
        }
        response: Response = session.post(
            f"{url}/git-upload-pack",
            data=body,
            headers={**headers, "Authorization": authorization} if authorization else headers,
            timeout=(self._limits.connect, self._limits.read),
            allow_redirects=False,
            stream=True,
        )
        return response

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

"""Calls of GitHub's API that read or write a registry: one place for pacing, one for what an answer means. Writes are never repeated here."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from github import Auth, Github, GithubException, RateLimitExceededException
from requests import RequestException

from pinwarden.errors import OutsideError

_SECONDS = 30
_BETWEEN_WRITES = 1.0
_BETWEEN_PULLS = 3.0
"""Seconds between writes that notify people. Source: GitHub's best practices for the REST API, and Octokit's throttling."""
_PER_WRITE = 1.0
"""Seconds for each of several writes in one document: GitHub takes 80 in any minute, and one may begin and end with a document of 20.
Source: its rate limits for the REST API."""
_A_MINUTE = 60.0
_AN_HOUR = 3600.0
_MOST_AN_HOUR = 500
"""Requests that make content. Source: GitHub's secondary rate limits."""


class Unclear(Exception):
    """No answer that tells whether something was done: read again, then decide."""


class Refused(Exception):
    """It was not done; `hint` says what to change. `again` where another call may do."""

    def __init__(self, message: str, hint: str = "", *, again: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.again = again


class Limited(Exception):
    """GitHub wants no more calls for now."""


_STALE = "create or update workflow"
"""GitHub compares the workflows of what is pushed with those that the default branch has by then: on a newer base it may do."""


@contextmanager
def outside(where: str, hint: str) -> Iterator[None]:
    """Turn what calls raise into an OutsideError about `where`; `hint` stands where GitHub's answer has none of its own."""
    try:
        yield
    except (Unclear, Refused, Limited) as error:
        own = error.hint if isinstance(error, Refused) else ""
        raise OutsideError(f"{where}: {error}", own or hint) from error


_HINTS = (
    ("not permitted to create or approve pull requests", "Settings, Actions, General: allow GitHub Actions to create and approve pull requests; or use an App's token"),
    ("permission to create labels", "create the labels once, as docs/report-status.md shows, or give the token issues: write"),
    ("resource not accessible", "the token lacks a permission; the command's page says what it needs"),
    (_STALE, "the branch is older than a change of the registry's workflows, which this token may not bring: delete the branch and run again"),
    ("protected branch", "a ruleset or a protected-branch pattern covers that branch; exempt who writes there, or for bumps set bump.branch-prefix"),
    ("rule violations", "a ruleset or a protected-branch pattern covers that branch; exempt who writes there, or for bumps set bump.branch-prefix"),
    ("bad credentials", "the token is wrong or has expired"),
    ("could not resolve to a repository", "GITHUB_REPOSITORY names no repository that the token may read"),
)  # fmt: skip


class Calls:
    """A client for one repository. `sleep` and `clock` pace the writes: never two at once, people's inboxes slower still."""

    def __init__(self, api_url: str, token: str, *, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic) -> None:
        # Pacing is ours, and a write that is repeated without looking may be done twice.
        self._github = Github(
            base_url=api_url, auth=Auth.Token(token), timeout=_SECONDS, retry=None, seconds_between_requests=None, seconds_between_writes=None
        )
        self._sleep = sleep
        self._clock = clock
        self._last = -_A_MINUTE
        self._pause = 0.0
        self._written: deque[float] = deque(maxlen=_MOST_AN_HOUR)
        self.requests = 0

    def close(self) -> None:
        self._github.close()

    def query(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Read with GraphQL. Raises Unclear, Refused, Limited."""
        return self._graphql(text, variables)

    def mutate(self, text: str, variables: Mapping[str, Any], *, notifies: bool = False, writes: int = 1) -> dict[str, Any]:
        """Write with GraphQL, `writes` things in one document. Raises Unclear, Refused, Limited."""
        self._pace(max(_BETWEEN_PULLS if notifies else _BETWEEN_WRITES, writes * _PER_WRITE))
        return self._graphql(text, variables)

    def get(self, path: str) -> dict[str, Any]:
        """Read with REST. Raises Unclear, Refused, Limited."""
        found: dict[str, Any] = self._call(lambda: self._github.requester.requestJsonAndCheck("GET", path)[1])
        return found

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write with REST. Raises Unclear, Refused, Limited."""
        self._pace(_BETWEEN_WRITES)
        found: dict[str, Any] = self._call(lambda: self._github.requester.requestJsonAndCheck("POST", path, input=dict(body))[1])
        return found

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change with REST. Raises Unclear, Refused, Limited."""
        self._pace(_BETWEEN_WRITES)
        found: dict[str, Any] = self._call(lambda: self._github.requester.requestJsonAndCheck("PATCH", path, input=dict(body))[1])
        return found

    def _graphql(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._call(lambda: self._github.requester.graphql_query(text, dict(variables))[1])
        data: dict[str, Any] | None = answer.get("data") if isinstance(answer, dict) else None
        if not data:
            raise Unclear("the API's answer has no data")
        return data

    def _pace(self, pause: float) -> None:
        """Wait until the next write is due. Raises Limited where this hour has no more."""
        due = max(self._clock(), self._last + max(self._pause, pause))
        if len(self._written) == _MOST_AN_HOUR and due - self._written[0] < _AN_HOUR:
            raise Limited(f"{_MOST_AN_HOUR} writes in an hour are what the API allows")
        if (wait := due - self._clock()) > 0:
            self._sleep(wait)
        self._last, self._pause = self._clock(), pause
        self._written.append(self._last)

    def _call(self, work: Callable[[], Any]) -> Any:
        self.requests += 1
        try:
            return work()
        except RateLimitExceededException as error:
            raise Limited("the API's rate limit is reached") from error
        except GithubException as error:
            raise _meaning(error) from error
        except (RequestException, ValueError, KeyError) as error:
            raise Unclear(f"no whole answer ({type(error).__name__})") from error


def _meaning(error: GithubException) -> Exception:
    document: Any = error.data if isinstance(error.data, dict) else {}
    errors = document.get("errors") or []
    kinds = {one.get("type") for one in errors if isinstance(one, dict)} if isinstance(errors, list) else set()
    texts = [str(document.get("message") or ""), *(str(one.get("message") or "") for one in errors if isinstance(one, dict))]
    said = " ".join(filter(None, texts))[:300]
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if "RATE_LIMITED" in kinds or error.status == 429 or "retry-after" in headers or "secondary rate limit" in said.lower() or "abuse" in said.lower():
        return Limited("the API's rate limit is reached")
    if error.status >= 500 or not said:
        return Unclear(f"the API answered {error.status}")
    hint = next((hint for words, hint in _HINTS if words in said.lower()), "")
    settled = (error.status in (401, 403, 404) or "FORBIDDEN" in kinds or bool(hint)) and _STALE not in said.lower()
    return Refused(f"the API refused: {said}", hint, again=not settled)

"""Reads a registry's settings through GitHub's API: a query for its own files, then one short question per setting.

Nothing is written. A question that is refused, or answered in another shape than GitHub describes, leaves its setting unread and
the others as they are. The token travels in one header and is in nothing else; no redirect is followed, no link of an answer either.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import requests
import urllib3

from pinwarden import menu, settings
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.github_graphql import GitHubGraphql, Limited, Patience, Refused, TooMuch
from pinwarden.adapters.http_answers import Body, CountingAdapter, PatientRetry, plain_session, reason
from pinwarden.errors import Misuse, OutsideError
from pinwarden.git_protocol import BadAnswer
from pinwarden.github_limit import seconds_to_wait
from pinwarden.record import BRANCH
from pinwarden.settings import Branches, Fact, Repository, Settings, Unread
from pinwarden.shown import shown
from pinwarden.status import CHECK

Json = Any
_MOST_BYTES = 16 * 1024 * 1024
_MOST_PAGES = 10
_PAGE, _PAGE_OF_VARIABLES = 100, 30
"""The most that GitHub gives at a time."""
_CONNECT, _READ, _WHOLE = 10.0, 15.0, 60.0
_FILES = """
query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  nameWithOwner owner { __typename } defaultBranchRef { name }
  workflows: object(expression: "HEAD:.github/workflows") { ... on Tree { entries { name object { ... on Blob { text isTruncated } } } } }
  pullRequests(last: 3) { nodes { headRefOid } }
  config: object(expression: "HEAD:.github/pinwarden.yml") { __typename ... on Blob { text isTruncated } }
} }
"""


class _NotRead(Exception):
    """No answer, and why."""

    def __init__(self, why: Unread, status: int = 0) -> None:
        super().__init__(why.reason)
        self.why = why
        self.status = status


@dataclass(frozen=True, slots=True)
class _Answer:
    document: Json
    more: bool
    """Whether there is a next page."""


class GitHubSettings:
    """A client for one repository, `owner/name`. `requests` counts what was sent."""

    def __init__(self, github: GitHub, full_name: str) -> None:
        if not github.token:
            raise Misuse("settings are read with a token, and there is none", "set GITHUB_TOKEN; docs/doctor.md says what it needs")
        self._github = github
        self._full_name = full_name
        self._host = urlsplit(github.api_url).hostname or ""
        self._graphql = GitHubGraphql(github.graphql_url, github.token, Patience(answer_bytes=_MOST_BYTES, tries=2, wait=0, longest_wait=0))
        # One repetition, at once where GitHub names no time: who sits in a terminal asks again.
        self._adapter = CountingAdapter(max_retries=PatientRetry.reading(1, 0, 30))
        self._session = plain_session(self._adapter)
        self._session.headers.update({"Authorization": f"Bearer {github.token}", "User-Agent": "pinwarden", "Accept": "application/vnd.github+json"})
        self._over: Unread | None = None
        """Why no more is asked."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()
        self._graphql.__exit__(kind, error, trace)

    @property
    def requests(self) -> int:
        return self._graphql.requests + self._adapter.sent()

    def read(self) -> Settings:
        """Return all that the token can read. Raises OutsideError where the repository itself can't be."""
        repository = self._repository()
        base = f"/repos/{repository.name}"
        org, names = repository.organization, (menu.REVIEW, menu.REPORT)
        places = {name: f"{base}/environments/{name}" for name in names}
        environments = {name: self._fact("actions: read", partial(self._environment, places[name])) for name in names}
        return Settings(
            repository,
            self._fact("metadata: read", lambda: settings.rules_of(self._rows(f"{base}/rules/branches/{quote(repository.branch, safe='')}"))),
            self._fact("metadata: read", lambda: settings.rules_of(self._rows(f"{base}/rules/branches/{BRANCH}"))),
            environments,
            {name: self._fact("environments: read", partial(self._secrets, environments[name], f"{places[name]}/secrets")) for name in names},
            self._fact("secrets: read", lambda: settings.secrets_of(self._shared(base, "secrets", _PAGE, organization=org))),
            self._fact("variables: read", lambda: settings.variables_of(self._shared(base, "variables", _PAGE_OF_VARIABLES, organization=org))),
            self._fact("administration: read", lambda: self._actions(f"{base}/actions/permissions")),
            self._fact("administration: read", lambda: settings.tokens_of(self._ask(f"{base}/actions/permissions/workflow").document)),
            self._fact("the organisation's administration: read" if org else "checks: read", lambda: self._installations(base, repository)),
        )

    def _repository(self) -> Repository:
        owner, _, name = self._full_name.partition("/")
        where = f"{self._host}: {self._full_name}"
        try:
            document = self._graphql.ask(_FILES, {"owner": owner, "name": name})
            return settings.repository_of(document["data"]["repository"])
        except (TooMuch, Refused, Limited) as error:
            raise OutsideError(f"{where} can't be read: {error}", "run again; the host's status page may tell more") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise OutsideError(
                f"{where}: there is no such repository, or the token may not read it", "write owner/name; the token needs contents: read"
            ) from error

    def _environment(self, path: str) -> Branches | None:
        try:
            document = self._ask(path).document
        except _NotRead as error:
            if error.status == 404:
                return None
            raise
        own = settings.has_own_branches(document)
        return settings.branches_of(document, self._rows(f"{path}/deployment-branch-policies", "branch_policies") if own else None)

    def _secrets(self, environment: Branches | Unread | None, path: str) -> frozenset[str]:
        return frozenset() if environment is None else settings.secrets_of(self._rows(path, "secrets"))

    def _shared(self, base: str, what: str, size: int, *, organization: bool) -> list[Json]:
        """Return the rows of what an organisation shares with the repository, then of what is the repository's own, which counts."""
        shared = self._rows(f"{base}/actions/organization-{what}", what, size) if organization else []
        return [*shared, *self._rows(f"{base}/actions/{what}", what, size)]

    def _actions(self, path: str) -> settings.ActionsPolicy:
        document = self._ask(path).document
        selected = self._ask(f"{path}/selected-actions").document if document.get("allowed_actions") == "selected" else None
        return settings.actions_of(document, selected)

    def _installations(self, base: str, repository: Repository) -> tuple[settings.Installation, ...]:
        """Return the organisation's; a person's can't be listed, but who made a check is told with it."""
        if repository.organization:
            return settings.installations_of(self._rows(f"/orgs/{repository.name.partition('/')[0]}/installations", "installations"))
        for head in repository.heads:
            if apps := settings.checking_apps_of(self._rows(f"{base}/commits/{head}/check-runs?check_name={CHECK}", "check_runs")):
                return apps
        raise _NotRead(Unread(f"no App made {CHECK} on one of the last pull requests, and GitHub lists Apps for organisations alone; look at {menu.INSTALLED}"))

    def _fact(self, permission: str, read: Callable[[], Fact]) -> Fact | Unread:
        """Return what `read` does, or why it could not; `permission` is what the token needs for it."""
        try:
            return read()
        except (KeyError, TypeError, ValueError, AttributeError):
            return Unread(f"{self._host} answered in a form that GitHub does not describe")
        except _NotRead as error:
            return Unread(error.why.reason, permission) if error.status in (403, 404) else error.why

    def _rows(self, path: str, key: str = "", size: int = _PAGE) -> list[Json]:
        """Return the rows of all pages; `key` is where they are in the document, empty for the document itself."""
        rows: list[Json] = []
        for page in range(1, _MOST_PAGES + 1):
            answer = self._ask(path, {"per_page": size, "page": page})
            found = answer.document[key] if key else answer.document
            if not isinstance(found, list):
                raise TypeError("no list")
            rows += found
            if not answer.more:
                return rows
        raise _NotRead(Unread(f"{self._host} tells of more than {len(rows)} at {path.rpartition('/')[2]}, and so many are not read"))

    def _ask(self, path: str, query: Mapping[str, int] | None = None) -> _Answer:
        if self._over:
            raise _NotRead(self._over)
        try:
            status, headers, content = self._get(f"{self._github.api_url}{path}", query)
        except BadAnswer as error:
            raise _NotRead(Unread(f"{self._host}: {error}")) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self._over = Unread(f"{self._host}: {reason(error)}")
            raise _NotRead(self._over) from error
        try:
            document = json.loads(content) if content else None
        except (ValueError, RecursionError):
            document = None
        if seconds_to_wait(status, headers, document, now=0, attempt=0) is not None:
            self._over = Unread(f"{self._host}: the API's rate limit is reached; run again later")
            raise _NotRead(self._over)
        if status == 401:
            raise OutsideError(f"{self._host} does not accept the token (401)", "renew it")
        if status != 200:
            raise _NotRead(Unread(f"{self._host} answered {status}"), status)
        return _Answer(document, more='rel="next"' in headers.get("link", ""))

    def _get(self, url: str, query: Mapping[str, int] | None) -> tuple[int, Mapping[str, str], bytes]:
        with self._session.get(url, params=query, timeout=(_CONNECT, _READ), allow_redirects=False, stream=True) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status_code, headers, Body(response.raw, _MOST_BYTES, _WHOLE).read(_MOST_BYTES + 1)


def read_settings(github: GitHub, full_name: str) -> tuple[Settings, int]:
    """Return the settings of a repository, and how many requests that took. Raises Misuse, OutsideError."""
    with GitHubSettings(github, full_name) as client:
        found = client.read()
        if found.repository.name.lower() != full_name.lower():
            raise Misuse(f"{shown(full_name)} is called {shown(found.repository.name)} now", "name that")
        return found, client.requests

"""Fetching what a review needs of an upstream: two commits whole, what lies between them, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pinwarden.adapters.git_http import GitHttp, UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Commit, Objects, reached
from pinwarden.git_protocol import NotOurRef
from pinwarden.rules import Policy
from pinwarden.upstream import Failure, Mirror, Refs, read_at

_MOST_TIPS = 200
_MOST_FORKS = 50


@dataclass(frozen=True, slots=True)
class Access:
    """How upstreams are reached, and which."""

    http: GitHttp
    mirrors: Sequence[Mirror] = ()
    policy: Policy = Policy()  # noqa: RUF009  # immutable


class NotStaged(Exception):
    """A part of an upstream can't be given to a reviewer; the message is a reason that may be printed."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When staging must be over, on the monotonic clock in seconds."""

    at: float

    @classmethod
    def within(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Return the seconds that are left. Raises NotStaged where there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise NotStaged("staging took longer than its time")
        return left


@dataclass(frozen=True, slots=True)
class Between:
    """The commits that head has and base has not, and where their history joins what base has."""

    commits: Mapping[str, Commit]
    forks: frozenset[str]
    descends: bool
    """Whether head descends from base."""

    @property
    def forked_often(self) -> bool:
        """Whether history joins in so many places that fetching it exactly would cost more than it gives."""
        return len(self.forks) > _MOST_FORKS


class Fetcher:
    """Fetches into one store, from one repository, until the deadline."""

    def __init__(self, access: Access, project: str, store: Objects, deadline: Deadline) -> None:
        self._http = access.http
        self._url = f"{read_at(project, access.mirrors)}.git"
        self._store = store
        self._deadline = deadline

    def require_reachable(self, commit: str) -> None:
        """Raise NotStaged unless a branch or tag of the repository leads to `commit`.

        Hosts give out commits of every fork under the name of the original.
        """
        self._deadline.left()
        with _told(commit):
            refs = self._http.ls_refs(self._url, ["HEAD", "refs/heads/", "refs/tags/"])
        if any(ref.commit == commit for ref in refs.values()):
            return
        for tips in _tips(refs):
            try:
                if commit in self._commits(tips, haves=[commit], start=tips):
                    return
            except NotStaged:
                # Some tag may name no commit at all; the others are asked one by one.
                if any(self._leads(tip, commit) for tip in tips):
                    return
        raise NotStaged(f"no branch or tag of the repository leads to {commit}: it may come from a fork or a withdrawn branch")

    def _leads(self, tip: str, commit: str) -> bool:
        try:
            return commit in self._commits([tip], haves=[commit], start=[tip])
        except NotStaged:
            return False

    def _commits(self, wants: Sequence[str], *, haves: Sequence[str], start: Sequence[str]) -> set[str]:
        with Objects.temporary() as aside:
            self._fetch(aside, wants, haves=haves, keep="tree:0")
            commits = aside.commits()
        return set().union(*(reached(name, commits) for name in start))

    def between(self, base: str, head: str) -> Between:
        """Return what lies between two commits, from commits alone. Raises NotStaged."""
        with Objects.temporary() as aside:
            self._fetch(aside, [head], haves=[base], keep="tree:0")
            sent = aside.commits()
        # A server may send more than it was asked for.
        behind = reached(base, sent)
        after = {name: commit for name, commit in sent.items() if name not in behind}
        found = reached(head, after)
        commits = {name: commit for name, commit in after.items() if name in found}
        forks = frozenset(found - commits.keys())
        return Between(commits, forks, base == head or base in forks)

    def whole(self, commits: Sequence[str]) -> None:
        """Fetch commits with all their files, without what came before them. Raises NotStaged."""
        self._fetch(self._store, commits, depth=1)

    def onto(self, head: str, known: Sequence[str]) -> None:
        """Fetch `head` and all that leads to it from the commits `known`, which are here whole. Raises NotStaged."""
        self._fetch(self._store, [head], haves=known, shallow=known)

    def _fetch(
        self, store: Objects, wants: Sequence[str], *, haves: Sequence[str] = (), shallow: Sequence[str] = (), depth: int | None = None, keep: str | None = None
    ) -> None:
        with _told(wants[0]), self._http.fetch(self._url, wants, haves=haves, shallow=shallow, depth=depth, keep=keep) as pack:
            store.add(pack, self._deadline.left())


_FAILED = {
    Failure.GONE: "the repository is gone or private",
    Failure.MOVED: "the repository answers with another address",
    Failure.ERROR: "the repository can't be read",
}


@contextmanager
def _told(commit: str) -> Iterator[None]:
    try:
        yield
    except NotOurRef as error:
        raise NotStaged(f"the repository does not have the commit {commit}") from error
    except UpstreamFailed as error:
        raise NotStaged(f"{_FAILED[error.failure]}: {error.detail}") from error
    except BadPack as error:
        raise NotStaged(f"what the repository sent is not acceptable to git: {error}") from error


def _tips(refs: Refs) -> list[list[str]]:
    """Return the commits to try: the default branch alone, then all other refs at once."""
    head = refs.get("HEAD")
    first = [head.commit] if head else []
    others = sorted({ref.commit for ref in refs.values()} - set(first))[:_MOST_TIPS]
    return [tips for tips in (first, others) if tips]

"""What can be asked about an upstream repository, and what can be answered: values, and the choice of the tracked ref."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pinwarden.config import Track
from pinwarden.errors import Misuse
from pinwarden.release import newest_release

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_PULL = re.compile(r"(?:refs/)?pull/[0-9]+/(?:head|merge)\Z")


class RefKind(StrEnum):
    """What a tracked ref is; only branches and releases can be followed."""

    BRANCH = "branch"
    RELEASE = "release"
    TAG = "tag"
    PULL = "pull"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref as upstream advertises it. `commit` is what an annotated tag points at; `symref` the ref that HEAD names."""

    name: str
    commit: str
    symref: str | None = None


Refs = Mapping[str, Ref]


@dataclass(frozen=True, slots=True)
class Question:
    """One pin to be held against its upstream. `project` is the entry's own URL, which passed the rules."""

    server: str
    project: str
    commit: str
    directory: str | None
    branch: str | None
    track: Track = Track.BRANCH
    repository_id: int | None = None
    """The host's own id of the repository when the pin was last looked at; None where nobody noted it."""

    @property
    def repository(self) -> str:
        """The URL by which questions about one repository are grouped: GitHub's names ignore case."""
        return self.project.lower() if self.project.lower().startswith("https://github.com/") else self.project


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the tracked ref stands. `commit` is None where there is no such ref."""

    ref: str
    kind: RefKind
    commit: str | None


class Relation(StrEnum):
    """How the tracked ref's commit relates to the pin."""

    SAME = "same"
    AHEAD = "ahead"
    BEHIND = "behind"
    DIVERGED = "diverged"
    PIN_UNKNOWN = "pin-unknown"


class DirectoryState(StrEnum):
    """What the move from the pin to the tracked ref's commit means for the built directory."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"


class Signature(StrEnum):
    """What the host says about a commit's signature; `unverified` is any that it could not check or did not accept."""

    VALID = "valid"
    UNSIGNED = "unsigned"
    UNVERIFIED = "unverified"


class Failure(StrEnum):
    """Why an upstream gave no answer."""

    GONE = "gone"
    MOVED = "moved"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The upstream gave no answer; `detail` says what it did instead, for MOVED the new address."""

    failure: Failure
    detail: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the upstream says about one pin. `relation` and `directory` are None where they were not needed."""

    tip: Tip
    default_branch: str | None
    relation: Relation | None = None
    directory: DirectoryState | None = None
    pinned_at: int | None = None
    """The pin's commit date in seconds since 1970, as its committer claims; None where not asked for or unknown."""
    behind: int | None = None
    """How many commits of the whole repository lie between the pin and the tracked ref; None where neither leads to the other, or nobody counted."""
    pin_exists: bool | None = None
    """Whether upstream still has the pin's commit; None where not asked for."""
    repository_id: int | None = None
    """The host's own id of the repository. This and what follows is None where only git was asked, which doesn't know."""
    archived: bool | None = None
    pin_signature: Signature | None = None
    tip_signature: Signature | None = None


Answer = Answered | Unanswered


def wanted_prefixes(questions: Sequence[Question]) -> list[str]:
    """Return the ref prefixes that answer where the tracked refs of `questions` stand."""
    prefixes = {"HEAD"}
    for question in questions:
        branch = question.branch
        if question.track is Track.RELEASES:
            prefixes.add("refs/tags/")
        elif branch:
            prefixes.update(full_names(branch))
    return sorted(prefixes)


def tip_of(question: Question, refs: Refs) -> Tip:
    """Return where the tracked ref of `question` stands among `refs`; a branch goes before a tag of the same name."""
    branch = question.branch
    if question.track is Track.RELEASES:
        name = newest_release(ref.removeprefix("refs/tags/") for ref in refs if ref.startswith("refs/tags/"))
        return Tip(f"refs/tags/{name or '*'}", RefKind.RELEASE, refs[f"refs/tags/{name}"].commit if name else None)
    if not branch:
        head = refs.get("HEAD")
        return Tip((head and head.symref) or "HEAD", RefKind.BRANCH, head.commit if head else None)
    if _COMMIT.match(branch):
        return Tip(branch, RefKind.COMMIT, branch)
    if _is_full(branch):
        full = _full(branch)
        return Tip(full, kind_of(full), refs[full].commit if full in refs else None)
    for full in (f"refs/heads/{branch}", f"refs/tags/{branch}"):
        if full in refs:
            return Tip(full, kind_of(full), refs[full].commit)
    return Tip(f"refs/heads/{branch}", RefKind.BRANCH, None)


def directory_state(old: str | None, new: str | None) -> DirectoryState:
    """Compare the ids of the built directory's trees at the pin (`old`) and at the tracked ref; None where there is no such directory."""
    if new is None:
        return DirectoryState.GONE
    return DirectoryState.UNCHANGED if new == old else DirectoryState.CHANGED


def full_names(branch: str) -> tuple[str, ...]:
    """Return the refs that `source.branch` may mean, the first that exists counts; none where it is a commit."""
    if _COMMIT.match(branch):
        return ()
    return (_full(branch),) if _is_full(branch) else (f"refs/heads/{branch}", f"refs/tags/{branch}")


def kind_of(full: str) -> RefKind:
    """Return what the ref of a full name is."""
    if _PULL.match(full):
        return RefKind.PULL
    return RefKind.TAG if full.startswith("refs/tags/") else RefKind.BRANCH


def _is_full(branch: str) -> bool:
    return branch.startswith("refs/") or bool(_PULL.match(branch))


def _full(branch: str) -> str:
    return branch if branch.startswith("refs/") else f"refs/{branch}"


@dataclass(frozen=True, slots=True)
class Mirror:
    """Upstreams whose URL starts with `source` are read at `target` instead."""

    source: str
    target: str

    @classmethod
    def parse(cls, text: str) -> Mirror:
        """Read `FROM=TO`, both absolute URLs ending in a slash. Raises Misuse."""
        source, found, target = text.partition("=")
        if not found or not all(url.startswith(("https://", "http://")) and url.endswith("/") for url in (source, target)):
            raise Misuse(f"not a mirror: {text}", "write FROM=TO, two URLs that end with a slash: https://github.com/=https://mirror.example/")
        return cls(source, target)


def read_at(project: str, mirrors: Sequence[Mirror]) -> str:
    """Return the URL to read `project` at: through the mirror with the longest matching prefix, else itself."""
    fitting = [mirror for mirror in mirrors if project.startswith(mirror.source)]
    if not fitting:
        return project
    mirror = max(fitting, key=lambda candidate: len(candidate.source))
    return mirror.target + project[len(mirror.source) :]

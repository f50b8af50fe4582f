"""What the page says of one entry, column by column. The field names are the contract of index.json."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pinwarden.verdict import Verdict


class State(StrEnum):
    """What a cell comes to. Whatever was not looked at is neither of the other two."""

    OK = "ok"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


def worst(states: Iterable[State]) -> State:
    """Return a problem where there is one, else what was not checked where there is that."""
    found = set(states)
    return next((state for state in (State.PROBLEM, State.NOT_CHECKED) if state in found), State.OK)


@dataclass(frozen=True, slots=True)
class PinCell:
    """The commit that an entry is built from, None where it names none that is valid."""

    state: State
    says: str
    commit: str | None = None
    url: str | None = None
    """The commit on its host."""
    committed: str | None = None
    """The commit's day as 2026-11-25, by its committer's claim."""
    age_days: int | None = None
    """At the time of the scan."""
    behind: int | None = None
    """Commits of the whole repository between the pin and the tracked ref."""


@dataclass(frozen=True, slots=True)
class UpstreamCell:
    """What the last scan said the upstream did."""

    state: State
    says: str
    verdict: Verdict | None = None
    ref: str | None = None
    new: str | None = None
    """The commit that the scan proposes."""


@dataclass(frozen=True, slots=True)
class PublisherCell:
    """Who publishes an entry, as the registry's maintainers know it. It says nothing about code."""

    state: State
    says: str
    level: str | None = None
    name: str | None = None
    url: str | None = None
    method: str | None = None
    checked: str | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewedCommit:
    """What one agent's newest review of one commit came to. `findings` counts them by severity, worst first."""

    state: State
    says: str
    agent: str
    mode: str
    finished: str
    commit: str
    base: str | None
    findings: str
    url: str | None = None
    """Its record on the registry's host."""


class ReviewOf(StrEnum):
    """Which commit the last review was of."""

    THIS_PIN = "for this pin"
    OLDER = "for an older pin"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Unbroken:
    """How far back reviews reach without a gap. `whole` where they start with a review of everything at `commit`."""

    commit: str
    day: str
    whole: bool


@dataclass(frozen=True, slots=True)
class ReviewCell:
    """The last reviews of what an entry is built from, and of a move that is proposed. `of` is None where there are no records to look at."""

    state: State
    of: ReviewOf | None = None
    reviews: tuple[ReviewedCommit, ...] = ()
    unbroken: Unbroken | None = None
    proposed: tuple[ReviewedCommit, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageCell:
    """Whether the published image was found to be what the pin says."""

    state: State
    says: str
    image: str | None = None
    digest: str | None = None
    checked: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. `verify` is a command that fails unless its image says that it was built from the pin."""

    server: str
    path: str
    kind: str | None
    project: str | None
    state: State
    pin: PinCell
    upstream: UpstreamCell
    publisher: PublisherCell
    review: ReviewCell
    image: ImageCell
    verify: str | None
    badge: str | None

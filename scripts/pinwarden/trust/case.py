"""One entry with all that is known about who publishes it: the rows that name it, and what was answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pinwarden.publishers import Domain, Listed, Owner, Publisher
from pinwarden.trust.subject import Identity, Place, Subject, Unidentified
from pinwarden.upstream import Answer, Question


class Level(StrEnum):
    """What is said of an entry. There is no third."""

    KNOWN = "known"
    COMMUNITY = "community"


class State(StrEnum):
    """Why an entry has its level."""

    CURRENT = "current"
    INVALID = "invalid"
    UNLISTED = "unlisted"
    NOT_COVERED = "not-covered"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    MIXED = "mixed"
    EXCLUDED = "excluded"
    MOVED = "moved"
    REPLACED = "replaced"
    OFF_BRANCH = "off-branch"
    STALE = "stale"
    UNCHECKED = "unchecked"


FOR_A_PERSON = frozenset({State.EXPIRED, State.MIXED, State.MOVED, State.REPLACED, State.OFF_BRANCH, State.STALE})
"""A row names the entry, and something is in its way that somebody should look at."""


class Proof(StrEnum):
    """What a domain's own file says."""

    HELD = "held"
    MISSING = "missing"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class SourceClaim:
    """The row that names an entry's repository, as one of its own or by its owner."""

    publisher: Publisher
    row: Owner | Listed


@dataclass(frozen=True, slots=True)
class RemoteClaim:
    """The row that names the host of an entry's remote."""

    publisher: Publisher
    row: Domain


@dataclass(frozen=True, slots=True)
class Pin:
    """What upstream says of an entry's pin."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules judge. Fields are None where there is nothing to know, or nobody asked yet."""

    subject: Subject
    day: date
    """Today, in UTC."""
    source: SourceClaim | None = None
    remote: RemoteClaim | None = None
    identity: Identity | Unidentified | None = None
    pin: Pin | None = None
    proof: Proof | None = None

    @property
    def publishers(self) -> Iterator[Publisher]:
        """The rows that name the entry, the repository's first."""
        yield from (claim.publisher for claim in (self.source, self.remote) if claim)

    @property
    def place(self) -> Place:
        """The repository's address. Only of a case that has a source."""
        assert self.subject.source is not None
        return self.subject.source


def case_of(subject: Subject, identity: Identity | Unidentified | None, publishers: Sequence[Publisher], day: date) -> Case:
    """Find the rows that name an entry. A single repository goes before its owner, a name before a number."""
    source = _source_claim(subject.source, identity, publishers) if subject.source else None
    host = subject.remote_host
    return Case(subject, day, source, _remote_claim(host, publishers) if host else None, identity)


def _source_claim(place: Place, identity: Identity | Unidentified | None, publishers: Sequence[Publisher]) -> SourceClaim | None:
    told = identity if isinstance(identity, Identity) else None
    repositories = [(one, row) for one in publishers for row in one.repositories if row.host == place.host]
    owners = [(one, row) for one in publishers for row in one.owners if row.host == place.host]
    claims = [
        *(SourceClaim(one, row) for one, row in repositories if place.is_called(row.name)),
        *(SourceClaim(one, row) for one, row in repositories if told and row.id == told.repository_id),
        *(SourceClaim(one, row) for one, row in owners if row.login.lower() == place.owner.lower()),
        *(SourceClaim(one, row) for one, row in owners if told and row.id == told.owner_id),
    ]
    return claims[0] if claims else None


def _remote_claim(host: str, publishers: Sequence[Publisher]) -> RemoteClaim | None:
    """Return the row with the longest domain that `host` is, or is below where the row says so."""
    claims = [RemoteClaim(one, row) for one in publishers for row in one.domains if host == row.name or (row.subdomains and host.endswith(f".{row.name}"))]
    return max(claims, key=lambda claim: len(claim.row.name), default=None)

"""The rules by which an entry's publisher is known, as small values in the order in which they decide.

Each says why an entry is not known, or nothing: also where it can't tell, which `AllAnswered` says at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from pinwarden.publishers import Listed, Owner
from pinwarden.rules import online
from pinwarden.shown import quoted, shown
from pinwarden.trust.case import Case, Proof, State
from pinwarden.trust.subject import Identity, Silence, Unidentified
from pinwarden.upstream import Answered, Failure, RefKind, Relation, Unanswered
from pinwarden.well_known import WELL_KNOWN


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry is not known."""

    state: State
    why: str


class Policy(Protocol):
    """One rule."""

    def verify(self, case: Case) -> Refusal | None:
        """Return why the entry is not known, None where this rule has nothing against it."""


@dataclass(frozen=True, slots=True)
class Valid:
    """Of an entry that is not valid nothing is certain."""

    def verify(self, case: Case) -> Refusal | None:
        return Refusal(State.INVALID, case.subject.invalid) if case.subject.invalid else None


@dataclass(frozen=True, slots=True)
class Named:
    """A row must name the entry; where its ids could not be read, one may."""

    def verify(self, case: Case) -> Refusal | None:
        if any(case.publishers) or _unread(case.identity):
            return None
        if case.subject.source is None and case.subject.remote is None:
            return Refusal(State.UNLISTED, "it names no repository and no remote")
        return Refusal(State.UNLISTED, "no row names it")


@dataclass(frozen=True, slots=True)
class Covered:
    """What runs must be what the row speaks of."""

    def verify(self, case: Case) -> Refusal | None:
        return Refusal(State.NOT_COVERED, case.subject.runs_else) if case.subject.runs_else else None


@dataclass(frozen=True, slots=True)
class InForce:
    """No row that names the entry may be suspended or at its end."""

    def verify(self, case: Case) -> Refusal | None:
        for publisher in case.publishers:
            if publisher.suspended:
                return Refusal(State.SUSPENDED, f"the row {publisher.id} is suspended")
            if case.day >= publisher.expires:
                return Refusal(State.EXPIRED, f"the row {publisher.id} ended on {publisher.expires}: check it again, then set checked and expires")
            if case.day < publisher.checked:
                return Refusal(State.EXPIRED, f"the row {publisher.id} is not in force before {publisher.checked}, the day of its check")
        return None


@dataclass(frozen=True, slots=True)
class OnePublisher:
    """A repository and a remote must both belong to the same publisher."""

    def verify(self, case: Case) -> Refusal | None:
        subject, named = case.subject, [publisher.id for publisher in case.publishers]
        if subject.source and subject.remote is not None:
            if len(set(named)) == 2:
                return Refusal(State.MIXED, f"the repository is in the row {named[0]}, the remote in the row {named[1]}")
            if case.source is None and not _unread(case.identity):
                return Refusal(State.MIXED, f"the remote is in the row {named[0]}, no row names the repository")
            if case.source and case.remote is None:
                return Refusal(State.MIXED, f"the repository is in the row {named[0]}, no row names the host of {quoted(subject.remote)}")
        return None


@dataclass(frozen=True, slots=True)
class NotExcluded:
    """Inside an owner, an excluded repository is nobody's; a row of its own goes before the owner's."""

    def verify(self, case: Case) -> Refusal | None:
        row = case.source.row if case.source else None
        if not isinstance(row, Owner):
            return None
        names = {case.place.name.lower(), *([case.identity.full_name.rpartition("/")[2].lower()] if isinstance(case.identity, Identity) else [])}
        return Refusal(State.EXCLUDED, f"the row of {row.login} excludes {quoted(case.place.name)}") if names & row.exclude else None


@dataclass(frozen=True, slots=True)
class NameUnchanged:
    """The repository must still be called what the entry calls it, and what a row of its own calls it."""

    def verify(self, case: Case) -> Refusal | None:
        if case.source is None or not isinstance(case.identity, Identity):
            return None
        row, told = case.source.row, case.identity
        wanted = row.name if isinstance(row, Listed) else told.full_name
        if case.place.is_called(told.full_name) and told.full_name.lower() == wanted.lower():
            return None
        if isinstance(row, Listed):
            who = "check who owns it now" if row.id == told.repository_id else "it is another repository than the row's"
            return Refusal(State.MOVED, f"the repository is called {shown(told.full_name)} now; {who}, then mend the entry and the row")
        if row.id != told.owner_id:
            return Refusal(State.MOVED, f"the repository went to {shown(told.full_name)}, which is another owner's (id {told.owner_id}, not {row.id})")
        login = "" if row.login.lower() == told.login.lower() else f", and {shown(told.login)} in the row"
        return Refusal(State.MOVED, f"the repository is called {shown(told.full_name)} now, the owner is the same; write that address in the entry{login}")


@dataclass(frozen=True, slots=True)
class SameId:
    """The forge's number must be the row's: a name can be taken by somebody else, a number can't."""

    def verify(self, case: Case) -> Refusal | None:
        if case.source is None or not isinstance(case.identity, Identity):
            return None
        row = case.source.row
        what, found = ("repository", case.identity.repository_id) if isinstance(row, Listed) else ("owner", case.identity.owner_id)
        if found == row.id:
            return None
        return Refusal(State.REPLACED, f"another {what} has this name: its id is {found}, not {row.id}; build nothing new from it before you know who")


@dataclass(frozen=True, slots=True)
class PinReachable:
    """The pin must lie on the tracked branch, or be its tag: a host finds commits of forks under the original's name."""

    def verify(self, case: Case) -> Refusal | None:
        if case.source and isinstance(case.identity, Unidentified) and case.identity.silence is Silence.GONE:
            return Refusal(State.OFF_BRANCH, f"the repository is gone or private: {case.identity.detail}")
        answer = case.pin.answer if case.pin else None
        if case.pin is None or answer is None or online.unread(answer):
            return None
        if isinstance(answer, Unanswered):
            # The forge's API had it a moment ago.
            return None if answer.failure is Failure.ERROR else Refusal(State.OFF_BRANCH, f"the pin can't be read: {answer.detail}")
        for rule in (online.commit_unknown, online.impostor_commit, online.tracked_ref_gone):
            for problem in rule(case.pin.question, answer):
                return Refusal(State.OFF_BRANCH, problem.message)
        return None if _leads(answer) else Refusal(State.OFF_BRANCH, f"{quoted(answer.tip.ref)} is no branch or tag that leads to the pin")


@dataclass(frozen=True, slots=True)
class DomainHeld:
    """Control of a remote's domain must have been seen lately: now where the domain has a file, else by a maintainer."""

    days: int = 92

    def verify(self, case: Case) -> Refusal | None:
        if case.remote is None:
            return None
        row, publisher = case.remote.row, case.remote.publisher
        if case.proof is Proof.MISSING:
            return Refusal(State.STALE, f"{row.name} no longer says that it is {publisher.id}: https://{row.name}{WELL_KNOWN}")
        if row.method != "well-known" and not 0 <= (case.day - row.checked).days <= self.days:
            return Refusal(State.STALE, f"{row.name} was checked on {row.checked}, which is not within the last {self.days} days: look again ({row.method})")
        return None


@dataclass(frozen=True, slots=True)
class AllAnswered:
    """What could not be asked is not known, whatever was answered before."""

    def verify(self, case: Case) -> Refusal | None:
        if _unread(case.identity):
            return Refusal(State.UNCHECKED, f"the repository's ids could not be read: {case.identity.detail}")
        if case.source and not isinstance(case.identity, Identity):
            return Refusal(State.UNCHECKED, "the forge was not asked about the repository's ids")
        if case.source and case.subject.pinned and case.pin is None:
            return Refusal(State.UNCHECKED, "upstream was not asked about the pin")
        if case.pin and online.unread(case.pin.answer):
            why = case.pin.answer.detail if isinstance(case.pin.answer, Unanswered) else "the tracked ref moved meanwhile"
            return Refusal(State.UNCHECKED, f"the pin could not be read: {why}")
        if case.pin and isinstance(case.pin.answer, Answered) and case.pin.answer.repository_id not in (None, *_number(case.identity)):
            return Refusal(State.UNCHECKED, "another repository answered about the pin than about the ids: the name changed hands meanwhile")
        if case.remote and case.remote.row.method == "well-known" and case.proof is not Proof.HELD:
            return Refusal(State.UNCHECKED, f"https://{case.remote.row.name}{WELL_KNOWN} could not be read")
        return None


def _unread(identity: Identity | Unidentified | None) -> TypeGuard[Unidentified]:
    return isinstance(identity, Unidentified) and identity.silence is Silence.UNREAD


def _number(identity: Identity | Unidentified | None) -> tuple[int, ...]:
    return (identity.repository_id,) if isinstance(identity, Identity) else ()


def _leads(answer: Answered) -> bool:
    """Tell whether a branch or a tag was shown to lead to the pin; a tag does where it names it."""
    if answer.tip.kind in (RefKind.BRANCH, RefKind.RELEASE):
        return answer.relation in (Relation.SAME, Relation.AHEAD)
    return answer.tip.kind is RefKind.TAG and answer.relation is Relation.SAME


OF_ROWS: tuple[Policy, ...] = (Valid(), Named(), Covered(), InForce(), OnePublisher(), NotExcluded(), NameUnchanged(), SameId())
"""Those that need the list and the ids alone; of whatever they refuse, nothing more is asked."""
POLICIES: tuple[Policy, ...] = (*OF_ROWS, PinReachable(), DomainHeld(), AllAnswered())


def first_refusal(case: Case, policies: Iterable[Policy] = POLICIES) -> Refusal | None:
    """Return why an entry is not known: what the first rule says that says anything."""
    return next((refusal for policy in policies if (refusal := policy.verify(case))), None)

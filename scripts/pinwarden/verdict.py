"""What a scan says an upstream did, and what is done about it: pure functions over answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from pinwarden.config import Track
from pinwarden.shown import quoted
from pinwarden.upstream import Answer, Answered, DirectoryState, Failure, Question, RefKind, Relation, Unanswered


class Verdict(StrEnum):
    """What the upstream did since the pin was set."""

    CURRENT = "current"
    MOVED = "moved"
    UNCHANGED_DIRECTORY = "unchanged-directory"
    FROZEN_REF = "frozen-ref"
    PULL_REF = "pull-ref"
    REF_GONE = "ref-gone"
    DIVERGED = "diverged"
    REWOUND = "rewound"
    UNREACHABLE = "unreachable"
    DIRECTORY_GONE = "directory-gone"
    REPO_MOVED = "repo-moved"
    REPO_REPLACED = "repo-replaced"
    REPO_GONE = "repo-gone"
    ARCHIVED = "archived"
    ENTRY_INVALID = "entry-invalid"
    NOT_PINNED = "not-pinned"
    ERROR = "error"


class Action(StrEnum):
    """What is done about a verdict."""

    NONE = "none"
    OPEN = "open"
    UPDATE = "update"
    LEAVE = "leave"
    CLOSE = "close"
    HOLD = "hold"
    DEFER = "defer"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Pin:
    """One pin with its verdict and action. The field names are the JSON contract; `new` is None where none is proposed."""

    server: str
    project: str | None
    ref: str | None
    old: str | None
    new: str | None
    verdict: Verdict
    action: Action
    reason: str


_QUIET = frozenset({Verdict.CURRENT, Verdict.UNCHANGED_DIRECTORY, Verdict.FROZEN_REF, Verdict.NOT_PINNED})
"""Verdicts that ask for nothing; all others but `moved` ask for a person."""


def judge(question: Question, answer: Answer) -> Pin:
    """Return the verdict on one pin, with the action that it calls for before any limit is applied."""
    match answer:
        case Unanswered():
            return _pin(question, question.branch, *_unanswered(answer))
        case Answered():
            verdict, reason = _replaced(question, answer) or _unless_archived(answer, *_answered(question, answer))
            new = answer.tip.commit if verdict is Verdict.MOVED else None
            pin = _pin(question, answer.tip.ref, verdict, reason, new)
            if answer.tip.kind is RefKind.TAG and answer.tip.commit != question.commit:
                return replace(pin, action=Action.REPORT)
            return pin
        case _:
            assert_never(answer)


def unscanned(server: str, project: str | None, old: str | None, verdict: Verdict, reason: str) -> Pin:
    """Return the pin of an entry about which no upstream was asked."""
    return Pin(server, project, None, old, None, verdict, _action(verdict), reason)


def _pin(question: Question, ref: str | None, verdict: Verdict, reason: str, new: str | None = None) -> Pin:
    return Pin(question.server, question.project, ref, question.commit, new, verdict, _action(verdict), reason)


def _action(verdict: Verdict) -> Action:
    if verdict is Verdict.MOVED:
        return Action.OPEN
    return Action.NONE if verdict in _QUIET else Action.REPORT


def _unanswered(answer: Unanswered) -> tuple[Verdict, str]:
    match answer.failure:
        case Failure.GONE:
            return Verdict.REPO_GONE, f"the repository is gone or private: {answer.detail}"
        case Failure.MOVED:
            return Verdict.REPO_MOVED, f"the repository moved to {answer.detail}; check that the owner is the same, then change source.project"
        case Failure.ERROR:
            return Verdict.ERROR, answer.detail
        case _:
            assert_never(answer.failure)


def _answered(question: Question, answer: Answered) -> tuple[Verdict, str]:
    tip = answer.tip
    name = quoted(tip.ref)
    if tip.kind is RefKind.PULL:
        return Verdict.PULL_REF, f"{name} is a pull request: whoever opened it can change it; name a branch"
    if tip.commit is None:
        return Verdict.REF_GONE, _no_ref(question, answer)
    if tip.kind is RefKind.COMMIT:
        return Verdict.FROZEN_REF, f"source.branch is the commit {name}, which never moves"
    if tip.kind is RefKind.TAG:
        if tip.commit == question.commit:
            return Verdict.FROZEN_REF, f"{name} is a tag and names the pin; it is not expected to move"
        return Verdict.FROZEN_REF, f"{name} is a tag and names {tip.commit}, not the pin: was it moved?"
    match answer.relation:
        case Relation.SAME:
            return Verdict.CURRENT, f"{name} is at the pin"
        case Relation.BEHIND if tip.kind is RefKind.RELEASE:
            return Verdict.CURRENT, f"the pin is newer than the newest release {name}"
        case Relation.BEHIND:
            return Verdict.REWOUND, f"{name} was moved back to {tip.commit}, an ancestor of the pin"
        case Relation.DIVERGED:
            return Verdict.DIVERGED, f"{name} is at {tip.commit}, which does not contain the pin: its history was rewritten"
        case Relation.PIN_UNKNOWN:
            return Verdict.UNREACHABLE, "upstream no longer has the pin's commit"
        case Relation.AHEAD | None:
            return _ahead(question, answer)
        case _:
            assert_never(answer.relation)


def _replaced(question: Question, answer: Answered) -> tuple[Verdict, str] | None:
    if question.repository_id is None or answer.repository_id in (None, question.repository_id):
        return None
    return Verdict.REPO_REPLACED, f"another repository has this name: its id was {question.repository_id} and is {answer.repository_id}"


def _unless_archived(answer: Answered, verdict: Verdict, reason: str) -> tuple[Verdict, str]:
    """Say that a repository is archived where there is nothing more urgent to say: neither a move nor anything wrong."""
    if answer.archived and verdict in (Verdict.CURRENT, Verdict.UNCHANGED_DIRECTORY):
        return Verdict.ARCHIVED, f"{reason}; the repository is archived: nobody will mend it"
    return verdict, reason


def _ahead(question: Question, answer: Answered) -> tuple[Verdict, str]:
    where = quoted(question.directory) if question.directory else "the repository"
    name = quoted(answer.tip.ref)
    match answer.directory if answer.relation else None:
        case DirectoryState.CHANGED:
            return Verdict.MOVED, f"{name} moved ahead and changed {where}"
        case DirectoryState.UNCHANGED:
            return Verdict.UNCHANGED_DIRECTORY, f"{name} moved ahead, nothing changed in {where}"
        case DirectoryState.GONE:
            return Verdict.DIRECTORY_GONE, f"{where} does not exist at {name}"
        case None:
            return Verdict.ERROR, f"the history between the pin and {name} is not known"
        case _:
            assert_never(answer.directory)


def _no_ref(question: Question, answer: Answered) -> str:
    if question.track is Track.RELEASES:
        return "no tag is a release (a version such as v1.4.0)"
    if not question.branch:
        return "the repository is empty: HEAD names no commit"
    default = f"; upstream's default branch is {quoted(answer.default_branch)}" if answer.default_branch else ""
    return f"there is no branch or tag {quoted(question.branch)}{default}"

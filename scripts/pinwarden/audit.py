"""What a scan says about a registry's health: findings on the entries' own lines, and a few figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from pinwarden.entry import COMMIT, Entry
from pinwarden.finding import Finding, Severity
from pinwarden.render import number
from pinwarden.upstream import Answer, Answered
from pinwarden.verdict import Pin, Verdict

_DAY = 24 * 60 * 60

_WEIGHT: Mapping[Verdict, tuple[Severity, tuple[str, ...], str]] = {
    Verdict.UNREACHABLE: (Severity.ERROR, COMMIT, "find out what happened to the commit before anything is built from it"),
    Verdict.DIVERGED: (Severity.ERROR, COMMIT, "compare the two histories by hand, then pin a commit of the new one"),
    Verdict.PULL_REF: (Severity.ERROR, ("source", "branch"), "track a branch, and pin a commit that was merged"),
    Verdict.REWOUND: (Severity.WARNING, COMMIT, "ask upstream why commits were withdrawn"),
    Verdict.FROZEN_REF: (Severity.WARNING, ("source", "branch"), "track a branch, or set bump.track to releases, if updates are wanted"),
    Verdict.REF_GONE: (Severity.WARNING, ("source", "branch"), "name a branch that exists, or leave it out to follow the default branch"),
    Verdict.DIRECTORY_GONE: (Severity.WARNING, ("source", "directory"), "find where upstream moved the folder; the pin can't move until then"),
    Verdict.REPO_MOVED: (Severity.WARNING, ("source", "project"), "check that the owner is the same, then write the new address"),
    Verdict.REPO_GONE: (Severity.ERROR, ("source", "project"), "the pin can't be rebuilt; remove the entry or find its new home"),
    Verdict.REPO_REPLACED: (Severity.ERROR, ("source", "project"), "find out who owns the name now before anything is built from it"),
    Verdict.ARCHIVED: (Severity.WARNING, ("source", "project"), "find who maintains it now, or remove the entry"),
    Verdict.NOT_PINNED: (Severity.WARNING, ("source",), "remove source, which says nothing about what runs"),
}
"""Verdicts that are worth a person's time: how much, where in the entry, and what to do."""


@dataclass(frozen=True, slots=True)
class AuditedPin:
    """One pin with its verdict and its age in days, None where upstream did not tell."""

    server: str
    project: str | None
    ref: str | None
    commit: str | None
    verdict: Verdict
    age_days: int | None


def audited(pin: Pin, answer: Answer | None, now: int) -> AuditedPin:
    """Add the age at `now` (seconds since 1970) to a pin."""
    at = answer.pinned_at if isinstance(answer, Answered) else None
    age = max(0, (now - at) // _DAY) if at is not None else None
    return AuditedPin(pin.server, pin.project, pin.ref, pin.old, pin.verdict, age)


def findings(pin: Pin, answer: Answer | None, entry: Entry) -> list[Finding]:
    """Return what is worth knowing about one scanned pin; the rule is the verdict."""
    told = []
    if pin.verdict in _WEIGHT:
        told.append(_finding(entry, pin.verdict, pin.reason))
    if isinstance(answer, Answered) and answer.pin_exists is False and pin.verdict is not Verdict.UNREACHABLE:
        told.append(_finding(entry, Verdict.UNREACHABLE, "upstream no longer has the pin's commit"))
    return told


def figures(pins: Sequence[AuditedPin]) -> list[str]:
    """Return the audit's figures as sentences."""
    lines = []
    ages = sorted(pin.age_days for pin in pins if pin.age_days is not None)
    if ages:
        old = sum(age > 180 for age in ages)
        lines.append(f"age of {number(len(ages), 'pin')}: median {number(round(median(ages)), 'day')}, oldest {ages[-1]}; {old} older than 180 days")
    idle = sum(pin.verdict is Verdict.UNCHANGED_DIRECTORY for pin in pins)
    moves = idle + sum(pin.verdict is Verdict.MOVED for pin in pins)
    if moves:
        lines.append(f"of {number(moves, 'pin')} whose upstream moved ahead, {idle} ({idle / moves:.0%}) would change nothing in the built directory")
    return lines


def _finding(entry: Entry, verdict: Verdict, message: str) -> Finding:
    severity, path, hint = _WEIGHT[verdict]
    at = entry.document.position(path)
    return Finding(entry.server, entry.path, at.line, at.column, str(verdict), severity, message, hint)

"""What the upstreams' answers mean for the entries that a check read: findings, and whether all could be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pinwarden.entry import Entry
from pinwarden.finding import Finding, Severity
from pinwarden.rules import online as rules
from pinwarden.upstream import Answer, Question


@dataclass(frozen=True, slots=True)
class Told:
    """The findings, in the order of the questions; `unread` where an upstream gave no answer."""

    findings: tuple[Finding, ...]
    unread: bool


def judged(answers: Iterable[tuple[Question, Answer]], entries: Mapping[str, Entry], severity: Severity) -> Told:
    """Hold every answer against every online rule. `severity` is an error for what a change touched, else a warning."""
    findings = []
    unread = False
    for question, answer in answers:
        unread = unread or rules.unread(answer)
        entry = entries[question.server]
        for rule in rules.ONLINE_RULES:
            for problem in rule(question, answer):
                at = entry.document.position(problem.path)
                name = rule.__name__.replace("_", "-")
                findings.append(Finding(entry.server, entry.path, at.line, at.column, name, severity, problem.message, problem.hint))
    return Told(tuple(findings), unread)

"""What becomes of a run's output: the review, and what a reporter that trusts it would make of the same."""

from __future__ import annotations

from functools import partial
from typing import Any

from containment.sandboxes import Seen
from pinwarden import foreign_markdown
from pinwarden.review import MOST_MARKDOWN, Material, Run, assemble, check_of
from pinwarden.reviewer import Agent
from pinwarden.surface.fact import Surface
from pinwarden.target import Target

TARGET = Target("mail", "https://github.com/ada/mail", "a" * 40, "b" * 40)
NOON = "2026-01-01T12:00:00Z"


def review_of(seen: Seen, *, failures: bool = True, surface: Surface = Surface()) -> dict[str, Any]:  # noqa: B008  # immutable
    """Return the review of what a run left, as the collect step makes it; without `failures` its end is believed to be a good one."""
    run = Run(Agent.CLAUDE, "1", NOON, NOON, failures=tuple(seen.failures) if failures else ())
    material = Material(surface, seen.collected.report, seen.collected.labels, (), seen.collected.reasons)
    return assemble(TARGET, run, material, lambda _: True, partial(foreign_markdown.rendered, limit=MOST_MARKDOWN))


def conclusion_of(review: dict[str, Any]) -> str:
    return str(check_of(review).conclusion)


def trusting_conclusion(labels: bytes | None) -> str:
    """Map labels as the last public workflow of Docker's registry did: what is not known is no risk. Source: facts on the field, B1."""
    found = (labels or b"").decode("utf-8", "replace").split()
    if "security-blocked" in found or "security-risk:critical" in found:
        return "failure"
    return "neutral" if {"security-risk:high", "security-risk:medium"} & set(found) else "success"

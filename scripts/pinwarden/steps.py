"""What a review's steps leave for each other: `stage` for `collect`, and `run` for `collect`. Each may be a process of its own.

The files lie in the review's folder, which no agent is given; a file that is not of this shape was not written by a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pinwarden.review import Run
from pinwarden.reviewer import Agent
from pinwarden.surface.fact import Surface, items_of
from pinwarden.target import NotRead, Target

STAGED, RAN = "stage.json", "run.json"


class NotAStep(Exception):
    """A document is not what a step leaves."""


@dataclass(frozen=True, slots=True)
class StageResult:
    """What `stage` says of what it staged: its surface, what was left out, and why a review of it can't be complete."""

    surface: Surface
    not_read: tuple[NotRead, ...]
    reasons: tuple[str, ...]


def staged_document(target: Target, result: StageResult) -> dict[str, Any]:
    """Return what `stage` writes down."""
    return {"target": asdict(target), **asdict(result)}


def read_staged(document: Any, target: Target) -> StageResult:
    """Return what `stage` wrote down for `target`. Raises NotAStep, for another target as well."""
    try:
        if document["target"] != asdict(target):
            raise NotAStep("another target was staged here")
        surface = document["surface"]
        return StageResult(
            Surface(items_of(surface["items"]), tuple(surface["reasons"])),
            tuple(NotRead(row["path"], row["reason"], bool(row["changed"])) for row in document["not_read"]),
            tuple(document["reasons"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotAStep("it is not what stage writes") from error


def ran_document(project: str | None, run: Run) -> dict[str, Any]:
    """Return what `run` writes down; `project` is the Compose project that still holds the output, None where there is none."""
    return {"project": project, **asdict(run)}


def read_ran(document: Any) -> tuple[str | None, Run]:
    """Return what `run` wrote down. Raises NotAStep."""
    try:
        fields: Mapping[str, Any] = {key: value for key, value in document.items() if key != "project"}
        run = Run(**{**fields, "agent": Agent(fields["agent"]), "failures": tuple(fields["failures"])})
        return document["project"], run
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAStep("it is not what run writes") from error

"""What is to be reviewed: values shared by planning, staging, reviewing and reporting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """A differential review reads a change, a full one everything at one commit."""

    DIFFERENTIAL = "differential"
    FULL = "full"


class Side(StrEnum):
    """The two ends of a change."""

    BASE = "base"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to review. `project` is an https URL, `base` and `head` are full commits, `base` is None for a full review.

    `directory` is the built directory relative to the repository's root, None for the root itself.
    """

    server: str
    project: str
    head: str
    base: str | None = None
    directory: str | None = None

    @property
    def mode(self) -> Mode:
        """Differential where there is a base to compare with."""
        return Mode.DIFFERENTIAL if self.base else Mode.FULL


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line of one side, counted from 1; lines end at a line feed only."""

    side: Side
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class NotRead:
    """A path that no reviewer was given, and why. `changed` where it differs between the sides, or there is only one."""

    path: str
    reason: str
    changed: bool

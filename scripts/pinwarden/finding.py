"""What a check says about an entry: a value, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error refuses the entry, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file: line and column, both counted from 1; lines end at a line feed only."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with the place to mend it. The field names are the JSON contract."""

    server: str
    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    hint: str

"""How much a finding, a label or a whole review weighs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Risk(StrEnum):
    """From worst to mildest; the words are those of the labels."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def weight(self) -> int:
        """A number that grows with the risk: 0 for info, 4 for critical."""
        return len(Risk) - 1 - list(Risk).index(self)


def worst(risks: Iterable[Risk]) -> Risk | None:
    """Return the worst of `risks`, None where there is none."""
    return max(risks, key=lambda risk: risk.weight, default=None)

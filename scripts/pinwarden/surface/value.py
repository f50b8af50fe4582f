"""What an expression may come to."""

from __future__ import annotations

from dataclasses import dataclass

MOST_VALUES = 200
"""What one expression is followed to."""

DEEPEST = 14
MOST_STEPS = 50_000
MOST_STEPS_ASIDE = 2_000
MOST_STEPS_OF_FILE = 1_000_000
MOST_JOINED = 64
MOST_RETURNS = 20
LONGEST = 200_000

UNKNOWN = "*"
"""Stands in a text for a part that only a run would tell."""


class NotFollowed(Exception):
    """An expression is too entangled for its values to be told."""


@dataclass(frozen=True, slots=True)
class Value:
    """A text that an expression may come to; `variable` names the environment variable that it is.

    `computed` where a part of it is neither in the files nor given by whoever calls.
    """

    text: str
    variable: str | None = None
    line: int = 0
    computed: bool = False

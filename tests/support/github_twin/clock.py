"""Time as the twin tells it. It stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime

START = 1_767_225_600
"""2026-01-01 00:00:00 UTC"""


class Clock:
    """Seconds since 1970. `advance` can be given to a client as its way of sleeping."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += max(0, int(-(-seconds // 1)))

    def text(self, when: int | None = None) -> str:
        """Return a time as GitHub writes it; now where none is given."""
        return stamp(self.now if when is None else when)


def stamp(when: int) -> str:
    """Write seconds since 1970 as GitHub does."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

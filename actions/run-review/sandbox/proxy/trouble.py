"""Whether a provider still works, by its last answers: command lines try again for minutes where there is nothing to be had. Pure."""

from __future__ import annotations

MOST_FAILURES = 6
"""So many in a row, and the run has no provider any more."""
SILENCE = 3
"""What a call counts that was waited for in vain: two of these are long enough."""
LONGEST_PAUSE = 10
"""Seconds that a client is told to wait at most before it tries again."""

_MAY_PASS = (408, 409, 425, 429)


class Trouble:
    """Counts the calls that came to nothing, since the last that came to something."""

    def __init__(self) -> None:
        self._failures = 0

    def answered(self, status: int) -> None:
        """A whole answer came; one that says to try again later is a failure."""
        self._failures = self._failures + 1 if status in _MAY_PASS or status >= 500 else 0

    def failed(self, weight: int) -> None:
        """No answer came, or not all of it."""
        self._failures += weight

    @property
    def hopeless(self) -> bool:
        """Whether a call more is not worth its time."""
        return self._failures >= MOST_FAILURES


def pause(retry_after: str) -> str:
    """Return how long a client shall wait, where the provider said `retry_after`: in seconds, bounded; a date becomes the bound."""
    return str(min(int(retry_after), LONGEST_PAUSE)) if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 10 else str(LONGEST_PAUSE)

"""Keeps the provider's key out of what is passed on, also where it lies across the border of two pieces."""

from __future__ import annotations

REDACTED = b"[redacted]"


class Redaction:
    """Takes an answer in pieces and gives it back without the key.

    Of each piece it holds back only the longest end that could be the key's beginning, so an event that does not end in one passes at
    once and whole.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.held = b""
        """What was not passed on yet: a beginning of the key."""
        self.found = False

    def feed(self, piece: bytes) -> bytes:
        """Return what may be passed on now."""
        whole = self.held + piece
        if self._key in whole:
            self.found = True
            whole = whole.replace(self._key, REDACTED)
        keep = self._beginning(whole)
        self.held = whole[len(whole) - keep :]
        return whole[: len(whole) - keep]

    def end(self) -> bytes:
        """Return what was held back: a beginning without its end is no key."""
        held, self.held = self.held, b""
        return held

    def _beginning(self, whole: bytes) -> int:
        """Return how many bytes at the end are a beginning of the key."""
        for length in range(min(len(self._key) - 1, len(whole)), 0, -1):
            if whole.endswith(self._key[:length]):
                return length
        return 0

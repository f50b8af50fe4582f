"""The proxy's ledger: one JSON line a call, without content. Read for progress, for what a run cost, and for whether its budget ended it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

_MOST = 2**53
_SPENT = ("requests", "tokens", "bytes")
"""The proxy's reasons for refusing a call whose budget is spent."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has spent so far."""

    requests: int = 0
    tokens: int = 0
    refused: int = 0
    stopped: bool = False
    """Whether a call was refused because the budget was spent."""

    def usage(self) -> dict[str, int]:
        """Return what a review says of it."""
        return {"requests": self.requests, "tokens": self.tokens, "refused": self.refused}


def spent(lines: Iterable[bytes], so_far: Spent = Spent()) -> Spent:  # immutable
    """Add `lines` to what was spent so far. A line that is not the ledger's is passed over: the proxy alone writes here."""
    for line in lines:
        try:
            call = json.loads(line)
            requests, tokens, decision, reason = (call[key] for key in ("requests", "tokens", "decision", "reason"))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        if not all(isinstance(number, int) and 0 <= number < _MOST for number in (requests, tokens)):
            continue
        refused = so_far.refused + (decision == "refused")
        so_far = Spent(max(so_far.requests, requests), max(so_far.tokens, tokens), refused, so_far.stopped or reason in _SPENT)
    return so_far

"""The proxy's ledger: one JSON line a call, without content. Read for progress, for what a run cost, and for whether its budget ended it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

_MOST = 2**53
_SPENT = ("requests", "tokens", "bytes")
"""The proxy's reasons for refusing a call whose budget is spent."""

_OF_THE_CLIENT = ("client-left", "parallel", "unlisted", "provider-failing")
"""Says nothing of its own about why a run failed."""
_WORDS = {
    "provider-key": "the provider does not take the key",
    "provider-unreachable": "the provider can't be reached",
    "provider-silent": "the provider did not begin to answer in time",
    "provider-answer": "the provider's answer can't be read",
    "answer-encoding": "the provider's answer can't be read",
    "answer-cut": "the provider's answer broke off or stood still",
    "redirect": "the provider's address leads elsewhere",
} | dict.fromkeys(_SPENT, "")
_CODE = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has spent so far."""

    requests: int = 0
    tokens: int = 0
    refused: int = 0
    stopped: bool = False
    """Whether a call was refused because the budget was spent."""
    trouble: str = ""
    """What became of the last call, in words for a reason; empty where nothing went wrong."""

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
        unlisted = call.get("unlisted", 0)
        refused = so_far.refused + (decision == "refused") + (unlisted if isinstance(unlisted, int) and 0 <= unlisted < _MOST else 0)
        trouble = so_far.trouble if reason in _OF_THE_CLIENT else _trouble(decision, reason, call.get("status"))
        so_far = Spent(max(so_far.requests, requests), max(so_far.tokens, tokens), refused, so_far.stopped or reason in _SPENT, trouble)
    return so_far


def _trouble(decision: str, reason: str, status: object) -> str:
    """Return what went wrong with a call. Only words of ours and one number are taken from the line."""
    if reason in _WORDS:
        return _WORDS[reason]
    if decision == "refused":
        return "the proxy refused the last call" + (f" ({reason})" if _CODE.fullmatch(reason) else "")
    return f"the provider answered the last call with status {status}" if isinstance(status, int) and status >= 400 else ""

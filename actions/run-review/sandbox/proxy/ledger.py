"""One JSON line for each call: what was asked and what it cost, in words of ours and numbers, nothing that a client wrote."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MOST_REFUSALS = 200
"""Lines for refused calls in one run; what comes after is counted, in the next line that there is."""


@dataclass(slots=True)
class Entry:
    """What is written down of one call, filled in while it is served."""

    model: str = ""
    """One on the run's list, or empty."""
    path: str = "other"
    """One that may be asked, or `other`."""
    decision: str = "refused"
    """`forwarded` or `refused`."""
    reason: str = "unfinished"
    """A reason code; empty where all went well."""
    status: int = 0
    """What the client was answered; 0 where it left before."""
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: int = 0
    """Tokens charged because the answer did not tell; 0 where it did."""


class Ledger:
    """Turns lines into text, and refusals without end into a number."""

    def __init__(self) -> None:
        self._refusals = 0
        self._unlisted = 0
        self._told: set[str] = set()

    def text(self, entry: Entry, *, time: str, requests: int, tokens: int) -> str | None:
        """Return the line of a call that ended at `time`, without its end; None where it is only counted.

        `requests` and `tokens` are those of the run so far.
        """
        if entry.decision == "refused":
            self._refusals += 1
            # The first of each kind is told however many came before: what ended a run can't be drowned.
            first = entry.reason not in self._told
            self._told.add(entry.reason)
            if self._refusals > MOST_REFUSALS and not first:
                self._unlisted += 1
                return None
        return self._with_unlisted({"time": time, **asdict(entry), "requests": requests, "tokens": tokens})

    def rest(self) -> str | None:
        """Return a line for what was only counted since the last; None where nothing was."""
        return self._with_unlisted({"decision": "refused", "reason": "unlisted"}) if self._unlisted else None

    def _with_unlisted(self, written: dict[str, object]) -> str:
        if self._unlisted:
            written["unlisted"] = self._unlisted
            self._unlisted = 0
        return json.dumps(written)

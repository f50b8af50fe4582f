"""One JSON line for each call: what was asked and what it cost, in words of ours and numbers, nothing that a client wrote."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MOST_REFUSALS = 200
"""Lines for refused calls in one run; what comes after is counted, in the next line that there is."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is written down for one call."""

    time: str
    """When it ended, UTC."""
    model: str
    """One on the run's list, or empty."""
    path: str
    """One that may be asked, or `other`."""
    decision: str
    """`forwarded` or `refused`."""
    reason: str
    """A reason code; empty where all went well."""
    status: int
    """What the client was answered; 0 where it left before."""
    input_tokens: int
    output_tokens: int
    estimated: int
    """Tokens charged because the answer did not tell; 0 where it did."""
    requests: int
    """Of the run so far."""
    tokens: int
    """Charged in the run so far."""


class Ledger:
    """Turns lines into text, and refusals without end into a number."""

    def __init__(self) -> None:
        self._refusals = 0
        self._unlisted = 0

    def text(self, line: Line) -> str | None:
        """Return the line as it is printed, without its end; None where it is only counted."""
        if line.decision == "refused":
            self._refusals += 1
            if self._refusals > MOST_REFUSALS:
                self._unlisted += 1
                return None
        return self._with_unlisted(asdict(line))

    def rest(self) -> str | None:
        """Return a line for what was only counted since the last; None where nothing was."""
        return self._with_unlisted({"decision": "refused", "reason": "unlisted"}) if self._unlisted else None

    def _with_unlisted(self, written: dict[str, object]) -> str:
        if self._unlisted:
            written["unlisted"] = self._unlisted
            self._unlisted = 0
        return json.dumps(written)

"""What a call cost, read from the provider's answer as it passes by: one JSON document, or server-sent events.

Anthropic tells input in `message_start.message.usage` and output in `message_delta.usage`, cumulative, the last of each counts; OpenAI tells
both once, in `response.completed`, `response.failed` or `response.incomplete`. Without a stream it is `usage` at the top, for both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from proxy.policy import Provider

LONGEST = 8 * 1024 * 1024
"""Bytes of one event's line, or of one JSON answer. OpenAI's last event holds the whole answer once more."""

_INPUT = {
    Provider.ANTHROPIC: ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
    Provider.OPENAI: ("input_tokens",),  # cached input is part of it
}
_LAST = {
    Provider.ANTHROPIC: frozenset({"message_stop"}),
    Provider.OPENAI: frozenset({"response.completed", "response.failed", "response.incomplete"}),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call."""

    input_tokens: int
    output_tokens: int

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class UsageReader:
    """Takes an answer in pieces of any size; holds at most one line of it."""

    def __init__(self, provider: Provider, *, events: bool) -> None:
        self._provider = provider
        self._events = events
        self._pending = bytearray()
        self._skipping = False
        self._seen: dict[str, int] = {}
        self._ended = False

    def feed(self, piece: bytes) -> None:
        """Read on."""
        if not self._events:
            self._hold(piece)
            return
        *lines, rest = piece.split(b"\n")
        for line in lines:
            self._hold(line)
            if not self._skipping:
                self._line(bytes(self._pending))
            self._pending.clear()
            self._skipping = False
        self._hold(rest)

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their line."""
        return len(self._pending)

    def known(self) -> int:
        """Tokens that the answer has told of so far, whether or not that is all of them."""
        return sum(self._seen.values())

    def usage(self) -> Usage | None:
        """Return what the whole answer cost; None where it was cut, or told nothing that can be counted."""
        if not self._events and not self._skipping:
            self._document(bytes(self._pending))
        if not self._ended or "output_tokens" not in self._seen or "input_tokens" not in self._seen:
            return None
        return Usage(sum(self._seen.get(name, 0) for name in _INPUT[self._provider]), self._seen["output_tokens"])

    def _hold(self, piece: bytes) -> None:
        if self._skipping or len(self._pending) + len(piece) > LONGEST:
            # An event that is too long is passed over; if it was the last, the call has no usage and its reservation is charged.
            self._skipping = True
            self._pending.clear()
        else:
            self._pending += piece

    def _line(self, line: bytes) -> None:
        # Most events are words of the answer: only what can count is parsed.
        if not line.startswith(b"data:") or not (b'"usage"' in line or b"message_stop" in line):
            return
        event = _parsed(line.removeprefix(b"data:"))
        kind = event.get("type")
        inner = event.get("message" if self._provider is Provider.ANTHROPIC else "response")
        self._count(event.get("usage"))
        if isinstance(inner, dict):
            self._count(inner.get("usage"))
        self._ended = self._ended or kind in _LAST[self._provider]

    def _document(self, raw: bytes) -> None:
        answer = _parsed(raw)
        self._count(answer.get("usage"))
        self._ended = True

    def _count(self, usage: Any) -> None:
        if not isinstance(usage, dict):
            return
        for name in (*_INPUT[self._provider], "output_tokens"):
            count = usage.get(name)
            if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
                self._seen[name] = count


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

"""What a run may spend, counted where the agent can't reach: requests, tokens, bytes, and calls at the same time. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a run may spend."""

    requests: int
    """All that arrive, refused ones too: a client that is refused for ever must come to an end."""
    tokens: int
    """In and out, cached input counted whole."""
    bytes: int
    """Bodies of requests and of answers."""
    parallel: int
    """Calls that are open at the provider at the same time."""


class Spent(Exception):
    """The budget does not allow this; the message is a reason code: `requests`, `tokens`, `bytes` or `parallel`."""


class Budget:
    """The account of one run.

    A call reserves what it may cost before it is made and settles with what it did cost. A reservation that is never settled with real
    usage stays charged, so cutting calls short can't make them free. What was estimated too low counts too: a run may end above its limit by
    what its open calls cost more than was reserved for them, and nothing is admitted after that.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.requests = 0
        self.tokens = 0
        """Charged so far, without what is reserved."""
        self.bytes = 0
        self.reserved = 0
        self.open = 0

    def admit(self) -> None:
        """Count a request, whatever becomes of it. Raises Spent."""
        self.requests += 1
        if self.requests > self.limits.requests:
            raise Spent("requests")
        if self.bytes >= self.limits.bytes:
            raise Spent("bytes")
        if self.tokens >= self.limits.tokens:
            raise Spent("tokens")

    def carry(self, count: int) -> None:
        """Count bytes of a body, either way. Raises Spent where they are more than there may be."""
        self.bytes += count
        if self.bytes > self.limits.bytes:
            raise Spent("bytes")

    def reserve(self, tokens: int) -> None:
        """Open a call that may cost so many tokens. Raises Spent; otherwise `settle` must follow."""
        if self.open >= self.limits.parallel:
            raise Spent("parallel")
        if self.tokens + self.reserved + tokens > self.limits.tokens:
            raise Spent("tokens")
        self.open += 1
        self.reserved += tokens

    def settle(self, reserved: int, tokens: int) -> None:
        """Close a call: give back what was reserved for it, charge what it cost."""
        self.open -= 1
        self.reserved -= reserved
        self.tokens += tokens

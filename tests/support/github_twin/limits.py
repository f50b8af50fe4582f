"""GitHub's limits: points an hour, and the secondary ones, by the logical clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.github_twin.answers import Refused
from support.github_twin.clock import Clock
from support.github_twin.tokens import Kind, Token

_HOUR = 3600
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Secondary:
    """The published secondary limits: within a minute, those of `content_an_hour` within an hour, and at the same time."""

    rest_points: int = 900
    graphql_points: int = 2000
    content: int = 80
    content_an_hour: int = 500
    concurrent: int = 100
    retry_after: int = 60


@dataclass(slots=True)
class Budget:
    """What one account has used of one resource in the hour that ends at `reset`."""

    used: int = 0
    reset: int = 0


@dataclass(slots=True)
class Limits:
    """Counts what each account uses. Without `secondary` only the points of an hour are limited.

    Time stands still unless a test moves it, so secondary limits are for tests whose client paces itself by the same clock.
    """

    clock: Clock
    secondary: Secondary | None = None
    in_flight: int = 0
    """How many requests are being answered."""
    hits: int = 0
    """How many requests were refused for a limit."""
    _budgets: dict[tuple[str, str], Budget] = field(default_factory=dict)
    _recent: defaultdict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def budget(self, token: Token, resource: str) -> Budget:
        budget = self._budgets.setdefault((token.budget, resource), Budget())
        if budget.reset <= self.clock.now:
            budget.used, budget.reset = 0, self.clock.now + _HOUR
        return budget

    def headers(self, token: Token, resource: str) -> dict[str, str]:
        budget = self.budget(token, resource)
        return {
            "X-RateLimit-Limit": str(token.hourly),
            "X-RateLimit-Remaining": str(max(0, token.hourly - budget.used)),
            "X-RateLimit-Used": str(budget.used),
            "X-RateLimit-Reset": str(budget.reset),
            "X-RateLimit-Resource": resource,
        }

    def overview(self, token: Token) -> dict[str, Mapping[str, int]]:
        """Say what is left, as GET /rate_limit does."""
        found: dict[str, Mapping[str, int]] = {}
        for resource in ("core", "graphql"):
            budget = self.budget(token, resource)
            left = max(0, token.hourly - budget.used)
            found[resource] = {"limit": token.hourly, "used": budget.used, "remaining": left, "reset": budget.reset}
        return found

    def exhaust(self, token: Token, resource: str = "core") -> None:
        """Leave a token nothing of this hour."""
        self.budget(token, resource).used = token.hourly

    def admit(self, token: Token, resource: str, *, points: int, content: int) -> None:
        """Let a request in. `points` and how much `content` it makes are what secondary limits count. Raises Refused."""
        if self.budget(token, resource).used >= token.hourly:
            self.hits += 1
            raise Refused(403, f"API rate limit exceeded for {_whose(token)}.", self.headers(token, resource))
        if self.secondary is None:
            return
        rows = [(resource, points, _MINUTE, self.secondary.graphql_points if resource == "graphql" else self.secondary.rest_points)]
        if content:
            rows += [("content", content, _MINUTE, self.secondary.content), ("content", content, _HOUR, self.secondary.content_an_hour)]
        over = self.in_flight > self.secondary.concurrent
        for name, weight, seconds, most in rows:
            spent = sum(each for when, each in self._recent[token.budget, name] if when > self.clock.now - seconds)
            over = over or spent + weight > most
        if over:
            self.hits += 1
            text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            raise Refused(403, text, {"Retry-After": str(self.secondary.retry_after)})
        for name, weight in dict.fromkeys(row[:2] for row in rows):
            self._recent[token.budget, name].append((self.clock.now, weight))

    def charge(self, token: Token, resource: str, points: int = 1) -> None:
        """Take points of the hour. What was answered with 304 costs none."""
        self.budget(token, resource).used += points


def _whose(token: Token) -> str:
    return {Kind.ANONYMOUS: "127.0.0.1", Kind.PERSONAL: "user ID 1"}.get(token.kind, "installation ID 1")

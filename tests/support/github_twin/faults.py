"""Everything that can go wrong between a client and GitHub, on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from support.github_twin.answers import Answer, Refused


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the log keeps it. It never holds a token."""

    method: str
    route: str
    """The path's template, `/graphql`, or `git`."""
    operation: str
    """GitHub's name of the operation; of GraphQL `query` or `mutation`; of git its command; empty where GitHub has none."""
    repository: str
    token: str
    """The token's kind."""
    received: int
    """Bytes of the body that came."""
    aliases: int = 0
    """Fields at the top of a GraphQL document."""
    mutations: tuple[str, ...] = ()
    """Names of the mutations in it."""

    @property
    def writes(self) -> bool:
        return bool(self.mutations) or (self.method not in ("GET", "HEAD", "OPTIONS") and self.route not in ("/graphql", "git"))


@dataclass(frozen=True, slots=True)
class Logged:
    """A request with what was answered."""

    request: Request
    status: int
    """0 where the connection was closed without an answer."""
    sent: int
    """Bytes of the body that were sent."""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Fail:
    """Answer with this status; `applied` does first what was asked, of a GraphQL document the first `mutations` (None: all)."""

    status: int
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False
    mutations: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    """What the document holds beside its message."""

    @property
    def answer(self) -> Answer:
        return Refused(self.status, self.message, self.headers, **self.extra).answer


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection without an answer; `applied` does first what was asked."""

    applied: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """Announce the whole body, send its first bytes, close the connection."""

    sent: int


@dataclass(frozen=True, slots=True)
class Slow:
    """Send the body in `parts`, `seconds` before each. Time passes for real."""

    seconds: float
    parts: int = 4


@dataclass(frozen=True, slots=True)
class Partial:
    """Answer a GraphQL query with null and an error for all but its first `kept` aliases, as when it takes too much."""

    kept: int
    message: str = "Resource limits for this query exceeded."
    type: str = "RESOURCE_LIMITS_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Let a test do something right before (or `after`) the request is answered, such as somebody else's push."""

    act: Callable[[], object]
    after: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """Change the answer's document before it is held against the contract: the control of that check."""

    change: Callable[[dict[str, object]], object]


Fault = Fail | Drop | Cut | Slow | Partial | Meanwhile | Broken


@dataclass(slots=True)
class Rule:
    """When a fault happens: the next `times` matching requests after `skip` others, or all of them (None)."""

    fault: Fault
    times: int | None
    skip: int
    when: Callable[[Request], bool]

    def applies(self, request: Request) -> bool:
        """Tell whether this request is hit, and count it."""
        if self.times == 0 or not self.when(request):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times = None if self.times is None else self.times - 1
        return True

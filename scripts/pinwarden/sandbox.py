"""The sandbox of one run as values: which images, which provider, and what Compose is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pinwarden.agents import REVIEWERS
from pinwarden.errors import Misuse
from pinwarden.reviewer import DEFAULT_BUDGET, Agent, Budget, Provider
from pinwarden.shown import quoted

PROVIDERS: Mapping[Agent, Provider] = {agent: reviewer.provider for agent, reviewer in REVIEWERS.items() if reviewer.provider}
"""The agents that ask a model; the others need no key and get no proxy."""

LATER = "later"
_FIRST_BYTE_SECONDS, _IDLE_SECONDS = 90, 180


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One run. `agent_image` and `proxy_image` are references that the engine has; `proxy_image` is None for an agent without a provider."""

    run: str
    """12 hexadecimal digits; the Compose project is named after them."""
    owner: str
    """Tells the process that started it from all others of this machine."""
    holder: str
    """The same for what holds the output; `LATER` where another process collects it."""
    until: int
    """Seconds since 1970 after which whatever is left of the run may be removed by anyone."""
    inputs: str
    """The folder that the agent sees as /in."""
    agent_image: str
    proxy_image: str | None = None
    provider: Provider | None = None
    model: str = ""
    client_token: str = ""
    key_file: str = ""
    upstream: str = ""
    """The base URL of a gateway in front of the provider; empty for the provider's own."""
    budget: Budget = DEFAULT_BUDGET
    seconds: float = 1800
    """What the agent may take; how long a silent provider is waited for follows from it."""

    @property
    def project(self) -> str:
        return f"pinwarden-{self.run}"

    def container(self, service: str) -> str:
        """Return the name that Compose gives a service's container."""
        return f"{self.project}-{service}-1"

    def variables(self) -> dict[str, str]:
        """Return what `compose.yaml` asks for."""
        told = {
            "PINWARDEN_RUN": self.run,
            "PINWARDEN_OWNER": self.owner,
            "PINWARDEN_HOLDER": self.holder,
            "PINWARDEN_UNTIL": str(self.until),
            "PINWARDEN_IN": self.inputs,
            "PINWARDEN_AGENT_IMAGE": self.agent_image,
        }
        if self.provider and self.proxy_image:
            told |= {
                "COMPOSE_PROFILES": "proxy",
                "PINWARDEN_PROXY_IMAGE": self.proxy_image,
                "PINWARDEN_PROVIDER": self.provider.name,
                "PINWARDEN_UPSTREAM": self.upstream,
                "PINWARDEN_MODEL": self.model,
                "PINWARDEN_CLIENT_TOKEN": self.client_token,
                "PINWARDEN_KEY_FILE": self.key_file,
                "PINWARDEN_MOST_REQUESTS": str(self.budget.requests),
                "PINWARDEN_MOST_TOKENS": str(self.budget.tokens),
                "PINWARDEN_MOST_OUTPUT_TOKENS": str(self.budget.output_tokens),
                "PINWARDEN_MOST_BYTES": str(self.budget.most_bytes),
                "PINWARDEN_FIRST_BYTE_SECONDS": str(self._patience(_FIRST_BYTE_SECONDS)),
                "PINWARDEN_IDLE_SECONDS": str(self._patience(_IDLE_SECONDS)),
            }
        return told

    def _patience(self, most: int) -> int:
        """Return how many seconds a provider may say nothing: short enough that a second try still fits into the run."""
        return max(1, min(most, int(self.seconds / 6)))


def images_of(released: Mapping[str, str], named: str) -> dict[str, str]:
    """Return the image of each part: `released`, with those in `named`, which is `part=reference …`. Raises Misuse.

    A reference with a digest is pulled where the engine lacks it, one without must be there.
    """
    images = dict(released)
    for pair in named.split():
        part, _, reference = pair.partition("=")
        if part not in released or not reference or reference.startswith("-"):
            raise Misuse(f"PINWARDEN_IMAGES: {quoted(pair)} names no image", f"write part=reference; parts are {', '.join(sorted(released))}")
        images[part] = reference
    return images

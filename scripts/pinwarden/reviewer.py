"""What an agent is: its program, how it is started, what it is told by files, its provider, what it may ask and spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Agent(StrEnum):
    """Who reads. GuardDog knows patterns and understands nothing."""

    CLAUDE = "claude"
    CODEX = "codex"
    GUARDDOG = "guarddog"


@dataclass(frozen=True, slots=True)
class Provider:
    """Where an agent's model is. The key comes from the variable that the agent's own users know."""

    name: str
    key_variable: str


ANTHROPIC = Provider("anthropic", "ANTHROPIC_API_KEY")
OPENAI = Provider("openai", "OPENAI_API_KEY")


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may spend at its provider; what is beyond it is refused, and the review is incomplete."""

    requests: int = 300
    tokens: int = 4_000_000
    """Read and written together, over all requests."""
    output_tokens: int = 16_000
    """Written in one answer."""
    most_bytes: int = 256 * 1024 * 1024
    """Sent and received together."""


DEFAULT_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class Reviewer:
    """An agent. `command` and the values of `environment` may name variables as `$NAME`; the prompt comes on standard input."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """Configuration by its absolute path in the image, where the agent can't write."""
    program: str = ""
    """What the image takes of the package, below node_modules; `{cpu}` is x64 or arm64. A folder's name ends in a slash."""
    executable: str = ""
    """Below a `program` that is a folder; `{machine}` is x86_64 or aarch64."""
    provider: Provider | None = None
    models: tuple[str, ...] = ()
    """What may be asked; the first where none is named."""
    budget: Budget = DEFAULT_BUDGET

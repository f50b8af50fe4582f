"""What a rule is given and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pinwarden.entry import Entry


@dataclass(frozen=True, slots=True)
class Policy:
    """What a registry's configuration decides about its entries."""

    allowed_hosts: frozenset[str] = frozenset({"github.com"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule says: the path in the file it is about, what is wrong, and how to mend it."""

    path: tuple[str | int, ...]
    message: str
    hint: str


Rule = Callable[[Entry, Policy], Iterator[Problem]]


def rule_id(rule: Rule) -> str:
    """Return the id of a rule: its function's name with hyphens."""
    return rule.__name__.replace("_", "-")

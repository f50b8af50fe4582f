"""What a file can say about a server's surface: a fact per line, the same shape for every language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pinwarden.risk import Risk
from pinwarden.target import Evidence, Side


class Kind(StrEnum):
    """What a fact is about."""

    TOOL = "tool"
    """An MCP tool; key: its name, value: its description and input schema."""
    TOOL_TEXT = "tool-text"
    """A tool's text that instructs a model to do more than use the tool."""
    RECIPIENT = "recipient"
    """A fixed address, or one from the environment, where mail goes; key: the field and the address or variable."""
    ADDRESS = "address"
    """An e-mail address in a literal."""
    HOST = "host"
    """A host in a literal."""
    ENVIRONMENT = "environment"
    """An environment variable that is read; key: its name, `*` for all of them at once."""
    CREDENTIAL = "credential"
    """A well-known secret that is read: ~/.ssh, ~/.aws/credentials, a browser's store."""
    PROCESS = "process"
    """A process that is started; key: the program where it is fixed."""
    DYNAMIC_CODE = "dynamic-code"
    """Code made at run time: eval, exec, Function, unpickling."""
    INSTALL_HOOK = "install-hook"
    """Code that runs when the package is installed or built; key: the hook, value: what it runs."""
    DEPENDENCY = "dependency"
    """Something that is installed; key: ecosystem and name, value: version or source."""
    BINARY = "binary"
    """A file that a person can't read."""
    MINIFIED = "minified"
    """Code that a person can hardly read."""
    HIDDEN_TEXT = "hidden-text"
    """Characters that don't show, or reorder what shows."""
    CI = "ci"
    """A file that steers continuous integration."""
    HISTORY = "history"
    """How head follows base."""
    UNPARSED = "unparsed"
    """Source in a language that is parsed here, which its parser refuses."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a file says. Two facts with the same kind and key are the same, wherever they stand.

    A value that differs between the sides makes a change of the same thing. `risk` is what its appearing, or its new
    value, in a change means; `says` is a phrase for a person that may quote foreign text as it is: whoever prints it escapes.
    """

    kind: Kind
    key: str
    line: int
    risk: Risk
    says: str
    value: str = ""


class NotParsed(Exception):
    """A file is not what its name says it is; the message is a reason, the facts found in it are incomplete."""


Reader = Callable[[str, str], Iterable[Fact]]
"""Takes a path and the file's text, yields facts; may raise NotParsed, and RecursionError or MemoryError for monsters."""


class Change(StrEnum):
    """What happened to a fact between the sides."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the surface. `evidence` names at most a few of the places."""

    kind: Kind
    change: Change
    key: str
    risk: Risk
    says: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Surface:
    """The digest of a change, worst first. `reasons` is not empty where something could not be read to its end."""

    items: tuple[Item, ...] = ()
    reasons: tuple[str, ...] = field(default=())


def items_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """Return the items that were written down as `dataclasses.asdict` has them. Raises KeyError, TypeError or ValueError for anything else."""
    return tuple(
        Item(
            Kind(row["kind"]),
            Change(row["change"]),
            row["key"],
            Risk(row["risk"]),
            row["says"],
            tuple(Evidence(Side(place["side"]), place["path"], place["line"]) for place in row["evidence"]),
        )
        for row in rows
    )

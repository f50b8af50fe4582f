"""What a file can say about a server's surface: a fact per line, the same shape for every language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from pinwarden.risk import Risk
from pinwarden.surface import precedent
from pinwarden.surface.precedent import Precedent
from pinwarden.target import Evidence, Side


class Kind(StrEnum):
    """What a fact is about, with the attacks reported in public that it answers: one at least, a test holds that."""

    precedents: tuple[Precedent, ...]

    def __new__(cls, word: str, *precedents: Precedent) -> Self:
        """Make the kind with this word."""
        kind = str.__new__(cls, word)
        kind._value_ = word
        kind.precedents = precedents
        return kind

    TOOL = "tool", precedent.RUG_PULL
    """An MCP tool; key: its name, value: its description and input schema."""
    TOOL_TEXT = "tool-text", precedent.TOOL_POISONING, precedent.CONVERSATION, precedent.RUG_PULL
    """A tool's text that instructs a model to do more than use the tool."""
    RECIPIENT = "recipient", precedent.POSTMARK_MCP
    """A fixed address, or one from the environment, where mail goes; key: the field and the address or variable."""
    ADDRESS = "address", precedent.POSTMARK_MCP
    """An e-mail address in a literal."""
    HOST = "host", precedent.CODECOV, precedent.DEPENDENCY_CONFUSION, precedent.TJ_ACTIONS
    """A host in a literal."""
    ENVIRONMENT = "environment", precedent.CTX, precedent.CODECOV
    """An environment variable that is read; key: its name, `*` for all of them at once."""
    CREDENTIAL = "credential", precedent.NX, precedent.ESLINT_SCOPE
    """A well-known secret that is read: ~/.ssh, ~/.aws/credentials, a browser's store."""
    PROCESS = "process", precedent.UA_PARSER
    """A process that is started; key: the program where it is fixed."""
    DYNAMIC_CODE = "dynamic-code", precedent.EVENT_STREAM, precedent.NULLIFAI
    """Code made at run time: eval, exec, Function, unpickling."""
    INSTALL_HOOK = "install-hook", precedent.ESLINT_SCOPE, precedent.ULTRALYTICS, precedent.LITELLM
    """Code that runs when the package is installed or built; key: the hook, value: what it runs."""
    DEPENDENCY = "dependency", precedent.CROSSENV, precedent.LOCKFILES, precedent.DEPENDENCY_CONFUSION, precedent.EVENT_STREAM
    """Something that is installed; key: ecosystem and name, value: version or source."""
    BINARY = "binary", precedent.XZ
    """A file that a person can't read."""
    MINIFIED = "minified", precedent.EVENT_STREAM
    """Code that a person can hardly read."""
    HIDDEN_TEXT = "hidden-text", precedent.TROJAN_SOURCE, precedent.GLASSWORM
    """Characters that don't show, or reorder what shows."""
    REVIEWER_TEXT = "reviewer-text", precedent.UNICORN, precedent.SKYNET
    """Text that tells whoever reviews a change what to find; key: its words."""
    WEAKENED = "weakened", precedent.XZ_SANDBOX
    """A check that is turned off; key: what was checked."""
    DELAY = "delay", precedent.NUGET_DELAYS
    """The clock compared with a date; key: the date."""
    CI = "ci", precedent.TJ_ACTIONS
    """A file that steers continuous integration."""
    HISTORY = "history", precedent.TJ_ACTIONS
    """How head follows base."""
    UNPARSED = "unparsed", precedent.NULLIFAI
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

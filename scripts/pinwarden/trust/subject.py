"""What an entry says of where it comes from, and what a forge says of the repository at that address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pinwarden.validation import Checked

_HOST = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+\Z")
_REMOTE = re.compile(r"https://([A-Za-z0-9.-]+)(?::443)?(?:[/?#][!-~]*)?\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """A repository by its address; names ignore case on every forge whose ids are read."""

    host: str
    owner: str
    name: str

    @classmethod
    def of(cls, project: str) -> Place:
        """Return the place of a `source.project` that passed the rules."""
        host, owner, name = project.removeprefix("https://").split("/")
        return cls(host.lower(), owner, name)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def is_called(self, full_name: str) -> bool:
        """Tell whether owner/name is this one."""
        return self.full_name.lower() == full_name.lower()


@dataclass(frozen=True, slots=True)
class Identity:
    """Which repository a forge has at a place, by its own numbers, and what it is called now."""

    repository_id: int
    owner_id: int
    full_name: str

    @property
    def login(self) -> str:
        return self.full_name.partition("/")[0]


class Silence(StrEnum):
    """Why a forge told no ids."""

    GONE = "gone"
    """It has no such repository, or none that a stranger may read."""
    UNREAD = "unread"
    """It could not be asked, or did not answer."""


@dataclass(frozen=True, slots=True)
class Unidentified:
    """No ids; `detail` says what happened instead."""

    silence: Silence
    detail: str


@dataclass(frozen=True, slots=True)
class Subject:
    """An entry as far as its publisher is concerned."""

    server: str
    source: Place | None = None
    remote: str | None = None
    """`remote.url` as it stands."""
    pinned: bool = False
    """Whether something is built from the source at a commit."""
    fork_of: str | None = None
    invalid: str | None = None
    """What is wrong with an entry that is not valid; then nothing else is known of it."""
    runs_else: str | None = None
    """Why the source says nothing about what runs."""

    @property
    def remote_host(self) -> str | None:
        """The host of the remote; None where no URL says for certain which one that is."""
        match = _REMOTE.match(self.remote or "")
        host = match[1].lower() if match else ""
        return host if _HOST.match(host) else None


def subject_of(checked: Checked) -> Subject:
    """Return what is to be known of one checked entry."""
    entry = checked.entry
    if checked.errors or entry is None:
        first = checked.errors[0]
        return Subject(checked.server, invalid=f"the entry is not valid: {first.message} [{first.rule}]")
    return Subject(
        checked.server,
        source=Place.of(entry.project) if entry.project else None,
        remote=entry.document.scalar(("remote", "url")) if entry.has("remote") else None,
        pinned=entry.type == "server" and bool(entry.project and entry.commit),
        fork_of=entry.document.scalar(("source", "upstream")),
        runs_else=_runs_else(entry.type, entry.image),
    )


def _runs_else(kind: str | None, image: str | None) -> str | None:
    if kind == "poci":
        return "its tools run from images, of which no row speaks"
    if kind == "server" and image and not image.startswith("mcp/"):
        return "its image is pulled, not built from the source, and no row speaks of images"
    return None

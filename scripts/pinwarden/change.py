"""From the entries that a change to a registry touched to what must be reviewed of their upstreams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pinwarden.entry import COMMIT, Entry
from pinwarden.finding import Finding
from pinwarden.target import Target
from pinwarden.validation import Checked

_BUILT_FROM = (("type",), ("image",), *(("source", key) for key in ("project", "branch", "directory", "dockerfile", "buildTarget")))
"""Where one of these changed, another thing is built than the one that the old pin was reviewed for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of the registry, counted from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change asks for: what is to be reviewed, where its pin stands, and what is wrong with entries that are not valid."""

    targets: tuple[Target, ...]
    places: Mapping[str, Place]
    """By server."""
    findings: tuple[Finding, ...]


def changed(touched: Iterable[Checked], tip: Mapping[str, Entry], removed: Mapping[str, Entry]) -> Changed:
    """Return what must be reviewed where a change leaves the entries `touched`, added or altered.

    `tip` has the valid entries of the same paths as the branch to merge into has them now, by path, and `removed` those that the
    change takes away. A pin is compared with the one that it replaces, which may be newer than what the change was made on; an
    entry that moved to another folder with what it is built from is compared with what it was.
    """
    targets: list[Target] = []
    places: dict[str, Place] = {}
    findings: list[Finding] = []
    for one in sorted(touched, key=lambda checked: checked.server):
        entry = one.entry
        if one.errors or entry is None:
            findings += one.errors
            continue
        target = target_of(entry, tip.get(entry.path) or _moved_from(entry, removed))
        if target:
            targets.append(target)
            places[target.server] = pin_place(entry)
    return Changed(tuple(targets), places, tuple(findings))


def target_of(entry: Entry, before: Entry | None) -> Target | None:
    """Return what must be reviewed for `entry` to replace `before`; None where it is built from what was there, or from nothing."""
    if entry.type != "server" or not entry.project or not entry.commit:
        return None
    if before is None or not before.commit or any(_text(entry, path) != _text(before, path) for path in _BUILT_FROM):
        return Target(entry.server, entry.project, entry.commit, None, entry.directory)
    if before.commit == entry.commit:
        return None
    return Target(entry.server, entry.project, entry.commit, before.commit, entry.directory)


def audit_targets(checked: Iterable[Checked]) -> Changed:
    """Return every pin of a registry as something to be read whole."""
    return changed(checked, {}, {})


def todays_share(servers: Iterable[str], day: int, days: int, number: Mapping[str, int]) -> list[str]:
    """Return the servers whose turn it is on `day` (days since 1970), so that each has one turn in `days`.

    `number` is any number of each server that stays the same, so that nobody's turn moves when another comes or goes.
    """
    return [server for server in servers if number[server] % days == day % days]


def pin_place(entry: Entry) -> Place:
    """Return where the pin stands."""
    return Place(entry.path, entry.document.position(COMMIT).line)


def _text(entry: Entry, path: tuple[str, ...]) -> str | None:
    return entry.document.scalar(path)


def _moved_from(entry: Entry, removed: Mapping[str, Entry]) -> Entry | None:
    found = (old for _, old in sorted(removed.items()) if old.project == entry.project and old.directory == entry.directory)
    return next(found, None)

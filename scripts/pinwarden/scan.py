"""From checked entries to questions about upstreams, and from answers to planned pins with their exact edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pinwarden.audit import AuditedPin
from pinwarden.config import Config
from pinwarden.edit import CannotEdit, diff, moved_pin
from pinwarden.entry import Entry
from pinwarden.finding import Finding
from pinwarden.shown import shown
from pinwarden.upstream import Question
from pinwarden.validation import Checked
from pinwarden.verdict import Action, Pin, Verdict, unscanned

Check = Callable[[Entry, bytes], Checked]
"""Checks new bytes in the place of an entry's."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What to ask upstreams about a registry, and the pins about which there is nothing to ask."""

    questions: tuple[Question, ...]
    unasked: tuple[Pin, ...]
    entries: dict[str, Entry]
    """The valid entries, by server."""


def inquire(checked: Iterable[Checked], config: Config, repository_ids: Mapping[str, int] | None = None) -> Inquiry:
    """Turn checked entries into questions. Entries that name no upstream and are valid have no pin to speak of.

    `repository_ids` are the hosts' ids of the repositories when each server's pin was last looked at, as far as they are known.
    """
    known = repository_ids or {}
    questions: list[Question] = []
    unasked: list[Pin] = []
    entries: dict[str, Entry] = {}
    for one in checked:
        entry = one.entry
        if one.errors or entry is None:
            project, commit = (entry.project, entry.commit) if entry else (None, None)
            unasked.append(unscanned(one.server, project, commit, Verdict.ENTRY_INVALID, _first(one.errors)))
            continue
        entries[one.server] = entry
        if entry.type == "server" and entry.project and entry.commit:
            track = config.bump.track(one.server)
            questions.append(Question(one.server, entry.project, entry.commit, entry.directory, entry.branch, track, known.get(one.server)))
        elif entry.project:
            unasked.append(unscanned(one.server, entry.project, entry.commit, Verdict.NOT_PINNED, f"nothing is built for type {entry.type}"))
    return Inquiry(tuple(questions), tuple(unasked), entries)


@dataclass(frozen=True, slots=True)
class Edit:
    """The new text of one entry's file."""

    server: str
    path: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return diff(self.path, self.before, self.after)


def edits(pins: Sequence[Pin], entries: dict[str, Entry], check: Check) -> tuple[list[Pin], list[Edit]]:
    """Make the edit that each proposed pin asks for.

    A pin whose edit is not certain, or whose result is not a valid entry with the new pin, is returned as invalid instead.
    """
    planned: list[Pin] = []
    made: list[Edit] = []
    for pin in pins:
        if pin.new is None:
            planned.append(pin)
            continue
        entry = entries[pin.server]
        try:
            after = moved_pin(entry, pin.new)
        except CannotEdit as error:
            planned.append(_not_editable(pin, str(error)))
            continue
        again = check(entry, after.encode())
        if again.errors or again.entry is None or again.entry.commit != pin.new:
            planned.append(_not_editable(pin, f"with the new pin the entry is not valid: {_first(again.errors)}"))
            continue
        planned.append(pin)
        made.append(Edit(pin.server, entry.path, entry.document.text, after))
    return planned, made


def counted(pins: Iterable[Pin | AuditedPin]) -> str:
    """Say how many pins have each verdict, the most frequent first: `121 current, 60 moved`."""
    counts = Counter(pin.verdict for pin in pins)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())


def table(pins: Iterable[Pin]) -> str:
    """Return pins as aligned rows for a person: server, verdict, action, move, reason. What is current is left out."""
    rows = [("SERVER", "VERDICT", "ACTION", "MOVE", "REASON")]
    rows += [(shown(pin.server), pin.verdict, pin.action, _move(pin), pin.reason) for pin in pins if pin.verdict is not Verdict.CURRENT]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    if len(rows) == 1:
        return ""
    return "".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) + "\n" for row in rows)


def _move(pin: Pin) -> str:
    return f"{pin.old[:12]} → {pin.new[:12]}" if pin.old and pin.new else shown(pin.old or "")[:12]


def _first(errors: Sequence[Finding]) -> str:
    return f"{shown(errors[0].path)}:{errors[0].line}: {errors[0].message} [{errors[0].rule}]" if errors else "nothing else"


def _not_editable(pin: Pin, reason: str) -> Pin:
    return replace(pin, new=None, verdict=Verdict.ENTRY_INVALID, action=Action.REPORT, reason=reason)

"""What is said of an entry's publisher: the level, who was checked, how, when and why, in words that promise nothing about code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pinwarden.publishers import Listed, Owner
from pinwarden.render import number
from pinwarden.shown import shown
from pinwarden.trust.case import Case, Level, State
from pinwarden.trust.policies import first_refusal

NOTE = (
    "Known says who publishes an entry, not that its code is safe: it is reviewed like any other.\n"
    "Community: the publisher's identity was not checked by this registry. Many good servers are."
)


@dataclass(frozen=True, slots=True)
class Named:
    """The publisher as its row has it."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The level of one entry. The field names are the JSON contract."""

    server: str
    level: Level
    state: State
    row: str | None
    """The id of the row that names the entry, known or not."""
    publisher: Named | None
    """None unless the level is known."""
    method: str | None
    """How it was checked: `owner-id` or `repository-id`, or how its domain was; both joined by ` and `."""
    checked: str | None
    """The day of the oldest check that the level rests on, as 2026-11-25."""
    why: tuple[str, ...]
    """Sentences, the one that decided first."""

    @property
    def sentence(self) -> str:
        """What a catalog says beside the entry."""
        if self.publisher is None:
            return "Community maintained - publisher identity not checked by this registry. Many good servers are."
        return f"Known publisher: {self.publisher.name} - {self.why[0]} (checked {self.checked}). This is about identity, not safety."


def standing(case: Case) -> Standing:
    """Hold an entry against every rule."""
    refusal = first_refusal(case)
    fork = (f"the source is a fork of {shown(case.subject.fork_of)}; the fork's owner counts",) if case.subject.fork_of and case.subject.source else ()
    row_id = next((publisher.id for publisher in case.publishers), None)
    if refusal:
        return Standing(case.subject.server, Level.COMMUNITY, refusal.state, row_id, None, None, None, (refusal.why, *fork))
    publisher = next(case.publishers)
    methods, days, why, notes = [], [], [], []
    if case.source:
        row = case.source.row
        days.append(case.day)
        methods.append("repository-id" if isinstance(row, Listed) else "owner-id")
        why.append(f"source belongs to {row.host}/{case.place.owner if isinstance(row, Owner) else row.name}")
        if isinstance(row, Owner) and row.login.lower() != case.place.owner.lower():
            notes.append(f"the account was {row.login} once: write its login {case.place.owner} in the row")
    if case.remote:
        domain = case.remote.row
        days.append(case.day if domain.method == "well-known" else domain.checked)
        methods.append(domain.method)
        why.append(f"remote belongs to {domain.name}")
    named = Named(publisher.id, publisher.name, publisher.url)
    checked: date = min(days)
    return Standing(case.subject.server, Level.KNOWN, State.CURRENT, row_id, named, " and ".join(methods), checked.isoformat(), (", ".join(why), *notes, *fork))


def as_document(standings: Sequence[Standing], checked_at: str) -> dict[str, Any]:
    """Return the JSON contract. `checked_at` is a time as RFC 3339."""
    return {"checked_at": checked_at, "servers": [asdict(one) for one in standings]}


def table(standings: Sequence[Standing]) -> str:
    """Return standings as aligned rows for a person, those that no row names left out."""
    rows = [("SERVER", "LEVEL", "STATE", "PUBLISHER", "WHY")]
    rows += [_row(one) for one in standings if one.row]
    if len(rows) == 1:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) + "\n" for row in rows)


def counted(standings: Sequence[Standing]) -> str:
    """Say how many entries have which level, and why: `6 entries: 2 known; 4 community (3 unlisted, 1 moved)`."""
    known = sum(one.level is Level.KNOWN for one in standings)
    states = Counter(str(one.state) for one in standings if one.level is Level.COMMUNITY)
    why = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"{number(len(standings), 'entry')}: {known} known; {len(standings) - known} community{f' ({why})' if why else ''}"


def _row(one: Standing) -> tuple[str, str, str, str, str]:
    how = f" ({one.method}, checked {one.checked})" if one.publisher else ""
    return (
        shown(one.server),
        one.level,
        one.state,
        shown(one.publisher.name) if one.publisher else "",
        f"{one.why[0]}{how}" + "".join(f"; {x}" for x in one.why[1:]),
    )

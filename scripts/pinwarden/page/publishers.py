"""The column about who publishes an entry: what resolve-trust said of it, in words that promise nothing about code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pinwarden.page.cells import PublisherCell, State
from pinwarden.page.dates import day_in, moment_in
from pinwarden.trust.case import FOR_A_PERSON

NOTE = (
    "Known says who publishes an entry and was checked; it is about identity, not safety: its code is reviewed like any other. "
    "Community: the publisher's identity was not checked by this registry. Many good servers are."
)


@dataclass(frozen=True, slots=True)
class Trust:
    """What resolve-trust printed, by server. `at` is when, as RFC 3339 in UTC."""

    at: str
    cells: Mapping[str, PublisherCell]


def trust_of(document: Any) -> Trust:
    """Read what resolve-trust prints as JSON. Raises KeyError, TypeError or ValueError for anything else."""
    return Trust(moment_in(document["checked_at"]), {_text(row["server"]): _cell(row) for row in document["servers"]})


def publisher_cell(server: str, trust: Trust | None) -> PublisherCell:
    """Say who publishes an entry."""
    if trust is None:
        return PublisherCell(State.NOT_CHECKED, "publishers were not looked up")
    return trust.cells.get(server) or PublisherCell(State.NOT_CHECKED, "the look-up was not of this entry")


def _cell(row: Mapping[str, Any]) -> PublisherCell:
    level, state, why = _text(row["level"]), _text(row["state"]), tuple(map(_text, row["why"]))
    publisher = row["publisher"]
    if level == "known" and state == "current" and publisher is not None:
        name, method, checked = _text(publisher["name"]), _text(row["method"]), day_in(row["checked"])
        url = _text(publisher["url"])
        return PublisherCell(State.OK, "Known publisher", level, name, url if url.startswith("https://") else None, method, checked, why)
    if level != "community":
        raise ValueError("a level that there is not")
    found = State.PROBLEM if state in FOR_A_PERSON else State.NOT_CHECKED
    says = "Community maintained" if state == "unlisted" else f"Community maintained ({state})"
    return PublisherCell(found, says, level, why=() if state == "unlisted" else why)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value

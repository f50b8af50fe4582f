"""The columns about pin and upstream: from a checked entry and the last scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pinwarden.entry import Entry
from pinwarden.page.cells import PinCell, State, UpstreamCell
from pinwarden.shown import shown
from pinwarden.validation import Checked
from pinwarden.verdict import Action, Pin, Verdict

_DAY = 24 * 60 * 60
_LATEST = 253_402_300_800
"""The year 10000, in seconds since 1970: a committer may claim any."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan said, by server. `at` is when, as RFC 3339 in UTC, None where it did not say."""

    at: str | None
    pins: Mapping[str, Pin]
    pinned_at: Mapping[str, int] = field(default_factory=dict)
    behind: Mapping[str, int] = field(default_factory=dict)


def built(checked: Checked) -> bool:
    """Tell whether an entry is one that must have a pin; what can't be read might be."""
    return checked.entry is None or checked.entry.type not in ("remote", "poci")


def pinned(checked: Checked) -> Entry | None:
    """Return the entry where it is valid and built from a pin."""
    entry = checked.entry
    return entry if entry and not checked.errors and built(checked) and entry.project and entry.commit else None


def pin_cell(checked: Checked, scan: Scan | None) -> PinCell:
    """Say what an entry is pinned to."""
    entry = pinned(checked)
    if checked.errors:
        first = checked.errors[0]
        return PinCell(State.PROBLEM, f"not valid: line {first.line}: {first.message} [{first.rule}]")
    if entry is None or entry.commit is None or entry.project is None:
        return PinCell(State.NOT_CHECKED, "no source that is built, so nothing to pin")
    url = f"{entry.project.removesuffix('.git')}/commit/{entry.commit}"
    same = _scanned(entry, scan)
    at = scan.pinned_at.get(entry.server) if scan and same else None
    if scan is None or at is None or at >= _LATEST:
        return PinCell(State.OK, "pinned", entry.commit, url, behind=scan.behind.get(entry.server) if scan and same else None)
    age = max(0, (_seconds(scan.at) - at) // _DAY) if scan.at else None
    return PinCell(State.OK, "pinned", entry.commit, url, f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}", age, scan.behind.get(entry.server))


def upstream_cell(checked: Checked, scan: Scan | None) -> UpstreamCell:
    """Say what the scan said of an entry's upstream, as far as it was about the pin of today."""
    entry = pinned(checked)
    if entry is None:
        return UpstreamCell(State.NOT_CHECKED, "the entry is not valid" if checked.errors else "no pin to compare with an upstream")
    if scan is None:
        return UpstreamCell(State.NOT_CHECKED, "no scan was given")
    pin = _scanned(entry, scan)
    if pin is None:
        return UpstreamCell(State.NOT_CHECKED, "the scan was of an older pin" if entry.server in scan.pins else "the scan was not of this entry")
    if pin.verdict is Verdict.ERROR:
        return UpstreamCell(State.NOT_CHECKED, f"could not be read: {pin.reason}", pin.verdict, pin.ref)
    state = State.PROBLEM if pin.action is Action.REPORT else State.OK
    return UpstreamCell(state, shown(pin.reason), pin.verdict, pin.ref, pin.new)


def _scanned(entry: Entry, scan: Scan | None) -> Pin | None:
    found = scan.pins.get(entry.server) if scan else None
    return found if found and found.old == entry.commit and found.project == entry.project else None


def _seconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp())

"""What the page says above its table: figures with what they are out of, what a person should look at first, and two charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pinwarden.page.cells import ReviewOf, Row, State
from pinwarden.page.rows import Known
from pinwarden.verdict import Verdict

OLD_DAYS = 180
"""From here on a pin whose upstream moved on is worth a person's time; audit counts the same."""
_AGES = ((30, "up to 30 days"), (90, "31 to 90 days"), (OLD_DAYS, "91 to 180 days"), (365, "181 to 365 days"))


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of so many. `note` says why a count is none where nobody looked."""

    label: str
    count: int
    of: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing about one entry that a person should look at. `weight` is 0 for what comes first."""

    weight: int
    server: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart."""

    label: str
    count: int


def figures(rows: Sequence[Row], known: Known) -> list[Figure]:
    """Count what holds, out of all for which it could."""
    every = [row for row in rows if row.kind == "server" or row.kind is None]
    pins = [row for row in rows if row.pin.commit]
    images = [row for row in pins if row.image.image]
    return [
        Figure("entries need attention", sum(row.state is State.PROBLEM for row in rows), len(rows)),
        Figure("built entries are pinned to a full commit", len(pins), len(every)),
        Figure(
            "pins have an upstream that is as it should be", _ok(row.upstream.state for row in pins), len(pins), None if known.scan else "no scan was given"
        ),
        Figure(
            "pins were reviewed themselves and passed", _ok(row.review.state for row in pins), len(pins), None if known.records else "no records were given"
        ),
        Figure("images were found to match their pin", _ok(row.image.state for row in images), len(images), None if known.images else "no image was looked at"),
        Figure("entries have a known publisher", _ok(row.publisher.state for row in rows), len(rows), None if known.trust else "publishers were not looked up"),
    ]


def _ok(states: Iterator[State]) -> int:
    return sum(state is State.OK for state in states)


def attention(rows: Sequence[Row]) -> list[Attention]:
    """List what a person should look at, the worst first."""
    return sorted((one for row in rows for one in _of(row)), key=lambda one: (one.weight, one.server))


def _of(row: Row) -> Iterator[Attention]:
    if row.pin.state is State.PROBLEM:
        yield Attention(0, row.server, "entry", row.pin.says)
    if row.publisher.state is State.PROBLEM:
        yield Attention(1 if "(replaced)" in row.publisher.says else 6, row.server, "publisher", "; ".join(row.publisher.why) or row.publisher.says)
    if row.image.state is State.PROBLEM:
        yield Attention(2, row.server, "image", "; ".join(row.image.reasons) or row.image.says)
    if row.review.of is ReviewOf.THIS_PIN:
        for review in row.review.reviews:
            if review.state is State.PROBLEM:
                yield Attention(3, row.server, "review of this pin", f"{review.agent}: {review.says}")
    if row.upstream.state is State.PROBLEM:
        yield Attention(1 if row.upstream.verdict is Verdict.REPO_REPLACED else 4, row.server, f"upstream: {row.upstream.verdict}", row.upstream.says)
    for review in row.review.proposed:
        if review.state is State.PROBLEM:
            yield Attention(5, row.server, f"review of the proposed {review.commit[:12]}", f"{review.agent}: {review.says}")
    if row.upstream.verdict is Verdict.MOVED and (row.pin.age_days or 0) > OLD_DAYS:
        yield Attention(7, row.server, "pin", f"its commit is of {row.pin.committed}, and the upstream has moved on")


def ages(rows: Sequence[Row]) -> list[Bar]:
    """Count pins by the age of their commit."""
    pins = [row.pin for row in rows if row.pin.commit]
    found = Counter(next((label for most, label in _AGES if pin.age_days <= most), "over a year") for pin in pins if pin.age_days is not None)
    unknown = sum(pin.age_days is None for pin in pins)
    return [Bar(label, found[label]) for label in (*(label for _, label in _AGES), "over a year")] + [Bar("not known", unknown)]


def verdicts(rows: Sequence[Row]) -> list[Bar]:
    """Count pins by what the scan said of their upstream, the most frequent first."""
    pins = [row.upstream for row in rows if row.pin.commit]
    found = Counter(str(one.verdict) for one in pins if one.verdict)
    listed = [Bar(verdict, count) for verdict, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
    return [*listed, Bar("not scanned", sum(one.verdict is None for one in pins))]

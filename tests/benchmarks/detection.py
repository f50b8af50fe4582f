"""What reviews of planted cases come to: how much was found, and how often a harmless change was held up. Nothing is run here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.planted import Half
from pinwarden.conclusion import Conclusion


class Fate(StrEnum):
    """What a review does with a change."""

    BLOCKED = "blocked"
    WARNED = "warned"
    PASSED = "passed"
    INCOMPLETE = "incomplete"
    """It blocks as well, but whoever could not read has found nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The review of one twin. `told` is what it rests on: each finding and each row of the surface above low."""

    risk: str | None
    conclusion: Conclusion
    outcome: str
    seconds: float
    told: tuple[str, ...] = ()

    @property
    def fate(self) -> Fate:
        if self.outcome != "complete":
            return Fate.INCOMPLETE
        return {Conclusion.FAILURE: Fate.BLOCKED, Conclusion.NEUTRAL: Fate.WARNED, Conclusion.SUCCESS: Fate.PASSED}[self.conclusion]

    @property
    def flagged(self) -> bool:
        return self.fate in (Fate.BLOCKED, Fate.WARNED)


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with the reviews of both twins."""

    slug: str
    half: Half
    behaviour: str
    language: str
    malicious: Seen
    benign: Seen


@dataclass(frozen=True, slots=True)
class Total:
    """Figures of several cases. Shares are of 1, None where there is nothing to share.

    `recall` counts the malicious commits that were blocked or warned of, `recall_blocked` the blocked ones; `precision` is the share of
    malicious ones in all that were blocked or warned of. `told_apart` counts the cases in which the malicious commit was flagged and its twin was not:
    whoever flags everything has a recall of 1 and tells nothing apart.
    """

    cases: int
    malicious: dict[Fate, int]
    benign: dict[Fate, int]
    recall: float | None
    recall_blocked: float | None
    precision: float | None
    told_apart: int


def total(judged: Sequence[Judged]) -> Total:
    """Return the figures of these cases."""
    malicious, benign = (_fates(seen) for seen in ([one.malicious for one in judged], [one.benign for one in judged]))
    found, held = (fates[Fate.BLOCKED] + fates[Fate.WARNED] for fates in (malicious, benign))
    apart = sum(one.malicious.flagged and one.benign.fate is Fate.PASSED for one in judged)
    return Total(len(judged), malicious, benign, _share(found, len(judged)), _share(malicious[Fate.BLOCKED], len(judged)), _share(found, found + held), apart)


def by_family(judged: Iterable[Judged]) -> dict[str, Total]:
    """Return the figures of each behaviour, by its name."""
    families: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        families[one.behaviour].append(one)
    return {behaviour: total(families[behaviour]) for behaviour in sorted(families)}


def table(judged: Sequence[Judged]) -> str:
    """Return the figures of one half for people: a line for each family and one for all."""
    rows = [*by_family(judged).items(), ("all", total(judged))]
    cells: list[tuple[str, ...]] = [
        ("behaviour", "cases", "blocked", "warned", "passed", "incomplete", "twins held up", "told apart", "recall", "by blocking", "precision")
    ]
    for name, one in rows:
        held = one.benign[Fate.BLOCKED] + one.benign[Fate.WARNED] + one.benign[Fate.INCOMPLETE]
        shares = [_percent(share) for share in (one.recall, one.recall_blocked, one.precision)]
        cells.append((name, str(one.cases), *(str(one.malicious[fate]) for fate in Fate), str(held), str(one.told_apart), *shares))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells)


def _fates(seen: Iterable[Seen]) -> dict[Fate, int]:
    found = dict.fromkeys(Fate, 0)
    for one in seen:
        found[one.fate] += 1
    return found


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"

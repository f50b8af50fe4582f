"""What a review means for a pull request. One function maps it, whoever asks; whatever is not clear blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pinwarden.labels import Labels
from pinwarden.risk import Risk


class Conclusion(StrEnum):
    """The conclusions of a check run that are used, best first. GitHub lets `success` and `neutral` pass a required check."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Check:
    """A check run's conclusion and its title."""

    conclusion: Conclusion
    title: str


NOT_COMPLETE = Check(Conclusion.FAILURE, "review did not complete")
NOTHING_TO_REVIEW = Check(Conclusion.SUCCESS, "nothing to review")

BY_RISK: Mapping[Risk, Conclusion] = {
    Risk.CRITICAL: Conclusion.FAILURE,
    Risk.HIGH: Conclusion.NEUTRAL,
    Risk.MEDIUM: Conclusion.NEUTRAL,
    Risk.LOW: Conclusion.SUCCESS,
    Risk.INFO: Conclusion.SUCCESS,
}


def conclude(labels: Labels | None, by_risk: Mapping[Risk, Conclusion] = BY_RISK) -> Check:
    """Return the check for a review's labels, None where the review did not come to any. Whatever `by_risk` says, critical fails."""
    if labels is None:
        return NOT_COMPLETE
    if labels.blocked:
        return Check(Conclusion.FAILURE, f"{labels.risk} risk, blocked by the reviewer")
    return Check(Conclusion.FAILURE if labels.risk is Risk.CRITICAL else by_risk[labels.risk], f"{labels.risk} risk")


_TITLE = re.compile(rf"({'|'.join(Risk)}) risk(, blocked by the reviewer)?( \(.*\))?")


def labels_in(title: str) -> Labels | None:
    """Return the labels that a check was concluded from, by its title; None where it was not concluded from any."""
    match = _TITLE.fullmatch(title)
    return Labels(Risk(match[1]), match[2] is not None) if match else None


def overall(checks: Iterable[Check]) -> Check:
    """Return the check that stands for all: the worst, of equals the first."""
    order = list(Conclusion)
    return max(checks, key=lambda check: order.index(check.conclusion), default=NOTHING_TO_REVIEW)

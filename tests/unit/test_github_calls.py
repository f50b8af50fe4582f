"""Writes to GitHub are paced in one place, whether they are answered or not."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pinwarden.adapters.github_calls import Calls, Limited, Unclear
from support.github_twin.clock import Clock

NOBODY = "http://127.0.0.1:1"


class Paced:
    """Calls that nobody answers, and when they were made."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.calls = Calls(NOBODY, "ghs_pacing", sleep=self.clock.advance, clock=lambda: self.clock.now)

    def write(self, *, notifies: bool | None = None) -> float:
        """Write with REST, or with GraphQL where it is said whether people are told; return when."""
        with pytest.raises(Unclear):
            self.calls.post("/x", {}) if notifies is None else self.calls.mutate("mutation { x }", {}, notifies=notifies)
        return self.clock.now


def test_writes_are_a_second_apart_and_three_around_those_that_notify_people() -> None:
    paced = Paced()
    times = [paced.write(notifies=kind) for kind in (None, None, False, True, True, None, None)]
    assert [after - before for before, after in pairwise(times)] == [1, 1, 3, 3, 3, 1]


def test_time_that_has_passed_is_not_waited_for_again() -> None:
    paced = Paced()
    first = paced.write()
    paced.clock.advance(60)
    assert paced.write() == first + 60


def test_no_minute_has_more_than_80_writes_and_no_hour_more_than_500() -> None:
    paced = Paced()
    times = [paced.write() for _ in range(500)]
    assert max(sum(start <= each < start + 60 for each in times) for start in times) <= 80
    with pytest.raises(Limited, match="500 writes"):
        paced.calls.post("/x", {})
    assert paced.calls.requests == 500
    paced.clock.advance(times[0] + 3600 - paced.clock.now)
    assert [paced.write() - times[0] for _ in range(3)] == [3600, 3601, 3602]

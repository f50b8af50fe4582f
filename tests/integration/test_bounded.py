"""Work over hostile input ends within its bounds, whatever the input does to it."""

from __future__ import annotations

import signal

import pytest

from pinwarden.adapters.bounded import Exceeded, bounded
from support.bounded_work import crash, double, forever, hoard, interrupted

MEMORY = 1024**3


def test_an_answer_comes_back() -> None:
    assert bounded(double, 21, seconds=60, memory_bytes=MEMORY) == 42


def test_work_without_end_is_ended() -> None:
    with pytest.raises(Exceeded, match="took longer than 1 s"):
        bounded(forever, 0, seconds=1, memory_bytes=MEMORY)


def test_work_without_measure_is_ended() -> None:
    with pytest.raises(Exceeded, match="memory"):
        bounded(hoard, 0, seconds=60, memory_bytes=MEMORY)


def test_control_without_the_limit_there_is_memory() -> None:
    assert bounded(double, 1, seconds=60, memory_bytes=16 * 1024**3) == 2


def test_a_crash_is_told_apart_from_an_answer() -> None:
    with pytest.raises(Exceeded, match="was ended"):
        bounded(crash, 0, seconds=60, memory_bytes=MEMORY)


def test_an_interrupt_is_for_the_parent_alone() -> None:
    assert bounded(interrupted, 0, seconds=60, memory_bytes=MEMORY)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_control_an_interrupt_ends_what_is_not_shielded() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(0)

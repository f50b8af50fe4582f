"""Whose a thing is: a process that lives, one that ended, and one that cannot be seen."""

from __future__ import annotations

import subprocess
import sys

from pinwarden.adapters import processes


def test_this_process_lives() -> None:
    assert processes.ended(processes.mark()) is False


def test_one_that_ended_is_gone_also_when_another_has_its_number() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(sys.path[0])!r}); sys.path[:0] = {sys.path!r}; from pinwarden.adapters import processes; print(processes.mark())"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert processes.ended(child.stdout.strip()) is True
    machine, number, started = processes.mark().split("/")
    assert processes.ended(f"{machine}/{number}/{started}9") is True


def test_another_machines_cannot_be_told() -> None:
    assert processes.ended("elsewhere/1/1") is None
    assert processes.ended("later") is None
    assert processes.ended("") is None

"""The provider's key lies in a file for as long as it is needed; what a killed run left is cleared away, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pinwarden.adapters import processes
from pinwarden.adapters.provider_key import key_file, sweep
from pinwarden.errors import OutsideError

LONG_AGO = 1_000_000_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, in which nothing is yet."""
    monkeypatch.delenv("RUNNER_TEMP", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "pinwarden"


def left(cache: Path, name: str, owner: str) -> Path:
    """What a run of `owner` left behind."""
    folder = cache / name
    folder.mkdir(mode=0o700, parents=True)
    cache.chmod(0o700)
    (folder / "owner").write_text(owner)
    return folder


def test_others_are_kept_out_by_the_folder_and_it_is_gone_afterwards(cache: Path) -> None:
    with key_file("run", "sk-canary") as path:
        assert path.read_text() == "sk-canary"
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert processes.ended((path.parent / "owner").read_text()) is False
    assert list(cache.iterdir()) == []


def test_it_is_gone_also_where_the_run_fails(cache: Path) -> None:
    with pytest.raises(ZeroDivisionError), key_file("run", "sk-canary"):
        raise ZeroDivisionError
    assert list(cache.iterdir()) == []


def test_where_it_can_not_be_made_that_is_told_without_the_key(cache: Path) -> None:
    other = left(cache, "key-run", "")
    with pytest.raises(OutsideError, match="the key can't be handed over: File exists") as refused, key_file("run", "sk-canary"):
        pass
    assert "sk-canary" not in str(refused.value)
    assert (other / "owner").exists(), "it is another run's"


def test_what_a_killed_run_left_is_swept_and_a_living_one_s_stays(cache: Path) -> None:
    machine, number, started = processes.mark().split("/")
    left(cache, "key-killed", f"{machine}/{number}/{started}9")
    old = left(cache, "key-old", "elsewhere/1/1")
    os.utime(old, (LONG_AGO, LONG_AGO))
    left(cache, "key-alive", processes.mark())
    left(cache, "key-elsewhere", "elsewhere/1/1")
    left(cache, "environment", f"{machine}/{number}/{started}9")
    (cache / "key-torn").mkdir()
    sweep()
    assert sorted(path.name for path in cache.iterdir()) == ["environment", "key-alive", "key-elsewhere", "key-torn"]

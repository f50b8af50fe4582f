"""A folder that is made anew is the old one or the new one, whatever stood there and whoever else makes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pinwarden.adapters.fresh_folder import made_anew
from pinwarden.errors import OutsideError


def make(path: Path, word: str = "new") -> None:
    with made_anew(path) as folder:
        (folder / "file").write_text(word)


def full(path: Path) -> None:
    path.mkdir()
    (path / "old").write_text("old")


BEFORE: dict[str, Callable[[Path], None]] = {"nothing": lambda path: None, "a file": Path.touch, "a folder": full}


@pytest.mark.parametrize("before", BEFORE)
def test_what_stood_there_goes(tmp_path: Path, before: str) -> None:
    BEFORE[before](tmp_path / "demo")
    make(tmp_path / "demo")
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["file"]


def test_a_link_goes_and_not_what_it_leads_to(tmp_path: Path) -> None:
    full(tmp_path / "mine")
    (tmp_path / "demo").symlink_to(tmp_path / "mine")
    make(tmp_path / "demo")
    assert not (tmp_path / "demo").is_symlink()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["old"]


def test_two_at_once_both_come_to_an_end(tmp_path: Path) -> None:
    with made_anew(tmp_path / "demo") as first:
        (first / "file").write_text("first")
        make(tmp_path / "demo", "second")
        assert (tmp_path / "demo" / "file").read_text() == "second"
    assert (tmp_path / "demo" / "file").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_failure_leaves_what_stood_there(tmp_path: Path) -> None:
    full(tmp_path / "demo")
    with pytest.raises(OutsideError, match=r"can't make .*: went wrong"), made_anew(tmp_path / "demo"):
        subprocess.run([sys.executable, "-c", "import sys; sys.exit('went wrong')"], check=True, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert (tmp_path / "demo" / "old").is_file()


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutsideError, match="can't make"):
        make(tmp_path / "out" / "demo")

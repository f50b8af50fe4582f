"""A quoted line is looked up without following anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pinwarden.adapters.staged_lines import line_exists
from pinwarden.target import Evidence, Side


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree = tmp_path / "repository"
    (tree / "src").mkdir(parents=True)
    (tree / ".git").mkdir()
    (tree / ".git" / "config").write_text("ours\n")
    (tree / "src" / "ended.py").write_text("1\n2\n")
    (tree / "src" / "open.py").write_text("1\r2\n3")
    (tree / "empty").touch()
    (tmp_path / "secret").write_text("canary\n")
    (tree / "link").symlink_to("../secret")
    (tree / "folder link").symlink_to("src")
    os.mkfifo(tree / "pipe")
    return tree


@pytest.mark.parametrize(("path", "line"), [("src/ended.py", 1), ("src/ended.py", 2), ("src/open.py", 2)])
def test_a_line_that_is_there(root: Path, path: str, line: int) -> None:
    assert line_exists(root, Evidence(Side.HEAD, path, line))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/ended.py", 3),
        ("src/open.py", 3),
        ("src/ended.py", 0),
        ("empty", 1),
        ("nowhere", 1),
        ("src", 1),
        ("", 1),
        ("src//ended.py", 1),
        ("./src/ended.py", 1),
        ("src/../src/ended.py", 1),
        ("../secret", 1),
        ("link", 1),
        ("folder link/ended.py", 1),
        ("pipe", 1),
        (".git/config", 1),
        (".GIT/config", 1),
        ("src/ended.py\0", 1),
        ("src/\ud800", 1),
        ("x" * 300, 1),
    ],
)
def test_a_line_that_is_not(root: Path, path: str, line: int) -> None:
    assert not line_exists(root, Evidence(Side.HEAD, path, line))


def test_an_absolute_path_is_not_followed(root: Path) -> None:
    assert not line_exists(root, Evidence(Side.HEAD, str(root.parent / "secret"), 1))


def test_control_plain_paths_lead_to_the_secret(root: Path) -> None:
    for path in ("../secret", "link", str(root.parent / "secret")):
        assert (root / path).read_text() == "canary\n"

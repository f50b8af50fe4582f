"""The Makefile: what it offers, and what it says where it can't."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose tools are not installed yet."""
    shutil.copy2(ROOT / "Makefile", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "requirements.txt").touch()
    return tmp_path


def make(checkout: Path, *arguments: str, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=checkout, env={"PATH": path, "LC_ALL": "C"}, capture_output=True, text=True, check=False)


def test_help_is_the_default_and_lists_every_target(checkout: Path) -> None:
    done = make(checkout)
    targets = re.findall(r"^\.PHONY: (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[1] for line in done.stdout.splitlines()] == targets
    assert {"test", "lint", "bench", "lock"} <= set(targets)


def test_a_python_that_is_none_is_told(checkout: Path) -> None:
    done = make(checkout, "test", "PYTHON=/bin/false")
    assert done.returncode == 2
    assert "error: /bin/false is not Python 3.11 or newer; name one: make PYTHON=" in done.stderr
    assert not (checkout / "out").exists()


def test_shims_that_only_fail_are_passed_over(checkout: Path) -> None:
    shims = checkout / "shims"
    shims.mkdir()
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        (shims / name).write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    (shims / "python3").write_text("#!/bin/sh\nexit 0\n")
    for shim in shims.iterdir():
        shim.chmod(0o755)
    done = make(checkout, "--dry-run", "test", path=f"{shims}:/usr/bin:/bin")
    assert "'python3' -I -m venv" in done.stdout

"""What a command does when nobody can take what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import SCRIPTS

COMMANDS = sorted(path.stem for path in SCRIPTS.glob("*.py"))


def told(command: str, redirection: str, *arguments: str | Path) -> tuple[int, str]:
    line = f'exec "$@" {redirection}'
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTHON", "PINWARDEN_"))}
    started = ["sh", "-c", line, "sh", sys.executable, "-sE", str(SCRIPTS / f"{command}.py"), *map(str, arguments)]
    done = subprocess.run(started, capture_output=True, text=True, check=False, env=kept)
    return done.returncode, done.stderr


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_nobody_can_take_is_told_in_one_message(command: str, redirection: str) -> None:
    code, message = told(command, redirection, "--help")
    assert code == 3, message
    assert message.startswith("error: ")
    assert message.count("\n") == 2
    assert told(command, ">/dev/null", "--help") == (0, "")  # the control


def test_findings_that_nobody_can_take_are_no_findings(tmp_path: Path) -> None:
    entry = tmp_path / "servers" / "a" / "server.yaml"
    entry.parent.mkdir(parents=True)
    entry.write_text("name: a\ntype: server\nsource:\n  project: https://github.com/a/b\n  commit: main\n")
    assert told("validate_pins", ">/dev/null", "--registry", tmp_path) == (1, "")
    code, message = told("validate_pins", ">/dev/full", "--registry", tmp_path)
    assert code == 3
    assert "Traceback" not in message
    assert message.startswith("error: this machine failed: No space left on device")


def test_closed_streams_are_not_given_to_files(tmp_path: Path) -> None:
    code, _ = told("map_labels", "<&- 2>&- >/dev/null", "--labels", tmp_path / "none")
    assert code in (1, 2, 3)


def test_an_interpreter_without_the_care_complains() -> None:
    done = subprocess.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", sys.executable, "-I", "-c", "print(1)"], capture_output=True, text=True, check=False)
    assert (done.returncode, "Exception ignored" in done.stderr) == (120, True)

"""Each command tells how it is used: examples that it would take, a page, a row in README.md, and every option there."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMIT = "0123456789" * 4


def called(command: str) -> str:
    """Return what users call a command."""
    return command.replace("_", "-")


def helped(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(command).main(["--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def pages(command: str) -> str:
    """Return the text of the pages that README's rows of the command lead to."""
    found = re.findall(rf"^\| \[`{called(command)}(?: [^`]*)?`\]\(([^)#]+)", README, re.MULTILINE)
    assert found, f"README.md has no row for {called(command)}"
    return "".join((ROOT / path).read_text(encoding="utf-8") for path in found)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_examples_that_the_command_takes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    listed = helped(command, capsys).partition("\nexamples:\n")[2].partition("\n\nexit codes: 0 ok")[0]
    examples = [shlex.split(line.replace("SHA", COMMIT)) for line in listed.splitlines()]
    assert examples
    for start, name, *arguments in examples:
        assert (start, name) == ("scripts/run", called(command))
        if arguments:
            importlib.import_module(command).parse(arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_of_a_command_shows_how_it_is_called_with_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = pages(command)
    assert f"scripts/run {called(command)}" in text
    options = set(re.findall(r"^  (--[a-z0-9-]+)", helped(command, capsys), re.MULTILINE))
    assert sorted(option for option in options if not re.search(rf"{option}(?![\w-])", text)) == []

"""The linters' settings find what they are there for: each is shown something planted, and something innocent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


def ruff(filename: str, source: str) -> str:
    command = [str(TOOLS / "ruff"), "check", "--no-cache", "--output-format=concise", "--stdin-filename", filename, "-"]
    return subprocess.run(
        command, input=f'"""Planted."""\n\nfrom __future__ import annotations\n\n{source}\n', capture_output=True, text=True, check=False, cwd=ROOT
    ).stdout


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess\n\nsubprocess.run([])",
        "import os\n\nos.getcwd()",
        "from os import environ\n\nenviron.clear()",
        "from pathlib import Path\n\nPath()",
        "import urllib.request\n\nurllib.request.urlopen",
        "import socket\n\nsocket.socket()",
        "import requests\n\nrequests.get",
        "from time import sleep\n\nsleep(1)",
        "import time\n\ntime.time()",
        "import datetime\n\ndatetime.datetime.now(tz=datetime.UTC)",
    ],
)
def test_the_core_may_not_touch_the_world(source: str) -> None:
    assert "TID251" in ruff("scripts/pinwarden/planted.py", source)
    assert "TID251" in ruff("scripts/pinwarden/rules/planted.py", source)
    assert "TID251" not in ruff("scripts/pinwarden/adapters/planted.py", source)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("def f(x):\n    return x", "ANN"),
        ("X = 1  # noqa", "PGH004"),
        ("print('x')", "T201"),
        ("try:\n    X = 1\nexcept Exception:\n    X = 2", "BLE001"),
        ("import subprocess\n\nsubprocess.run('ls', shell=True, check=True)", "S602"),
        ("import yaml\n\nX = yaml.load('', yaml.Loader)", "S506"),
        ("from .document import read\n\nread(b'')", "TID252"),
        ("# TODO: later", "TD"),
    ],
)
def test_each_family_is_on(source: str, rule: str) -> None:
    assert rule in ruff("scripts/pinwarden/planted.py", source)


def test_innocent_code_is_not_touched() -> None:
    assert ruff("scripts/pinwarden/planted.py", "from pathlib import PurePosixPath\n\nROOT = PurePosixPath()") == "All checks passed!\n"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(x) -> None: ...", "no-untyped-def"),
        (
            "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\ndef f(e: E) -> None:\n    match e:\n        case E.A:\n            pass\n",
            "exhaustive-match",
        ),
        ("def f(x: bool) -> int:\n    if x:\n        y = 1\n    return y\n", "possibly-undefined"),
        ("x: int = 'a'  # type: ignore\n", "ignore-without-code"),
    ],
)
def test_types_are_strict(tmp_path: Path, source: str, code: str) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(source)
    command = list(map(str, [TOOLS / "mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", tmp_path / "cache", planted]))
    assert f"[{code}]" in subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path).stdout

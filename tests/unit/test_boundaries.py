"""The core decides, adapters act, scripts wire; and every file stays small enough to be read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
LIBRARY = sorted((SCRIPTS / "pinwarden").rglob("*.py"))
CORE = [path for path in LIBRARY if "adapters" not in path.parts]
COMMANDS = sorted(SCRIPTS.glob("*.py"))

# What the core may import besides itself. A list of what is allowed grows in review; one of what is forbidden is never whole.
ALLOWED = frozenset(
    "__future__ abc base64 binascii collections contextlib dataclasses datetime difflib enum fnmatch functools hashlib html io ipaddress"  # noqa: SIM905  # as a list, forty lines
    " itertools json math operator packaging re shlex statistics string struct textwrap tomllib types typing unicodedata uuid zlib"
    " ast jinja2 jsonschema markdown_it tree_sitter tree_sitter_javascript tree_sitter_typescript yaml".split()
)
# Parts of modules whose rest touches the world.
ALLOWED_NAMES = {
    "codecs": {"encode"},
    "pathlib": {"PurePath", "PurePosixPath"},
    "posixpath": {"normpath"},
    "urllib.parse": None,
    "warnings": {"catch_warnings", "simplefilter"},
}
FORBIDDEN_BUILTINS = {"open", "exec", "eval", "compile", "input", "print", "breakpoint", "__import__"}
FORBIDDEN_NAMES = {("io", "open"), ("io", "FileIO"), ("io", "open_code")}
CLOCKS = {"now", "today", "utcnow"}


def crossings(source: str) -> Iterator[str]:
    """Find where a core module reaches for the world: `line: what`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (f"{node.lineno}: import {name.name}" for name in names if not _allowed(name.name))
            case ast.ImportFrom(module=module, names=names, level=level):
                for name in names:
                    if level or not _allowed(module or "", name.name):
                        yield f"{node.lineno}: from {'.' * level}{module or ''} import {name.name}"
            case ast.Name(id=name, ctx=ast.Load()) if name in FORBIDDEN_BUILTINS:
                yield f"{node.lineno}: {name}"
            case ast.Attribute(value=ast.Name(id=module), attr=attribute) if (module, attribute) in FORBIDDEN_NAMES:
                yield f"{node.lineno}: {module}.{attribute}"
            case ast.Attribute(attr=attribute) if attribute in CLOCKS:
                yield f"{node.lineno}: .{attribute}"


def _allowed(module: str, name: str | None = None) -> bool:
    if module == "pinwarden" or module.startswith("pinwarden."):
        return "adapters" not in (*module.split("."), name)
    if module in ALLOWED_NAMES:
        names = ALLOWED_NAMES[module]
        return name is not None and (names is None or name in names)
    return module.partition(".")[0] in ALLOWED and (module, name) not in FORBIDDEN_NAMES


def test_there_is_a_core() -> None:
    assert len(CORE) > 10
    assert len(COMMANDS) >= 1


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_core_does_not_touch_the_world(path: Path) -> None:
    assert list(crossings(path.read_text())) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import os",
        "import os.path as p",
        "import subprocess",
        "import logging.handlers",
        "from pathlib import Path",
        "import pathlib",
        "import urllib.parse, urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "from shutil import which",
        "import requests",
        "import time",
        "import random",
        "from github import Github",
        "import pinwarden.adapters.git_http",
        "from pinwarden import adapters",
        "from pinwarden.adapters import git_http",
        "from . import adapters",
        "from .adapters.git_http import fetch",
        "from io import open",
        "open('x')",
        "reader = open",
        "import io\nio.open('x')",
        "__import__('os')",
        "print('x')",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date\ndate.today()",
        "def late():\n    import socket",
        "if TYPE_CHECKING:\n    from tempfile import TemporaryDirectory",
    ],
)
def test_a_planted_crossing_is_found(planted: str) -> None:
    assert list(crossings(planted))


@pytest.mark.parametrize(
    "innocent",
    [
        "import yaml.cyaml",
        "from pathlib import PurePosixPath",
        "from urllib.parse import urlsplit",
        "from pinwarden.rules import commit",
        "opened = document.opening()",
    ],
)
def test_what_is_no_crossing(innocent: str) -> None:
    assert list(crossings(innocent)) == []


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_modules_are_short(path: Path) -> None:
    assert lines(path) <= 250


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.name)
def test_commands_are_short(path: Path) -> None:
    assert lines(path) <= 90


def test_launcher_is_short() -> None:
    assert lines(SCRIPTS / "run") <= 40


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.name)
def test_a_command_hides_no_module(path: Path) -> None:
    """Scripts run with their own folder first on the path, so a name of theirs must not be one that others import."""
    import importlib.metadata
    import sys

    assert path.stem not in sys.stdlib_module_names
    assert path.stem not in importlib.metadata.packages_distributions()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())

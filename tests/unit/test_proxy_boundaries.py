"""The proxy is a package of its own: nothing of the toolkit is in its image, and what decides there touches nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROXY = Path(__file__).resolve().parents[2] / "actions" / "run-review" / "sandbox" / "proxy"
MODULES = sorted(PROXY.glob("*.py"))
# All that those may import which decide, count and word; the rest is server, serving and settings.
PURE = frozenset({"__future__", "collections", "contextlib", "dataclasses", "enum", "json", "math", "re", "typing"})
TOUCHING = {
    "__main__": {"sys", "pathlib"},
    "server": {"asyncio", "logging", "os", "signal", "socket", "stat", "sys", "aiohttp"},
    "serving": {"asyncio", "datetime", "hmac", "json", "sys", "aiohttp", "yarl"},
    "settings": {"pathlib", "urllib"},
}


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=module):
                yield (module or "").partition(".")[0]
            case _:
                pass


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_what_it_may(path: Path) -> None:
    assert set(imported(path.read_text())) - PURE - {"proxy"} <= TOUCHING.get(path.stem, set())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250


def test_what_decides_opens_nothing() -> None:
    for path in MODULES:
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        assert not names & {"open", "exec", "eval", "compile", "print", "__import__"}, path


def test_the_page_names_every_reason() -> None:
    page = (PROXY.parents[3] / "docs" / "proxy.md").read_text()
    source = "".join(path.read_text() for path in MODULES)
    reasons = set(
        re.findall(r'(?:Unacceptable|_Failed|Spent|refused|_final)\((?:self\._provider, |rules\.provider, |\d+, |answer\.status, )?"([a-z-]+)"', source)
    )
    reasons |= (
        set(re.findall(r'code="([a-z-]+)"', source)) | set(re.findall(r'variant\(\s*"([a-z-]+)"', source)) | set(re.findall(r'false\("([a-z-]+)"', source))
    )
    assert len(reasons) > 25
    # Some are told by their kind alone: "everything else that is not on a list".
    assert {reason for reason in reasons if f"`{reason}`" not in page} <= {"cache-type", "thinking-type", "format"}

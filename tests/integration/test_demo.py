"""The demonstration: the whole main job, as a newcomer runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.commands import run_command

OUTPUT = Path(__file__).resolve().parents[2] / "out" / "demo"
PAGE = Path(__file__).resolve().parents[2] / "docs/demo.md"


@pytest.fixture(scope="module")
def table(guarddog_cache: Path) -> str:
    """What the second of two runs prints: the first must leave nothing in its way."""
    runs = [run_command("demo", XDG_CACHE_HOME=str(guarddog_cache), RUNNER_TEMP="") for _ in range(2)]
    assert [(done.returncode, done.stderr) for done in runs] == [(0, ""), (0, "")]
    assert runs[0].stdout == runs[1].stdout
    return runs[1].stdout


def test_each_upstream_ends_as_it_should(table: str) -> None:
    checks = {check["name"].rpartition("/")[2]: check["conclusion"] for check in json.loads((OUTPUT / "status.json").read_text())["checks"]}
    assert checks == {"benign-update": "success", "one-line-backdoor": "failure", "fork-commit": "failure", "behind-a-submodule": "failure"}
    pins = {pin["server"]: (pin["verdict"], pin["action"]) for pin in json.loads((OUTPUT / "bump.json").read_text())["pins"]}
    assert pins["other-directory"] == ("unchanged-directory", "none")
    assert pins["rewritten-branch"] == ("diverged", "report")
    assert pins["tracks-a-tag"][0] == "frozen-ref"
    assert "copies@mailroom-archive.net (bcc) (server.py:16)" in " ".join(table.split())


def test_the_page_and_the_raw_files_are_there(table: str) -> None:
    page = (OUTPUT / "index.html").read_text()
    for name in ("validate.json", "bump.json", "bump.txt", "plan.json", "scan.json", "status.json", "page/index.html", "reviews/one-line-backdoor/review.json"):
        assert (OUTPUT / name).is_file()
    assert page.count("<tr>") == 8
    assert "<script" not in page


def test_the_page_tells_what_became_of_each(table: str) -> None:
    page = json.loads((OUTPUT / "page" / "index.json").read_text())
    rows = {row["server"]: row for row in page["servers"]}
    assert page["revision"] is None, "the toolkit's own commit is not the registry's"
    assert rows["other-directory"]["upstream"]["verdict"] == "unchanged-directory"
    assert {row["pin"]["behind"] for row in rows.values() if row["upstream"]["verdict"] == "moved"} == {1}
    assert all(row["pin"]["committed"] for row in rows.values())
    told = {server: row["review"]["proposed"][0]["state"] for server, row in rows.items() if row["review"]["proposed"]}
    assert told == {"benign-update": "ok", "one-line-backdoor": "problem", "fork-commit": "problem", "behind-a-submodule": "problem"}


def test_the_registry_is_valid(table: str) -> None:
    assert json.loads((OUTPUT / "validate.json").read_text())["findings"] == []


def test_its_page_shows_what_it_prints(table: str) -> None:
    assert table.strip() in PAGE.read_text()

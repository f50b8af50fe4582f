"""audit: what is worth a person's time in any registry, on the entry's own lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import run_command
from support.git_server import GitServer, Status
from support.registries import write_entry
from support.upstreams import Commit, Upstream, build

PROJECT = "https://github.com/example/mono"
UPSTREAM = Upstream(
    "example/mono",
    [Commit("first", {"src/a/f": "1", "src/b/f": "1"}), Commit("second", {"src/a/f": "2"}), Commit("lost", {"src/a/f": "3"}, parents=("first",))],
    branches={"main": "second"},
    tags={"v1": "first"},
    pulls={3: "lost"},
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Path, GitServer]]:
    commits = build(tmp_path / "upstreams", [UPSTREAM])["example/mono"]
    registry = tmp_path / "registry"
    write_entry(registry, "current", commits["second"], project=PROJECT)
    write_entry(registry, "moved", commits["first"], project=PROJECT, directory="src")
    write_entry(registry, "idle", commits["first"], project=PROJECT, directory="src/b")
    write_entry(registry, "frozen", commits["first"], project=PROJECT, branch="v1")
    write_entry(registry, "pull", commits["lost"], project=PROJECT, branch="refs/pull/3/merge")
    write_entry(registry, "lost", commits["lost"], project=PROJECT)
    write_entry(registry, "gone", "a1" * 20, project=PROJECT, branch="v1")
    write_entry(registry, "unpinned", "main", project=PROJECT)
    with GitServer(tmp_path / "upstreams") as server:
        yield registry, server


def test_findings_stand_on_the_line_that_is_to_be_changed(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    done = run_command("audit", registry, "--format", "json", f"--mirror=https://github.com/={server.url}/")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["servers"] == 8
    assert {(finding["server"], finding["rule"], finding["severity"], finding["line"]) for finding in report["findings"]} == {
        ("frozen", "frozen-ref", "warning", 7),
        ("pull", "pull-ref", "error", 7),
        ("lost", "diverged", "error", 6),
        ("gone", "frozen-ref", "warning", 7),
        ("gone", "unreachable", "error", 6),
        ("unpinned", "commit-not-sha", "error", 6),
    }
    ages = {pin["server"]: pin["age_days"] for pin in report["pins"]}
    assert ages["gone"] is ages["unpinned"] is None
    assert ages["current"] >= 0


def test_the_text_ends_with_the_figures(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    write_entry(registry, "absent", "a1" * 20, project="https://github.com/example/absent")
    done = run_command("audit", registry, f"--mirror=https://github.com/={server.url}/")
    assert "9 entries, 9 pins: " in done.stdout
    assert "age of 6 pins: median " in done.stdout
    assert "of 2 pins whose upstream moved ahead, 1 (50%) would change nothing in the built directory" in done.stdout
    assert "error[repo-gone]" in done.stdout


def test_an_upstream_that_can_not_be_read_is_exit_code_3_and_the_rest_is_told(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    write_entry(registry, "forbidden", "a1" * 20, project="https://github.com/example/forbidden")
    server.behave("example/forbidden", Status(403))
    done = run_command("audit", registry, f"--mirror=https://github.com/={server.url}/")
    assert done.returncode == 3
    assert "error: forbidden: 127.0.0.1 answered 403" in done.stderr
    assert "error[diverged]" in done.stdout

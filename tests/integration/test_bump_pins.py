"""bump-pins --dry-run over real repositories on a real git server: every verdict, exact edits, and failures that stay apart."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command
from support.git_server import Garbage, GitServer, Redirect, Status
from support.registries import write_config, write_entry
from support.upstreams import Commit, Upstream, build

MONO = Upstream(
    "example/mono",
    [
        Commit("first", {"src/a/main.py": "1", "src/b/main.py": "1", "README": "1"}),
        Commit("second", {"src/a/main.py": "2"}),
        Commit("third", {"src/a/main.py": "3"}),
        Commit("same-tree", {}),
        Commit("rewritten", {"src/a/main.py": "x"}, parents=("first",)),
        Commit("orphan", {"src/a/main.py": "y"}, parents=()),
    ],
    branches={"trunk": "third", "old": "first", "idle": "same-tree"},
    tags={"v1": "second", "v1.0.0": "first", "v2.0.0rc1": "third"},
    annotated_tags={"v1.2.0": "second"},
    pulls={3: "second"},
    head="trunk",
)
PROJECT = "https://github.com/example/mono"

# server: (pin, further keys of source, verdict, action)
PINS: dict[str, tuple[str, dict[str, str], str, str]] = {
    "current": ("third", {}, "current", "none"),
    "moved": ("first", {}, "moved", "open"),
    "moved-directory": ("first", {"directory": "src/a"}, "moved", "open"),
    "moved-dotted": ("second", {"directory": "./src/a/"}, "moved", "open"),
    "other-directory": ("first", {"directory": "src/b"}, "unchanged-directory", "none"),
    "same-tree": ("third", {"branch": "idle"}, "unchanged-directory", "none"),
    "no-directory": ("first", {"directory": "src/none"}, "directory-gone", "report"),
    "file-as-directory": ("first", {"directory": "README"}, "directory-gone", "report"),
    "frozen": ("second", {"branch": "v1"}, "frozen-ref", "none"),
    "frozen-elsewhere": ("first", {"branch": "v1"}, "frozen-ref", "report"),
    "pull": ("second", {"branch": "refs/pull/3/merge"}, "pull-ref", "report"),
    "no-branch": ("first", {"branch": "main"}, "ref-gone", "report"),
    "no-symref-prefix": ("first", {"branch": "trun"}, "ref-gone", "report"),
    "diverged": ("rewritten", {}, "diverged", "report"),
    "unrelated": ("orphan", {}, "diverged", "report"),
    "rewound": ("third", {"branch": "old"}, "rewound", "report"),
    "releases": ("first", {}, "moved", "open"),
    "newer-than-release": ("third", {}, "current", "none"),
    "held": ("first", {}, "moved", "hold"),
}


@dataclass(frozen=True, slots=True)
class World:
    """A registry, the server its upstreams are read from, and their commits by label."""

    registry: Path
    server: GitServer
    commits: dict[str, str]

    @property
    def mirror(self) -> str:
        return f"--mirror=https://github.com/={self.server.url}/"

    def plan(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        done = run_command("bump_pins", "--registry", self.registry, "--dry-run", "--format", "json", self.mirror, *arguments)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    commits = build(tmp_path / "upstreams", [MONO])["example/mono"]
    registry = tmp_path / "registry"
    for server, (pin, source, _, _) in PINS.items():
        write_entry(registry, server, commits[pin], project=PROJECT, **source)
    write_config(registry, "bump:\n  hold: [held]\n  track:\n    releases: releases\n    newer-than-release: releases\n")
    with GitServer(tmp_path / "upstreams") as host:
        yield World(registry, host, commits)


def pins(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    listed = {pin["server"]: pin for pin in document["pins"]}
    assert len(listed) == len(document["pins"])
    return listed


def test_every_pin_has_exactly_the_verdict_and_action_that_its_upstream_calls_for(world: World) -> None:
    code, document, _ = world.plan()
    assert code == 0
    found = pins(document)
    assert {server: (pin["verdict"], pin["action"]) for server, pin in found.items()} == {server: case[2:] for server, case in PINS.items()}
    assert {server for server, pin in found.items() if pin["new"]} == {"moved", "moved-directory", "moved-dotted", "releases", "held"}
    assert found["moved"]["new"] == world.commits["third"]
    assert found["releases"]["new"] == world.commits["second"]
    assert found["releases"]["ref"] == "refs/tags/v1.2.0"
    assert found["moved"]["ref"] == "refs/heads/trunk"
    assert document["scanned"] == len(PINS)
    assert document["requests"] == len(world.server.requests)


def test_one_question_for_all_the_pins_of_a_repository(world: World) -> None:
    world.plan()
    assert world.server.commands().count("ls-refs") == 1


def test_a_host_without_filters_gives_the_same_answers(world: World) -> None:
    _, with_filters, _ = world.plan()
    world.server.allow_filter = False
    _, without, _ = world.plan()
    assert without["pins"] == with_filters["pins"]
    assert without["requests"] > with_filters["requests"]


def test_the_text_shows_each_edit_so_that_git_can_apply_it(world: World) -> None:
    done = run_command("bump_pins", "--registry", world.registry, "--dry-run", world.mirror)
    diffs = done.stdout[: done.stdout.index("SERVER")]
    assert diffs.count("\n-  commit:") == diffs.count("\n+  commit:") == 4
    subprocess.run(["git", "apply", "-"], input=diffs, text=True, check=True, cwd=world.registry)
    _, document, _ = world.plan()
    assert [pin["server"] for pin in document["pins"] if pin["verdict"] == "moved"] == ["held"]


def test_the_limit_defers_what_is_over_it_and_says_so(world: World) -> None:
    _, document, _ = world.plan("--max-new", "1")
    actions = [pin["action"] for pin in document["pins"] if pin["verdict"] == "moved"]
    assert sorted(actions) == ["defer", "defer", "defer", "hold", "open"]


def test_only_the_servers_asked_for_are_scanned(world: World) -> None:
    _, document, _ = world.plan("--servers", "current,moved")
    assert set(pins(document)) == {"current", "moved"}


def test_an_unknown_commit_is_unreachable(world: World) -> None:
    write_entry(world.registry, "vanished", "a1" * 20, project=PROJECT)
    _, document, _ = world.plan()
    assert (pins(document)["vanished"]["verdict"], pins(document)["vanished"]["action"]) == ("unreachable", "report")
    assert pins(document)["moved"]["verdict"] == "moved"


def test_entries_that_are_not_valid_are_told_and_never_asked_about(world: World) -> None:
    write_entry(world.registry, "elsewhere", world.commits["first"], project="https://evil.example/example/mono")
    write_entry(world.registry, "branch", "main", project=PROJECT)
    (world.registry / "servers/linked").mkdir()
    (world.registry / "servers/linked/server.yaml").symlink_to("/etc/hostname")
    code, document, _ = world.plan()
    found = pins(document)
    assert code == 1
    for server, rule in (("elsewhere", "project-host"), ("branch", "commit-not-sha"), ("linked", "not-a-file")):
        assert (found[server]["verdict"], found[server]["action"]) == ("entry-invalid", "report")
        assert rule in found[server]["reason"]
    assert all(request.repository == "example/mono" for request in world.server.requests)


def test_a_remote_that_names_a_source_has_no_pin_and_asks_for_nothing(world: World) -> None:
    path = world.registry / "servers/far/server.yaml"
    path.parent.mkdir()
    path.write_text(f"name: far\ntype: remote\nremote:\n  url: https://far.example/sse\nsource:\n  project: {PROJECT}\n")
    code, document, _ = world.plan()
    assert code == 0
    assert (pins(document)["far"]["verdict"], pins(document)["far"]["action"]) == ("not-pinned", "none")


@pytest.mark.parametrize(
    ("behaviour", "verdict", "code", "reason"),
    [
        (Status(404), "repo-gone", 0, "404"),
        (Status(401, {"WWW-Authenticate": "Basic"}), "repo-gone", 0, "401"),
        (Status(403), "error", 3, "127.0.0.1 answered 403"),
        (Redirect("https://github.com/other/tool"), "repo-moved", 0, "https://github.com/other/tool"),
        (Garbage(), "error", 3, "not git's protocol"),
        (Garbage(b""), "error", 3, "cut off"),
    ],
)
def test_an_upstream_that_gives_no_answer_harms_no_other(world: World, behaviour: Any, verdict: str, code: int, reason: str) -> None:
    write_entry(world.registry, "broken", world.commits["first"], project="https://github.com/example/broken")
    world.server.behave("example/broken", behaviour)
    returned, document, stderr = world.plan()
    found = pins(document)
    assert (found["broken"]["verdict"], found["broken"]["action"]) == (verdict, "report")
    assert reason in found["broken"]["reason"]
    assert returned == code
    assert ("1 of" in stderr) == (code == 3)
    assert {server: found[server]["verdict"] for server in PINS} == {server: case[2] for server, case in PINS.items()}


def test_a_host_that_is_down_is_told_once_with_its_reason(tmp_path: Path) -> None:
    for server in ("one", "two"):
        write_entry(tmp_path, server, "a1" * 20, project=f"https://github.com/example/{server}")
    with GitServer(tmp_path) as closed:
        url = closed.url
    done = run_command("bump_pins", "--registry", tmp_path, "--dry-run", "--format", "json", f"--mirror=https://github.com/={url}/")
    assert done.returncode == 3
    assert [pin["verdict"] for pin in json.loads(done.stdout)["pins"]] == ["error", "error"]
    assert done.stderr.splitlines() == ["error: 2 of 2 pins not scanned: 127.0.0.1: connection refused"]


def test_a_mirror_may_come_from_the_environment(world: World) -> None:
    done = run_command("bump_pins", "--registry", world.registry, "--dry-run", "--format", "json", PINWARDEN_MIRROR=f"https://github.com/={world.server.url}/")
    assert pins(json.loads(done.stdout))["moved"]["verdict"] == "moved"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--registry", "nowhere", "--dry-run"], "no such folder"),
        (["--registry", ".", "--dry-run"], "no entries match"),
        (["--registry", ".", "--plan", "none.json"], "no entries match"),
        (["--registry", ".", "--dry-run", "--mirror", "x"], "no entries match"),
    ],
)
def test_misuse_is_one_message_and_exit_code_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run_command("bump_pins", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_in_a_workflow_nothing_that_is_shown_can_be_a_command(world: World, tmp_path: Path) -> None:
    """An entry's own lines stand in the diff, and a line that starts with two colons commands the runner."""
    (tmp_path / "outputs").touch()
    done = run_command("bump_pins", "--registry", world.registry, "--dry-run", world.mirror, GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(tmp_path / "outputs"))
    first, *shown, last = done.stdout.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert "pull-requests" in (tmp_path / "outputs").read_text()
    assert len(token) == 32
    assert last == f"::{token}::"
    assert not any(token in line for line in shown)


def test_two_entries_of_one_name_are_misuse(tmp_path: Path) -> None:
    write_entry(tmp_path, "weather", "a1" * 20)
    (tmp_path / "old/weather").mkdir(parents=True)
    (tmp_path / "old/weather/server.yaml").write_text((tmp_path / "servers/weather/server.yaml").read_text())
    write_config(tmp_path, "entries: '*/*/server.yaml'\n")
    done = run_command("bump_pins", "--registry", tmp_path, "--dry-run")
    assert done.returncode == 2
    assert "old/weather/server.yaml and servers/weather/server.yaml" in done.stderr

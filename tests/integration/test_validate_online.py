"""validate-pins --online: what upstreams say of a registry's pins, by git and by GitHub's API; an error where a change touched the entry."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command
from support.git_server import Status
from support.github_twin.faults import Fail
from support.github_twin.twin import GitHubTwin
from support.registries import write_entry
from support.upstreams import Commit, Upstream, build

WAYS = ("git", "api")
TOOL = Upstream(
    "example/tool",
    [
        Commit("first", {"a": "1"}),
        Commit("second", {"a": "2"}),
        Commit("fork", {"a": "backdoor"}, parents=("second",)),
        Commit("aside", {"a": "3"}, parents=("first",)),
    ],
    branches={"main": "second"},
    tags={"v1": "first"},
)


class World:
    """A registry of which one entry is right and the others are not."""

    def __init__(self, root: Path, twin: GitHubTwin) -> None:
        self.root, self.twin = root, twin
        ids = build(twin.root, [TOOL, Upstream("example/old", TOOL.commits, branches={"main": "second"}), Upstream("example/left", TOOL.commits)])[
            "example/tool"
        ]
        self.ids = ids
        tool = "https://github.com/example/tool"
        write_entry(root, "right", ids["first"], project=tool)
        write_entry(root, "fork", ids["fork"], project=tool)
        write_entry(root, "aside", ids["aside"], project=tool)
        write_entry(root, "unknown", "a1" * 20, project=tool)
        write_entry(root, "tag", ids["first"], project=tool, branch="v1")
        write_entry(root, "no-ref", ids["first"], project=tool, branch="dev")
        write_entry(root, "moved", ids["first"], project="https://github.com/example/old")
        write_entry(root, "absent", ids["first"], project="https://github.com/example/absent")
        twin.world.rename(twin.add("example/old"), "example/new")
        self.token = twin.actions_token(twin.add("acme/registry", {"a": "1"}))

    def check(self, way: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
        api = {"GITHUB_API_URL": self.twin.url, "GITHUB_SERVER_URL": self.twin.url, "GITHUB_TOKEN": self.token} if way == "api" else {}
        mirror = f"https://github.com/={self.twin.url}/"
        done = run_command("validate_pins", "--registry", self.root, "--online", "--format", "json", *arguments, given=api, PINWARDEN_MIRROR=mirror)
        assert self.token not in done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture
def world(tmp_path: Path, github_twin: GitHubTwin) -> World:
    return World(tmp_path / "registry", github_twin)


def told(document: dict[str, Any]) -> dict[str, tuple[str, str, int]]:
    return {finding["server"]: (finding["rule"], finding["severity"], finding["line"]) for finding in document["findings"]}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_wrong_with_entries_that_nobody_touched_is_a_warning(world: World, way: str) -> None:
    code, document, _ = world.check(way)
    assert told(document) == {
        "fork": ("impostor-commit", "warning", 6),
        "aside": ("impostor-commit", "warning", 6),
        "unknown": ("commit-unknown", "warning", 6),
        "tag": ("tracked-ref-not-branch", "warning", 7),
        "no-ref": ("tracked-ref-gone", "warning", 7),
        "moved": ("project-moved", "warning", 5),
        "absent": ("project-gone", "warning", 5),
    }
    assert (code, document["valid"], document["checked"]) == (0, True, 8)
    assert ("query" in world.twin.counts()) == (way == "api")


def test_the_api_knows_that_a_repository_is_archived(world: World) -> None:
    world.twin.repository("example/tool").archived = True
    _, document, _ = world.check("api", "--servers", "right")
    assert told(document) == {"right": ("project-archived", "warning", 5)}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_change_touched_is_an_error_and_the_rest_is_not_asked_about(world: World, way: str) -> None:
    git(world.root, "init", "--quiet", "--initial-branch=main")
    git(world.root, "add", ".")
    git(world.root, "commit", "--quiet", "--message=first")
    write_entry(world.root, "right", world.ids["fork"], project="https://github.com/example/tool")
    code, document, _ = world.check(way, "--changed-since", "HEAD")
    assert (code, document["valid"], document["checked"]) == (1, False, 1)
    assert told(document) == {"right": ("impostor-commit", "error", 6)}
    write_entry(world.root, "right", world.ids["second"], project="https://github.com/example/tool")
    assert world.check(way, "--changed-since", "HEAD")[:2] == (0, {"checked": 1, "valid": True, "findings": []})


def test_what_the_pin_of_a_touched_entry_does_not_cover_is_a_warning(world: World) -> None:
    commits = [Commit("first", {"Dockerfile": "FROM scratch\n"}), Commit("second", {"Dockerfile": "FROM busybox\nRUN apk add git\n"})]
    ids = build(world.twin.root, [Upstream("example/built", commits, branches={"main": "second"})])["example/built"]
    built = "https://github.com/example/built"
    write_entry(world.root, "built", ids["first"], project=built)
    git(world.root, "init", "--quiet", "--initial-branch=main")
    git(world.root, "add", ".")
    git(world.root, "commit", "--quiet", "--message=first")
    write_entry(world.root, "built", ids["second"], project=built)
    code, document, _ = world.check("git", "--changed-since", "HEAD")
    assert (code, document["valid"]) == (0, True)
    assert [(finding["rule"], finding["severity"], finding["line"]) for finding in document["findings"]] == [("floating-build-input", "warning", 6)] * 2
    write_entry(world.root, "built", ids["first"], project=built, branch="main")
    assert world.check("git", "--changed-since", "HEAD")[1]["findings"] == []
    # Of entries that nobody touched it is not asked.
    write_entry(world.root, "built", ids["second"], project=built)
    assert world.check("git", "--servers", "built")[1]["findings"] == []


@pytest.mark.parametrize("way", WAYS)
def test_an_upstream_that_can_not_be_read_is_never_taken_for_a_right_one(world: World, way: str) -> None:
    world.twin.behave("example/tool", Status(403))
    world.twin.fault(Fail(404), operation="query", times=None)
    code, document, _ = world.check(way, "--servers", "right")
    assert (code, told(document)) == (3, {"right": ("upstream-unread", "warning", 5)})


def test_an_entry_with_errors_is_not_asked_about(world: World) -> None:
    write_entry(world.root, "right", "main", project="https://github.com/example/tool")
    code, document, _ = world.check("git", "--servers", "right")
    assert (code, told(document)) == (1, {"right": ("commit-not-sha", "error", 6)})
    assert world.twin.asked == []


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@people.example", "-c", "commit.gpgSign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)

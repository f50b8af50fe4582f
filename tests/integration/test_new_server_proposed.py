"""new-server --propose against a whole GitHub: one signed and leased pull request, finished after any cut, nobody's work touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration.test_bump_pull_requests import World, text_on
from pinwarden.adapters.actions_io import Access
from pinwarden.adapters.entry_proposal import Opened, propose
from pinwarden.errors import Misuse, OutsideError, PinwardenError
from support.commands import run_command
from support.github_twin.faults import Cut, Drop, Fail
from support.github_twin.twin import GitHubTwin
from support.registries import PROJECT, write_entry

PIN = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
BRANCH = "pinwarden-new/weather"


@dataclass
class Proposed:
    """A registry on the twin, its checkout, and an entry that is not in it yet."""

    world: World
    checkout: Path
    file: Path

    def run(self) -> Opened:
        return propose(self.file, self.checkout, Access(self.world.twin.url, "acme/registry", self.world.token), self.world.calls)


@pytest.fixture
def proposed(github_twin: GitHubTwin, tmp_path: Path) -> Proposed:
    (tmp_path / "checkouts").mkdir()
    world = World(github_twin, tmp_path / "checkouts")
    return Proposed(world, world.checkout(), write_entry(tmp_path, "weather", PIN))


def test_one_pull_request_that_adds_one_file(proposed: Proposed) -> None:
    opened = proposed.run()
    (pull,) = proposed.world.registry.pulls.values()
    assert (opened.server, opened.number) == ("weather", pull.number)
    assert opened.url
    assert (pull.head, pull.title) == (BRANCH, "Add weather")
    assert pull.body
    assert PIN in pull.body
    assert PROJECT in pull.body
    assert text_on(proposed.world.registry, BRANCH, "weather") == proposed.file.read_text()
    assert text_on(proposed.world.registry, BRANCH, "a") == text_on(proposed.world.registry, "main", "a")
    assert proposed.world.twin.writes == 4


def test_twice_is_once(proposed: Proposed) -> None:
    first = proposed.run()
    before, writes = proposed.world.twin.snapshot(proposed.world.registry), proposed.world.twin.writes
    assert proposed.run().number == first.number
    assert (proposed.world.twin.snapshot(proposed.world.registry), proposed.world.twin.writes) == (before, writes)


@pytest.mark.parametrize("operation", ["git/create-tree", "git/create-commit", "updateRefs", "createPullRequest"])
@pytest.mark.parametrize("fault", [Fail(502, applied=True), Fail(502), Drop(applied=True), Drop(), Cut(10)], ids=repr)
def test_an_unclear_answer_loses_and_doubles_nothing(proposed: Proposed, fault: Any, operation: str) -> None:
    proposed.world.twin.fault(fault, operation=operation)
    opened = proposed.run()
    assert [pull.number for pull in proposed.world.registry.pulls.values()] == [opened.number]
    assert text_on(proposed.world.registry, BRANCH, "weather") == proposed.file.read_text()


def test_what_a_run_left_behind_is_finished_by_the_next(proposed: Proposed) -> None:
    proposed.world.twin.fault(Fail(502), operation="createPullRequest", times=3)
    with pytest.raises(OutsideError, match="not known"):
        proposed.run()
    assert proposed.world.registry.git.branch(BRANCH)
    assert not proposed.world.registry.pulls
    assert proposed.run().number in proposed.world.registry.pulls


def test_a_branch_of_a_person_is_left_alone(proposed: Proposed) -> None:
    proposed.world.twin.world.push(proposed.world.registry, BRANCH, {"note": "mine"}, who="ada")
    head = proposed.world.registry.git.branch(BRANCH)
    with pytest.raises(Misuse, match="did not make"):
        proposed.run()
    assert proposed.world.registry.git.branch(BRANCH) == head
    assert not proposed.world.registry.pulls


def test_an_entry_that_is_there_is_not_overwritten(proposed: Proposed, tmp_path: Path) -> None:
    proposed.file = write_entry(tmp_path, "a", PIN)
    with pytest.raises(Misuse, match="on the default branch already"):
        proposed.run()
    assert proposed.world.twin.writes == 0


def test_a_bump_leaves_it_alone(proposed: Proposed) -> None:
    proposed.run()
    head = proposed.world.registry.git.branch(BRANCH)
    proposed.world.run()
    assert proposed.world.registry.git.branch(BRANCH) == head
    assert proposed.world.pulls[BRANCH].state == "open"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace(PIN, "main"), r":6: "),
        (lambda text: text.replace("type: server", "type: remote"), "nothing is built"),
        (lambda text: text.replace("name: weather", "name: ../../.github/workflows/x"), "can't be the name"),
        (lambda text: text.replace("github.com", "evil.example"), "not allowed"),
        (lambda text: text + "a: &b c\n", "anchor"),
        (lambda _: "", "no YAML document"),
    ],
    ids=["branch", "remote", "path", "host", "anchor", "empty"],
)  # fmt: skip
def test_what_is_no_pinned_entry_is_not_proposed(proposed: Proposed, change: Callable[[str], str], message: str) -> None:
    proposed.file.write_text(change(proposed.file.read_text()))
    with pytest.raises(PinwardenError, match=message):
        proposed.run()
    assert proposed.world.twin.requests == []


def test_a_link_is_not_read(proposed: Proposed, tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to(proposed.file)
    proposed.file = tmp_path / "link.yaml"
    with pytest.raises(Misuse):
        proposed.run()


def test_without_a_repository_there_is_nowhere_to_open_it(proposed: Proposed) -> None:
    done = run_command("new_server", "--registry", proposed.checkout, "--propose", proposed.file)
    assert done.returncode == 2
    assert "GITHUB_REPOSITORY" in done.stderr

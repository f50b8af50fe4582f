"""bump-pins against a whole GitHub: one signed and leased pull request per entry, finished after any cut, people's work left alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pinwarden import scan
from pinwarden.adapters import bumping
from pinwarden.adapters.actions_io import Access
from pinwarden.adapters.bump_plan import BumpPlan
from pinwarden.adapters.github_calls import Calls
from pinwarden.adapters.proposing import Done
from pinwarden.adapters.registry_files import Registry
from pinwarden.errors import OutsideError
from pinwarden.evidence import read_block
from pinwarden.upstream import Mirror
from pinwarden.verdict import Action, Pin
from support.commands import run_command
from support.github_twin.faults import Cut, Drop, Fail, Meanwhile, Slow
from support.github_twin.repositories import Pull, Repository
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

ENTRY = """name: {name}
image: mcp/{name}
type: server
meta:
  category: demo
  tags: [demo]
about:
  title: {name}
  description: A server.
  icon: https://example.com/icon.png
source:
  project: https://github.com/up/{name}
  commit: {commit} # reviewed
"""
DAY = 86_400


@dataclass
class World:
    """A registry on the twin with upstreams that move; `run` is one nightly run with a job's token."""

    twin: GitHubTwin
    root: Path
    """An empty folder for checkouts."""
    ids: dict[str, Mapping[str, str]] = field(default_factory=dict)
    pins: list[Pin] = field(default_factory=list)
    upstream_ids: dict[str, int] = field(default_factory=dict)
    """What their host says, which a scan by git alone does not know."""
    config: str = "bump:\n  cooldown-days: 3\n"

    def __post_init__(self) -> None:
        for name in "abc":
            commits = [Commit("old", {"server.py": "x = 1\n"}), Commit("new", {"server.py": "x = 2\n"}), Commit("newer", {"server.py": "x = 3\n"})]
            built = build(Path(self.twin.root), [Upstream(f"up/{name}", commits, branches={"main": "old" if name == "c" else "new", "kept": "newer"})])
            self.ids[name] = built[f"up/{name}"]
        files = {f"servers/{name}/server.yaml": ENTRY.format(name=name, commit=self.ids[name]["old"]) for name in "abc"}
        self.registry = self.twin.add("acme/registry", files)
        self.token = self.twin.actions_token(self.registry, contents="write", pull_requests="write")

    def checkout(self) -> Path:
        """Write the default branch's entries to a folder, as a checkout does."""
        folder = self.root / f"checkout-{len(list(self.root.iterdir()))}"
        for name in "abc":
            path = folder / "servers" / name / "server.yaml"
            path.parent.mkdir(parents=True)
            path.write_text(text_on(self.registry, "main", name))
        (folder / ".github").mkdir(parents=True)
        (folder / ".github/pinwarden.yml").write_text(self.config)
        return folder

    def run(self, *, apply: bool = True, wish: bumping.Wish = bumping.Wish()) -> list[Done]:  # noqa: B008  # immutable
        folder = Registry(self.checkout())
        config = folder.config()
        inquiry = scan.inquire(folder.check(folder.entries(config), config.policy), config)
        asked = bumping.scanned(inquiry, [Mirror("https://github.com/", f"{self.twin.url}/")])
        found, ids = asked.pins, self.upstream_ids
        access = Access(self.twin.url, "acme/registry", self.token)
        files = bumping.registry_of(inquiry, "", folder.checker(config.policy))
        work = bumping.Work(config, inquiry, files, (), access)
        with bumping.proposals(found, work, self.calls) as known:
            self.pins = known.planned(found, config, wish, self.twin.clock.now, ids)
            return known.apply(self.pins, files, BumpPlan(0, found, {}, ids)) if apply else []

    def calls(self, url: str, token: str) -> Calls:
        return Calls(url, token, sleep=self.twin.clock.advance, clock=lambda: self.twin.clock.now)

    def move(self, name: str, label: str) -> None:
        self.twin.repository(f"up/{name}").git.store.set_ref("refs/heads/main", self.ids[name][label])

    @property
    def pulls(self) -> dict[str, Pull]:
        return {pull.head: pull for pull in self.registry.pulls.values()}

    def actions(self) -> dict[str, str]:
        return {pin.server: pin.action for pin in self.pins}


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> World:
    (tmp_path / "checkouts").mkdir()
    return World(github_twin, tmp_path / "checkouts")


def text_on(registry: Repository, branch: str, name: str) -> str:
    commit = registry.git.commit(branch)
    assert commit
    found = registry.git.entry_object(commit.tree, f"servers/{name}/server.yaml")
    assert found
    return found.content.decode()


def test_each_change_becomes_one_pull_request_with_one_edit(world: World) -> None:
    done = world.run()
    assert [(one.server, one.action, one.number) for one in done] == [("a", Action.OPEN, 1), ("b", Action.OPEN, 2)]
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]
    pull = world.pulls["pinwarden/a"]
    assert text_on(world.registry, "pinwarden/a", "a") == ENTRY.format(name="a", commit=world.ids["a"]["new"])
    evidence = read_block(pull.body or "")
    assert evidence
    assert (evidence.old, evidence.new, evidence.head) == (world.ids["a"]["old"], world.ids["a"]["new"], world.registry.git.branch("pinwarden/a"))
    assert f"https://github.com/up/a/compare/{evidence.old}...{evidence.new}" in (pull.body or "")


@pytest.mark.parametrize("most", [1, 2])
def test_at_most_five_requests_a_pull_request(world: World, most: int) -> None:
    done = world.run(wish=bumping.Wish(most))
    assert len(done) == len(world.pulls) == most
    counted = {name: count for name, count in world.twin.counts().items() if name not in ("fetch", "ls-refs")}
    assert sum(counted.values()) <= 5 * most, counted


def test_a_second_run_changes_nothing(world: World) -> None:
    world.run()
    before, writes = world.twin.snapshot(world.registry), world.twin.writes
    assert world.run() == []
    assert (world.twin.snapshot(world.registry), world.twin.writes) == (before, writes)
    assert world.actions() == {"a": "none", "b": "none", "c": "none"}


def scenario(world: World, night: int) -> None:
    """Move the world to a night of a story that needs every kind of write: open, update, name a newer commit, close."""
    if night == 1:
        world.move("a", "newer")  # too young to move: the newer commit is named
    if night == 2:
        world.twin.clock.advance(4 * DAY)
        world.move("b", "old")  # upstream went back: obsolete
    if night == 3:
        world.twin.clock.advance(4 * DAY)


NIGHTS = 4


@pytest.mark.parametrize("night", range(NIGHTS))
def test_cut_off_after_every_single_write_and_run_again_it_comes_to_the_same_end(tmp_path: Path, github_contract: Any, night: int) -> None:
    def story(folder: Path, cut: int | None) -> tuple[Any, int]:
        folder.mkdir()
        (folder / "checkouts").mkdir()
        with GitHubTwin(folder / "github", github_contract) as twin:
            world = World(twin, folder / "checkouts")
            for each in range(night):
                scenario(world, each)
                world.run()
            scenario(world, night)
            before = twin.writes
            if cut is not None:
                twin.cut_off(after=cut)
                with suppress(OutsideError):
                    world.run()
                twin.mend()
            world.run()
            assert twin.violations == []
            return twin.snapshot(world.registry), twin.writes - before

    expected, writes = story(tmp_path / "whole", None)
    for cut in range(1, writes + 1):
        found, _ = story(tmp_path / f"cut-{cut}", cut)
        assert found == expected, f"cut off after write {cut} of {writes}"


def test_a_young_pull_request_keeps_its_commit_and_names_the_newer(world: World) -> None:
    world.run()
    world.move("a", "newer")
    world.run()
    evidence = read_block(world.pulls["pinwarden/a"].body or "")
    assert evidence
    assert (evidence.new, evidence.newer) == (world.ids["a"]["new"], world.ids["a"]["newer"])
    assert world.actions()["a"] == "leave"
    world.twin.clock.advance(4 * DAY)
    world.run()
    assert world.ids["a"]["newer"] in text_on(world.registry, "pinwarden/a", "a")
    assert len(world.registry.pulls) == 2


def test_what_another_repository_under_the_same_name_offers_is_not_proposed(world: World) -> None:
    world.upstream_ids = {"a": 11}
    world.run()
    world.move("a", "newer")
    world.upstream_ids = {"a": 12}
    world.twin.clock.advance(9 * DAY)
    world.run(wish=bumping.Wish(refresh=True))
    assert {pin.server: pin.verdict for pin in world.pins}["a"] == "repo-replaced"
    assert world.actions()["a"] == "leave"
    assert world.ids["a"]["newer"] not in text_on(world.registry, "pinwarden/a", "a")


def test_online_a_repository_with_another_id_than_was_recorded_is_told(world: World) -> None:
    from support.github_twin.client import Client

    url = world.twin.url
    given = {
        "GITHUB_REPOSITORY": "acme/registry",
        "GITHUB_API_URL": url,
        "GITHUB_GRAPHQL_URL": f"{url}/graphql",
        "GITHUB_TOKEN": world.token,
        "PINWARDEN_MIRROR": f"https://github.com/={url}/",
    }
    real = world.twin.repository("up/a").id
    person = Client(url, world.twin.personal_token("ada", [world.registry], contents="write", pull_requests="write"))
    for recorded, rules in ((real + 1, ["project-replaced"]), (real, [])):
        world.upstream_ids = {"a": recorded}
        world.run()
        pull = next(one for one in world.registry.pulls.values() if one.head == "pinwarden/a" and one.state == "open")
        assert person.ask("PUT", f"/repos/acme/registry/pulls/{pull.number}/merge", {}).status == 200
        done = run_command("validate_pins", "--registry", world.checkout(), "--servers", "a", "--online", "--format", "json", given=given)
        assert [one["rule"] for one in json.loads(done.stdout)["findings"]] == rules, done.stderr
        world.move("a", "newer")
        world.upstream_ids = {}
        world.registry.pulls.clear()


def test_a_persons_commit_is_left_alone(world: World) -> None:
    world.run()
    theirs = world.twin.world.push(world.registry, "pinwarden/a", {"note": "mine"}, who="ada")
    world.move("a", "newer")
    world.twin.clock.advance(9 * DAY)
    world.run(wish=bumping.Wish(refresh=True))
    assert world.registry.git.branch("pinwarden/a") == theirs
    assert world.actions()["a"] == "leave"


def test_a_branch_of_our_name_that_a_person_made_is_left_alone(world: World) -> None:
    theirs = world.twin.world.push(world.registry, "pinwarden/a", {"note": "mine"}, who="ada")
    world.run()
    assert world.registry.git.branch("pinwarden/a") == theirs
    assert "pinwarden/a" not in world.pulls


def test_a_push_between_reading_and_writing_breaks_the_lease(world: World) -> None:
    world.run()
    world.move("a", "newer")
    world.twin.clock.advance(9 * DAY)
    pushed: list[str] = []
    world.twin.fault(
        Meanwhile(lambda: pushed.append(world.twin.world.push(world.registry, "pinwarden/a", {"note": "mine"}, who="ada"))), operation="git/create-commit"
    )
    done = world.run()
    assert world.registry.git.branch("pinwarden/a") == pushed[0]
    assert any(one.server == "a" and "somebody else" in one.problem for one in done), done


def test_an_obsolete_one_is_closed_with_its_reason_and_its_branch_removed(world: World) -> None:
    world.run()
    world.move("a", "old")
    world.run()
    pull = world.pulls["pinwarden/a"]
    assert (pull.state, len(pull.comments)) == ("closed", 1)
    assert "is obsolete" in pull.comments[0].body
    assert world.registry.git.branch("pinwarden/a") is None
    world.move("a", "new")
    world.run()
    assert len([one for one in world.registry.pulls.values() if one.head == "pinwarden/a"]) == 2


def test_one_that_a_person_closed_is_not_opened_again_for_that_commit(world: World) -> None:
    from support.github_twin.client import Client

    world.run()
    client = Client(world.twin.url, world.twin.personal_token("ada", [world.registry], contents="write", pull_requests="write"))
    assert client.ask("PATCH", "/repos/acme/registry/pulls/1", {"state": "closed"}).status == 200
    world.run()
    assert (world.actions()["a"], len(world.registry.pulls)) == ("leave", 2)
    world.move("a", "newer")
    world.run()
    assert len(world.registry.pulls) == 3


@pytest.mark.parametrize(
    "fault", [Fail(502, applied=True), Fail(502), Fail(500, applied=True), Drop(applied=True), Drop(), Cut(10), Fail(422, "Validation Failed")], ids=repr
)
@pytest.mark.parametrize("operation", ["git/create-tree", "git/create-commit", "updateRefs", "createPullRequest"])
def test_an_unclear_answer_loses_and_doubles_nothing(world: World, fault: Any, operation: str) -> None:
    world.twin.fault(fault, operation=operation)
    done = world.run()
    assert [one.problem for one in done] == ["", ""]
    assert world.token not in repr(done)
    assert sorted(pull.head for pull in world.registry.pulls.values()) == ["pinwarden/a", "pinwarden/b"]


def test_what_stays_unclear_is_told_and_the_others_are_done(world: World) -> None:
    world.twin.fault(Fail(502), operation="createPullRequest", times=3)
    done = world.run()
    assert [(one.server, one.unclear) for one in done] == [("a", True), ("b", False)]
    world.run()
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]


def test_a_rate_limit_defers_the_rest(world: World) -> None:
    world.twin.fault(Fail(429, headers={"retry-after": "60"}), operation="createPullRequest", times=None)
    done = world.run()
    assert {one.action for one in done} == {Action.DEFER}
    world.twin.mend()
    world.run()
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]


def test_an_hour_that_is_used_up_defers_all_and_the_next_run_goes_on(world: World) -> None:
    def use_up() -> None:
        for resource in ("core", "graphql"):
            world.twin.limits.exhaust(world.twin.token(world.token), resource)

    world.twin.fault(Meanwhile(use_up), operation="git/create-tree")
    done = world.run()
    assert {one.action for one in done} == {Action.DEFER}
    assert not any(one.unclear for one in done)
    world.twin.clock.advance(3601)
    world.run()
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]


def test_a_secondary_limit_defers_the_rest(world: World) -> None:
    world.twin.fault(Fail(403, "You have exceeded a secondary rate limit."), operation="createPullRequest", times=None)
    assert {one.action for one in world.run()} == {Action.DEFER}
    world.twin.mend()
    world.run()
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]


def test_a_slow_answer_is_an_answer(world: World) -> None:
    world.twin.fault(Slow(0.3), operation="createPullRequest")
    assert [one.problem for one in world.run()] == ["", ""]


def test_an_entry_that_changed_meanwhile_is_not_overwritten(world: World) -> None:
    folder_was_read: list[str] = []
    changed = ENTRY.format(name="a", commit=world.ids["a"]["new"])
    world.twin.fault(
        Meanwhile(lambda: folder_was_read.append(world.twin.world.push(world.registry, "main", {"servers/a/server.yaml": changed}))), operation="query", times=1
    )
    done = world.run()
    assert next(one.problem for one in done if one.server == "a").startswith("the entry changed on the default branch")
    assert "pinwarden/a" not in world.pulls


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda world: setattr(world.registry, "actions_may_create_pull_requests", False), "allow GitHub Actions to create"),
        (
            lambda world: setattr(world, "token", world.twin.actions_token(world.registry, contents="write", pull_requests="read")),
            "permissions: contents: write",
        ),
        (
            lambda world: setattr(world, "token", world.twin.actions_token(world.registry, contents="read", pull_requests="write")),
            "permissions: contents: write",
        ),
        (lambda world: setattr(world.registry, "restricted", ("pinwarden/*",)), "set bump.branch-prefix"),
    ],
    ids=["switch", "pull-requests", "contents", "rules"],
)
def test_a_setting_that_is_wrong_is_named(world: World, spoil: Any, says: str) -> None:
    spoil(world)
    done = world.run()
    assert all(says in one.problem for one in done), done


WORKFLOW = ".github/workflows/ci.yml"


def changed_workflows(world: World, text: str) -> Meanwhile:
    return Meanwhile(lambda: world.twin.world.push(world.registry, "main", {WORKFLOW: text}))


def test_a_workflow_that_changes_while_pull_requests_are_opened_keeps_none_of_them(world: World) -> None:
    world.twin.world.push(world.registry, "main", {WORKFLOW: "on: push\n"})
    # The first commit is made on what is not the default branch any more: GitHub takes its old workflow for a change.
    world.twin.fault(changed_workflows(world, "on: [push]\n"), operation="git/create-commit")
    done = world.run()
    assert [one.problem for one in done] == ["", ""], done
    assert {pull: text_on(world.registry, pull, pull[-1]) for pull in world.pulls} == {
        f"pinwarden/{name}": ENTRY.format(name=name, commit=world.ids[name]["new"]) for name in "ab"
    }
    assert world.twin.counts()["updateRefs"] == 3


@pytest.mark.parametrize("whose", ["a GitHub App", "a Personal Access Token"])
def test_a_stale_branch_that_would_need_the_workflows_permission_is_named_and_the_others_are_done(world: World, whose: str) -> None:
    world.run()
    world.move("a", "newer")
    world.move("c", "new")
    world.twin.clock.advance(9 * DAY)
    said = f"refusing to allow {whose} to create or update workflow `{WORKFLOW}` without `workflows` permission"
    error = {"data": {"updateRefs": None}, "errors": [{"type": "FORBIDDEN", "path": ["updateRefs"], "message": said}]}
    world.twin.fault(Fail(200, "", extra=error), operation="updateRefs", times=3)
    done = {one.server: one for one in world.run()}
    assert (done["a"].action, done["a"].unclear) == (Action.UPDATE, False)
    assert done["a"].problem.startswith(f"the API refused: {said}; ")
    assert "delete the branch" in done["a"].problem
    assert world.registry.git.branch("pinwarden/a") == read_block(world.pulls["pinwarden/a"].body or "").head  # type: ignore[union-attr]
    assert (done["c"].action, done["c"].problem) == (Action.OPEN, "")


def test_the_command_in_two_steps_with_the_token_that_writes_in_the_second(world: World, tmp_path: Path) -> None:
    folder, plan = world.checkout(), tmp_path / "plan.json"
    reading = world.twin.actions_token(world.registry, contents="read", pull_requests="read")
    given = {"GITHUB_REPOSITORY": "acme/registry", "GITHUB_API_URL": world.twin.url, "PINWARDEN_MIRROR": f"https://github.com/={world.twin.url}/"}
    options: list[str | Path] = ["--registry", folder, "--servers", "a", "--plan", plan]
    scanned = run_command("bump_pins", *options, "--dry-run", "--format", "json", given=given, GITHUB_TOKEN=reading)
    assert scanned.returncode == 0, scanned.stderr
    assert [pin["action"] for pin in json.loads(scanned.stdout)["pins"]] == ["open"]
    assert world.registry.pulls == {}
    applied = run_command("bump_pins", *options, "--format", "json", given=given, GITHUB_TOKEN=world.token)
    assert applied.returncode == 0, applied.stderr
    (done,) = json.loads(applied.stdout)["pull_requests"]
    assert (done["server"], done["action"], done["number"]) == ("a", "open", 1)
    body = world.pulls["pinwarden/a"].body or ""
    assert "x = 2" not in body
    assert "`server.py +1 -1`" in body
    assert "authors new to the repository: none" in body
    everything = scanned.stdout + scanned.stderr + applied.stdout + applied.stderr + plan.read_text()
    assert world.token not in everything
    assert reading not in everything


def test_without_a_repository_it_says_what_to_set(world: World) -> None:
    done = run_command(
        "bump_pins", "--registry", world.checkout(), PINWARDEN_MIRROR=f"https://github.com/={world.twin.url}/", GITHUB_REPOSITORY="", GITHUB_TOKEN=""
    )
    assert done.returncode == 2
    assert "GITHUB_REPOSITORY" in done.stderr


@pytest.mark.parametrize(
    ("repository", "code", "says"),
    [
        ("registry", 2, "write owner/name"),
        ("acme/../up", 2, "write owner/name"),
        ("acme/none", 3, "GITHUB_REPOSITORY names no repository that the token may read"),
    ],
)
def test_a_repository_that_can_t_be_is_told(world: World, repository: str, code: int, says: str) -> None:
    given = {"GITHUB_REPOSITORY": repository, "GITHUB_API_URL": world.twin.url, "PINWARDEN_MIRROR": f"https://github.com/={world.twin.url}/"}
    done = run_command("bump_pins", "--registry", world.checkout(), given=given, GITHUB_TOKEN=world.token)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1}', "x" * 100])
def test_a_plan_that_is_none_is_misuse(world: World, tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    done = run_command("bump_pins", "--registry", world.checkout(), "--plan", tmp_path / "plan.json")
    assert (done.returncode, "is no plan of a scan" in done.stderr) == (2, True)

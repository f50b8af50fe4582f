"""plan-reviews against a whole GitHub: every check of a pull request is set before anything of it is reviewed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pinwarden.adapters import planning
from pinwarden.adapters.registry_files import validator
from pinwarden.errors import Misuse, OutsideError
from pinwarden.plan import Identity, Plan
from pinwarden.plan_document import document
from pinwarden.reviewer import Agent
from pinwarden.target import Mode
from pinwarden.wish import Wish
from support.commands import run_command
from support.github_twin.client import Client
from support.github_twin.faults import Cut, Drop, Fail
from support.github_twin.repositories import Pull
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld, entry, path_of, set_environment

CONFIG = "review:\n  agents: [claude, guarddog]\n"
ALL = "security-review"
BOTH = ("claude", "guarddog")

Planned = Callable[..., Plan]


@pytest.fixture
def world(github_twin: GitHubTwin) -> ReviewWorld:
    return ReviewWorld(github_twin, {name: ({"server.py": "x = 1\n"}, {"server.py": "x = 2\n"}) for name in ("mail", "time", "weather")}, CONFIG)


@pytest.fixture
def planned(world: ReviewWorld, monkeypatch: pytest.MonkeyPatch) -> Planned:
    def plan(pull: Pull, event: str = "pull_request_target", *, commit: str = "", wish: Wish = Wish(), token: str = "") -> Plan:  # noqa: B008  # immutable
        set_environment(monkeypatch, world.environment(event, token=token))
        return planning.of_pull_request(pull.number, commit or world.head(pull), "", wish, world.calls)

    return plan


def settle(world: ReviewWorld, pull: Pull, conclusion: str, title: str) -> None:
    """Complete every check of the pull request's head, as a report does."""
    for check in world.checks(world.head(pull)).values():
        check.status, check.conclusion, check.title = "completed", conclusion, title


def test_a_moved_pin_waits_for_each_agent(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"))
    plan = planned(pull)
    assert world.states(world.head(pull)) == {f"{ALL}/{agent}/weather": "queued" for agent in BOTH} | {ALL: "queued"}
    assert [(target.mode, target.base, target.head) for target in plan.targets] == [(Mode.DIFFERENTIAL, world.old["weather"], world.new["weather"])]
    assert (plan.start, plan.identity) == (True, Identity.ADVISORY)
    assert list(validator("plan").iter_errors(json.loads(json.dumps(document(plan))))) == []
    (base,) = {check.external_id.split(":")[1] for check in world.checks(world.head(pull)).values()}
    assert base == world.registry.git.branch("main")


def test_it_takes_few_requests(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("mail", "time", "weather"))
    before = len(world.twin.asked)
    planned(pull)
    asked = [request.operation for request in world.twin.asked[before:]]
    api = [name for name in asked if name not in ("fetch", "ls-refs")]
    assert len(api) == 4, api  # how it stands, where it parted, its checks, and the one for all
    assert len(asked) - len(api) <= 3, asked  # trees, the configuration, entries


def test_nothing_to_review_is_green_at_once(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull({"README.md": "# Better words\n"}, fork="eve")
    assert not planned(pull).start
    assert world.states(world.head(pull)) == {ALL: "success"}


def test_what_comes_from_another_repository_waits_for_a_maintainer(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"), fork="eve")
    assert not planned(pull).start
    assert set(world.states(world.head(pull)).values()) == {"queued"}
    assert {check.title for check in world.checks(world.head(pull)).values()} == {"a maintainer must start this review"}
    before = world.twin.writes
    planned(pull)
    assert world.twin.writes == before, "what waits already is not set again"
    assert planned(pull, "workflow_dispatch").start
    assert world.checks(world.head(pull))[ALL].title == "2 reviews under way"


def test_an_entry_that_is_not_valid_fails_on_its_line(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather") | {path_of("mail"): entry("mail", "main")})
    planned(pull)
    check = world.checks(world.head(pull))[f"{ALL}/pins"]
    assert (check.conclusion, check.title) == ("failure", "a changed entry is not valid")
    assert [(row["path"], row["start_line"], row["annotation_level"]) for row in check.annotations] == [(path_of("mail"), 10, "failure")]
    assert world.states(world.head(pull))[ALL] == "queued"


def test_what_a_pull_request_writes_into_the_configuration_does_not_hold_for_itself(world: ReviewWorld, planned: Planned) -> None:
    """Containment case 43."""
    files = world.moved("weather") | {
        ".github/pinwarden.yml": "entries: none/*/x.yaml\nreview:\n  agents: [guarddog]\n",
        ".github/workflows/review.yml": "on: push\n",
    }
    plan = planned(world.pull(files))
    assert [target.server for target in plan.targets] == ["weather"]
    assert list(plan.reviewing.agents) == list(BOTH)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"publishers.yml": "publishers: []\n"}, id="the list"),
        pytest.param({".github/pinwarden.yml": f"{CONFIG}publishers: mine.yml\n", "mine.yml": "publishers: []\n"}, id="another list"),
    ],
)
def test_who_adds_an_entry_does_not_vouch_for_it_in_the_same_breath(world: ReviewWorld, planned: Planned, files: dict[str, str | None]) -> None:
    pull = world.pull(world.moved("weather") | files)
    planned(pull)
    check = world.checks(world.head(pull))[f"{ALL}/pins"]
    assert (check.conclusion, check.title) == ("failure", "the list of publishers changes with entries")
    assert "one change touches the list of publishers and an entry" in str(check.summary)
    # The control: the same list alone is nothing that is reviewed.
    alone = world.pull(files, "alone")
    planned(alone)
    assert world.states(world.head(alone)) == {ALL: "success"}


def test_a_second_entry_in_a_pull_request_is_reviewed_too(world: ReviewWorld, planned: Planned) -> None:
    """Containment case 43."""
    assert [target.server for target in planned(world.pull(world.moved("weather", "mail"))).targets] == ["mail", "weather"]


def test_a_second_plan_keeps_what_completed(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"))
    planned(pull)
    settle(world, pull, "success", "low risk")
    before = world.twin.writes
    assert not planned(pull).start
    assert world.twin.writes == before
    assert planned(pull, wish=Wish(force=True)).start
    assert world.states(world.head(pull))[ALL] == "queued"


def test_what_did_not_complete_is_reviewed_again(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"))
    planned(pull)
    settle(world, pull, "failure", "review did not complete")
    assert planned(pull).start


def test_a_check_by_another_app_is_not_ours(world: ReviewWorld, planned: Planned) -> None:
    """Containment cases 44 and 45: in gate mode, what GITHUB_TOKEN set is not counted."""
    pull = world.pull(world.moved("weather"))
    planned(pull)
    settle(world, pull, "success", "low risk")
    plan = planned(pull, token=world.twin.app_token(world.app, [world.registry]))
    assert (plan.start, plan.identity) == (True, Identity.GATE)
    assert {check.conclusion for check in world.checks(world.head(pull), 77).values()} == {None}


def test_a_head_that_moved_is_not_planned(world: ReviewWorld, planned: Planned) -> None:
    """Containment case 44."""
    pull = world.pull(world.moved("weather"))
    looked_at = world.head(pull)
    world.twin.world.push(world.registry, "change", {"README.md": "more\n"})
    with pytest.raises(Misuse, match=r"is not .* any more"):
        planned(pull, "workflow_dispatch", commit=looked_at)
    assert world.registry.checks == {}


def test_two_pull_requests_that_share_a_head_take_the_worst(world: ReviewWorld, planned: Planned) -> None:
    """Containment case 44."""
    first = world.pull(world.moved("weather"))
    planned(first)
    settle(world, first, "failure", "critical risk")
    world.twin.world.move(world.registry, "ada", ("refs/heads/again", world.head(first), None))
    person = Client(world.twin.url, world.twin.personal_token("ada", None, contents="write", pull_requests="write"))
    person.ask("POST", "/repos/acme/registry/pulls", {"title": "Again", "head": "again", "base": "main"})
    second = world.registry.pulls[first.number + 1]
    plan = planned(second, wish=Wish(force=True))
    assert [(number, check.conclusion) for number, check in plan.shared] == [(first.number, "failure")]
    assert world.states(world.head(second))[ALL] == "queued"


def test_the_commit_of_a_merge_queue_takes_what_was_reviewed(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"))
    planned(pull)
    settle(world, pull, "neutral", "high risk")
    group = world.queued(pull)
    plan = planned(pull, "workflow_dispatch", commit=group)
    assert not plan.start
    assert world.states(group) == {ALL: "neutral"}


def test_the_commit_of_a_merge_queue_is_reviewed_where_that_is_not_what_was(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"))
    group = world.queued(pull)
    assert planned(pull, "workflow_dispatch", commit=group).start
    assert set(world.states(group).values()) == {"queued"}


def test_pull_requests_to_other_branches_get_no_check(world: ReviewWorld, planned: Planned) -> None:
    world.twin.world.move(world.registry, "ada", ("refs/heads/next", world.registry.git.branch("main"), None))
    plan = planned(world.pull(world.moved("weather"), base="next"))
    assert (plan.start, plan.aggregate, world.registry.checks) == (False, None, {})


def test_it_plans_from_the_default_branch_alone(world: ReviewWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    pull = world.pull(world.moved("weather"))
    set_environment(monkeypatch, world.environment("workflow_dispatch", ref="refs/heads/change"))
    with pytest.raises(Misuse, match="from the default branch alone"):
        planning.of_pull_request(pull.number, world.head(pull), "", Wish(), world.calls)
    assert world.registry.checks == {}


def test_a_dispatch_may_name_agent_model_and_time(world: ReviewWorld, planned: Planned) -> None:
    pull = world.pull(world.moved("weather"))
    plan = planned(pull, "workflow_dispatch", wish=Wish(agent=Agent.CLAUDE, model="claude-haiku-4-5", timeout=90))
    (job,) = json.loads(json.dumps(document(plan)))["matrix"]["include"]
    assert (job["agent"], job["model"], job["timeout"], job["artifact"]) == ("claude", "claude-haiku-4-5", "90", f"pinwarden-review-{pull.number}-1-0")
    with pytest.raises(Misuse, match="not allowed to ask the model"):
        planned(pull, "workflow_dispatch", wish=Wish(agent=Agent.CLAUDE, model="gpt-9"))


def test_what_can_not_be_read_blocks(world: ReviewWorld, planned: Planned) -> None:
    world.twin.world.push(world.registry, "main", {".github/pinwarden.yml": "review:\n  agents: [nobody]\n"})
    pull = world.pull(world.moved("weather"))
    with pytest.raises(Misuse, match=r"pinwarden\.yml:2"):
        planned(pull)
    check = world.checks(world.head(pull))[ALL]
    assert (check.conclusion, check.title) == ("failure", "the change could not be read")
    assert "pinwarden.yml:2" in str(check.summary)


def test_more_entries_than_one_run_may_review_block(world: ReviewWorld, planned: Planned) -> None:
    files: dict[str, str | None] = {path_of(f"s{number}"): entry(f"s{number}", "a" * 40) for number in range(129)}
    pull = world.pull(files)
    before = world.twin.writes
    assert not planned(pull).start
    assert world.states(world.head(pull)) == {ALL: "failure"}
    assert world.checks(world.head(pull))[ALL].title == "258 reviews are more than one run may make (256)"
    assert world.twin.writes - before == 1


def test_a_maintainer_has_them_reviewed_in_shards(world: ReviewWorld, planned: Planned) -> None:
    """Six reviews where a run may make four: the second run goes on where the first ended, and only then it passes."""
    world.twin.world.push(world.registry, "main", {".github/pinwarden.yml": f"{CONFIG}  budget: 4\n"})
    pull = world.pull(world.moved("mail", "time", "weather"))
    assert not planned(pull).start
    assert "by hand" in str(world.checks(world.head(pull))[ALL].summary)
    first = planned(pull, "workflow_dispatch")
    assert list(validator("plan").iter_errors(json.loads(json.dumps(document(first))))) == []
    reviewed = [(one.target.server, one.agent) for one in first.reviews]
    assert world.states(world.head(pull))[f"{ALL}/left"] == "failure"
    for review in first.reviews:
        check = world.checks(world.head(pull))[f"{ALL}/{review.agent}/{review.target.server}"]
        check.status, check.conclusion, check.title = "completed", "success", "low risk"
    second = planned(pull, "workflow_dispatch")
    reviewed += [(one.target.server, one.agent) for one in second.reviews]
    assert sorted(reviewed) == sorted((server, agent) for server in ("mail", "time", "weather") for agent in BOTH)
    assert len(second.reviews) == 2
    states = world.states(world.head(pull))
    assert (states[f"{ALL}/left"], states[ALL]) == ("success", "queued")


def test_ten_thousand_entries_fail_one_check(world: ReviewWorld, planned: Planned) -> None:
    files: dict[str, str | None] = {path_of(f"s{number}"): "type: server\n" for number in range(10_000)}
    pull = world.pull(files)
    planned(pull)
    assert world.states(world.head(pull)) == {f"{ALL}/pins": "failure", ALL: "failure"}
    check = world.checks(world.head(pull))[f"{ALL}/pins"]
    assert check.title == "10000 changed entries are not valid"
    assert len(check.annotations) == 50
    assert len(check.summary or "") < 65_535


HOSTILE = ["$(touch here)", "a;b", "::error::a", "a\nb", "-rf", "@admins", "a`b", "..", "x" * 200, "ＷＥＡＴＨＥＲ", "#1", "<img src=x>"]


def test_hostile_names_reach_one_check_as_text(world: ReviewWorld, planned: Planned) -> None:
    files: dict[str, str | None] = {path_of(name): entry("weather", "main\n::error::x") for name in HOSTILE if name != ".."}
    pull = world.pull(files, fork="eve")
    plan = planned(pull)
    assert not plan.start
    assert world.states(world.head(pull)) == {f"{ALL}/pins": "failure", ALL: "failure"}
    summary = world.checks(world.head(pull))[f"{ALL}/pins"].summary or ""
    for line in summary.splitlines()[2:]:
        assert line.startswith(("- `", "- ``")), line
        assert line.endswith("`"), line


def test_200_targets_are_queued_within_the_limits(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    world = ReviewWorld(github_twin, {})
    world.twin.world.push(world.registry, "main", {path_of(f"s{number}"): entry(f"s{number}", "a" * 40) for number in range(200)})
    pull = world.pull({path_of(f"s{number}"): entry(f"s{number}", "b" * 40) for number in range(200)})
    before, start = len(world.twin.asked), world.twin.clock.now
    set_environment(monkeypatch, world.environment("pull_request_target"))
    plan = planning.of_pull_request(pull.number, world.head(pull), "", Wish(), world.calls)
    assert (len(plan.reviews), plan.start) == (200, True)
    assert len(world.states(world.head(pull))) == 201
    assert len(world.twin.asked) - before < 20
    assert world.twin.clock.now - start < 300


@pytest.mark.parametrize("fault", [Fail(502), Fail(502, applied=True), Drop(), Drop(applied=True), Cut(40)], ids=str)
@pytest.mark.parametrize("skip", [0, 1])
def test_an_unclear_answer_never_leaves_a_check_better_than_it_should_be(world: ReviewWorld, planned: Planned, fault: object, skip: int) -> None:
    pull = world.pull(world.moved("weather") | {path_of("mail"): entry("mail", "main")})
    world.twin.fault(fault, operation="createCheckRun", skip=skip)  # type: ignore[arg-type]
    try:
        planned(pull)
    except OutsideError:
        assert "success" not in world.states(world.head(pull)).values()
        world.twin.mend()
        planned(pull)
    assert world.states(world.head(pull)) == {f"{ALL}/claude/weather": "queued", f"{ALL}/guarddog/weather": "queued", f"{ALL}/pins": "failure", ALL: "queued"}


def test_a_missing_permission_is_named(world: ReviewWorld, planned: Planned) -> None:
    token = world.twin.actions_token(world.registry, contents="read", pull_requests="read", checks="read")
    with pytest.raises(OutsideError) as told:
        planned(world.pull(world.moved("weather")), token=token)
    assert "checks: write" in told.value.hint


def test_two_commits_of_a_folder(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments], cwd=tmp_path, check=True, capture_output=True)

    path = tmp_path / "catalog" / path_of("weather")
    path.parent.mkdir(parents=True)
    path.write_text(entry("weather", "a" * 40))
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "one")
    path.write_text(entry("weather", "b" * 40))
    git("commit", "-qam", "two")
    done = run_command("plan_reviews", "--registry", tmp_path / "catalog", "--base", "HEAD~1", "--head", "HEAD", "--format", "json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert list(validator("plan").iter_errors(plan)) == []
    assert [(one["mode"], one["base"], one["path"]) for one in plan["targets"]] == [("differential", "a" * 40, path_of("weather"))]
    path.write_text("name: weather\n")
    git("commit", "-qam", "three")
    assert run_command("plan_reviews", "--registry", tmp_path / "catalog", "--base", "HEAD~1", "--head", "HEAD").returncode == 1


def test_an_audit_reads_every_entry_once_in_its_period(tmp_path: Path) -> None:
    for number in range(30):
        path = tmp_path / path_of(f"s{number}")
        path.parent.mkdir(parents=True)
        path.write_text(entry(f"s{number}", "a" * 40))
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/pinwarden.yml").write_text("review:\n  audit-days: 7\n")
    plans = [planning.of_all(tmp_path, Wish(), day * 86_400, "audit-1") for day in range(7)]
    read = [target.server for plan in plans for target in plan.targets]
    assert sorted(read) == sorted(f"s{number}" for number in range(30))
    assert {target.mode for plan in plans for target in plan.targets} == {Mode.FULL}
    assert {plan.details for plan in plans} == {"private"}
    (only,) = planning.of_all(tmp_path, replace(Wish(), servers=("s3",)), 0, "audit-1").targets
    assert only.server == "s3"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "not clear what to plan"),
        (["--all", "--base", "a", "--head", "b"], "not clear what to plan"),
        (["--base", "a"], "not clear what to plan"),
        (["--pull-request", "7"], "not clear what to plan"),
        (["--pull-request", "7", "--head-sha", "main"], "not a full commit"),
        (["--pull-request", "7", "--head-sha", "a" * 40, "--servers", "a"], "planned as a whole"),
        (["--pull-request", "7", "--head-sha", "a" * 40], "GITHUB_REPOSITORY"),
        (["--all", "--model", "x"], "goes with --agent"),
    ],
)
def test_what_makes_no_sense_is_said(tmp_path: Path, options: list[str], said: str) -> None:
    done = run_command("plan_reviews", "--registry", ".", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr

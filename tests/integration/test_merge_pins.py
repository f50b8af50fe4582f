"""merge-pins against a whole GitHub: what may be merged is, and every way to get something else merged is refused with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pinwarden.errors import Misuse
from pinwarden.merge_policy import Decision
from pinwarden.merge_report import Ending
from support.commands import run_command
from support.github_twin.client import Client
from support.github_twin.faults import Drop, Fail, Meanwhile
from support.github_twin.repositories import CheckRun, Comment, Pull, Review
from support.github_twin.tokens import ACTIONS_APP
from support.github_twin.twin import GitHubTwin
from support.merge_world import CONFIG, MergeWorld
from support.review_world import entry, path_of, requests_of

ALL = "security-review"
PUBLISHERS = """version: 1
publishers:
  - id: up
    name: Up
    url: https://up.example
    evidence: https://up.example/evidence
    checked: 2025-12-01
    expires: 2026-12-01
    owners:
      - host: github.com
        login: up
        id: {owner}
"""


@pytest.fixture
def world(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch) -> MergeWorld:
    return MergeWorld(github_twin, monkeypatch)


def test_what_is_as_it_should_be_is_merged_within_twelve_requests(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    before = sum(requests_of(world.twin).values())
    done = world.run()
    assert {number: (one.decided.decision, one.ending, one.problem) for number, one in done.items()} == {pull.number: (Decision.MERGE, Ending.MERGED, "")}
    assert (pull.merged is not None, world.text("alpha")) == (True, entry("alpha", world.reviews.new["alpha"]))
    assert pull.reviews == []
    assert pull.comments == []
    assert sum(requests_of(world.twin).values()) - before <= 12


def test_a_dry_run_writes_nothing(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    other = world.bump("beta")
    before = world.twin.writes
    done = world.run(dry_run=True)
    assert {number: one.decided.decision for number, one in done.items()} == {pull.number: Decision.MERGE, other.number: Decision.WAIT}
    assert (world.twin.writes, pull.merged) == (before, None)


def second_file(world: MergeWorld, pull: Pull) -> None:
    """More than a page of files, the second of them the tool's own App's as well: only the diff gives it away."""
    many = {f"docs/{number:03}.md": "x\n" for number in range(130)} | {"zz.txt": "second\n"}
    signed_on(world, pull, many)


def signed_on(world: MergeWorld, pull: Pull, files: dict[str, str]) -> None:
    """Put the tool's one commit of the branch in the place of another with more files, made and signed as the tool's are."""
    where, base = "/repos/acme/registry/git", world.bumps.read({}).base
    server = pull.head.removeprefix("pinwarden/")
    old, new = world.reviews.old[server], world.reviews.new[server]
    rows = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in ({path_of(server): entry(server, new)} | files).items()]
    tree = world.calls.post(f"{where}/trees", {"base_tree": base.tree, "tree": rows})["sha"]
    message = f"Bump\n\nPinwarden-Bump: {server} {old} {new}\n"
    commit = world.calls.post(f"{where}/commits", {"message": message, "tree": tree, "parents": [base.commit]})["sha"]
    world.bumps.move(base, server, world.reviews.head(pull), commit)
    world.review(pull)
    world.age()


def persons_commit(world: MergeWorld, pull: Pull) -> None:
    world.twin.world.push(
        world.registry, pull.head, {path_of("alpha"): entry("alpha", world.reviews.new["alpha"])}, who="ada", message="x\n\nPinwarden-Bump: alpha "
    )
    world.review(pull)
    world.age()


def another_app(world: MergeWorld, pull: Pull) -> None:
    eve = world.twin.app("eve", {"checks": "write"}, number=666)
    for check in world.reviews.checks(world.reviews.head(pull)).values():
        check.app_id = eve.id


def jobs_token(world: MergeWorld, pull: Pull) -> None:
    for check in world.reviews.checks(world.reviews.head(pull)).values():
        check.app_id = ACTIONS_APP


def older_head(world: MergeWorld, pull: Pull) -> None:
    signed_on(world, pull, {})
    base = world.reviews.registry.git.branch("main")
    for check in world.reviews.checks(world.reviews.head(pull)).values():
        check.head_sha = str(base)


def skipped(world: MergeWorld, pull: Pull) -> None:
    for check in world.reviews.checks(world.reviews.head(pull)).values():
        check.conclusion = "skipped"


def project_changed(world: MergeWorld, pull: Pull) -> None:
    text = entry("alpha", world.reviews.new["alpha"]).replace("up/alpha", "up/beta")
    signed_on(world, pull, {path_of("alpha"): text})


def title_changed(world: MergeWorld, pull: Pull) -> None:
    signed_on(world, pull, {path_of("alpha"): entry("alpha", world.reviews.new["alpha"], "Another")})


def renamed(world: MergeWorld, pull: Pull) -> None:
    signed_on(world, pull, {path_of("alpha"): entry("alpha", world.reviews.old["alpha"]), path_of("gamma"): entry("gamma", world.reviews.new["alpha"])})


def rewound(world: MergeWorld, pull: Pull) -> None:
    world.upstream("alpha", world.reviews.old["alpha"])


def replaced(world: MergeWorld, pull: Pull) -> None:
    pull.body = (pull.body or "").replace(str(world.twin.repository("up/alpha").id), "12345")


def archived(world: MergeWorld, pull: Pull) -> None:
    world.twin.repository("up/alpha").archived = True


def base_changed(world: MergeWorld, pull: Pull) -> None:
    world.twin.world.push(world.registry, "main", {path_of("alpha"): entry("alpha", world.reviews.old["alpha"], "Another")})


def record_alone(world: MergeWorld, pull: Pull) -> None:
    """Write a record that says all is well, with no check to go with it."""
    head = world.reviews.head(pull)
    world.twin.world.push(
        world.registry, "pinwarden-audits", {f"audits/alpha/{head}/full-guarddog-x-1.1.json": json.dumps({"risk": "low", "outcome": "complete"})}
    )
    world.registry.checks.clear()


def two_with_one_head(world: MergeWorld, pull: Pull) -> None:
    world.registry.git.store.set_ref("refs/heads/other", world.reviews.head(pull))
    person = Client(world.twin.url, world.twin.personal_token("ada", None, contents="write", pull_requests="write"))
    assert person.ask("POST", "/repos/acme/registry/pulls", {"title": "x", "head": "other", "base": "main"}).status == 201


def forged_label(world: MergeWorld, pull: Pull) -> None:
    world.review(pull, "high risk", "neutral")
    label(world, pull, "security-risk:low")


def label(world: MergeWorld, pull: Pull, name: str) -> None:
    world.calls.post(f"/repos/acme/registry/issues/{pull.number}/labels", {"labels": [name]})


def asked_for_changes(world: MergeWorld, pull: Pull) -> None:
    pull.reviews.append(Review(1, "ada", "CHANGES_REQUESTED", "", world.reviews.head(pull), world.twin.clock.now))


def failed_on_page_two(world: MergeWorld, pull: Pull) -> None:
    """Bury the failure that is the newest of its name below a hundred others."""
    head, now = world.reviews.head(pull), "2026-01-01T00:00:00Z"
    world.registry.checks[3_000_000] = CheckRun(
        3_000_000, 77, ALL, head, "completed", now, "failure", now, title="critical risk", external_id=world.reviews.checks(head)[ALL].external_id
    )
    for number in range(120):
        world.registry.checks[3_000_001 + number] = CheckRun(3_000_001 + number, 77, f"noise-{number}", head, "completed", now, "success", now)


ATTACKS: dict[Callable[[MergeWorld, Pull], None], tuple[Decision, str]] = {
    second_file: (Decision.NEVER, "it changes 132 files, not one"),
    persons_commit: (Decision.NEVER, "this tool did not make"),
    another_app: (Decision.WAIT, "of our own App on this head"),
    jobs_token: (Decision.WAIT, "of our own App on this head"),
    older_head: (Decision.WAIT, "of our own App on this head"),
    skipped: (Decision.WAIT, "has not come to success, neutral or failure"),
    project_changed: (Decision.NEVER, "is changed in more than its pin"),
    title_changed: (Decision.NEVER, "is changed in more than its pin"),
    renamed: (Decision.NEVER, "is not an entry before and after"),
    rewound: (Decision.PERSON, "does not lead to the new commit any more"),
    replaced: (Decision.PERSON, "the upstream repository's id was"),
    archived: (Decision.PERSON, "is archived"),
    base_changed: (Decision.WAIT, "the entry changed on the default branch"),
    record_alone: (Decision.WAIT, "of our own App on this head"),
    two_with_one_head: (Decision.PERSON, "has the same head"),
    forged_label: (Decision.PERSON, "says high risk, more than low"),
    asked_for_changes: (Decision.PERSON, "asked for changes"),
    failed_on_page_two: (Decision.PERSON, "failed"),
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_is_refused_with_its_reason_and_without_it_the_pin_is_merged(world: MergeWorld, attack: Callable[[MergeWorld, Pull], None]) -> None:
    pull = world.ready("alpha")
    # The control: the same pull request before the attack.
    assert world.run(pull.number, dry_run=True)[pull.number].decided.decision is Decision.MERGE
    attack(world, pull)
    one = world.run(pull.number)[pull.number]
    decision, why = ATTACKS[attack]
    assert one.decided.decision is decision, one
    assert any(why in reason for reason in one.decided.reasons), one
    assert pull.merged is None


def test_the_bots_branch_name_pushed_by_somebody_else(world: MergeWorld) -> None:
    pull = world.reviews.pull(world.reviews.moved("alpha"), "pinwarden/alpha")
    world.review(pull)
    fork = world.reviews.pull(world.reviews.moved("beta"), "pinwarden/beta", fork="eve")
    world.review(fork)
    # The control: the same edit on a branch of the same kind, made by the tool.
    ours = world.ready("beta")
    world.age()
    done = world.run(dry_run=True)
    decisions = {number: one.decided.decision for number, one in done.items()}
    assert decisions == {pull.number: Decision.NEVER, fork.number: Decision.NEVER, ours.number: Decision.MERGE}
    assert "this tool did not open it" in done[pull.number].decided.reasons
    assert "it comes from another repository" in done[fork.number].decided.reasons


def test_the_same_head_for_another_branch_gets_no_check_that_could_speak_for_this_one(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    world.registry.git.store.set_ref("refs/heads/release", str(world.registry.git.branch("main")))
    person = Client(world.twin.url, world.twin.personal_token("ada", None, contents="write", pull_requests="write"))
    opened = person.ask("POST", "/repos/acme/registry/pulls", {"title": "x", "head": pull.head, "base": "release"}).document
    other = world.registry.pulls[opened["number"]]
    before = sorted(world.registry.checks)
    world.review(other)
    assert sorted(world.registry.checks) == before
    # The control, with one for the same branch, is the attack `two_with_one_head`.
    assert world.run(pull.number)[pull.number].ending is Ending.MERGED


def test_a_head_that_moves_between_decision_and_merge_is_not_merged(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    world.twin.fault(Meanwhile(lambda: world.twin.world.push(world.registry, pull.head, {"x": "evil\n"})), operation="mergePullRequest")
    one = world.run()[pull.number]
    assert (one.decided.decision, one.ending, pull.merged) == (Decision.NEVER, None, None)


def test_a_base_that_was_just_modified_is_tried_again_after_all_is_read_again(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    world.registry.base_moves_at_merge = 2
    assert world.run()[pull.number].ending is Ending.MERGED
    other = world.ready("beta")
    world.registry.base_moves_at_merge = 9
    one = world.run()[other.number]
    assert (one.decided.decision, one.ending) == (Decision.WAIT, None)


@pytest.mark.parametrize("fault", [Drop(applied=True), Drop(), Fail(502, applied=True), Fail(502)], ids=repr)
def test_an_unclear_answer_is_looked_after(world: MergeWorld, fault: Drop | Fail) -> None:
    pull = world.ready("alpha")
    world.twin.fault(fault, operation="mergePullRequest")
    assert world.run()[pull.number].ending is Ending.MERGED
    assert pull.merged is not None


def test_a_protected_branch_that_refuses_is_waited_for(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    world.registry.restricted = ("main",)
    one = world.run()[pull.number]
    assert (one.decided.decision, pull.merged) == (Decision.WAIT, None)
    assert "GitHub did not merge it" in one.decided.reasons[0]


def test_through_a_merge_queue(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    world.registry.merge_queue = True
    assert world.run()[pull.number].ending is Ending.QUEUED
    assert (pull.queued is not None, pull.merged) == (True, None)
    again = world.run()[pull.number]
    assert (again.decided.decision, again.decided.reasons, again.ending) == (Decision.WAIT, ("it is in the merge queue",), None)
    # What the queue does by itself is nothing to wake anybody up for.
    assert pull.comments == []


def command(world: MergeWorld, folder: Path, *args: str) -> tuple[list[str], str, str, str]:
    """Run the command as a scheduled job does; return the lines that it printed, what it warned of, the outputs, and the job's page."""
    outputs, page = folder / "outputs", folder / "summary"
    for path in (outputs, page):
        path.write_text("")
    files = {"PINWARDEN_MIRROR": f"https://github.com/={world.twin.url}/", "GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(page)}
    done = run_command("merge_pins", *args, given=world.reviews.environment("schedule", token=world.token, **files))
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if not line.startswith("::")], done.stderr, outputs.read_text(), page.read_text()


@pytest.mark.parametrize("queue", [True, False], ids=["queue", "none"])
def test_what_is_queued_and_what_is_merged_are_told_apart_everywhere(world: MergeWorld, tmp_path: Path, queue: bool) -> None:
    pull, other = world.ready("alpha"), world.ready("beta")
    world.registry.merge_queue = queue
    word, not_this = ("queued", "merged") if queue else ("merged", "queued")
    lines, _, outputs, page = command(world, tmp_path, f"--pull-request={pull.number}")
    assert [line.split() for line in lines] == [[f"#{pull.number}", word]]
    assert re.findall(r"^(merged|queued)<<.*\n(.*)$", outputs, re.MULTILINE) == [(name, f"[{pull.number}]" if name == word else "[]") for name in Ending]
    assert f"| #{pull.number} | {word} |" in page
    (row,) = json.loads("\n".join(command(world, tmp_path, f"--pull-request={other.number}", "--format=json")[0]))["pull_requests"]
    assert (row[word], row[not_this], row["decision"]) == (True, False, "merge")
    assert [(each.merged is None, each.queued is not None) for each in (pull, other)] == [(queue, queue)] * 2


def test_one_comment_says_what_it_waits_for_and_is_written_when_that_changed(world: MergeWorld) -> None:
    pull = world.ready("alpha")
    label(world, pull, "pin-hold")
    world.run()
    (comment,) = pull.comments
    assert "pin-hold" in comment.body
    before = world.twin.writes
    world.run()
    assert (world.twin.writes, len(pull.comments)) == (before, 1)
    label(world, pull, "security-blocked")
    world.run()
    (comment,) = pull.comments
    assert "security-blocked" in comment.body


def waited(world: MergeWorld, others: int = 0) -> Pull:
    """Return a pull request that can be merged now, of which a comment says that it waits, with `others` comments after it."""
    pull = world.bump("alpha")
    world.review(pull)
    world.run()
    (comment,) = pull.comments
    assert "It waits:" in comment.body
    pull.comments += [Comment(9_000_000 + number, pull.number, "x", "ada", 0, 0) for number in range(others)]
    world.age()
    return pull


@pytest.mark.parametrize("queue", [False, True], ids=["merged", "queued"])
def test_a_comment_that_it_waits_says_afterwards_that_it_was_merged_within_twelve_requests(world: MergeWorld, queue: bool) -> None:
    pull = waited(world)
    world.registry.merge_queue = queue
    before = sum(requests_of(world.twin).values())
    one = world.run()[pull.number]
    assert (one.ending, one.problem) == (Ending.QUEUED if queue else Ending.MERGED, "")
    assert sum(requests_of(world.twin).values()) - before <= 12
    (comment,) = pull.comments
    assert ("waits" in comment.body, comment.body.split("\n")[1]) == (False, f"**Pinwarden:** {'Put into the merge queue.' if queue else 'Merged.'}")
    if queue:
        writes = world.twin.writes
        world.run()
        assert world.twin.writes == writes


def test_a_comment_far_above_is_found_after_a_merge(world: MergeWorld) -> None:
    pull = waited(world, others=130)
    world.run()
    assert (pull.merged is not None, "Merged." in pull.comments[0].body, len(pull.comments)) == (True, True, 131)


def test_what_was_merged_is_told_as_merged_where_its_comment_can_not_be_written(world: MergeWorld) -> None:
    pull = waited(world)
    world.twin.fault(Fail(502), operation="updateIssueComment")
    one = world.run()[pull.number]
    assert (one.ending, pull.merged is not None) == (Ending.MERGED, True)
    assert one.problem.startswith("its comment could not be brought up to date")


def test_a_comment_that_was_not_rewritten_as_it_was_queued_is_by_the_next_run(world: MergeWorld) -> None:
    pull = waited(world)
    world.registry.merge_queue = True
    world.twin.fault(Fail(502), operation="updateIssueComment")
    assert world.run()[pull.number].problem
    world.run()
    (comment,) = pull.comments
    assert "Put into the merge queue." in comment.body


def test_nobody_elses_pull_request_is_commented_on(world: MergeWorld) -> None:
    person = world.reviews.pull(world.reviews.moved("alpha"), "pinwarden/alpha")
    fork = world.reviews.pull(world.reviews.moved("beta"), "pinwarden/beta", fork="eve")
    # The control: the App's own, which is not merged either.
    ours = world.bump("beta")
    done = world.run()
    assert {number: one.decided.decision for number, one in done.items()} == {
        person.number: Decision.NEVER,
        fork.number: Decision.NEVER,
        ours.number: Decision.WAIT,
    }
    assert [len(pull.comments) for pull in (person, fork, ours)] == [0, 0, 1]


def test_it_refuses_to_run_with_a_jobs_token_and_says_why(world: MergeWorld) -> None:
    world.ready("alpha")
    for token in (world.reviews.token, world.twin.personal_token("ada", None, contents="write", pull_requests="write")):
        with pytest.raises(Misuse, match="does not run as") as refused:
            world.run(token=token)
        assert "starts no build" in refused.value.hint


def test_while_it_is_off_it_decides_and_shows_and_writes_nothing(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    world = MergeWorld(github_twin, monkeypatch, config="bump: {}\n")
    pull, other = world.ready("alpha"), world.bump("beta")
    before = world.twin.writes
    lines, warned, _, page = command(world, tmp_path)
    assert [line.split()[:2] for line in lines] == [[f"#{pull.number}", "merge"], [f"#{other.number}", "wait"]]
    assert warned.startswith("warning: nothing is merged and nothing is written: set merge.enabled")
    assert (world.twin.writes, pull.merged, other.comments) == (before, None, [])
    assert "nothing is merged" in page
    assert f"| #{pull.number} | merge |" in page
    # Where a dry run was asked for there is nothing to warn of.
    assert command(world, tmp_path, "--dry-run")[1] == ""


def test_what_is_turned_off_while_it_runs_is_off(world: MergeWorld) -> None:
    pull, other = world.ready("alpha"), world.bump("beta")
    world.registry.base_moves_at_merge = 1
    off = Meanwhile(lambda: world.twin.world.push(world.registry, "main", {".github/pinwarden.yml": "merge:\n  enabled: false\n"}))
    world.twin.fault(off, operation="mergePullRequest")
    done = world.run()
    assert {number: (one.decided.decision, one.ending) for number, one in done.items()} == {
        pull.number: (Decision.MERGE, None),
        other.number: (Decision.WAIT, None),
    }
    assert (pull.merged, pull.comments, other.comments) == (None, [], [])


def test_a_pull_request_cannot_turn_it_on_for_itself(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    world = MergeWorld(github_twin, monkeypatch, config="merge:\n  enabled: true\n  never: [alpha]\n")
    pull = world.ready("alpha")
    assert world.run()[pull.number].decided.decision is Decision.PERSON
    signed_on(world, pull, {".github/pinwarden.yml": "merge:\n  enabled: true\n"})
    one = world.run()[pull.number]
    assert (one.decided.decision, pull.merged) == (Decision.NEVER, None)


def test_the_command_prints_what_it_decided(world: MergeWorld) -> None:
    pull = world.bump("alpha")
    given = world.reviews.environment(token=world.token, PINWARDEN_MIRROR=f"https://github.com/={world.twin.url}/")
    done = run_command("merge_pins", "--dry-run", given=given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"#{pull.number}")
    assert "wait" in done.stdout


def test_what_is_held_from_being_proposed_is_not_merged(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    world = MergeWorld(github_twin, monkeypatch, config=CONFIG + "bump:\n  hold: [alpha]\n")
    pull, other = world.ready("alpha"), world.ready("beta")
    done = world.run()
    assert {number: one.decided.decision for number, one in done.items()} == {pull.number: Decision.PERSON, other.number: Decision.MERGE}


@pytest.mark.parametrize(("number", "decision"), [(0, Decision.MERGE), (1, Decision.PERSON)], ids=["known", "community"])
def test_the_publisher_s_level_is_resolved_anew_by_the_list_on_the_default_branch(
    github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch, number: int, decision: Decision
) -> None:
    world = MergeWorld(github_twin, monkeypatch, config="merge:\n  enabled: true\n  trust: [known]\n")
    pull = world.ready("alpha")
    owner = github_twin.world.account_id("up") + number
    world.twin.world.push(world.registry, "main", {"publishers.yml": PUBLISHERS.format(owner=owner)})
    one = world.run()[pull.number]
    assert one.decided.decision is decision, one
    assert (pull.merged is not None) == (decision is Decision.MERGE)

"""record-reviews: one file for each review, one signed commit, nothing changed or lost whatever goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pinwarden.adapters.audit_branch import AuditBranch, Changed
from pinwarden.adapters.github_calls import Limited, Refused, Unclear
from pinwarden.adapters.registry_files import validator
from pinwarden.adapters.review_files import read_artifacts
from pinwarden.record import MOST_BYTES, Record, records_of
from pinwarden.status import checks_of
from support.commands import run_command
from support.github_twin.faults import Cut, Drop, Fail, Fault, Meanwhile
from support.github_twin.twin import GitHubTwin
from support.reviewed import FINDING, Reviewed, review

BRANCH = "pinwarden-audits"


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> Reviewed:
    made = Reviewed(github_twin, tmp_path, servers=["mail", "notes"])
    made.leave(review("mail", "critical"))
    made.leave(review("notes", None))
    return made


def kept(world: Reviewed) -> dict[str, Any]:
    """Return what lies on the branch, by path."""
    git = world.registry.git
    tip = git.branch(BRANCH)
    listed = git.run("ls-tree", "-r", "--name-only", tip).stdout.decode().splitlines() if tip else []
    return {path: git.run("cat-file", "blob", f"{tip}:{path}").stdout.decode() for path in listed}


def history(world: Reviewed) -> list[str]:
    return world.registry.git.run("log", "--format=%s", BRANCH).stdout.decode().splitlines()


def made(world: Reviewed, run: str = "5.1") -> list[Record]:
    checks = checks_of(world.plan, read_artifacts(world.reviews))
    return records_of([check.review for check in checks if check.review], run, private=world.plan["details"] == "private")


def add(world: Reviewed, records: list[Record]) -> str:
    calls = world.calls()
    try:
        return AuditBranch(calls, "acme/registry", "https://github.com/acme/registry/actions/runs/5").add(records)
    finally:
        calls.close()


def path(server: str, run: str = "5.1") -> str:
    return f"audits/{server}/{'b' * 40}/differential-claude-{'c' * 12}-{run}.json"


def test_each_review_is_a_file_in_one_signed_commit(world: Reviewed) -> None:
    tip = add(world, made(world))
    assert tip == world.registry.git.branch(BRANCH)
    found = kept(world)
    assert list(found) == ["README.md", path("mail"), path("notes")]
    for server, risk in (("mail", "critical"), ("notes", None)):
        record = json.loads(found[path(server)])
        assert list(validator("review").iter_errors(record)) == []
        assert (record["risk"], "markdown" in (record["report"] or {})) == (risk, False)
    assert json.loads(found[path("mail")])["report"]["sha256"] == "d" * 64
    commit = world.registry.git.commit(tip)
    assert commit
    assert commit.message == "Record 2 reviews\n\n- mail: critical (claude)\n- notes: not complete (claude)\n\nhttps://github.com/acme/registry/actions/runs/5"
    # A history of its own, so that the default branch is no part of it.
    assert history(world) == ["Record 2 reviews", "Records of reviews"]
    asked = [request.mutations or request.operation for request in world.twin.asked][-6:]
    assert asked == ["query", "git/create-tree", "git/create-commit", ("updateRefs",), "query", ("createCommitOnBranch",)]


def test_where_the_branch_is_there_it_takes_two_requests(world: Reviewed) -> None:
    add(world, made(world))
    before = len(world.twin.asked)
    add(world, made(world, "6.1"))
    assert len(world.twin.asked) - before == 2
    assert len(kept(world)) == 5


def test_a_second_run_adds_nothing(world: Reviewed) -> None:
    tip = add(world, made(world))
    writes = world.twin.writes
    assert (add(world, made(world)), world.twin.writes) == (tip, writes)


def test_what_is_there_is_never_changed(world: Reviewed) -> None:
    add(world, made(world))
    before = kept(world)
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(review("mail", "low")))
    with pytest.raises(Changed, match="audits/mail/"):
        add(world, made(world))
    assert kept(world) == before


def test_who_writes_meanwhile_loses_nothing(world: Reviewed) -> None:
    add(world, made(world))

    def push() -> None:
        world.twin.world.push(world.registry, BRANCH, {"audits/other.json": "{}"})

    world.twin.fault(Meanwhile(push), operation="createCommitOnBranch")
    add(world, made(world, "6.1"))
    assert set(kept(world)) == {"README.md", "audits/other.json", path("mail"), path("notes"), path("mail", "6.1"), path("notes", "6.1")}


def test_who_makes_the_branch_meanwhile_made_it(world: Reviewed) -> None:
    def push() -> None:
        world.twin.world.push(world.registry, BRANCH, {"audits/other.json": "{}"})

    world.twin.fault(Meanwhile(push), operation="updateRefs")
    add(world, made(world))
    assert {"audits/other.json", path("mail"), path("notes")} < set(kept(world))


def test_somebody_who_always_writes_first_is_no_endless_race(world: Reviewed) -> None:
    add(world, made(world))
    count = iter(range(100))

    def push() -> None:
        world.twin.world.push(world.registry, BRANCH, {"audits/other.json": str(next(count))})

    world.twin.fault(Meanwhile(push), operation="createCommitOnBranch", times=None)
    with pytest.raises(Refused):
        add(world, made(world, "6.1"))
    assert next(count) == 5


FAULTS: dict[str, Fault] = {
    "dropped": Drop(),
    "dropped when done": Drop(applied=True),
    "cut": Cut(20),
    "502": Fail(502),
    "502 when done": Fail(502, applied=True),
    "403": Fail(403, "Resource not accessible by integration"),
    "429": Fail(429, "slow down"),
}


@pytest.mark.parametrize("skip", range(6))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_records_once_or_says_so_and_the_next_run_heals(world: Reviewed, fault: str, skip: int) -> None:
    world.twin.fault(FAULTS[fault], skip=skip)
    try:
        add(world, made(world))
        assert {path("mail"), path("notes")} < set(kept(world))
    except (Unclear, Refused, Limited):
        assert path("mail") not in kept(world)
    world.twin.mend()
    world.twin.clock.advance(3000)
    add(world, made(world))
    assert list(kept(world)) == ["README.md", path("mail"), path("notes")]
    assert history(world) == ["Record 2 reviews", "Records of reviews"]


def test_private_details_are_not_recorded(world: Reviewed) -> None:
    place = {"side": "head", "path": "CANARY", "line": 1, "verified": True}
    told = review(
        "mail", "high", findings=[FINDING | {"title": "CANARY", "evidence": [place]}], not_read=[{"path": "CANARY", "reason": "CANARY", "changed": True}]
    )
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(told))
    (world.reviews / "pinwarden-review-1-1-1" / "review.json").write_text(json.dumps(review("notes", None, reasons=["CANARY: no"])))
    assert "CANARY" in "".join(record.content.decode() for record in made(world))  # the control
    world.plan["details"] = "private"
    add(world, made(world))
    assert "CANARY" not in "".join(kept(world).values())
    record = json.loads(kept(world)[path("mail")])
    assert (record["risk"], [one["severity"] for one in record["findings"]]) == ("high", ["high"])
    assert list(validator("review").iter_errors(record)) == []


def test_records_are_bounded(world: Reviewed) -> None:
    flood = review("mail", "high", not_read=[{"path": "x" * 1000, "reason": "y", "changed": True}] * 500)
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(flood))
    large, small = made(world)
    assert len(large.content) < MOST_BYTES
    assert (json.loads(large.content)["risk"], json.loads(large.content)["not_read"]) == ("high", [])
    assert json.loads(small.content)["reasons"] == ["there is no labels.txt"]


def command(world: Reviewed, *options: str, **environment: str) -> tuple[int, str, str]:
    place = world.folder / "plan.json"
    place.write_text(json.dumps(world.plan))
    given = {"GITHUB_REPOSITORY": "acme/registry", "GITHUB_API_URL": world.twin.url, "GITHUB_TOKEN": world.token, **environment}
    done = run_command("record_reviews", "--reviews", world.reviews, "--plan", place, "--output", world.folder / "records", *options, given=given)
    assert world.token not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def test_the_command_writes_the_files_that_are_attested(world: Reviewed) -> None:
    add(world, made(world, "1.1"))  # so that the branch is there
    (world.folder / "outputs").touch()
    job = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_OUTPUT": str(world.folder / "outputs")}
    code, printed, told = command(world, **job)
    assert (code, printed.splitlines()) == (0, [path("mail", "77.2"), path("notes", "77.2")]), told
    for name in printed.splitlines():
        assert (world.folder / "records" / name).read_text() == kept(world)[name]
    assert str(world.folder / "records") in (world.folder / "outputs").read_text()


def test_a_dry_run_needs_no_token_and_writes_the_files(world: Reviewed) -> None:
    code, printed, _ = command(world, "--dry-run", GITHUB_TOKEN="")
    assert (code, printed.splitlines()) == (0, [path("mail", "0.1"), path("notes", "0.1")])
    assert (world.folder / "records" / path("mail", "0.1")).is_file()
    assert kept(world) == {}


def test_what_is_no_review_of_the_plan_has_no_record(world: Reviewed) -> None:
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(review("mail", "low", head="9" * 40)))
    code, printed, told = command(world, "--dry-run")
    assert (code, printed.splitlines()) == (0, [path("notes", "0.1")])
    assert "security-review/claude/mail has no record: the review is of another head than planned" in told
    (world.reviews / "extra").mkdir()
    assert command(world, "--dry-run")[0] == 2


def test_another_plan_than_the_one_that_was_made_is_refused(world: Reviewed) -> None:
    code, _, told = command(world, "--dry-run", "--plan-sha256", "0" * 64)
    assert (code, "is not the plan that was made" in told) == (2, True)


def test_without_the_permission_it_is_three(world: Reviewed) -> None:
    reading = world.twin.actions_token(world.registry, contents="read")
    code, _, told = command(world, GITHUB_TOKEN=reading)
    assert (code, "permission" in told) == (3, True)


def test_no_folder_of_somebody_s_is_replaced(world: Reviewed) -> None:
    place = world.folder / "plan.json"
    place.write_text(json.dumps(world.plan))
    (world.folder / "mine").mkdir()
    (world.folder / "mine" / "precious.txt").write_text("x")
    options: list[str | Path] = ["--reviews", world.reviews, "--plan", place, "--dry-run"]
    done = run_command("record_reviews", *options, "--output", world.folder / "mine")
    assert (done.returncode, (world.folder / "mine" / "precious.txt").read_text()) == (2, "x")
    assert "holds other files than earlier records" in done.stderr
    done = run_command("record_reviews", *options, "--output", world.reviews)
    assert (done.returncode, len(list(world.reviews.iterdir()))) == (2, 2)
    # The control: earlier records go.
    for _ in range(2):
        assert run_command("record_reviews", *options, "--output", world.folder / "records").returncode == 0

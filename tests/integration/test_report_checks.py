"""report-status against a whole GitHub: exact checks, labels, comment and check for all; whatever goes wrong never ends better than the truth."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from pinwarden.adapters.github_calls import Limited, Refused, Unclear
from pinwarden.errors import Misuse
from pinwarden.pull_comment import MARKER
from support.commands import run_command
from support.github_twin.client import Client
from support.github_twin.faults import Cut, Drop, Fail, Fault, Meanwhile
from support.github_twin.limits import Secondary
from support.github_twin.twin import GitHubTwin
from support.reviewed import FINDING, PERMISSIONS, Reviewed, review


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> Reviewed:
    """Three targets: critical, medium and clean."""
    made = Reviewed(github_twin, tmp_path)
    for server, risk in zip(made.servers, ("critical", "medium", "low"), strict=True):
        made.leave(review(server, risk))
    return made


TRUTH = {"mail": "failure", "notes": "neutral", "time": "success", "": "failure"}


def test_three_targets(world: Reviewed) -> None:
    told = world.tell()
    assert (told.problems, told.final.conclusion, told.final.title) == ([], "failure", "critical risk")
    assert world.twin.wrong == []
    assert world.came_to() == TRUTH
    assert world.pull.labels == ["security-risk:critical"]
    (comment,) = world.pull.comments
    page = f"{world.twin.url}/acme/registry/runs"
    rows = [line for line in comment.body.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `mail` | claude | critical | 1 critical | [failure]({page}/{world.check('security-review/claude/mail').id}) |",
        f"| `notes` | claude | medium | 1 medium | [neutral]({page}/{world.check('security-review/claude/notes').id}) |",
        f"| `time` | claude | low | 1 low | [success]({page}/{world.check('security-review/claude/time').id}) |",
    ]
    assert comment.body.startswith(f"{MARKER}\n**Pinwarden: failure**, [critical risk]({page}/{world.check().id}); for `{world.head}`.")
    assert "Gate mode" in comment.body
    check = world.check("security-review/claude/mail")
    assert check.annotations == [
        {
            "path": "servers/mail/server.yaml",
            "start_line": 1,
            "end_line": 1,
            "annotation_level": "failure",
            "title": "security-review/claude/mail",
            "message": "critical risk: 1 critical",
        }
    ]
    assert check.title == "critical risk"
    assert world.check().summary is not None
    assert f"- [`security-review/claude/notes`]({page}/{world.check('security-review/claude/notes').id}): **neutral**, medium risk" in (
        world.check().summary or ""
    )


def test_it_takes_five_requests_for_three_targets(world: Reviewed) -> None:
    before = len(world.twin.log)
    world.tell()
    asked = [each.request for each in world.twin.log[before:]]
    assert [one.mutations or one.operation for one in asked] == [
        "query",
        ("updateCheckRun",) * 3,
        "issues/add-labels",
        ("updateCheckRun",),
        ("addComment",),
    ]


def test_a_second_run_writes_nothing(world: Reviewed) -> None:
    world.tell()
    before, writes = world.twin.snapshot(world.registry), world.twin.writes
    assert world.tell().problems == []
    assert (world.twin.snapshot(world.registry), world.twin.writes) == (before, writes)


def test_a_better_review_changes_labels_and_the_same_comment(world: Reviewed) -> None:
    other = Client(world.twin.url, world.twin.personal_token("eve", [world.registry], **PERMISSIONS))
    other.ask("POST", "/repos/acme/registry/issues/1/comments", {"body": f"{MARKER}\nall is well"})
    other.ask("POST", "/repos/acme/registry/issues/1/labels", {"labels": ["Security-Risk:Critical", "security-risk:mine", "bug"]})
    world.tell()
    assert sorted(world.pull.labels) == ["Security-Risk:Critical", "bug", "security-risk:mine"]
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(review("mail", "high", blocked=True)))
    world.tell()
    assert sorted(world.pull.labels) == ["bug", "security-blocked", "security-risk:high", "security-risk:mine"]
    assert world.check("security-review/claude/mail").title == "high risk, blocked by the reviewer"
    # Anybody can write the marker: theirs is left alone.
    assert [comment.user for comment in world.pull.comments] == ["eve", "pinwarden[bot]"]
    assert "all is well" in world.pull.comments[0].body
    assert "blocked by the reviewer" in world.pull.comments[1].body
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(review("mail", "info")))
    world.tell()
    assert sorted(world.pull.labels) == ["bug", "security-risk:medium", "security-risk:mine"]


def test_the_comment_is_found_behind_hundreds(world: Reviewed) -> None:
    world.tell()
    other = Client(world.twin.url, world.twin.personal_token("eve", [world.registry], **PERMISSIONS))
    for number in range(120):
        other.ask("POST", "/repos/acme/registry/issues/1/comments", {"body": f"no {number}"})
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(review("mail", "info")))
    world.tell()
    assert [comment.body.startswith(f"{MARKER}\n**Pinwarden: neutral**") for comment in world.pull.comments] == [True] + [False] * 120


def nothing(path: Path) -> None:
    path.unlink()


def no_artifact(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


def link(path: Path) -> None:
    path.rename(path.parent.parent.parent / "kept.json")
    path.symlink_to(path.parent.parent.parent / "kept.json")


def hard_link(path: Path) -> None:
    os.link(path, path.parent.parent.parent / "kept.json")


def linked_folder(path: Path) -> None:
    path.parent.rename(path.parent.parent.parent / "kept")
    path.parent.symlink_to(path.parent.parent.parent / "kept")


def huge(path: Path) -> None:
    path.write_text(path.read_text() + " " * 5_000_000)


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def not_json(path: Path) -> None:
    path.write_text("{")


def incomplete(path: Path) -> None:
    path.write_text(json.dumps(review("time", None)))


def changed(**values: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


BROKEN: dict[str, Callable[[Path], None]] = {
    "no review.json": nothing,
    "no artifact": no_artifact,
    "a link": link,
    "a hard link": hard_link,
    "a linked folder": linked_folder,
    "huge": huge,
    "nested": deep,
    "a pipe": pipe,
    "not JSON": not_json,
    "a kind nobody knows": changed(surface=[{"kind": "x", "change": "added", "key": "k", "risk": "low", "says": "s", "evidence": []}]),
    "of another server": changed(server="notes"),
    "by another agent": changed(agent="codex"),
    "by another model": changed(model="claude-haiku-4-5"),
    "of another head": changed(head="9" * 40),
    "incomplete": incomplete,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_review_blocks_and_nothing_else(world: Reviewed, kind: str) -> None:
    BROKEN[kind](world.reviews / "pinwarden-review-1-1-2" / "review.json")
    told = world.tell()
    assert told.problems == []
    assert world.came_to() == TRUTH | {"time": "failure"}
    assert (world.check("security-review/claude/time").title or "").startswith("review did not complete")
    assert world.pull.labels == []  # one is not known: no risk is told


def test_other_check_runs_are_not_touched(world: Reviewed) -> None:
    others = [world.queue("security-review/claude/mail"), world.queue("lint")]
    stranger = Client(world.twin.url, world.twin.actions_token(world.registry, **PERMISSIONS))
    stranger.ask("POST", "/repos/acme/registry/check-runs", {"name": "security-review", "head_sha": world.head})
    kept = {number: check.status for number, check in world.registry.checks.items() if f"CR_{number}" not in {row["id"] for row in world.plan["checks"]}}
    assert len(kept) == 4
    world.tell()
    ours = {row["id"] for row in [*world.plan["checks"], world.plan["aggregate"]]}
    left = {check.name for check in world.registry.checks.values() if check.status == "queued"}
    assert left == {"security-review/claude/mail", "lint", "security-review"}
    assert not ours & {row["id"] for row in others}


@pytest.mark.parametrize("change", [{"external_id": "2:x:y"}, {"name": "security-review/claude/other"}], ids=str)
def test_an_id_that_is_not_what_was_planned_is_not_completed(world: Reviewed, change: dict[str, str]) -> None:
    mine = world.plan["checks"][2]
    (run,) = [check for check in world.registry.checks.values() if check.name == mine["name"]]
    if "name" in change:
        run.name = change["name"]
    else:
        run.external_id = change["external_id"]
    told = world.tell()
    assert [problem for problem in told.problems if "not the check run that was planned" in problem]
    assert (run.status, run.conclusion) == ("queued", None)
    assert world.check().conclusion == "failure"


def test_a_settled_check_stays_and_counts(world: Reviewed) -> None:
    for number, title in ((0, "low risk"), (1, "high risk, blocked by the reviewer")):
        world.plan["checks"][number] |= {"conclusion": "success" if number == 0 else "failure", "title": title}
        world.plan["reviews"] = [one for one in world.plan["reviews"] if one["server"] != world.servers[number]]
        no_artifact(world.reviews / f"pinwarden-review-1-1-{number}" / "review.json")
    told = world.tell()
    assert (told.final.conclusion, told.final.title) == ("failure", "high risk, blocked by the reviewer")
    assert world.check("security-review/claude/mail").status == "queued"
    assert sorted(world.pull.labels) == ["security-blocked", "security-risk:high"]
    assert "| `notes` | claude | high | as before |" in world.pull.comments[0].body


def test_the_worst_of_a_shared_head_counts(world: Reviewed) -> None:
    no_artifact(world.reviews / "pinwarden-review-1-1-0" / "review.json")
    world.leave(review("mail", "low"))
    world.plan["shared"] = [{"number": 9, "conclusion": "failure", "title": "critical risk"}]
    world.tell()
    assert world.came_to() == {"mail": "success", "notes": "neutral", "time": "success", "": "failure"}
    assert "pull request 9, which has the same head: **failure**, critical risk" in (world.check().summary or "")


def test_what_a_risk_means_comes_with_the_plan(world: Reviewed) -> None:
    world.plan["conclusions"] = {"critical": "success", "medium": "failure", "low": "neutral"}
    world.tell()
    assert world.came_to() == {"mail": "failure", "notes": "failure", "time": "neutral", "": "failure"}


def test_advisory_mode_says_what_it_is_worth(github_twin: GitHubTwin, tmp_path: Path) -> None:
    world = Reviewed(github_twin, tmp_path, servers=["mail"], agents=["claude", "guarddog"], gate=False)
    world.leave(review("mail", "low"))
    world.leave(review("mail", "info", agent="guarddog"))
    world.tell()
    for name in ("security-review", "security-review/claude/mail", "security-review/guarddog/mail"):
        assert "this check can be imitated by any workflow of this repository" in (world.check(name).summary or "")
    assert "this check can be imitated" in world.pull.comments[0].body
    assert (world.check("security-review/claude/mail").summary or "").startswith("AI output, may be wrong.")
    assert (world.check("security-review/guarddog/mail").summary or "").startswith("Pattern scan only, no AI review.")


# The pull request is not what was reviewed.


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_head_that_moved_gets_failures_and_nothing_else(world: Reviewed, when: str) -> None:
    def push() -> None:
        world.twin.world.push(world.registry, "change", {"more": "x\n"})

    push() if when == "before" else world.twin.fault(Meanwhile(push), operation="query")
    told = world.tell()
    assert told.problems == []
    assert set(world.came_to().values()) == {"failure"}
    assert (told.final.conclusion, told.final.title) == ("failure", "review did not complete")
    assert "the head of the pull request moved" in (world.check("security-review/claude/time").summary or "")
    assert (world.pull.labels, world.pull.comments) == ([], [])


def test_a_closed_pull_request_gets_failures_and_nothing_else(world: Reviewed) -> None:
    world.pull.state = "closed"
    told = world.tell()
    assert set(world.came_to().values()) == {"failure"}
    assert told.checks[0].reasons == ("the pull request is closed",)
    assert "the pull request is closed" in (world.check().summary or "")
    assert (world.pull.labels, world.pull.comments) == ([], [])


# Whatever goes wrong.

FAULTS: dict[str, Fault] = {
    "dropped": Drop(),
    "dropped when done": Drop(applied=True),
    "cut": Cut(20),
    "502": Fail(502),
    "502 when done": Fail(502, applied=True),
    "502 when half done": Fail(502, applied=True, mutations=1),
    "403": Fail(403, "Resource not accessible by integration"),
    "403 limit": Fail(403, "You have exceeded a secondary rate limit.", {"Retry-After": "60"}),
    "429": Fail(429, "slow down"),
    "422": Fail(422, "Validation Failed"),
}
ORDER = {None: -1, "success": 0, "neutral": 1, "failure": 2}
MILD = {"mail": "neutral", "notes": "neutral", "time": "success", "": "neutral"}


@pytest.fixture
def mild(world: Reviewed) -> Reviewed:
    """The same without anything that blocks, so that a check that is worse than the truth shows."""
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(review("mail", "high")))
    return world


@pytest.mark.parametrize("skip", range(5))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_never_ends_better_than_the_truth_and_the_next_run_heals(mild: Reviewed, fault: str, skip: int) -> None:
    mild.twin.fault(FAULTS[fault], skip=skip)
    told = None
    try:
        told = mild.tell()
    except (Unclear, Refused, Limited):
        assert skip == 0  # nothing could be read, nothing was written
        assert set(mild.came_to().values()) == {None}
    for server, conclusion in mild.came_to().items():
        assert conclusion is None or ORDER[conclusion] >= ORDER[MILD[server]]
    if told and told.problems:
        assert mild.came_to()[""] in (None, "failure") or all(problem.startswith("the comment") for problem in told.problems)
    elif told:
        assert mild.came_to() == MILD
    mild.twin.mend()
    mild.twin.clock.advance(3600)
    mild.app_token = mild.token = mild.twin.app_token(mild.twin.world.apps[77], [mild.registry])
    again = mild.tell()
    assert (again.problems, mild.came_to(), mild.pull.labels, len(mild.pull.comments)) == ([], MILD, ["security-risk:high"], 1)


@pytest.mark.parametrize("after", range(5))
def test_killed_after_any_write_the_next_run_finishes(mild: Reviewed, after: int) -> None:
    mild.twin.cut_off(after)
    try:
        mild.tell()
    except (Unclear, Refused, Limited):
        assert after == 0
    for server, conclusion in mild.came_to().items():
        assert conclusion is None or ORDER[conclusion] >= ORDER[MILD[server]]
    mild.twin.mend()
    assert mild.tell().problems == []
    assert (mild.came_to(), mild.pull.labels, len(mild.pull.comments)) == (MILD, ["security-risk:high"], 1)


def test_without_a_permission_nothing_passes(mild: Reviewed) -> None:
    mild.token = mild.twin.app_token(mild.twin.world.apps[77], [mild.registry], {"checks": "write", "pull_requests": "read"})
    told = mild.tell()
    assert [problem.partition(":")[0] for problem in told.problems] == ["the labels", "the comment"]
    assert mild.came_to() == MILD | {"": "failure"}
    assert "not all could be written" in (mild.check().summary or "")


def test_a_registry_without_the_labels_is_told_how_to_make_them(mild: Reviewed) -> None:
    mild.twin.fault(Fail(403, "You do not have permission to create labels on this repository."), operation="issues/add-labels")
    (problem,) = mild.tell().problems
    assert problem.startswith("the labels: ")
    assert "create the labels once" in problem
    assert mild.came_to() == MILD | {"": "failure"}
    assert mild.tell().problems == []
    assert mild.came_to() == MILD


def test_one_check_that_github_does_not_take_is_completed_without_what_it_shows(mild: Reviewed) -> None:
    # The twin refuses an annotation's title of more than 255 bytes, whatever else is in the document.
    long = "security-review/claude/" + "n" * 300
    (run,) = [check for check in mild.registry.checks.values() if check.name == "security-review/claude/notes"]
    run.name = mild.plan["checks"][1]["name"] = long
    mild.plan["targets"][1]["server"] = "n" * 300
    mild.plan["reviews"][1]["server"] = "n" * 300
    (mild.reviews / "pinwarden-review-1-1-1" / "review.json").write_text(json.dumps(review("n" * 300, "medium")))
    told = mild.tell()
    assert mild.check("security-review/claude/time").conclusion == "success"
    assert told.checks[1].check.title == "review did not complete"  # the schema refuses such a name
    assert (mild.check(long).conclusion, mild.check(long).annotations) == ("failure", [])
    assert "GitHub did not take what this check has to show" in (mild.check(long).summary or "")


def test_two_hundred_targets_within_the_limits(github_twin: GitHubTwin, tmp_path: Path) -> None:
    world = Reviewed(github_twin, tmp_path, servers=[f"server-{number}" for number in range(200)])
    for number, server in enumerate(world.servers):
        big = {"markdown": "\n\n".join(f"paragraph {line} " + "x" * 400 for line in range(120)), "sha256": "d" * 64, "truncated": False, "hidden": 0}
        world.leave(review(server, "low", report=big) if number % 10 else review(server, "low"))
    world.twin.limits.secondary = Secondary()
    before, start = len(world.twin.log), world.twin.clock.now
    told = world.tell()
    assert told.problems == []
    assert world.twin.limits.hits == 0
    assert set(world.came_to().values()) == {"success"}
    asked = [each.request for each in world.twin.log[before:]]
    assert len(asked) <= 40, len(asked)
    assert max(one.received for one in asked) <= 500_000
    assert max(len(one.mutations) for one in asked) <= 20
    assert world.twin.clock.now - start < 600


# Foreign text.

HOSTILE = ["@eve look", "#12", "<img src=x onerror=y>", "```\nout", "::error::x", "\u202egnp.exe", "a\nb", "| x |", "</details>", "![x](https://evil.example/x)", "[a](https://evil.example)", "\x1b[2J"]  # fmt: skip


def test_hostile_values_are_shown_and_do_nothing(world: Reviewed) -> None:
    place = {"side": "head", "path": " ".join(HOSTILE), "line": 1}
    findings = [FINDING | {"title": text[:200], "evidence": [place | {"verified": True, "path": text}] * 50} for text in HOSTILE]
    surface = [{"kind": "tool", "change": "added", "key": text, "risk": "low", "says": text * 50, "evidence": [place] * 3} for text in HOSTILE]
    written = {"markdown": "\n\n".join(HOSTILE), "sha256": "d" * 64, "truncated": False, "hidden": 0}
    hostile = review(
        "mail",
        "critical",
        findings=findings,
        surface=surface,
        report=written,
        agent_version=HOSTILE[2],
        images={"</details> @eve": "sha256:" + "a" * 64},
        usage={"@eve\n# x": 3},
        not_read=[{"path": text, "reason": text, "changed": True} for text in HOSTILE],
        started="@eve <b>",
    )
    (world.reviews / "pinwarden-review-1-1-0" / "review.json").write_text(json.dumps(hostile))
    world.tell()
    check = world.check("security-review/claude/mail")
    for text in (check.summary or "", check.text or ""):
        assert harmless(text)
    for text in (world.pull.comments[0].body, world.check().summary or "", check.title or "", *(row["message"] for row in check.annotations)):
        assert not any(word in text for word in ("eve", "evil", "img", "\u202e", "\x1b"))
    # The control: as it stands it would do something.
    assert not all(harmless(text) for text in HOSTILE)


def harmless(markdown: str) -> bool:
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)
    every = [token for block in tokens for token in (block, *(block.children or ()))]
    acting = {"html_block", "html_inline", "image", "link_open"}
    texts = [token.content for token in every if token.type == "text"]
    return not any(token.type in acting for token in every) and not any(sign in text for text in texts for sign in ("@", "#1", "evil", "\u202e", "\x1b"))


def test_a_flood_stays_within_the_limits_and_hides_no_other_part(world: Reviewed) -> None:
    wide = "\U0001f600" * 200
    place = {"side": "head", "path": wide, "line": 1}
    flood = review(
        "mail",
        "critical",
        findings=[FINDING | {"title": wide, "evidence": [place | {"verified": True}] * 12}] * 200,
        surface=[{"kind": "tool", "change": "added", "key": wide, "risk": "low", "says": wide, "evidence": [place] * 3}] * 60,
        not_read=[{"path": f"{number}{wide}", "reason": f"{number}{wide}", "changed": True} for number in range(200)],
        report={"markdown": "\n\n".join("ü" * 400 for _ in range(140)), "sha256": "d" * 64, "truncated": False, "hidden": 0},
    )
    path = world.reviews / "pinwarden-review-1-1-0" / "review.json"
    path.write_text(json.dumps(flood, ensure_ascii=False))
    assert path.stat().st_size < 4 * 1024 * 1024
    told = world.tell()
    assert told.problems == []
    check = world.check("security-review/claude/mail")
    summary, text = check.summary or "", check.text or ""
    assert check.conclusion == "failure"
    assert all(part in summary for part in ("## Surface", "## What the agent found", "## Risk", "## Scope", "`prompt (SHA-256)`"))
    assert (summary.count("*Cut here;"), text.count("*Cut here;")) == (2, 2)
    assert len(summary.encode()) <= 65_535
    assert 50_000 < len(text.encode()) <= 65_535


def test_private_details_stay_private(world: Reviewed) -> None:
    world.plan["details"] = "private"
    world.tell()
    shown = [text for check in world.registry.checks.values() for text in (check.summary, check.text, check.title)]
    shown += [row["message"] for check in world.registry.checks.values() for row in check.annotations]
    assert not any(word in (text or "") for text in shown for word in ("src/server.py", "thing", "Surface"))
    assert "1 critical" in (world.check("security-review/claude/mail").summary or "")


# The command.


def command(world: Reviewed, *options: str, **environment: str) -> tuple[int, str, str]:
    path = world.folder / "plan.json"
    path.write_text(json.dumps(world.plan))
    given = {"GITHUB_REPOSITORY": "acme/registry", "GITHUB_API_URL": world.twin.url, "GITHUB_TOKEN": world.token, **environment}
    done = run_command("report_status", "--reviews", world.reviews, "--plan", path, *options, given=given)
    assert world.token not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def one(github_twin: GitHubTwin, tmp_path: Path) -> Reviewed:
    return Reviewed(github_twin, tmp_path, servers=["mail"])


def test_the_command_tells_and_its_exit_code_says_whether_it_passes(one: Reviewed) -> None:
    one.leave(review("mail", "critical"))
    page = one.folder / "summary.md"
    outputs = one.folder / "outputs"
    outputs.touch()
    code, printed, told = command(one, "--format", "json", GITHUB_STEP_SUMMARY=str(page), GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(outputs))
    assert (code, told) == (1, "")
    assert json.loads(printed)["overall"] == {"conclusion": "failure", "title": "critical risk"}
    assert one.came_to() == {"mail": "failure", "": "failure"}
    assert page.read_text().startswith("## failure: critical risk\n")
    assert "| `mail` | claude | critical | 1 critical | [failure](" in page.read_text()
    assert "conclusion" in outputs.read_text()


@pytest.mark.parametrize("extra", ["pinwarden-review-1-1-1", "pinwarden-review-2-1-0", "other", "PINWARDEN-REVIEW-1-1-0"])
def test_an_artifact_that_nobody_planned_blocks_all_and_is_misuse(one: Reviewed, extra: str) -> None:
    one.leave(review("mail", "low"))
    (one.reviews / extra).mkdir()
    code, _, told = command(one)
    assert (code, "is no artifact that was planned" in told) == (2, True)
    assert one.came_to() == {"mail": "failure", "": "failure"}
    assert "is no artifact that was planned" in (one.check("security-review/claude/mail").summary or "")
    assert "is no artifact that was planned" in (one.check().summary or "")
    assert one.pull.labels == []


def test_where_something_is_wrong_with_the_whole_not_even_settled_checks_pass(one: Reviewed) -> None:
    one.plan["checks"][0] |= {"conclusion": "success", "title": "low risk"}
    one.plan["reviews"] = []
    assert command(one)[0] == 0
    assert one.check().conclusion == "success"  # the control
    (one.reviews / "pinwarden-review-1-1-9").mkdir()
    assert command(one)[0] == 2
    assert one.check().conclusion == "failure"


def test_a_write_that_is_refused_is_three_and_does_not_pass(one: Reviewed) -> None:
    one.leave(review("mail", "low"))
    one.twin.fault(Fail(403, "Resource not accessible by integration"), times=None, operation="updateCheckRun")
    code, _, told = command(one)
    assert (code, "not all was written" in told) == (3, True)
    assert one.came_to() == {"mail": None, "": None}


def test_when_nothing_can_be_read_nothing_is_written(one: Reviewed) -> None:
    one.leave(review("mail", "low"))
    one.twin.fault(Fail(502), times=None)
    code, _, told = command(one)
    assert (code, "502" in told) == (3, True)
    assert one.came_to() == {"mail": None, "": None}


def test_what_waits_for_a_maintainer_is_left_waiting(one: Reviewed) -> None:
    one.plan["start"] = False
    code, _, told = command(one)
    assert (code, "may not start yet" in told) == (2, True)
    assert one.came_to() == {"mail": None, "": None}


def test_no_review_at_all_blocks(one: Reviewed) -> None:
    one.reviews.rmdir()
    assert command(one)[0] == 1
    assert one.came_to() == {"mail": "failure", "": "failure"}


def test_without_a_repository_it_says_what_to_set(one: Reviewed) -> None:
    code, _, told = command(one, GITHUB_TOKEN="")
    assert (code, "GITHUB_TOKEN" in told) == (2, True)


def test_an_audit_has_no_pull_request_to_tell(one: Reviewed) -> None:
    one.leave(review("mail", None, reasons=["a/secret/path: no"]))
    one.plan |= {"pull_request": None, "checks": [], "aggregate": None, "identity": None}
    del one.plan["details"]
    page = one.folder / "summary.md"
    code, printed, _ = command(one, GITHUB_TOKEN="", GITHUB_STEP_SUMMARY=str(page))
    assert (code, "review did not complete" in printed) == (1, True)
    assert "secret" not in page.read_text() + printed
    assert one.check("security-review/claude/mail").conclusion is None


def test_two_artifacts_of_one_review_are_misuse(world: Reviewed) -> None:
    world.plan["reviews"][1] |= {"server": "mail"}
    with pytest.raises(Misuse, match="twice"):
        world.tell()


def test_labels_are_of_reviews_alone(world: Reviewed) -> None:
    """Entries that are not valid have a check of the plan's own, which is no review that did not complete."""
    invalid = world.queue("security-review/pins") | {
        "conclusion": "failure",
        "title": "a changed entry is not valid",
        "server": None,
        "agent": None,
        "reasons": [],
    }
    world.plan["checks"].append(invalid)
    world.tell()
    assert world.pull.labels == ["security-risk:critical"]


@pytest.mark.parametrize(("conclusion", "labels"), [("failure", []), ("success", ["security-risk:critical"])])
def test_what_is_left_for_another_run_is_not_known_yet(world: Reviewed, conclusion: str, labels: list[str]) -> None:
    left = world.queue("security-review/left") | {"conclusion": conclusion, "title": "as it says", "server": None, "agent": None, "reasons": []}
    world.plan["checks"].append(left)
    world.tell()
    assert world.pull.labels == labels


def test_where_no_check_may_be_completed_nothing_else_is_said(world: Reviewed) -> None:
    """The token of another App than the one that planned."""
    other = world.twin.app("other", PERMISSIONS, number=78)
    world.token = world.twin.app_token(other, [world.registry])
    told = world.tell()
    assert told.problems
    assert set(world.came_to().values()) == {None}
    assert (world.pull.labels, world.pull.comments) == ([], [])


def test_the_check_for_all_says_no_longer_that_something_is_missing_when_it_is_there(world: Reviewed) -> None:
    """The conclusion is the same both times: the title must tell them apart."""
    world.twin.fault(Fail(403, "Resource not accessible by integration"), operation="issues/add-labels")
    assert world.tell().problems
    assert world.check().title == "critical risk; not all was written"
    assert world.tell().problems == []
    assert world.check().title == "critical risk"
    assert "could be written" not in str(world.check().summary)

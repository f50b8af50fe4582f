"""What GitHub enforces and act does not model, read from the workflows: who gets a key, who writes, what a pull request can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.test_action_contracts import ON, OWN_WORKFLOWS, WORKFLOWS, load, named, steps
from releasing.plan import PARTS, PLATFORMS
from support.act import COMMIT, ROOT, SLUG

Job = dict[str, Any]
KEYS = {"ANTHROPIC_API_KEY": "pinwarden-review", "OPENAI_API_KEY": "pinwarden-review", "PINWARDEN_APP_KEY": "pinwarden-report"}
FROM_DEFAULT = "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
OF_PULL_REQUEST = {"github.event.pull_request.number", "github.event.pull_request.head.sha"}
"""All that a workflow may take of a pull request: neither can be chosen freely, nor says anything."""


def triggers(path: Path) -> set[str]:
    given = load(path)[ON]
    return {given} if isinstance(given, str) else set(given)


def jobs(path: Path) -> Iterator[tuple[str, Job]]:
    yield from load(path)["jobs"].items()


def used(job: Job, action: str) -> list[Job]:
    """Return the steps of a job that use an action, ours or another's."""
    return [step for step in job.get("steps", ()) if re.search(rf"(^|/){action}@|/{action}$", step.get("uses", ""))]


def flows() -> list[tuple[str, Path]]:
    return [(named(path), path) for path in WORKFLOWS if any(used(job, "run-review") for _, job in jobs(path))]


FLOWS = [path for _, path in flows()]


def test_the_flows_are_those_that_review() -> None:
    assert [named(path) for path in FLOWS] == [".github/workflows/review.yml", "examples/workflows/audit.yml", "examples/workflows/review.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_a_key_is_read_in_its_environment_alone(path: Path) -> None:
    for name, job in jobs(path):
        if "uses" in job:
            continue  # it has no environment; the called jobs have theirs
        for key, environment in KEYS.items():
            if f"secrets.{key}" in str(job):
                assert job["environment"] == {"name": environment, "deployment": False}, (name, key)


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_what_is_taken_is_what_the_job_before_handed_on(path: Path) -> None:
    """Where jobs are run again alone the attempt is another, and the artifact of the first is the one that was made."""
    for name, job in jobs(path):
        for step in used(job, "download-artifact"):
            wanted = step["with"].get("name") or step["with"]["pattern"]
            if "run_attempt" in str([each["with"] for _, other in jobs(path) for each in used(other, "upload-artifact")]):
                assert re.search(r"needs\.\w+\.outputs\.attempt", wanted), (name, wanted)
                assert "github.run_attempt" not in wanted


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_no_other_secret_is_read(path: Path) -> None:
    assert set(re.findall(r"secrets\.(\w+)", str(load(path)))) <= set(KEYS)
    assert "inherit" not in [job.get("secrets") for _, job in jobs(path)]


@pytest.mark.parametrize("path", FLOWS, ids=named)
def test_the_job_that_runs_the_agent_may_nothing(path: Path) -> None:
    (job,) = [job for _, job in jobs(path) if used(job, "run-review")]
    assert job["permissions"] == {}
    assert "github.token" not in str(job)
    assert job["strategy"]["fail-fast"] is False
    assert "needs.plan.outputs.start == 'true'" in job["if"]


@pytest.mark.parametrize("path", FLOWS, ids=named)
def test_no_job_that_writes_holds_a_provider_s_key(path: Path) -> None:
    for name, job in jobs(path):
        if "write" in job["permissions"].values():
            assert "API_KEY" not in str(job), name


@pytest.mark.parametrize("path", FLOWS, ids=named)
def test_what_writes_takes_the_plan_that_was_made(path: Path) -> None:
    for _, job in jobs(path):
        for step in (*used(job, "report-status"), *used(job, "record-reviews")):
            assert step["with"]["plan-sha256"] == "${{ needs.plan.outputs.plan-sha256 }}"


@pytest.mark.parametrize("path", [path for path in FLOWS if "audit" not in path.name], ids=named)
def test_the_report_is_made_whatever_became_of_the_reviews(path: Path) -> None:
    (job,) = [job for _, job in jobs(path) if used(job, "report-status")]
    assert job["if"] == "always() && needs.plan.result == 'success' && needs.plan.outputs.start == 'true'"
    assert set(job["permissions"]) == {"checks", "issues", "pull-requests"}


@pytest.mark.parametrize(
    "path", [path for path in WORKFLOWS if triggers(path) & {"pull_request_target", "workflow_dispatch", "workflow_run", "schedule"}], ids=named
)
def test_what_holds_keys_or_writes_starts_from_the_default_branch(path: Path) -> None:
    for name, job in jobs(path):
        if "needs" not in job and "uses" not in job and ("secrets." in str(job) or "write" in job["permissions"].values()):
            assert FROM_DEFAULT in job["if"], name


@pytest.mark.parametrize("path", OWN_WORKFLOWS, ids=named)
def test_what_is_called_and_writes_starts_from_the_default_branch(path: Path) -> None:
    if "workflow_call" in triggers(path) and path.stem != "validate":
        assert any(FROM_DEFAULT in job.get("if", "") for _, job in jobs(path) if "needs" not in job)


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_nothing_of_a_pull_request_is_checked_out_or_spliced(path: Path) -> None:
    text = str(load(path))
    assert set(re.findall(r"github\.event\.pull_request\.[\w.-]+", text)) <= OF_PULL_REQUEST
    assert not re.search(r"github\.(head_ref|event\.(comment|review|issue)\b)", text)
    for step in steps(load(path)):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert "pull_request_target" not in triggers(path)
            if not set(step["with"]) <= {"persist-credentials", "fetch-depth"}:
                assert step["with"]["repository"] == SLUG
                assert step["with"]["ref"] == COMMIT, "a checkout of anything but the default branch is of our own, by commit"


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_nothing_crosses_from_one_run_to_another(path: Path) -> None:
    assert load(path).get("cache-mode") == "none" or path.stem == "ci"
    for step in steps(load(path)):
        assert "actions/cache" not in step.get("uses", "")
        if "download-artifact@" in step.get("uses", ""):
            assert set(step["with"]) <= {"name", "pattern", "path"}, "an artifact is of this run"


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if "pull_request_target" in triggers(path)], ids=named)
def test_a_label_or_a_comment_starts_no_review(path: Path) -> None:
    assert load(path)[ON]["pull_request_target"] == {"types": ["opened", "synchronize", "reopened"]}
    waits = load(path)["concurrency"]
    assert waits["cancel-in-progress"] == "${{ github.event_name == 'pull_request_target' }}", "what a maintainer started nobody else ends"
    assert "github.event_name" in waits["group"]


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if "merge_group" in triggers(path)], ids=named)
def test_what_runs_as_a_queue_s_commit_has_it_holds_nothing(path: Path) -> None:
    assert "secrets." not in str(load(path))
    assert all(set(job["permissions"].items()) <= {("contents", "read"), ("actions", "write")} for _, job in jobs(path))


def test_the_dangerous_trigger_is_excused_with_a_reason() -> None:
    """One reason above each of the two forms of the review; another where a review's end starts the merges."""
    excused = [path for path in WORKFLOWS if "zizmor: ignore" in path.read_text()]
    assert [named(path) for path in excused] == [f"examples/workflows/{name}.yml" for name in ("merge", "review-reusable", "review")]
    for path in excused:
        assert re.findall(r"zizmor: ignore\[(.*?)\]", path.read_text()) == ["dangerous-triggers"]


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if path.stem == "merge"], ids=named)
def test_what_merges_takes_nothing_of_the_run_before_it_and_has_no_token_but_its_app_s(path: Path) -> None:
    text = str(load(path))
    assert "github.event.workflow_run" not in text
    assert "github.token" not in text
    assert [job["permissions"] for _, job in jobs(path)] == [{}]
    assert {step["uses"].partition("@")[0] for step in steps(load(path))} <= {"actions/create-github-app-token", "$/actions/merge-pins"}


@pytest.mark.parametrize("path", [ROOT / f".github/workflows/{name}.yml" for name in ("review", "nightly", "merge", "page")], ids=named)
def test_a_caller_grants_what_is_called(path: Path) -> None:
    """What the jobs of the called workflow may is what the example's job grants; GitHub refuses a call that grants less."""
    wanted = {(name, level) for _, job in jobs(path) for name, level in job["permissions"].items()}
    example = ROOT / "examples/workflows" / ("review-reusable.yml" if path.stem == "review" else path.name)
    (granted,) = [job["permissions"] for _, job in jobs(example)]
    for name, level in wanted:
        assert granted.get(name) in (level, "write"), name
    assert {name for name, _ in wanted} == set(granted)


RELEASE = ROOT / ".github/workflows/release.yml"
READS = {"contents": "read"}


def test_what_builds_and_tests_for_a_release_may_write_nothing() -> None:
    by_name = dict(jobs(RELEASE))
    assert {name: job["permissions"] for name, job in by_name.items()} == {
        "check": READS,
        "test": READS,
        "build": READS,
        "publish": READS | {"packages": "write", "id-token": "write", "attestations": "write"},
        "verify": READS | {"packages": "read"},
        "release": {"contents": "write"},
    }
    for name in ("test", "build"):
        assert not {"github.token", "TOKEN"} & set(re.findall(r"github\.token|TOKEN", str(by_name[name]))), name


def test_what_signs_a_release_runs_nothing_that_was_fetched_and_what_tags_it_no_action_of_others() -> None:
    by_name = dict(jobs(RELEASE))
    for name in ("publish", "verify", "release"):
        shell = " ".join(step["run"] for step in by_name[name]["steps"] if "run" in step)
        assert not re.search(r"\b(make|npm|pip|docker (build|run|create))\b", shell), name
    assert {step["uses"].partition("@")[0] for step in by_name["release"]["steps"] if "uses" in step} == {"actions/checkout", "$/actions/setup"}


def test_a_release_is_started_by_hand_alone_and_one_at_a_time() -> None:
    assert triggers(RELEASE) == {"workflow_dispatch"}
    assert load(RELEASE)["concurrency"] == {"group": "release"}
    assert dict(jobs(RELEASE))["check"]["if"] == FROM_DEFAULT
    assert all("check" in job["needs"] for name, job in jobs(RELEASE) if name != "check")


def test_what_a_release_publishes_is_what_it_builds() -> None:
    by_name = dict(jobs(RELEASE))
    built, published = by_name["build"]["strategy"]["matrix"], by_name["publish"]["strategy"]["matrix"]
    assert tuple(built["part"]) == tuple(published["part"]) == PARTS
    assert tuple(built["platform"]) == PLATFORMS

"""report-status --dry-run: the checks of a plan, and everything odd about reviews blocks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
COMPLETE, INCOMPLETE = json.loads((SCHEMAS / "review.schema.json").read_bytes())["examples"]
PLAN = json.loads((SCHEMAS / "plan.schema.json").read_bytes())["examples"][0]
NAME = "security-review/guarddog/weather"
NOTHING: dict[str, Any] = {"findings": [], "surface": []}


def reported(tmp_path: Path, *reviews: Any, plan: Any = PLAN) -> tuple[int, dict[str, Any], str]:
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    for number, review in enumerate(reviews):
        folder = tmp_path / "reviews" / str(number)
        folder.mkdir(parents=True)
        (folder / "review.json").write_text(review if isinstance(review, str) else json.dumps(review))
    (tmp_path / "reviews").mkdir(exist_ok=True)
    done = run_command("report_status", "--reviews", tmp_path / "reviews", "--plan", tmp_path / "plan.json", "--dry-run", "--format", "json")
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def test_a_complete_review_gives_its_check(tmp_path: Path) -> None:
    code, printed, _ = reported(tmp_path, COMPLETE)
    check = {"name": NAME, "conclusion": "neutral", "title": "high risk (pattern scan only, no AI review)", "reasons": []}
    assert (code, printed) == (0, {"checks": [check], "overall": {"conclusion": "neutral", "title": check["title"]}})


def test_it_says_what_map_labels_says(tmp_path: Path) -> None:
    for number, (risk, blocked) in enumerate([(risk, blocked) for risk in ("critical", "high", "medium", "low", "info") for blocked in (False, True)]):
        labels = [f"security-risk:{risk}", *(["security-blocked"] if blocked else [])]
        place = tmp_path / str(number)
        place.mkdir()
        (place / "labels.txt").write_text("\n".join(labels))
        mapped = json.loads(run_command("map_labels", "--labels", place / "labels.txt", "--format", "json").stdout)
        _, printed, _ = reported(
            place, COMPLETE | NOTHING | {"risk": risk, "blocked": blocked, "labels": labels, "agent": "claude"}, plan=PLAN | {"agents": ["claude"]}
        )
        assert (printed["overall"]["conclusion"], printed["overall"]["title"]) == (mapped["conclusion"], mapped["title"])


@pytest.mark.parametrize(
    ("reviews", "reason"),
    [
        pytest.param([], "there is no review of it", id="none"),
        pytest.param([INCOMPLETE], "there is no labels.txt", id="incomplete"),
        pytest.param(["{"], "not JSON", id="not JSON"),
        pytest.param(["[" * 100_000], "nested too deeply", id="nested"),
        pytest.param(['{"version": 1, "version": 1}'], "a key is there twice", id="a key twice"),
        pytest.param([COMPLETE | {"risk": "none"}], "at risk", id="an unknown risk"),
        pytest.param([COMPLETE | {"risk": None}], "does not follow the schema", id="complete without a risk"),
        pytest.param([COMPLETE | {"risk": "low", "labels": ["security-risk:low"]}], "low risk, and of its findings one is medium", id="below a finding"),
        pytest.param([COMPLETE | {"risk": "medium", "labels": ["security-risk:medium"]}], "medium risk, and its surface high", id="below the surface"),
        pytest.param([COMPLETE | {"labels": ["security-risk:critical"]}], "labels are not those of its risk", id="another label"),
        pytest.param([COMPLETE | {"labels": [*COMPLETE["labels"], "security-blocked"]}], "labels are not those of its risk", id="blocked by its labels alone"),
        pytest.param([COMPLETE | {"blocked": True}], "labels are not those of its risk", id="blocked without its label"),
        pytest.param([COMPLETE | {"extra": 1}], 'the key "extra" is not known', id="an unknown key"),
        pytest.param([{key: value for key, value in COMPLETE.items() if key != "risk"}], 'the key "risk" is missing', id="a missing key"),
        pytest.param([COMPLETE | {"head": "c" * 40}], "another head than planned", id="another head"),
        pytest.param([COMPLETE | {"base": "c" * 40}], "another base than planned", id="another base"),
        pytest.param([COMPLETE | {"project": "https://github.com/eve/weather"}], "another project than planned", id="another project"),
        pytest.param([COMPLETE | {"directory": None}], "another directory than planned", id="another directory"),
    ],
)
def test_what_is_missing_or_odd_blocks(tmp_path: Path, reviews: list[Any], reason: str) -> None:
    code, printed, _ = reported(tmp_path, *reviews)
    assert code == 1
    assert printed["overall"]["conclusion"] == "failure"
    assert printed["overall"]["title"].startswith("review did not complete")
    assert reason in "; ".join(printed["checks"][0]["reasons"])


@pytest.mark.parametrize(
    ("reviews", "message"),
    [
        pytest.param([COMPLETE, COMPLETE], "a second review", id="two of one target"),
        pytest.param([COMPLETE, COMPLETE | {"server": "other"}], "not planned", id="one nobody planned"),
        pytest.param([COMPLETE | {"agent": "claude"}], "not planned", id="by another agent"),
    ],
)
def test_reviews_that_nobody_planned_end_the_run(tmp_path: Path, reviews: list[Any], message: str) -> None:
    code, printed, told = reported(tmp_path, *reviews)
    assert (code, printed) == (2, {})
    assert message in told


@pytest.mark.parametrize(("planned", "reviewed"), [(None, "."), (".", None), ("py", "py/"), ("./py", "py")])
def test_a_directory_is_the_same_however_it_is_written(tmp_path: Path, planned: str | None, reviewed: str | None) -> None:
    plan = PLAN | {"targets": [PLAN["targets"][0] | {"directory": planned}]}
    code, printed, _ = reported(tmp_path, COMPLETE | {"directory": reviewed}, plan=plan)
    assert (code, printed["checks"][0]["reasons"]) == (0, [])


def test_what_differs_is_named_on_both_sides(tmp_path: Path) -> None:
    plan = PLAN | {"targets": [PLAN["targets"][0] | {"directory": "py"}]}
    _, printed, _ = reported(tmp_path, COMPLETE | {"directory": None}, plan=plan)
    assert printed["checks"][0]["reasons"] == ['the review is of another directory than planned: none, planned is "py"']


def test_a_file_that_can_not_be_read_is_told_once(tmp_path: Path) -> None:
    plan = PLAN | {"targets": [PLAN["targets"][0] | {"server": server} for server in ("a", "b", "c")]}
    _, printed, _ = reported(tmp_path, "{", plan=plan)
    assert [len(check["reasons"]) for check in printed["checks"]] == [2, 1, 1]


def test_a_missing_plan_and_the_page_that_shows_one(tmp_path: Path) -> None:
    done = run_command("report_status", "--reviews", tmp_path, "--plan", tmp_path / "none.json", "--dry-run")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"error: there is no plan at {tmp_path / 'none.json'}")
    page = (SCHEMAS.parent / "docs" / "report-status.md").read_text()
    plan = json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert reported(tmp_path, plan=plan)[0] == 1


def test_every_agent_must_have_reviewed_every_target(tmp_path: Path) -> None:
    code, printed, _ = reported(tmp_path, COMPLETE, plan=PLAN | {"agents": ["guarddog", "claude"]})
    assert code == 1
    assert [check["conclusion"] for check in printed["checks"]] == ["neutral", "failure"]


def test_no_target_passes(tmp_path: Path) -> None:
    code, printed, _ = reported(tmp_path, plan=PLAN | {"targets": []})
    assert (code, printed) == (0, {"checks": [], "overall": {"conclusion": "success", "title": "nothing to review"}})


LINKS: dict[str, Callable[[Path, Path], None]] = {"soft": lambda path, to: path.symlink_to(to), "hard": lambda path, to: os.link(to, path)}


@pytest.mark.parametrize("kind", LINKS)
def test_a_linked_review_is_not_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere.json").write_text(json.dumps(COMPLETE))
    (tmp_path / "reviews" / "0").mkdir(parents=True)
    LINKS[kind](tmp_path / "reviews" / "0" / "review.json", tmp_path / "elsewhere.json")
    assert json.loads((tmp_path / "reviews/0/review.json").read_text()) == COMPLETE  # a plain read follows it
    code, _, _ = reported(tmp_path)
    assert code == 1


@pytest.mark.parametrize("plan", [{}, {"targets": [], "agents": []}, PLAN | {"targets": PLAN["targets"] * 2}, "x"])
def test_a_plan_that_is_none_is_misuse(tmp_path: Path, plan: Any) -> None:
    code, _, told = reported(tmp_path, plan=plan)
    assert code == 2
    assert told.startswith("error: ")


def test_the_table_says_why(tmp_path: Path) -> None:
    reported(tmp_path)
    done = run_command("report_status", "--reviews", tmp_path / "reviews", "--plan", tmp_path / "plan.json", "--dry-run")
    assert done.stdout.splitlines()[0] == f"failure  {NAME}  review did not complete"
    assert done.stdout.splitlines()[-1].startswith("failure  security-review ")


def test_reviews_that_are_left_for_another_run_block(tmp_path: Path) -> None:
    """What was reviewed in this run passed; the plan's own check of what was not stands."""
    example = json.loads((SCHEMAS / "plan.schema.json").read_bytes())["examples"][1]
    title = "3 reviews are left, start the next run by hand"
    left = example["checks"][0] | {"name": "security-review/left", "conclusion": "failure", "title": title, "server": None, "agent": None}
    artifact = tmp_path / "reviews" / example["reviews"][0]["artifact"]
    artifact.mkdir(parents=True)
    same = {key: example["targets"][0][key] for key in ("server", "mode", "project", "base", "head", "directory")}
    agent, model = example["agents"][0], example["reviews"][0]["model"]
    review = COMPLETE | NOTHING | same | {"agent": agent, "model": model, "risk": "low", "labels": ["security-risk:low"]}
    (artifact / "review.json").write_text(json.dumps(review))
    _, alone, _ = reported(tmp_path, plan=example)
    assert alone["overall"]["conclusion"] == "success"
    code, printed, told = reported(tmp_path, plan=example | {"checks": [*example["checks"], left]})
    assert code == 1, told
    assert printed["overall"] == {"conclusion": "failure", "title": title}


def test_a_plan_that_names_a_review_and_not_its_check_is_refused(tmp_path: Path) -> None:
    example = json.loads((SCHEMAS / "plan.schema.json").read_bytes())["examples"][1]
    code, _, told = reported(tmp_path, plan=example | {"checks": []})
    assert (code, told.splitlines()[0]) == (2, "error: the plan names a review whose check it does not name: security-review/claude/weather")

"""Reviews held against a plan: each case is a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pinwarden.conclusion import Conclusion, conclude, labels_in
from pinwarden.errors import Misuse
from pinwarden.labels import Labels, label_changes, worst_labels
from pinwarden.risk import Risk
from pinwarden.status import ReviewFile, checks_of, final_of, not_complete
from support.reviewed import COMPLETE, review

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "status").glob("*.json"))
SERVERS = ("mail", "notes")


def plan_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return the plan of a case: two targets, whose checks wait unless they are settled."""
    agents, settled = case.get("agents", ["claude"]), case.get("settled", {})
    names = [f"{agent}/{server}" for server in SERVERS for agent in agents]
    about = {key: COMPLETE[key] for key in ("mode", "base", "head", "directory")}
    rows = {name: settled.get(name, [None, None]) for name in [*names, *settled]}
    return {
        "targets": [{"server": server, "project": f"https://github.com/ada/{server}", **about} for server in SERVERS],
        "agents": agents,
        "checks": [{"name": f"security-review/{name}", "conclusion": conclusion, "title": title} for name, (conclusion, title) in rows.items()],
        "aggregate": {"conclusion": None},
        "shared": case.get("shared", []),
        "conclusions": case.get("conclusions", {}),
        "reviews": [
            {"agent": agent, "server": server, "model": "claude-sonnet-4-5" if agent == "claude" else None, "artifact": f"a-{agent}-{server}"}
            for agent, server in (name.split("/") for name in names if name not in settled)
        ],
    }


def files_of(case: dict[str, Any]) -> list[ReviewFile]:
    reviews = [review(**given) for given in case["reviews"]]
    folders = [f"a-{one['agent']}-{one['server']}" for one in reviews]
    return [ReviewFile(f"{folder}/review.json", one) for folder, one in zip(folders[:: -1 if case.get("swapped") else 1], reviews, strict=True)]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case(path: Path) -> None:
    case = json.loads(path.read_bytes())
    plan = plan_of(case)
    checks = checks_of(plan, files_of(case))
    final = final_of(plan, checks)
    expected = case["expect"]
    assert {check.name.removeprefix("security-review/"): [check.check.conclusion, check.check.title] for check in checks} == expected["checks"]
    assert [final.conclusion, final.title] == expected["overall"]
    assert sorted(worst_labels(labels_in(check.check.title) for check in checks)) == expected["labels"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


def test_with_a_problem_the_check_for_all_can_not_pass() -> None:
    case = {"reviews": [{"server": "mail", "risk": "low"}, {"server": "notes", "risk": "low"}]}
    plan = plan_of(case)
    checks = checks_of(plan, files_of(case))
    assert final_of(plan, checks).conclusion is Conclusion.SUCCESS
    assert final_of(plan, checks, "no answer").conclusion is Conclusion.FAILURE


def test_an_artifact_that_nobody_planned_ends_it_and_leaves_what_was_settled() -> None:
    case = {"reviews": [], "settled": {"claude/mail": ["success", "low risk"]}}
    plan = plan_of(case)
    with pytest.raises(Misuse, match='"other" is no artifact that was planned'):
        checks_of(plan, [ReviewFile("other/review.json", None, "there is no review.json")])
    checks = not_complete(plan, "why")
    assert [(check.check.conclusion, check.reasons, check.settled) for check in checks] == [("success", (), True), ("failure", ("why",), False)]


def test_a_title_says_what_a_check_was_concluded_from() -> None:
    for risk in Risk:
        for blocked in (False, True):
            labels = Labels(risk, blocked)
            title = conclude(labels).title
            assert labels_in(title) == labels_in(f"{title} (pattern scan only, no AI review)") == labels
    for title in ("review did not complete", "nothing to review", "", "low risk and more", "Low risk", "no risk"):
        assert labels_in(title) is None


def test_no_review_at_all_has_no_label() -> None:
    assert worst_labels([]) == frozenset()


@pytest.mark.parametrize(
    ("present", "wanted", "keep", "gone", "come"),
    [
        pytest.param([], {"security-risk:low"}, False, [], ["security-risk:low"], id="new"),
        pytest.param(["security-risk:low", "bug"], {"security-risk:high"}, False, ["security-risk:low"], ["security-risk:high"], id="another"),
        pytest.param(["Security-Risk:High"], {"security-risk:high"}, False, [], [], id="case"),
        pytest.param(["security-risk:none", "security"], {"security-risk:high"}, False, [], ["security-risk:high"], id="not ours"),
        pytest.param(["security-blocked", "security-risk:low"], set(), False, ["security-blocked", "security-risk:low"], [], id="gone"),
        pytest.param(["security-blocked", "security-risk:low"], set(), True, ["security-risk:low"], [], id="not known whether it blocks"),
    ],
)
def test_labels_are_exclusive_and_no_other_is_touched(present: list[str], wanted: set[str], keep: bool, gone: list[str], come: list[str]) -> None:
    assert label_changes(present, frozenset(wanted), keep_blocked=keep) == (gone, come)

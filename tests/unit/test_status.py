"""Reviews held against a plan: each case is a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pinwarden.conclusion import NOT_COMPLETE, Check, Conclusion, conclude, labels_in
from pinwarden.errors import Misuse
from pinwarden.labels import Labels, label_changes, worst_labels
from pinwarden.risk import Risk
from pinwarden.status import NamedCheck, ReviewFile, checks_of, final_of, labels_of, not_complete, table
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


BOTH: list[dict[str, Any]] = [{"server": server, "agent": "claude", "risk": "low"} for server in SERVERS]


def folder_plan(**changed: Any) -> dict[str, Any]:
    """A plan that names no artifacts: its reviews lie in folders of any name."""
    return {key: value for key, value in plan_of({}).items() if key not in ("reviews", "checks")} | changed


def in_folders(*given: dict[str, Any]) -> list[ReviewFile]:
    return [ReviewFile(f"{number}/review.json", review(**one)) for number, one in enumerate(given)]


def told(checks: list[NamedCheck]) -> list[tuple[str, tuple[str, ...]]]:
    return [(check.check.conclusion, check.reasons) for check in checks]


def test_without_artifacts_a_review_is_of_what_it_says() -> None:
    checks = checks_of(folder_plan(), in_folders(*reversed(BOTH)))
    assert [check.name for check in checks] == ["security-review/claude/mail", "security-review/claude/notes"]
    assert [check.review["server"] for check in checks if check.review] == ["mail", "notes"]
    assert told(checks) == [("success", ()), ("success", ())]


def test_what_can_not_be_read_is_told_with_the_first_that_is_missing() -> None:
    unread = ReviewFile("x\x1b/review.json", None, "not JSON")
    why = ("there is no review of it", "x\\u001b/review.json: not JSON")
    assert told(checks_of(folder_plan(), [unread, *in_folders(BOTH[0])])) == [("success", ()), ("failure", why)]
    assert told(checks_of(folder_plan(), [unread])) == [("failure", why), ("failure", why[:1])]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param([BOTH[0], BOTH[0]], '"1/review.json" is a second review of security-review/claude/mail', id="two of one target"),
        pytest.param([BOTH[0] | {"server": "x"}], '"0/review.json" is a review that was not planned: security-review/claude/x', id="another server"),
        pytest.param([BOTH[0] | {"agent": "codex"}], '"0/review.json" is a review that was not planned: security-review/codex/mail', id="another agent"),
    ],
)
def test_what_nobody_planned_ends_it(given: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Misuse) as refused:
        checks_of(folder_plan(), in_folders(*given))
    assert refused.value.message == message


def test_a_plan_that_names_anything_twice_is_none() -> None:
    targets = folder_plan()["targets"]
    with pytest.raises(Misuse, match="the plan names a server twice"):
        checks_of(folder_plan(targets=[*targets, targets[0]]), [])
    plan = plan_of({})
    first, second = plan["reviews"]
    for reviews in ([first, second | {"artifact": first["artifact"]}], [first, first | {"artifact": "another"}]):
        with pytest.raises(Misuse, match="the plan names an artifact or a review twice"):
            checks_of(plan | {"reviews": reviews}, [])


def test_a_plan_without_checks_has_one_for_each_review() -> None:
    plan = {key: value for key, value in plan_of({}).items() if key != "checks"}
    assert told(checks_of(plan, files_of({"reviews": BOTH}))) == [("success", ()), ("success", ())]


def test_a_plan_of_a_pull_request_names_the_check_of_each_review() -> None:
    plan = plan_of({})
    for count, missing in ((1, "notes"), (0, "mail")):
        with pytest.raises(Misuse) as refused:
            checks_of(plan | {"pull_request": {"number": 1}, "checks": plan["checks"][:count]}, [])
        assert refused.value.message == f"the plan names a review whose check it does not name: security-review/claude/{missing}"


def test_a_review_that_speaks_against_itself_blocks() -> None:
    check, _ = checks_of(plan_of({}), files_of({"reviews": [BOTH[0] | {"labels": ["security-risk:info"]}, BOTH[1]]}))
    assert (check.check, check.review) == (NOT_COMPLETE, None)
    assert check.reasons == ("the review's labels are not those of its risk, low",)


def test_what_was_settled_keeps_its_title_and_its_reasons() -> None:
    plan = plan_of({"settled": {"claude/mail": ["failure", None]}})
    plan["checks"][0]["reasons"] = ["the entry is not valid"]
    checks = checks_of(plan, files_of({"reviews": BOTH[1:]}))
    assert checks[0] == NamedCheck("security-review/claude/mail", Check(Conclusion.FAILURE, ""), ("the entry is not valid",), settled=True)
    assert not checks[1].settled
    assert not_complete(plan, "why")[0].check == Check(Conclusion.FAILURE, "")
    plan["checks"][0]["title"] = "low risk"
    assert not_complete(plan, "why")[0].check == Check(Conclusion.FAILURE, "low risk")


@pytest.mark.parametrize("change", [{"targets": []}, {"reviews": []}])
def test_a_check_for_which_no_review_was_planned_blocks(change: dict[str, Any]) -> None:
    checks = checks_of(plan_of({}) | change, [])
    assert told(checks) == [("failure", ("no review of it was planned",))] * 2


def test_an_artifact_without_a_review_is_told() -> None:
    checks = checks_of(plan_of({}), [ReviewFile("a-claude-mail/review.json", None, "not JSON")])
    assert checks[0].reasons == ("there is no review of it", "a-claude-mail/review.json: not JSON")
    assert checks[1].reasons == ("there is no review of it",)


def test_by_another_model_a_review_counts_only_where_it_came_to_nothing() -> None:
    other = {"model": "claude-haiku-4-5"}
    complete, without = checks_of(plan_of({}), files_of({"reviews": [BOTH[0] | other, BOTH[1] | other | {"risk": None, "model": None}]}))
    assert complete.reasons == ('the review is of another model than planned: "claude-haiku-4-5", planned is "claude-sonnet-4-5"',)
    assert without.review is not None
    assert without.check == NOT_COMPLETE
    assert without.reasons == tuple(without.review["reasons"]) != ()
    # A pattern scan has no model, whatever it says.
    scan = {"agents": ["guarddog"], "reviews": [one | {"agent": "guarddog"} | other for one in BOTH]}
    assert {check.check.conclusion for check in checks_of(plan_of(scan), files_of(scan))} == {"success"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"directory": "./src//"}, None, id="the same directory"),
        pytest.param({"directory": "lib"}, 'another directory than planned: "lib", planned is "src"', id="another directory"),
        pytest.param({"base": None, "mode": "full"}, 'another mode than planned: "full", planned is "differential"', id="another mode"),
        pytest.param({"base": None}, f'another base than planned: none, planned is "{COMPLETE["base"]}"', id="no base"),
        pytest.param({"project": "https://github.com/ada/mail/"}, "another project than planned", id="another way to write the project"),
    ],
)
def test_a_review_of_something_else_blocks(changed: dict[str, Any], reason: str | None) -> None:
    plan = plan_of({})
    for target in plan["targets"]:
        target["directory"] = "src"
    check, _ = checks_of(plan, files_of({"reviews": [BOTH[0] | {"directory": "src"} | changed, BOTH[1]]}))
    if reason is None:
        assert (check.check.conclusion, check.reasons) == ("success", ())
    else:
        assert (check.check, check.review) == (NOT_COMPLETE, None)
        assert reason in check.reasons[0]


def test_a_check_for_all_that_is_settled_stays() -> None:
    plan = plan_of({}) | {"aggregate": {"conclusion": "neutral", "title": "high risk"}}
    assert final_of(plan, []) == Check(Conclusion.NEUTRAL, "high risk")
    assert final_of(plan | {"aggregate": {"conclusion": "failure", "title": None}}, []) == Check(Conclusion.FAILURE, "")
    assert final_of(plan_of({"shared": [{"conclusion": "failure", "title": None}]}), []) == Check(Conclusion.FAILURE, "")
    assert final_of({}, []) == Check(Conclusion.SUCCESS, "nothing to review")


def test_a_plan_without_checks_has_none_that_are_not_complete() -> None:
    assert not_complete(folder_plan(), "why") == []


def test_the_table_has_the_check_for_all_last() -> None:
    rows = [NamedCheck("a", Check(Conclusion.SUCCESS, "low risk")), NamedCheck("bc", NOT_COMPLETE, ("one", "t\x1bwo"))]
    assert table(rows, NOT_COMPLETE) == (
        "success  a                low risk\n"
        "failure  bc               review did not complete\n"
        "                          - one\n"
        "                          - t\\u001bwo\n"
        "failure  security-review  review did not complete\n"
    )


def test_a_title_says_what_a_check_was_concluded_from() -> None:
    for risk in Risk:
        for blocked in (False, True):
            labels = Labels(risk, blocked)
            title = conclude(labels).title
            assert labels_in(title) == labels_in(f"{title} (pattern scan only, no AI review)") == labels
    for title in ("review did not complete", "nothing to review", "", "low risk and more", "Low risk", "no risk"):
        assert labels_in(title) is None


def test_labels_are_of_reviews_and_not_of_the_plan_s_other_checks() -> None:
    low, critical, failed = Check(Conclusion.SUCCESS, "low risk"), Check(Conclusion.FAILURE, "critical risk"), Check(Conclusion.FAILURE, "as it says")
    given = [NamedCheck("security-review/claude/mail", low), NamedCheck("security-review/codex/mail", critical), NamedCheck("security-review/pins", failed)]
    assert labels_of(given) == [Labels(Risk.LOW), Labels(Risk.CRITICAL)]
    assert labels_of([NamedCheck("security-review/claude/mail", failed)]) == [None]
    assert labels_of([*given, NamedCheck("security-review/left", failed)]) == [Labels(Risk.LOW), Labels(Risk.CRITICAL), None]
    assert labels_of([*given, NamedCheck("security-review/left", replace(failed, conclusion=Conclusion.SUCCESS))]) == labels_of(given)


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

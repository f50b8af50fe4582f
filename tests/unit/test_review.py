"""A review is made always, and whatever is not clear about it makes it incomplete, with the reason."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pinwarden.conclusion import NOT_COMPLETE, Conclusion
from pinwarden.foreign_markdown import rendered
from pinwarden.review import MOST_MARKDOWN, Material, Run, assemble, check_of, contradiction, inputs_sha256
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.surface.fact import Change, Item, Kind, Surface
from pinwarden.target import Evidence, NotRead, Side, Target

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "review.schema.json").read_bytes())
VALID = Draft202012Validator(SCHEMA)
TARGET = Target("weather", "https://github.com/ada/weather", "b" * 40, "a" * 40)
RUN = Run(Agent.CLAUDE, "1.0", "2026-01-01T02:00:00Z", "2026-01-01T02:00:09Z")
NOTHING = "## Executive Summary\n\n## Detailed Findings\n{}\n## Recommended Labels\n\n## Conclusion\n"


def report(*findings: str) -> bytes:
    return NOTHING.format("\n".join(findings)).encode()


HIGH = "### [HIGH] mail goes elsewhere\n\nEvidence: head src/server.py:12\n"


def review(*, found: bool = True, target: Target = TARGET, run: Run = RUN, surface: Surface | None = None, **material: Any) -> dict[str, Any]:
    given = {"report": report(HIGH), "labels": b"security-risk:high\n"} | material
    made = assemble(target, run, Material(surface or Surface(), **given), lambda _: found, lambda text: rendered(text, MOST_MARKDOWN))
    assert list(VALID.iter_errors(json.loads(json.dumps(made)))) == []
    return made


def item(risk: Risk, change: Change = Change.ADDED) -> Surface:
    return Surface((Item(Kind.RECIPIENT, change, "bcc x", risk, "mail goes to x", (Evidence(Side.HEAD, "a.py", 1),)),))


def test_a_clear_review_is_complete() -> None:
    made = review()
    assert (made["outcome"], made["risk"], made["labels"], made["reasons"]) == ("complete", "high", ["security-risk:high"], [])
    assert check_of(made).conclusion is Conclusion.NEUTRAL


@pytest.mark.parametrize(
    ("material", "reason"),
    [
        pytest.param({"reasons": ["the base is gone"]}, "the base is gone", id="not all was staged or collected"),
        pytest.param({"labels": b""}, "the label file is empty", id="empty labels"),
        pytest.param({"labels": b"security-risk:High\n"}, "not a label", id="labels in another case"),
        pytest.param({"report": b"all fine"}, "no section", id="a report without sections"),
        pytest.param({"report": b"\xff"}, "not UTF-8", id="a report that is not text"),
        pytest.param({"labels": b"security-risk:info\n"}, "the label says info, a finding says high", id="label below the worst finding"),
        pytest.param({"labels": b"security-risk:critical\n"}, "the label says critical, no finding says so", id="label above every finding"),
        pytest.param({"found": False}, "no line that the findings rest on exists", id="all evidence invented"),
        pytest.param({"report": report("### [HIGH] no proof\n")}, "no line that the findings rest on exists", id="no evidence at all"),
        pytest.param({"surface": Surface((), ("a.py: nested too deeply",))}, "nested too deeply", id="surface not read to its end"),
    ],
)
def test_what_is_not_clear_blocks_with_its_reason(material: dict[str, Any], reason: str) -> None:
    made = review(**material)
    assert (made["outcome"], made["risk"], made["blocked"], made["labels"]) == ("incomplete", None, False, [])
    assert reason in "; ".join(made["reasons"])
    assert check_of(made).conclusion is Conclusion.FAILURE
    assert check_of(made).title.startswith("review did not complete")


@pytest.mark.parametrize(("missing", "name"), [("report", "report.md"), ("labels", "labels.txt")])
def test_a_missing_file_blocks_even_if_nobody_says_why(missing: str, name: str) -> None:
    material: dict[str, Any] = {missing: None}
    made = review(**material)
    assert made["outcome"] == "incomplete"
    assert made["reasons"] == [f"there is no {name}"]


@pytest.mark.parametrize(("label", "outcome"), [("info", "complete"), ("low", "complete"), ("medium", "incomplete")])
def test_without_a_finding_a_label_may_be_low(label: str, outcome: str) -> None:
    assert review(report=report(), labels=f"security-risk:{label}\n".encode())["outcome"] == outcome


def test_a_failed_run_blocks_though_its_files_are_perfect() -> None:
    run = Run(Agent.CODEX, "1.0", RUN.started, RUN.finished, failures=("the agent ended with exit code 1",))
    assert review(run=run)["reasons"] == ["the agent ended with exit code 1"]


def test_one_line_that_exists_is_enough_and_the_others_are_marked() -> None:
    two = report("### [HIGH] mail goes elsewhere\n\nEvidence: head a.py:1\nEvidence: head b.py:2\n")
    made = assemble(TARGET, RUN, Material(Surface(), two, b"security-risk:high\n"), lambda place: place.path == "a.py", lambda text: rendered(text, 999))
    assert made["outcome"] == "complete"
    assert [place["verified"] for place in made["findings"][0]["evidence"]] == [True, False]


@pytest.mark.parametrize(("base", "side", "outcome"), [("a" * 40, "base", "complete"), (None, "head", "complete"), (None, "base", "incomplete")])
def test_a_full_review_has_no_base_to_quote(base: str | None, side: str, outcome: str) -> None:
    quoted = report(HIGH.replace("head src", f"{side} src"))
    assert review(target=replace(TARGET, base=base), report=quoted)["outcome"] == outcome


@pytest.mark.parametrize(("surface", "risk"), [(Risk.CRITICAL, "critical"), (Risk.LOW, "high"), (Risk.INFO, "high")])
def test_the_surface_raises_and_never_lowers(surface: Risk, risk: str) -> None:
    made = review(surface=item(surface))
    assert (made["risk"], made["labels"]) == (risk, [f"security-risk:{risk}"])


def test_what_is_gone_raises_nothing() -> None:
    assert review(surface=item(Risk.CRITICAL, Change.REMOVED))["risk"] == "high"


def test_blocked_blocks_whatever_the_risk() -> None:
    made = review(labels=b"security-risk:info\nsecurity-blocked\n", report=report())
    assert check_of(made).conclusion is Conclusion.FAILURE


def test_a_pattern_scan_says_that_it_is_one() -> None:
    made = review(run=Run(Agent.GUARDDOG, "3.2.0", RUN.started, RUN.finished), report=report(), labels=b"security-risk:info\n")
    assert check_of(made).title == "info risk (pattern scan only, no AI review)"
    assert check_of(made | {"agent": Agent.CLAUDE}).title == "info risk"


@pytest.mark.parametrize("wrong", [{"outcome": "incomplete"}, {"risk": None}, {"reasons": ["why"]}], ids=["outcome", "risk", "reasons"])
def test_a_review_that_contradicts_itself_blocks(wrong: dict[str, Any]) -> None:
    assert check_of(review() | wrong) == NOT_COMPLETE


FINDING = {"severity": "low", "title": "t", "evidence": []}
FACT = {"risk": "low"}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        pytest.param({}, "", id="as it was made"),
        pytest.param({"labels": ["security-risk:low"]}, "the review's labels are not those of its risk, high", id="labels of another risk"),
        pytest.param({"blocked": True}, "the review's labels are not those of its risk, high", id="blocked without the label"),
        pytest.param({"blocked": True, "labels": ["security-blocked", "security-risk:high"]}, "", id="in another order"),
        pytest.param({"findings": [FINDING, FINDING | {"severity": "high"}]}, "", id="as high as a finding"),
        pytest.param(
            {"findings": [FINDING | {"severity": "critical"}]}, "the review says high risk, and of its findings one is critical", id="below a finding"
        ),
        pytest.param({"surface": [FACT, {"risk": None}, {"risk": "high"}]}, "", id="as high as its surface"),
        pytest.param({"surface": [{"risk": "critical"}]}, "the review says high risk, and its surface critical", id="below its surface"),
        pytest.param({"outcome": "incomplete", "labels": []}, "", id="not complete"),
        pytest.param({"risk": None, "labels": []}, "", id="without a risk"),
    ],
)
def test_a_review_that_speaks_against_itself_is_told(changed: dict[str, Any], wrong: str) -> None:
    assert contradiction(review() | changed) == wrong


@pytest.mark.parametrize(
    ("target", "run"),
    [
        *(({key: value}, {}) for key, value in {"project": "https://github.com/ada/other", "head": "c" * 40, "base": "d" * 40, "directory": "src"}.items()),
        *(({}, {key: value}) for key, value in {"agent": Agent.CODEX, "agent_version": "1.1", "model": "m", "prompt_sha256": "d" * 64}.items()),
    ],
)
def test_whatever_is_reviewed_and_whoever_reviews_is_among_the_inputs(target: dict[str, Any], run: dict[str, Any]) -> None:
    inputs = inputs_sha256(replace(TARGET, **target), replace(RUN, **run))
    assert inputs != inputs_sha256(TARGET, RUN) == inputs_sha256(replace(TARGET, server="other"), replace(RUN, usage={"calls": 1}))


def test_a_report_is_shown_as_it_was_made_safe() -> None:
    raw = report(HIGH.replace("goes", "go\u200bes"))
    safe = rendered(raw.decode(), MOST_MARKDOWN).markdown
    assert "mail goes elsewhere" in safe
    assert review(report=raw)["report"] == {"markdown": safe, "sha256": hashlib.sha256(raw).hexdigest(), "truncated": False, "hidden": 1}
    long = review(report=report(HIGH, "text\n\n" * 12_000))["report"]
    assert long["truncated"]
    assert len(long["markdown"]) <= MOST_MARKDOWN
    unread = b"all fine"
    assert review(report=unread)["report"] == {"markdown": "", "sha256": hashlib.sha256(unread).hexdigest(), "truncated": False, "hidden": 0}
    assert review(report=None)["report"] is None


def test_what_was_not_read_is_listed() -> None:
    made = review(not_read=[NotRead("logo\udcff.png", "too large", changed=False)])
    assert made["not_read"][0]["reason"] == "too large"


@given(st.one_of(st.none(), st.binary(max_size=300)), st.one_of(st.none(), st.binary(max_size=60)))
def test_nothing_that_an_agent_leaves_behind_can_stop_it(written: bytes | None, labels: bytes | None) -> None:
    made = review(report=written, labels=labels)
    assert made["outcome"] == "incomplete" or made["risk"]

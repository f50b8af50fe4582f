"""The merge gate's decision: every fact that is not as it should be has its own reason, and nothing but all of them merges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pinwarden.conclusion import Conclusion
from pinwarden.config import Level, Merge
from pinwarden.merge_policy import Decided, Decision, Edit, Facts, Run, decide
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.upstream import Answered, Failure, RefKind, Relation, Tip, Unanswered

DAY = 86_400
NOW = 100 * DAY
TIP = Tip("refs/heads/main", RefKind.BRANCH, "c" * 40)
ANSWER = Answered(TIP, "main", Relation.SAME, repository_id=7, archived=False)
AGENT = "security-review/claude/weather"
ALL = "security-review"
LOW = Run(Conclusion.SUCCESS, "low risk", same_inputs=True)
GOOD = Facts(
    number=1,
    head="a" * 40,
    open=True,
    draft=False,
    queued=False,
    external=False,
    to_default=True,
    by_tool=True,
    strangers=(),
    labels=frozenset({"security-risk:low"}),
    changes_requested=(),
    shared=(),
    made_at=NOW - 3 * DAY,
    edit=Edit("", "weather", "b" * 40, "c" * 40),
    answer=ANSWER,
    recorded_id=7,
    forward=True,
    checks={AGENT: LOW, ALL: LOW},
    level=None,
)
POLICY = Merge(enabled=True)


def told(facts: Facts = GOOD, policy: Merge = POLICY, agents: tuple[Agent, ...] = (Agent.CLAUDE,), now: int = NOW) -> Decided:
    return decide(facts, policy, agents, now)


def with_check(name: str, **changed: Any) -> dict[str, Any]:
    return {"checks": {**GOOD.checks, name: replace(LOW, **changed)}}


def test_all_as_it_should_be_is_merged_without_a_reason() -> None:
    assert told() == Decided(Decision.MERGE, ())


WAIT, PERSON, NEVER = Decision.WAIT, Decision.PERSON, Decision.NEVER
WRONG: list[tuple[dict[str, Any], Decision, str]] = [
    ({"open": False}, NEVER, "it is not open"),
    ({"external": True}, NEVER, "it comes from another repository"),
    ({"to_default": False}, NEVER, "it is not for the default branch"),
    ({"by_tool": False}, NEVER, "this tool did not open it"),
    ({"strangers": tuple(letter * 40 for letter in "defg")}, NEVER, f"this tool did not make {'d' * 12}, {'e' * 12}, {'f' * 12}"),
    ({"edit": Edit("it changes 2 files")}, NEVER, "it changes 2 files"),
    ({"edit": replace(GOOD.edit, stale=True)}, WAIT, "the entry changed on the default branch since; the next bump sees it"),
    ({"draft": True}, WAIT, "it is a draft"),
    ({"queued": True}, WAIT, "it is in the merge queue"),
    ({"labels": frozenset({"pin-hold"})}, WAIT, "the label pin-hold holds it"),
    ({"labels": frozenset({"security-blocked"})}, PERSON, "it has the label security-blocked"),
    ({"labels": frozenset({"security-risk:critical"})}, PERSON, "it has the label security-risk:critical"),
    ({"changes_requested": ("ada", "bob")}, PERSON, '"ada" asked for changes'),
    ({"shared": (9, 12)}, PERSON, "#9 has the same head, so a check could be of either"),
    ({"made_at": NOW - 3 * DAY + 1}, WAIT, "its commit is younger than 3 days"),
    ({"made_at": None}, WAIT, "its commit is younger than 3 days"),
    ({"answer": None}, WAIT, "upstream was not read"),
    ({"answer": Unanswered(Failure.ERROR, "x")}, WAIT, 'upstream could not be read: "x"'),
    ({"answer": Unanswered(Failure.GONE, "x")}, PERSON, 'upstream is gone or moved: "x"'),
    ({"answer": Unanswered(Failure.MOVED, "x")}, PERSON, 'upstream is gone or moved: "x"'),
    ({"answer": replace(ANSWER, archived=True)}, PERSON, "the upstream repository is archived"),
    ({"answer": replace(ANSWER, tip=replace(TIP, kind=RefKind.TAG))}, PERSON, '"refs/heads/main" is no branch that can be followed'),
    ({"answer": replace(ANSWER, tip=replace(TIP, kind=RefKind.PULL))}, PERSON, '"refs/heads/main" is no branch that can be followed'),
    ({"answer": replace(ANSWER, tip=replace(TIP, commit=None))}, PERSON, '"refs/heads/main" is no branch that can be followed'),
    ({"answer": replace(ANSWER, relation=None)}, WAIT, 'it is not known whether "refs/heads/main" leads to the new commit'),
    *(
        ({"answer": replace(ANSWER, relation=relation)}, PERSON, '"refs/heads/main" does not lead to the new commit any more')
        for relation in (Relation.BEHIND, Relation.DIVERGED, Relation.PIN_UNKNOWN)
    ),
    ({"recorded_id": 8}, PERSON, "the upstream repository's id was 8 and is 7"),
    ({"recorded_id": None}, PERSON, "the upstream repository's id was not recorded and is 7"),
    ({"answer": replace(ANSWER, repository_id=None)}, WAIT, "the upstream's host did not tell the repository's id"),
    ({"forward": False}, PERSON, "the new commit does not have the old one behind it"),
    ({"forward": None}, WAIT, "it is not known whether the new commit has the old one behind it"),
    *(
        case
        for name in (AGENT, ALL)
        for case in (
            ({"checks": {key: LOW for key in GOOD.checks if key != name}}, WAIT, f'there is no check "{name}" of our own App on this head'),
            (with_check(name, conclusion=None), WAIT, f'"{name}" has not come to success, neutral or failure'),
            (with_check(name, same_inputs=False), WAIT, f'"{name}" is of something else than would be reviewed now'),
            (with_check(name, conclusion=Conclusion.FAILURE), PERSON, f'"{name}" failed: "low risk"'),
            (with_check(name, title="nothing to review"), PERSON, f'"{name}" tells no risk: "nothing to review"'),
            (with_check(name, title="low risk, blocked by the reviewer"), PERSON, f'"{name}" says low risk, more than low'),
            (with_check(name, title="medium risk", conclusion=Conclusion.NEUTRAL), PERSON, f'"{name}" says medium risk, more than low'),
            (with_check(name, title="critical risk"), PERSON, f'"{name}" says critical risk, more than low'),
        )
    ),
]


@pytest.mark.parametrize(("changed", "decision", "reason"), WRONG, ids=[f"{number}-{reason}" for number, (_, _, reason) in enumerate(WRONG)])
def test_one_thing_that_is_wrong(changed: dict[str, Any], decision: Decision, reason: str) -> None:
    assert told(replace(GOOD, **changed)) == Decided(decision, (reason,))


RIGHT: list[dict[str, Any]] = [
    {"answer": replace(ANSWER, relation=Relation.AHEAD)},
    {"answer": replace(ANSWER, tip=replace(TIP, kind=RefKind.RELEASE))},
    {"answer": replace(ANSWER, repository_id=None, archived=None), "recorded_id": None},
    {"made_at": NOW - 9 * DAY},
    {"labels": frozenset()},
    with_check(AGENT, title="info risk"),
    with_check(ALL, title="low risk (pattern scan only, no AI review)"),
    {"checks": {**GOOD.checks, "security-review/codex/weather": replace(LOW, conclusion=None), "security-review/claude/other": replace(LOW, title="x")}},
]


@pytest.mark.parametrize("changed", RIGHT)
def test_what_makes_no_difference(changed: dict[str, Any]) -> None:
    assert told(replace(GOOD, **changed)).decision is Decision.MERGE


@pytest.mark.parametrize(
    ("policy", "level", "decision"),
    [
        (Merge(only=frozenset({"weather"})), None, Decision.MERGE),
        (Merge(only=frozenset({"tides"})), None, PERSON),
        (Merge(only=frozenset()), None, PERSON),
        (Merge(never=frozenset({"weather"})), None, PERSON),
        (Merge(only=frozenset({"weather"}), never=frozenset({"weather"})), None, PERSON),
        (Merge(never=frozenset({"tides"})), None, Decision.MERGE),
        (Merge(trust=frozenset({Level.KNOWN})), Level.KNOWN, Decision.MERGE),
        (Merge(trust=frozenset({Level.KNOWN})), Level.COMMUNITY, PERSON),
        (Merge(trust=frozenset({Level.KNOWN})), None, PERSON),
        (Merge(), Level.COMMUNITY, Decision.MERGE),
        (Merge(minimum_age_days=4), None, WAIT),
        (Merge(minimum_age_days=0), None, Decision.MERGE),
    ],
)
def test_the_policy(policy: Merge, level: Level | None, decision: Decision) -> None:
    assert told(replace(GOOD, level=level), policy).decision is decision


def test_the_words_of_the_policy() -> None:
    assert told(policy=Merge(never=frozenset({"weather"}))).reasons == ('the configuration leaves "weather" to a person',)
    strict = Merge(trust=frozenset({Level.KNOWN}))
    assert told(policy=strict).reasons == ("the publisher's trust level is not known",)
    assert told(replace(GOOD, level=Level.COMMUNITY), strict).reasons == ("the publisher's trust level is community",)


def test_the_risk_that_is_allowed() -> None:
    medium = replace(GOOD, checks={name: Run(Conclusion.NEUTRAL, "medium risk", same_inputs=True) for name in GOOD.checks})
    assert told(medium, Merge(maximum_risk=Risk.MEDIUM)).decision is Decision.MERGE
    assert told(medium, Merge(maximum_risk=Risk.LOW)).decision is PERSON
    assert told(policy=Merge(maximum_risk=Risk.INFO)).decision is PERSON


def test_every_agent_must_have_reviewed_it_and_there_must_be_one() -> None:
    assert told(agents=(Agent.CLAUDE, Agent.GUARDDOG)) == Decided(WAIT, ('there is no check "security-review/guarddog/weather" of our own App on this head',))
    assert told(agents=()) == Decided(PERSON, ("no agent is configured",))


def test_the_worst_counts_and_is_told_first() -> None:
    both = replace(GOOD, draft=True, shared=(9,))
    assert told(both) == Decided(PERSON, ("#9 has the same head, so a check could be of either", "it is a draft"))
    foreign = replace(both, by_tool=False, edit=replace(GOOD.edit, stale=True))
    assert told(foreign) == Decided(NEVER, ("this tool did not open it", "the entry changed on the default branch since; the next bump sees it"))

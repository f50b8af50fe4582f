"""Checks before anything is reviewed: what waits, what is kept, what nobody may start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinwarden.change import Changed, Place
from pinwarden.conclusion import BY_RISK, NOT_COMPLETE, NOTHING_TO_REVIEW, Check, Conclusion
from pinwarden.finding import Finding, Severity
from pinwarden.plan import Known, Plan, PlannedCheck, Request, Reviewing, inputs_of, plan_request, unreadable
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.target import Target

HEAD, BASE, OLD, NEW = "1" * 40, "2" * 40, "a" * 40, "b" * 40
INTERNAL = Request(7, HEAD, BASE, HEAD, external=False)
EXTERNAL = replace(INTERNAL, external=True)
ONE = Target("weather", "https://github.com/up/weather", NEW, OLD)
TWO = Target("mail", "https://github.com/up/mail", NEW)
WHO = Reviewing({Agent.CLAUDE: "claude-x"}, "toolkit", 256, 1800, BY_RISK, may_start=True)
CLAUDE, PINS, ALL = "security-review/claude/weather", "security-review/pins", "security-review"
WRONG = Finding("weather", "servers/weather/server.yaml", 9, 3, "commit-length", Severity.ERROR, "the pin has 7 characters", "write all 40")


def change(*targets: Target, findings: tuple[Finding, ...] = ()) -> Changed:
    return Changed(targets, {target.server: Place(f"servers/{target.server}/server.yaml", 8) for target in targets}, findings)


def planned(
    what: Changed, *, request: Request = INTERNAL, who: Reviewing = WHO, known: dict[str, Known] | None = None, **more: tuple[tuple[int, Check], ...]
) -> Plan:
    return plan_request(request, what, who, label="7-1", known=known or {}, **more)


def states(plan: Plan) -> dict[str, str]:
    assert plan.aggregate
    return {one.name: one.check.conclusion if one.check else "queued" for one in (*plan.checks, plan.aggregate)}


def aggregate(plan: Plan) -> PlannedCheck:
    assert plan.aggregate
    return plan.aggregate


def ran(plan: Plan, name: str, conclusion: Conclusion | None, title: str = "a title") -> dict[str, Known]:
    """Return the check `name` of `plan` as it stands after a run."""
    check = next(one for one in (*plan.checks, aggregate(plan)) if one.name == name)
    return {name: Known(f"ID_{name}", check.external_id, conclusion, title)}


def test_nothing_to_review_is_green_at_once() -> None:
    plan = planned(change())
    assert (states(plan), plan.start) == ({ALL: "success"}, False)
    assert aggregate(plan).check == NOTHING_TO_REVIEW


def test_each_target_waits_for_each_agent() -> None:
    plan = planned(change(ONE, TWO), who=replace(WHO, agents={Agent.CLAUDE: "claude-x", Agent.GUARDDOG: None}))
    assert states(plan) == {f"{ALL}/{agent}/{server}": "queued" for server in ("weather", "mail") for agent in ("claude", "guarddog")} | {ALL: "queued"}
    assert [one.artifact for one in plan.reviews] == [f"pinwarden-review-7-1-{number}" for number in range(4)]
    assert (plan.start, aggregate(plan).waiting) == (True, "4 reviews under way")


def test_what_comes_from_another_repository_waits_for_a_maintainer() -> None:
    plan = planned(change(ONE), request=EXTERNAL, who=replace(WHO, may_start=False))
    assert (states(plan), plan.start) == ({CLAUDE: "queued", ALL: "queued"}, False)
    assert {one.waiting for one in (*plan.checks, aggregate(plan))} == {"a maintainer must start this review"}


def test_a_maintainer_starts_it() -> None:
    assert planned(change(ONE), request=EXTERNAL).start


def test_docs_from_another_repository_are_green_at_once() -> None:
    assert states(planned(change(), request=EXTERNAL, who=replace(WHO, may_start=False))) == {ALL: "success"}


def test_an_entry_that_is_not_valid_fails() -> None:
    plan = planned(change(findings=(WRONG,)))
    assert states(plan) == {PINS: "failure", ALL: "failure"}
    assert aggregate(plan).check == Check(Conclusion.FAILURE, "a changed entry is not valid")


def test_valid_entries_beside_it_are_reviewed_all_the_same() -> None:
    plan = planned(change(TWO, findings=(WRONG,)))
    assert states(plan) == {"security-review/claude/mail": "queued", PINS: "failure", ALL: "queued"}
    assert plan.start


def test_a_completed_check_of_the_same_inputs_is_kept() -> None:
    first = planned(change(ONE, TWO))
    again = planned(change(ONE, TWO), known=ran(first, CLAUDE, Conclusion.NEUTRAL, "high risk"))
    assert [one.target.server for one in again.reviews] == ["mail"]
    assert next(one for one in again.checks if one.name == CLAUDE).id == f"ID_{CLAUDE}"
    whole = planned(change(ONE), known=ran(first, CLAUDE, Conclusion.NEUTRAL, "high risk"))
    assert (whole.start, aggregate(whole).check) == (False, Check(Conclusion.NEUTRAL, "high risk"))


def test_a_base_that_moved_on_changes_nothing_where_the_pins_are_the_same() -> None:
    known = ran(planned(change(ONE)), CLAUDE, Conclusion.SUCCESS)
    assert not planned(change(ONE), request=replace(INTERNAL, base="3" * 40), known=known).start


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(replace(ONE, base="c" * 40), id="another pin to start from"),
        pytest.param(replace(ONE, head="c" * 40), id="another pin"),
        pytest.param(replace(ONE, base=None), id="all of it"),
        pytest.param(replace(ONE, directory="x"), id="another directory"),
        pytest.param(replace(ONE, project="https://github.com/up/other"), id="another upstream"),
    ],
)
def test_another_target_is_reviewed_again(what: Target) -> None:
    assert planned(change(what), known=ran(planned(change(ONE)), CLAUDE, Conclusion.SUCCESS)).start


@pytest.mark.parametrize(
    "who",
    [
        replace(WHO, agents={Agent.CLAUDE: "claude-y"}),
        replace(WHO, toolkit="another"),
        replace(WHO, conclusions={**BY_RISK, Risk.HIGH: Conclusion.FAILURE}),
        replace(WHO, force=True),
    ],
)
def test_another_way_of_reviewing_reviews_again(who: Reviewing) -> None:
    assert planned(change(ONE), who=who, known=ran(planned(change(ONE)), CLAUDE, Conclusion.SUCCESS)).start


def test_what_did_not_complete_is_never_kept() -> None:
    title = f"{NOT_COMPLETE.title} (pattern scan only, no AI review)"
    assert planned(change(ONE), known=ran(planned(change(ONE)), CLAUDE, Conclusion.FAILURE, title)).start
    assert planned(change(ONE), known=ran(planned(change(ONE)), CLAUDE, None)).start


def test_a_settled_pull_request_is_left_as_it_is() -> None:
    first = planned(change(ONE))
    known = ran(first, CLAUDE, Conclusion.SUCCESS, "low risk") | ran(first, ALL, Conclusion.SUCCESS, "low risk")
    again = planned(change(ONE), known=known)
    assert all(one.id for one in (*again.checks, aggregate(again)))


def test_an_aggregate_that_says_something_else_is_set_again() -> None:
    first = planned(change(ONE))
    known = ran(first, CLAUDE, Conclusion.FAILURE, "critical risk") | ran(first, ALL, Conclusion.SUCCESS, "low risk")
    assert aggregate(planned(change(ONE), known=known)).id is None


def test_what_waits_for_a_maintainer_is_not_queued_twice() -> None:
    who = replace(WHO, may_start=False)
    first = planned(change(ONE), request=EXTERNAL, who=who)
    known = ran(first, CLAUDE, None) | ran(first, ALL, None, aggregate(first).waiting)
    again = planned(change(ONE), request=EXTERNAL, who=who, known=known)
    assert all(one.id for one in (*again.checks, aggregate(again)))
    started = planned(change(ONE), request=EXTERNAL, known=known)
    assert not any(one.id for one in (*started.checks, aggregate(started)))


def test_a_head_that_two_pull_requests_share_takes_the_worst() -> None:
    other = ((9, Check(Conclusion.FAILURE, "critical risk")),)
    assert aggregate(planned(change(), shared=other)).check == other[0][1]
    assert aggregate(planned(change(ONE), known=ran(planned(change(ONE)), CLAUDE, Conclusion.SUCCESS), shared=other)).check == other[0][1]


def test_as_many_as_one_run_may_make_are_made() -> None:
    assert len(planned(change(*(replace(ONE, server=f"s{number}") for number in range(256)))).reviews) == 256


def test_more_than_one_run_may_make_blocks() -> None:
    plan = planned(change(*(replace(ONE, server=f"s{number}") for number in range(257))))
    assert (states(plan), plan.start, plan.targets) == ({ALL: "failure"}, False, ())
    assert "257 reviews are more than one run may make (256)" in str(aggregate(plan).check)
    assert "by hand" in aggregate(plan).summary


MANY = change(*(replace(ONE, server=f"s{number}") for number in range(7)))
SHARDS = replace(WHO, most=3, in_shards=True)
LEFT = f"{ALL}/left"


def completed(plan: Plan, known: dict[str, Known]) -> dict[str, Known]:
    """Return what is known after the reviews of `plan` came to low risk."""
    known = dict(known)
    for check in plan.checks:
        ended = check.check or Check(Conclusion.SUCCESS, "low risk")
        known[check.name] = Known(f"ID_{check.name}", check.external_id, ended.conclusion, ended.title)
    return known


def test_a_maintainer_has_more_reviewed_in_shards() -> None:
    known: dict[str, Known] = {}
    reviewed, said = [], []
    first = planned(MANY, who=SHARDS)
    for _ in range(3):
        plan = planned(MANY, who=SHARDS, known=known)
        assert plan.start
        reviewed.append([one.target.server for one in plan.reviews])
        said.append(next(one.check.title for one in plan.checks if one.name == LEFT and one.check))
        known = completed(plan, known)
    assert reviewed == [["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6"]]
    assert said == ["4 reviews are left, start the next run by hand", "1 review is left, start the next run by hand", "no review is left for another run"]
    last = planned(MANY, who=SHARDS, known=known)
    assert (last.start, states(last)[ALL], len(last.checks)) == (False, "success", 8)
    in_one_run = planned(MANY, who=replace(SHARDS, most=7))
    assert aggregate(last).external_id == aggregate(in_one_run).external_id, "merge-pins holds it against this"
    assert aggregate(first).external_id != aggregate(in_one_run).external_id


def test_what_is_left_blocks_until_it_is_reviewed() -> None:
    first = planned(MANY, who=SHARDS)
    known = completed(first, {})
    assert states(planned(MANY, who=replace(SHARDS, in_shards=False), known=known))[ALL] == "failure"
    # With the reviews of the first shard there, a run that nobody started by hand begins none of the others.
    assert not planned(MANY, who=replace(SHARDS, in_shards=False), known=known).start
    # Four are open and three would be one run's: one less and the rest fits into it.
    fits = planned(MANY, who=replace(SHARDS, most=4, in_shards=False), known=known)
    assert (fits.start, len(fits.reviews), states(fits)[LEFT]) == (True, 4, "success")


def test_what_did_not_complete_is_in_the_next_shard_again() -> None:
    known = completed(planned(MANY, who=SHARDS), {})
    name = "security-review/claude/s1"
    known[name] = replace(known[name], conclusion=Conclusion.FAILURE, title=NOT_COMPLETE.title)
    assert [one.target.server for one in planned(MANY, who=SHARDS, known=known).reviews] == ["s1", "s3", "s4"]


def test_more_checks_than_a_commit_keeps_are_begun_by_nobody() -> None:
    """GitHub deletes the oldest then: what was reviewed would be forgotten, and reviewed again."""
    plan = planned(change(*(replace(ONE, server=f"s{number}") for number in range(901))), who=replace(SHARDS, most=256))
    assert (plan.start, states(plan)) == (False, {ALL: "failure"})
    assert aggregate(plan).summary == "Split the pull request."


def test_a_run_that_asks_one_agent_leaves_the_others_and_they_block() -> None:
    """Who may start a review can't pass a change by it that the registry wants read by others."""
    both = replace(WHO, agents={Agent.CLAUDE: "claude-x", Agent.GUARDDOG: None})
    alone = replace(both, only=Agent.GUARDDOG)
    first = planned(change(ONE), who=alone)
    assert [one.agent for one in first.reviews] == [Agent.GUARDDOG]
    assert states(first) == {"security-review/guarddog/weather": "queued", LEFT: "failure", ALL: "queued"}
    known = completed(first, {})
    assert states(planned(change(ONE), who=alone, known=known))[ALL] == "failure"
    # The control: once the other has reviewed too, it passes.
    rest = planned(change(ONE), who=both, known=known)
    assert [one.agent for one in rest.reviews] == [Agent.CLAUDE]
    done = planned(change(ONE), who=alone, known=completed(rest, known))
    assert states(done) == {CLAUDE: "success", "security-review/guarddog/weather": "success", LEFT: "success", ALL: "success"}


def test_inputs_are_not_the_same_for_two_targets() -> None:
    assert inputs_of(ONE, Agent.CLAUDE, WHO) != inputs_of(TWO, Agent.CLAUDE, WHO)
    assert inputs_of(ONE, Agent.CLAUDE, WHO) == inputs_of(replace(ONE), Agent.CLAUDE, replace(WHO, timeout=5))


def test_a_run_that_reviews_takes_over_no_check_that_another_queued() -> None:
    """The other may still be at work, or was cancelled: whichever it is, its result is not this one's."""
    first = planned(change(ONE))
    assert aggregate(first).waiting == "1 review under way"
    known = ran(first, CLAUDE, None, "waits for its review") | ran(first, ALL, None, aggregate(first).waiting)
    again = planned(change(ONE), known=known)
    assert not any(one.id for one in (*again.checks, aggregate(again)))


def test_another_base_sets_the_check_for_all_again() -> None:
    """What was reviewed is kept; the check for all names the base that it holds for."""
    first = planned(change(ONE))
    known = ran(first, CLAUDE, Conclusion.SUCCESS, "low risk") | ran(first, ALL, Conclusion.SUCCESS, "low risk")
    moved = planned(change(ONE), request=replace(INTERNAL, base="3" * 40), known=known)
    assert [one.id for one in moved.checks] == [f"ID_{CLAUDE}"]
    assert (aggregate(moved).id, aggregate(moved).check) == (None, Check(Conclusion.SUCCESS, "low risk"))


@pytest.mark.parametrize("ended", [Conclusion.FAILURE, None])
@pytest.mark.parametrize("base", [BASE, "3" * 40])
def test_only_what_waits_for_the_same_is_left_waiting(ended: Conclusion | None, base: str) -> None:
    who = replace(WHO, may_start=False)
    known = ran(planned(change(ONE), request=EXTERNAL, who=who), CLAUDE, ended, NOT_COMPLETE.title)
    (check,) = planned(change(ONE), request=replace(EXTERNAL, base=base), who=who, known=known).checks
    assert (check.check, check.id) == (None, f"ID_{CLAUDE}" if ended is None and base == BASE else None)


def test_what_is_settled_stays_settled_where_nobody_may_start() -> None:
    who = replace(WHO, may_start=False)
    known = ran(planned(change(ONE, TWO), request=EXTERNAL, who=who), CLAUDE, Conclusion.SUCCESS)
    plan = planned(change(ONE, TWO), request=EXTERNAL, who=who, known=known)
    assert states(plan) == {CLAUDE: "success", "security-review/claude/mail": "queued", ALL: "queued"}


@pytest.mark.parametrize(
    ("external_id", "number", "inputs"),
    [("7:b:i", 7, "i"), ("123456789:b:i", 123456789, "i"), ("1234567890:b:i", None, "i"), ("x:b:i", None, "i"), (":b:i", None, "i"), ("", None, "")],
)
def test_a_check_tells_what_it_was_made_for(external_id: str, number: int | None, inputs: str) -> None:
    known = Known("ID", external_id, None, "")
    assert (known.number, known.inputs) == (number, inputs)


def test_what_could_not_be_read_fails_and_says_why() -> None:
    plan = unreadable(INTERNAL, WHO, "it has `ticks`", "split it")
    assert (aggregate(plan).check, plan.start, plan.targets) == (Check(Conclusion.FAILURE, "the change could not be read"), False, ())
    assert aggregate(plan).summary == "`` it has `ticks` ``\n\n`split it`"
    assert aggregate(plan).external_id == f"7:{BASE}:"

"""Whether a pull request that moves one pin may be merged without a person: facts and policy in, a decision with every reason out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pinwarden.conclusion import Conclusion, labels_in
from pinwarden.config import Level, Merge
from pinwarden.reviewer import Agent
from pinwarden.shown import quoted
from pinwarden.status import CHECK
from pinwarden.upstream import Answer, Answered, Failure, RefKind, Relation, Unanswered

HOLD = "pin-hold"
"""The label that holds a pull request."""
BLOCKING = frozenset({"security-blocked", "security-risk:critical"})
_DAY = 86_400


class Decision(StrEnum):
    """What becomes of a pull request, mildest first; of several reasons the worst counts."""

    MERGE = "merge"
    WAIT = "wait"
    """It may become mergeable by itself, or when somebody takes a hold off."""
    PERSON = "person"
    """A person must look at it and decide."""
    NEVER = "never"
    """As it stands it is not what this gate merges: not the tool's, or more than one pin."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a pull request's whole diff comes to. `problem` says why it is not exactly one pin; then the rest means nothing."""

    problem: str = ""
    server: str = ""
    old: str = ""
    new: str = ""
    stale: bool = False
    """Whether the branch to merge into holds another text of the entry than the one that the change was made on."""


@dataclass(frozen=True, slots=True)
class Run:
    """The newest check run of a name that our own App made on the head. `conclusion` is None while it is not one of the three."""

    conclusion: Conclusion | None
    title: str
    same_inputs: bool
    """Whether it was made for what would be reviewed now, in this pull request."""


@dataclass(frozen=True, slots=True)
class Facts:
    """How one pull request stands, all of it read in this run. Times are seconds since 1970."""

    number: int
    head: str
    open: bool
    draft: bool
    queued: bool
    external: bool
    """Whether it comes from another repository."""
    to_default: bool
    by_tool: bool
    """Whether this tool's App opened it, from the branch of the server that it moves."""
    strangers: tuple[str, ...]
    """Commits of the branch that this tool did not make."""
    labels: frozenset[str]
    changes_requested: tuple[str, ...]
    """Who asked for changes and has not taken that back."""
    shared: tuple[int, ...]
    """Other open pull requests with the same head."""
    made_at: int | None
    """When the head came into the registry."""
    edit: Edit
    answer: Answer | None
    """What upstream says of the new commit; None where it was not asked."""
    recorded_id: int | None
    """The upstream repository's id when the commit was proposed; None where its host tells none."""
    forward: bool | None
    """Whether the new commit has the old one behind it; None where that is not known."""
    checks: Mapping[str, Run]
    """By name, our own App's alone."""
    level: Level | None
    """The publisher's trust level; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with its reasons, none for `merge`."""

    decision: Decision
    reasons: tuple[str, ...] = ()


Reason = tuple[Decision, str]


def decide(facts: Facts, policy: Merge, agents: tuple[Agent, ...], now: int) -> Decided:
    """Return what becomes of a pull request. `agents` must have reviewed it, `now` is in seconds since 1970.

    Where it is not the tool's, or not one pin, nothing else is said of it: nothing else was asked.
    """
    found = [*_made(facts), *_edit(facts)]
    if not found:
        found = [*_standing(facts, policy, now), *_policy(facts, policy), *_upstream(facts), *_checks(facts, policy, agents)]
    order = list(Decision)
    worst = max((decision for decision, _ in found), key=order.index, default=Decision.MERGE)
    return Decided(worst, tuple(reason for _, reason in sorted(found, key=lambda one: -order.index(one[0]))))


def _made(facts: Facts) -> Iterator[Reason]:
    if not facts.open:
        yield Decision.NEVER, "it is not open"
    if facts.external:
        yield Decision.NEVER, "it comes from another repository"
    if not facts.to_default:
        yield Decision.NEVER, "it is not for the default branch"
    if not facts.by_tool:
        yield Decision.NEVER, "this tool did not open it"
    if facts.strangers:
        yield Decision.NEVER, f"this tool did not make {', '.join(oid[:12] for oid in facts.strangers[:3])}"


def _edit(facts: Facts) -> Iterator[Reason]:
    if facts.edit.problem:
        yield Decision.NEVER, facts.edit.problem
    elif facts.edit.stale:
        yield Decision.WAIT, "the entry changed on the default branch since; the next bump sees it"


def _standing(facts: Facts, policy: Merge, now: int) -> Iterator[Reason]:
    if facts.draft:
        yield Decision.WAIT, "it is a draft"
    if facts.queued:
        yield Decision.WAIT, "it is in the merge queue"
    if HOLD in facts.labels:
        yield Decision.WAIT, f"the label {HOLD} holds it"
    if blocking := sorted(BLOCKING & facts.labels):
        yield Decision.PERSON, f"it has the label {blocking[0]}"
    if facts.changes_requested:
        yield Decision.PERSON, f"{quoted(facts.changes_requested[0])} asked for changes"
    if facts.shared:
        yield Decision.PERSON, f"#{facts.shared[0]} has the same head, so a check could be of either"
    if facts.made_at is None or now - facts.made_at < policy.minimum_age_days * _DAY:
        yield Decision.WAIT, f"its commit is younger than {policy.minimum_age_days} days"


def _policy(facts: Facts, policy: Merge) -> Iterator[Reason]:
    server = facts.edit.server
    if (policy.only is not None and server not in policy.only) or server in policy.never:
        yield Decision.PERSON, f"the configuration leaves {quoted(server)} to a person"
    if policy.trust != frozenset(Level) and facts.level not in policy.trust:
        yield Decision.PERSON, f"the publisher's trust level is {facts.level or 'not known'}"


def _upstream(facts: Facts) -> Iterator[Reason]:
    match facts.answer:
        case None:
            yield Decision.WAIT, "upstream was not read"
        case Unanswered(Failure.ERROR):
            yield Decision.WAIT, f"upstream could not be read: {quoted(facts.answer.detail)}"
        case Unanswered():
            yield Decision.PERSON, f"upstream is gone or moved: {quoted(facts.answer.detail)}"
        case Answered():
            yield from _answered(facts.answer)
            yield from _same_repository(facts.recorded_id, facts.answer.repository_id)
    if facts.forward is False:
        yield Decision.PERSON, "the new commit does not have the old one behind it"
    elif facts.forward is None:
        yield Decision.WAIT, "it is not known whether the new commit has the old one behind it"


def _same_repository(recorded: int | None, found: int | None) -> Iterator[Reason]:
    if recorded is not None and found is None:
        yield Decision.WAIT, "the upstream's host did not tell the repository's id"
    elif recorded != found:
        yield Decision.PERSON, f"the upstream repository's id was {recorded or 'not recorded'} and is {found}"


def _answered(answer: Answered) -> Iterator[Reason]:
    name = quoted(answer.tip.ref)
    if answer.archived:
        yield Decision.PERSON, "the upstream repository is archived"
    if answer.tip.kind not in (RefKind.BRANCH, RefKind.RELEASE) or answer.tip.commit is None:
        yield Decision.PERSON, f"{name} is no branch that can be followed"
    elif answer.relation is None:
        yield Decision.WAIT, f"it is not known whether {name} leads to the new commit"
    elif answer.relation not in (Relation.SAME, Relation.AHEAD):
        yield Decision.PERSON, f"{name} does not lead to the new commit any more"


def _checks(facts: Facts, policy: Merge, agents: tuple[Agent, ...]) -> Iterator[Reason]:
    if not agents:
        yield Decision.PERSON, "no agent is configured"
    for name in (*(f"{CHECK}/{agent}/{facts.edit.server}" for agent in agents), CHECK):
        run = facts.checks.get(name)
        if run is None:
            yield Decision.WAIT, f"there is no check {quoted(name)} of our own App on this head"
        elif run.conclusion is None:
            yield Decision.WAIT, f"{quoted(name)} has not come to success, neutral or failure"
        elif not run.same_inputs:
            yield Decision.WAIT, f"{quoted(name)} is of something else than would be reviewed now"
        else:
            yield from _concluded(name, run, policy)


def _concluded(name: str, run: Run, policy: Merge) -> Iterator[Reason]:
    labels = labels_in(run.title)
    if run.conclusion is Conclusion.FAILURE:
        yield Decision.PERSON, f"{quoted(name)} failed: {quoted(run.title)}"
    elif labels is None:
        yield Decision.PERSON, f"{quoted(name)} tells no risk: {quoted(run.title)}"
    elif labels.blocked or labels.risk.weight > policy.maximum_risk.weight:
        yield Decision.PERSON, f"{quoted(name)} says {labels.risk} risk, more than {policy.maximum_risk}"

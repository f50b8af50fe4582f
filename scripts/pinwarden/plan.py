"""What a pull request's checks are before anything is reviewed: which reviews are to be made, which are there, what all of them wait for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pinwarden.change import Changed, Place
from pinwarden.conclusion import NOT_COMPLETE, Check, Conclusion, overall
from pinwarden.config import Details
from pinwarden.finding import Finding
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.status import CHECK, LEFT, check_name
from pinwarden.surface.show import code_span
from pinwarden.target import Target

INVALID = f"{CHECK}/pins"
"""The check of the entries that are not valid; no agent has this name."""
_MUST_START = "a maintainer must start this review"
_NOTHING_LEFT = Check(Conclusion.SUCCESS, "no review is left for another run")
_MOST_CHECKS = 900
"""Of one app on one commit: GitHub deletes the oldest of more than 1,000 in a suite."""


class Identity(StrEnum):
    """Who makes the checks. What GITHUB_TOKEN makes, any workflow of the repository can make."""

    GATE = "gate"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Request:
    """The pull request that is asked about. `commit` is what the checks are on: its head, or the one that a merge queue made of it."""

    number: int
    head: str
    base: str
    """The tip of the branch to merge into."""
    commit: str
    external: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A check run that our own App made on the same commit."""

    id: str
    external_id: str
    conclusion: Conclusion | None
    """None while it is not completed, or where it ended in another way."""
    title: str

    @property
    def inputs(self) -> str:
        return self.external_id.rpartition(":")[2]

    @property
    def number(self) -> int | None:
        """The pull request that it was made for."""
        text = self.external_id.partition(":")[0]
        return int(text) if text.isdecimal() and len(text) < 10 else None


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Who reviews, and within which limits. `toolkit` tells one version of prompt, rules and images from another."""

    agents: Mapping[Agent, str | None]
    """Each with its model, None for one that asks none."""
    toolkit: str
    most: int
    timeout: int
    conclusions: Mapping[Risk, Conclusion]
    may_start: bool
    """Whether a maintainer asked for it, or it need not be asked for."""
    force: bool = False
    only: Agent | None = None
    """Which of the agents this run asks; what the others have not reviewed is left for another run."""
    in_shards: bool = False
    """Whether more than `most` are begun, as many as one run may make; the next run goes on where it ended."""


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A check run to be. With a `check` it is settled; `id` is known once it is there. An id that was there stays as it is."""

    name: str
    external_id: str
    check: Check | None
    server: str | None = None
    agent: Agent | None = None
    id: str | None = None
    waiting: str = ""
    """The title while it is not settled."""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class PlannedReview:
    """A review to be made now. The artifact's name is fixed here, so that no other can take its place."""

    target: Target
    agent: Agent
    model: str | None
    artifact: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the jobs after this one go by. `aggregate` is None where no check is set."""

    targets: tuple[Target, ...]
    places: Mapping[str, Place]
    reviewing: Reviewing
    reviews: tuple[PlannedReview, ...] = ()
    checks: tuple[PlannedCheck, ...] = ()
    aggregate: PlannedCheck | None = None
    request: Request | None = None
    identity: Identity | None = None
    shared: tuple[tuple[int, Check], ...] = ()
    """What the same commit came to as the head of other open pull requests."""
    findings: tuple[Finding, ...] = ()
    details: Details = Details.PUBLIC
    """How much of the reviews may be published."""

    @property
    def start(self) -> bool:
        """Whether there is something to review, and it may be reviewed."""
        return bool(self.reviews) and self.reviewing.may_start


def inputs_of(target: Target, agent: Agent, reviewing: Reviewing) -> str:
    """Return what is the same where one review will do for two: target, agent, model, toolkit, and what a risk means."""
    asked = [target.server, target.project, target.base, target.head, target.directory, agent, reviewing.agents[agent]]
    return _digest([*asked, reviewing.toolkit, sorted(reviewing.conclusions.items())])


def all_reviews(change: Changed, reviewing: Reviewing, label: str) -> tuple[PlannedReview, ...]:
    """Return a review of each target by each agent; `label` is what their artifacts are named after."""
    pairs = [(target, agent) for target in change.targets for agent in reviewing.agents]
    return tuple(PlannedReview(target, agent, reviewing.agents[agent], f"pinwarden-review-{label}-{number}") for number, (target, agent) in enumerate(pairs))


def plan_request(
    request: Request,
    change: Changed,
    reviewing: Reviewing,
    *,
    label: str,
    known: Mapping[str, Known],
    shared: Sequence[tuple[int, Check]] = (),
) -> Plan:
    """Plan a pull request's checks. `known` are the newest checks of our own on the commit, by name.

    A completed check of the same inputs is kept unless `force`; one that did not complete never is. More reviews than one run may
    make are begun only in shards, which a maintainer starts one after the other; whatever is not reviewed blocks.
    """
    reviews = all_reviews(change, reviewing, label)
    usable = {} if reviewing.force else known
    pairs = [(review, _check(request, review, reviewing, usable)) for review in reviews]
    asked = [review for review, check in pairs if check.check is None and reviewing.only in (None, review.agent)]
    if len(asked) > reviewing.most and (len(reviews) > _MOST_CHECKS or not reviewing.in_shards):
        return _too_many(request, len(reviews), len(asked), reviewing)
    shard = tuple(asked[: reviewing.most])
    later = {check.name for review, check in pairs if check.check is None and review not in shard}
    checks = [check for _, check in pairs if check.name not in later]
    if change.findings:
        count = len({finding.server for finding in change.findings} - {""})
        entries = "a changed entry is" if count == 1 else f"{count} changed entries are"
        title = f"{entries} not valid" if count else "the list of publishers changes with entries"
        made = PlannedCheck(INVALID, _external(request, _digest([str(finding) for finding in change.findings])), Check(Conclusion.FAILURE, title))
        checks.append(_kept(made, usable))
    if later or LEFT in known:
        checks.append(_kept(_left(request, len(later)), known))
    if not reviewing.may_start:
        checks = [_queued_before(check, known) for check in checks]
    aggregate = _aggregate(request, checks, reviewing, [check for _, check in shared])
    same = known.get(CHECK)
    # What reviews are about to be made for is theirs alone: another run may still complete what it queued.
    if same and same.external_id == aggregate.external_id and not (shard and reviewing.may_start):
        settled = aggregate.check
        if (same.conclusion, same.title) == ((settled.conclusion, settled.title) if settled else (None, aggregate.waiting)):
            aggregate = replace(aggregate, id=same.id)
    return Plan(change.targets, change.places, reviewing, shard, tuple(checks), aggregate, request, None, tuple(shared), change.findings)


def _too_many(request: Request, every: int, count: int, reviewing: Reviewing) -> Plan:
    told, hint = f"{every} reviews are more than one pull request may need ({_MOST_CHECKS})", "Split the pull request."
    if every <= _MOST_CHECKS:
        told = f"{count} reviews are more than one run may make ({reviewing.most})"
        hint = f"Start the workflow by hand, without force: each run makes {reviewing.most}, and the next goes on where it ended. Or split the pull request."
    aggregate = replace(_aggregate(request, [], reviewing), check=Check(Conclusion.FAILURE, told), summary=hint)
    return Plan((), {}, reviewing, aggregate=aggregate, request=request)


def _left(request: Request, count: int) -> PlannedCheck:
    """Return the check of what another run reviews; once nothing is left it passes, in the place of the one that failed."""
    told = f"{count} review{'s are' if count != 1 else ' is'} left, start the next run by hand"
    return PlannedCheck(LEFT, _external(request, _digest([LEFT, count])), Check(Conclusion.FAILURE, told) if count else _NOTHING_LEFT)


def unreadable(request: Request, reviewing: Reviewing, message: str, hint: str) -> Plan:
    """Return a plan that is nothing but a failure: what can't be read blocks."""
    check = Check(Conclusion.FAILURE, "the change could not be read")
    aggregate = PlannedCheck(CHECK, _external(request, ""), check, summary=f"{code_span(message)}\n\n{code_span(hint)}")
    return Plan((), {}, reviewing, aggregate=aggregate, request=request)


def _check(request: Request, review: PlannedReview, reviewing: Reviewing, usable: Mapping[str, Known]) -> PlannedCheck:
    external = _external(request, inputs_of(review.target, review.agent, reviewing))
    waiting = "waits for its review" if reviewing.may_start else _MUST_START
    return _kept(PlannedCheck(check_name(review.agent, review.target.server), external, None, review.target.server, review.agent, waiting=waiting), usable)


def _kept(check: PlannedCheck, usable: Mapping[str, Known]) -> PlannedCheck:
    run = usable.get(check.name)
    if run and run.conclusion and run.inputs == check.external_id.rpartition(":")[2] and not run.title.startswith(NOT_COMPLETE.title):
        return replace(check, id=run.id, check=Check(run.conclusion, run.title))
    return check


def _queued_before(check: PlannedCheck, known: Mapping[str, Known]) -> PlannedCheck:
    """Leave a check that waits as it waits already."""
    run = known.get(check.name)
    waits = check.check is None and run and run.conclusion is None and run.external_id == check.external_id
    return replace(check, id=run.id) if run and waits else check


def _aggregate(request: Request, checks: Sequence[PlannedCheck], reviewing: Reviewing, shared: Sequence[Check] = ()) -> PlannedCheck:
    # Once nothing is left, it is as if one run had made all: merge-pins knows of no runs.
    inputs = _digest([check.external_id.rpartition(":")[2] for check in checks if check.name != LEFT or check.check != _NOTHING_LEFT])
    waiting = sum(check.check is None for check in checks)
    settled = None if waiting else overall([*(check.check for check in checks if check.check), *shared])
    title = _MUST_START if not reviewing.may_start else f"{waiting} review{'s' if waiting != 1 else ''} under way"
    return PlannedCheck(CHECK, _external(request, inputs), settled, waiting=title)


def _external(request: Request, inputs: str) -> str:
    return f"{request.number}:{request.base}:{inputs}"


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

"""A bump from its scan to its pull requests: the scan reads upstreams and needs no token that writes, the rest reads no upstream."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pinwarden import scan
from pinwarden.adapters import actions_io, clock, scanning, upstream_brief
from pinwarden.adapters.bump_plan import BumpPlan
from pinwarden.adapters.git_http import GitHttp
from pinwarden.adapters.github_calls import Calls, outside
from pinwarden.adapters.proposing import Done, Proposing, Registry
from pinwarden.adapters.registry_repository import Reading, RegistryRepository
from pinwarden.adapters.staged_fetch import Access
from pinwarden.brief import Brief
from pinwarden.config import Config
from pinwarden.errors import Misuse
from pinwarden.proposal import decided, quota, same_repository
from pinwarden.scan import Inquiry
from pinwarden.shown import quoted
from pinwarden.surface.show import code_span
from pinwarden.target import Target
from pinwarden.upstream import Answered, Mirror, Signature
from pinwarden.verdict import Action, Pin, judge


@dataclass(frozen=True, slots=True)
class Work:
    """One registry, where its upstreams are read, and the repository that it lies in, if this process may reach one."""

    config: Config
    inquiry: Inquiry
    files: Registry
    mirrors: Sequence[Mirror]
    access: actions_io.Access | None


@dataclass(frozen=True, slots=True)
class Scanned:
    """Every pin with its verdict, by name; what the upstreams said of themselves, by server; how many requests that took."""

    pins: list[Pin]
    answers: Mapping[str, Answered]
    requests: int


def scanned(inquiry: Inquiry, mirrors: Sequence[Mirror], *, dates: bool = False) -> Scanned:
    """Ask the upstreams, with `dates` for those of the pins as well. Raises OutsideError."""
    with scanning.upstreams(mirrors, dates=dates) as upstreams:
        answers = dict(scanning.with_progress(upstreams.survey(inquiry.questions), len(inquiry.questions)))
        sent = upstreams.requests
    pins = [*inquiry.unasked, *(judge(question, answers[question]) for question in inquiry.questions)]
    told = {question.server: answer for question, answer in answers.items() if isinstance(answer, Answered)}
    return Scanned(sorted(pins, key=lambda pin: pin.server), told, sent)


def briefs(pins: Sequence[Pin], work: Work) -> dict[str, Brief]:
    """Read what changed upstream for each of `pins`. Raises OSError where this machine fails."""
    directories = {question.server: question.directory for question in work.inquiry.questions}
    found = {}
    with GitHttp() as http:
        access = Access(http, work.mirrors, work.config.policy)
        for pin in pins:
            if pin.project and pin.old and pin.new:
                found[pin.server] = upstream_brief.brief(Target(pin.server, pin.project, pin.new, pin.old, directories[pin.server]), access)
    return found


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run was asked for: at most so many new pull requests, open ones moved whatever their age, some servers alone."""

    most: int | None = None
    refresh: bool = False
    servers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Proposals:
    """How the registry's pull requests stand; without a repository nothing does."""

    repository: RegistryRepository | None = None
    reading: Reading | None = None

    def planned(self, pins: Sequence[Pin], config: Config, wish: Wish, now: float, ids: Mapping[str, int]) -> list[Pin]:
        """Return `pins` with what is to be done about each. With `servers`, what belongs to others is not touched.

        `ids` are the upstream repositories' ids on their host, by server, as far as they are known.
        """
        standings = {server: one for server, one in (self.reading.standings if self.reading else {}).items() if not wish.servers or server in wish.servers}
        return quota(decided(same_repository(pins, standings, ids), standings, config.bump, int(now), refresh=wish.refresh), standings, config.bump, wish.most)

    def apply(self, planned: Sequence[Pin], registry: Registry, plan: BumpPlan) -> list[Done]:
        """Carry out what was planned. Raises Misuse where there is no repository to do it in."""
        if self.repository is None or self.reading is None:
            raise Misuse("bump-pins opens pull requests in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN, or add --dry-run")
        return Proposing(self.repository, registry, plan.briefs, plan.ids, self.reading).run(planned)


@contextmanager
def proposals(pins: Sequence[Pin], work: Work, calls_of: Callable[[str, str], Calls] = Calls) -> Iterator[Proposals]:
    """Give how the pull requests of the registry's own repository stand; without one, none does. Raises OutsideError."""
    access, files = work.access, work.files
    if access is None:
        yield Proposals()
        return
    calls = calls_of(access.api_url, access.token)
    try:
        repository = RegistryRepository(calls, access.repository, work.config.bump.branch_prefix)
        with outside(access.repository, "nothing was changed; run again"):
            reading = repository.read({pin.server: files.path(files.entries[pin.server]) for pin in pins if pin.action is Action.OPEN})
        yield Proposals(repository, reading)
    finally:
        calls.close()


def plan_of(work: Work, wish: Wish, *, read: bool, dates: bool = False) -> BumpPlan:
    """Scan, and where `read`, read what each pull request will tell; with `dates` ask for those of the pins. Raises OutsideError, OSError."""
    found = scanned(work.inquiry, work.mirrors, dates=dates)
    ids = {server: answer.repository_id for server, answer in found.answers.items() if answer.repository_id is not None}
    pinned_at = {server: answer.pinned_at for server, answer in found.answers.items() if answer.pinned_at is not None}
    behind = {server: answer.behind for server, answer in found.answers.items() if answer.behind is not None}
    plan = BumpPlan(found.requests, found.pins, {}, ids, clock.now(), pinned_at, behind)
    if not read:
        return plan
    with proposals(found.pins, work) as known:
        planned = known.planned(found.pins, work.config, wish, time.time(), ids)
    texts = briefs([pin for pin in planned if pin.action in (Action.OPEN, Action.UPDATE)], work)
    signed = {server: replace(brief, signed=_signed(found.answers[server])) for server, brief in texts.items()}
    return replace(plan, briefs=signed)


def _signed(answer: Answered) -> str:
    """Say whether the new commit is signed, and where the pin's was and this is not."""
    if answer.tip_signature is None:
        return "not asked"
    lost = answer.pin_signature is Signature.VALID and answer.tip_signature is not Signature.VALID
    return f"{answer.tip_signature}{', and the pinned commit was valid' if lost else ''}"


def of_this_registry(plan: BumpPlan, inquiry: Inquiry) -> BumpPlan:
    """Return `plan`. Raises Misuse where it proposes to move a pin of an entry that is not here."""
    for pin in plan.pins:
        if pin.new and pin.server not in inquiry.entries:
            raise Misuse(f"the plan moves the pin of {quoted(pin.server)}, and the registry has no such valid entry", "scan again")
    return plan


def tell_job(planned: Sequence[Pin], done: Sequence[Done], counted: str) -> None:
    """Give a workflow's job its summary and outputs; nothing elsewhere."""
    actions_io.add_summary(summary(planned, done, counted))
    if actions_io.in_workflow():
        moved = [one for one in done if one.action in (Action.OPEN, Action.UPDATE) and one.number and not one.problem]
        heads = [{"pull-request": str(one.number), "head-sha": one.head} for one in moved]
        actions_io.set_outputs(pull_requests=json.dumps([one.number for one in moved]), heads=json.dumps(heads))


def summary(planned: Sequence[Pin], done: Sequence[Done], counted: str) -> str:
    """Return what a job's page says of a run, as Markdown: every pin that is not current, and what became of it."""
    results = {one.server: one for one in done}
    rows = ["| server | verdict | action | pull request | why |", "|---|---|---|---|---|"]
    for pin in planned:
        one = results.get(pin.server)
        if pin.action is Action.NONE and not one:
            continue
        where = f"[#{one.number}]({one.url})" if one and one.url else f"#{one.number}" if one and one.number else ""
        why = code_span(one.problem if one and one.problem else pin.reason).replace("|", "\\|")
        rows.append(f"| {code_span(pin.server)} | {pin.verdict} | {one.action if one else pin.action} | {where} | {why} |")
    return f"## Pins\n\n{counted}\n\n" + ("\n".join(rows) + "\n" if len(rows) > 2 else "")


def registry_of(inquiry: Inquiry, prefix: str, checker: scan.Check) -> Registry:
    """Return what proposing needs of the registry's files; `prefix` is its folder in the repository, ending in a slash."""
    return Registry(inquiry.entries, lambda entry: f"{prefix}{entry.path}", checker)

"""A plan as a document for the jobs after it, and as lines for a terminal."""

from __future__ import annotations

from dataclasses import asdict

from pinwarden.change import Place
from pinwarden.plan import Plan, PlannedCheck, PlannedReview
from pinwarden.render import number
from pinwarden.shown import shown
from pinwarden.surface.show import code_span
from pinwarden.target import Target

_MOST_FINDINGS = 1_000
"""Told of entries that are not valid; each of them has a check of all alike."""


def document(plan: Plan) -> dict[str, object]:
    """Return the plan as `schemas/plan.schema.json` has it."""
    request, reviewing = plan.request, plan.reviewing
    return {
        "version": 1,
        "targets": [_target(target, plan.places.get(target.server)) for target in plan.targets],
        "agents": list(reviewing.agents),
        "pull_request": request
        and {"number": request.number, "head": request.head, "base": request.base, "commit": request.commit, "external": request.external},
        "identity": plan.identity,
        "checks": [_check_row(check) | {"server": check.server, "agent": check.agent} for check in plan.checks],
        "aggregate": plan.aggregate and _check_row(plan.aggregate),
        "shared": [{"number": number, "conclusion": check.conclusion, "title": check.title} for number, check in plan.shared],
        "conclusions": dict(reviewing.conclusions),
        "reviews": [{"server": one.target.server, "agent": one.agent, "model": one.model, "artifact": one.artifact} for one in plan.reviews],
        "matrix": {"include": [_job(one, plan) for one in plan.reviews]},
        "start": plan.start,
        "details": plan.details,
        "findings": [asdict(finding) for finding in plan.findings[:_MOST_FINDINGS]],
    }


def _target(target: Target, place: Place | None) -> dict[str, object]:
    row = {"server": target.server, "mode": target.mode, "project": target.project, "base": target.base, "head": target.head, "directory": target.directory}
    return row | ({"path": place.path, "line": place.line} if place else {})


def _check_row(check: PlannedCheck) -> dict[str, object]:
    settled = check.check
    shown = {"conclusion": settled.conclusion if settled else None, "title": settled.title if settled else None}
    return {"name": check.name, "id": check.id, "external_id": check.external_id, **shown}


def _job(review: PlannedReview, plan: Plan) -> dict[str, str]:
    """Return a row of the matrix: the inputs of actions/run-review, empty where there is nothing to say."""
    target = review.target
    row = {"server": target.server, "project": target.project, "base": target.base or "", "head": target.head, "directory": target.directory or ""}
    return row | {
        "agent": str(review.agent),
        "model": review.model or "",
        "timeout": str(plan.reviewing.timeout),
        "details": str(plan.details),
        "artifact": review.artifact,
    }


def table(plan: Plan) -> str:
    """Return what is planned for a terminal: a line for each check where there are checks, else for each target."""
    lines = [
        f"{check.check.conclusion if check.check else 'queued':8} {check.name}  {check.check.title if check.check else check.waiting}" for check in plan.checks
    ]
    if plan.aggregate is None:
        lines = [f"{target.mode:12} {shown(target.server)}  {shown(target.project)} {_range(target)}" for target in plan.targets]
    else:
        settled = plan.aggregate.check
        lines.append(f"{settled.conclusion if settled else 'queued':8} {plan.aggregate.name}  {settled.title if settled else plan.aggregate.waiting}")
    lines += [f"{shown(finding.path)}:{finding.line}: {finding.message} [{finding.rule}]" for finding in plan.findings]
    return "".join(f"{line}\n" for line in lines)


def job_summary(plan: Plan) -> str:
    """Return what a job's page says of a plan, as Markdown."""
    rows = [
        f"| {code_span(check.name)} | {check.check.conclusion if check.check else 'queued'} | {check.check.title if check.check else check.waiting} |"
        for check in plan.checks
    ]
    head = "## Reviews\n\n" + (
        f"{plan.aggregate.check.title if plan.aggregate.check else plan.aggregate.waiting}\n" if plan.aggregate else f"{number(len(plan.reviews), 'review')}\n"
    )
    return head + ("\n| check | state | |\n|---|---|---|\n" + "".join(f"{row}\n" for row in rows) if rows else "")


def _range(target: Target) -> str:
    return f"{target.base[:12]}..{target.head[:12]}" if target.base else target.head[:12]

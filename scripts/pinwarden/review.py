"""A review as a value: what was asked, what came of it, and every reason why it can't be relied on. It is made always."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from pinwarden.conclusion import BY_RISK, NOT_COMPLETE, Check, Conclusion, conclude
from pinwarden.foreign_markdown import Rendered
from pinwarden.labels import Labels
from pinwarden.report import Report
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk, worst
from pinwarden.surface.digest import raised
from pinwarden.surface.fact import Surface
from pinwarden.target import Evidence, NotRead, Side, Target
from pinwarden.written import Exists, read_written, unproven

VERSION = 1
MOST_MARKDOWN = 60_000
"""Characters of a rendered report; a check run takes 65,535."""
PATTERNS_ONLY = "pattern scan only, no AI review"


class Outcome(StrEnum):
    """Whether a review can be relied on; what is incomplete blocks."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of an agent's run. Times are RFC 3339 in UTC; `failures` says why it did not come to its end."""

    agent: Agent
    agent_version: str | None
    started: str
    finished: str
    model: str | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    prompt_sha256: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """What a review is made from. `report` and `labels` are the files as they were taken out, None where they were not."""

    surface: Surface
    report: bytes | None
    labels: bytes | None
    not_read: Sequence[NotRead] = ()
    reasons: Sequence[str] = ()
    """Why what was staged or collected is not all."""


Render = Callable[[str], Rendered]
"""Makes foreign Markdown safe."""


def assemble(target: Target, run: Run, material: Material, exists: Exists, render: Render) -> dict[str, Any]:
    """Return the review as `schemas/review.schema.json` has it. Nothing in the material can make this fail."""
    reasons = [*run.failures, *material.reasons, *(f"surface: {reason}" for reason in material.surface.reasons)]
    report, labels, wrong = read_written(material.report, material.labels)
    proven: Exists = lambda place: _in_scope(target, place) and exists(place)  # noqa: E731
    reasons += wrong
    findings: list[dict[str, Any]] = [
        {
            "severity": finding.severity,
            "title": finding.title,
            "evidence": [{"side": place.side, "path": place.path, "line": place.line, "verified": proven(place)} for place in finding.evidence],
        }
        for finding in (report.findings if report else ())
    ]
    reasons += unproven(report.findings if report else (), proven)
    if not reasons:
        reasons += [f"there is no {name}" for name, read in (("labels.txt", labels), ("report.md", report)) if read is None]
    reasons = list(dict.fromkeys(reasons))
    risk = worst(filter(None, [labels.risk if labels else None, raised(material.surface)])) if not reasons else None
    final = Labels(risk, labels.blocked) if risk and labels else None
    return {
        "version": VERSION,
        "server": target.server,
        "mode": target.mode,
        "project": target.project,
        "repository_id": None,
        "base": target.base,
        "head": target.head,
        "directory": target.directory,
        "agent": run.agent,
        "agent_version": run.agent_version,
        "model": run.model,
        "images": dict(run.images),
        "prompt_sha256": run.prompt_sha256,
        "inputs_sha256": inputs_sha256(target, run),
        "started": run.started,
        "finished": run.finished,
        "outcome": Outcome.INCOMPLETE if final is None else Outcome.COMPLETE,
        "risk": risk,
        "blocked": final.blocked if final else False,
        "labels": list(final.listed()) if final else [],
        "findings": findings,
        "surface": [asdict(item) for item in material.surface.items],
        "not_read": [asdict(item) for item in material.not_read],
        "reasons": reasons,
        "report": _shown(report, material.report, render),
        "usage": dict(run.usage),
    }


def inputs_sha256(target: Target, run: Run) -> str:
    """Return what tells reviews of the same thing by the same reviewer from others."""
    inputs = [target.project, target.base, target.head, target.directory, target.mode, run.agent, run.agent_version, run.model, run.prompt_sha256]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def check_of(review: Mapping[str, Any], by_risk: Mapping[Risk, Conclusion] = BY_RISK) -> Check:
    """Return the check for a review that follows the schema."""
    complete = review["outcome"] == Outcome.COMPLETE and review["risk"] is not None and not review["reasons"]
    check = conclude(Labels(Risk(review["risk"]), review["blocked"]), by_risk) if complete else NOT_COMPLETE
    return Check(check.conclusion, f"{check.title} ({PATTERNS_ONLY})") if review["agent"] == Agent.GUARDDOG else check


def contradiction(review: Mapping[str, Any]) -> str:
    """Say where a complete review that follows the schema speaks against itself, as none does that `assemble` made; empty where it does not.

    Findings and surface can raise a risk, and nothing in a review lowers it.
    """
    if review["outcome"] != Outcome.COMPLETE or review["risk"] is None:
        return ""
    risk = Risk(review["risk"])
    if sorted(review["labels"]) != sorted(Labels(risk, review["blocked"]).listed()):
        return f"the review's labels are not those of its risk, {risk}"
    if (found := worst(Risk(row["severity"]) for row in review["findings"])) and found.weight > risk.weight:
        return f"the review says {risk} risk, and of its findings one is {found}"
    if (found := worst(Risk(row["risk"]) for row in review["surface"] if row["risk"])) and found.weight > risk.weight:
        return f"the review says {risk} risk, and its surface {found}"
    return ""


def _in_scope(target: Target, place: Evidence) -> bool:
    return target.base is not None or place.side is Side.HEAD


def _shown(report: Report | None, raw: bytes | None, render: Render) -> dict[str, Any] | None:
    if raw is None:
        return None
    safe = render(report.foreign_markdown) if report else None
    return {
        "markdown": safe.markdown if safe else "",
        "sha256": hashlib.sha256(raw).hexdigest(),
        "truncated": safe.truncated if safe else False,
        "hidden": safe.hidden if safe else 0,
    }

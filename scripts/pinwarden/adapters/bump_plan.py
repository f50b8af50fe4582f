"""What a scan hands to the step that opens pull requests, as a file: that step may be another process, with another token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pinwarden.adapters.registry_files import validator
from pinwarden.brief import Brief, brief_of
from pinwarden.errors import Misuse, OutsideError
from pinwarden.shown import shown
from pinwarden.verdict import Action, Pin, Verdict

_MOST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BumpPlan:
    """Pins with their verdicts before anything was decided about pull requests, and the briefs of those that moved."""

    requests: int
    pins: Sequence[Pin]
    briefs: Mapping[str, Brief]
    ids: Mapping[str, int]
    """The upstream repositories' ids on their host, by server, as far as they are known."""
    scanned: str | None = None
    """When, as RFC 3339 in UTC."""
    pinned_at: Mapping[str, int] = field(default_factory=dict)
    """The commit dates of the pins in seconds since 1970, by server, as far as they are known."""
    behind: Mapping[str, int] = field(default_factory=dict)
    """How many commits lie between pin and tracked ref, by server, as far as they are known."""


def write_plan(path: Path, plan: BumpPlan) -> None:
    """Write a plan. Raises OutsideError."""
    document = {
        "version": 1,
        "requests": plan.requests,
        "pins": [asdict(pin) for pin in plan.pins],
        "ids": dict(plan.ids),
        "scanned": plan.scanned,
        "pinned-at": dict(plan.pinned_at),
        "behind": dict(plan.behind),
        "briefs": {server: asdict(brief) for server, brief in plan.briefs.items()},
    }
    try:
        path.write_text(json.dumps(document, indent=2) + "\n")
    except OSError as error:
        raise OutsideError(f"{shown(str(path))} can't be written: {error.strerror}", "is there room, and may the folder be written?") from error


def read_plan(path: Path) -> BumpPlan:
    """Read a plan. Raises Misuse for anything else."""
    hint = "make one with --dry-run --plan FILE, by the same version"
    try:
        raw = path.read_bytes()
        if len(raw) > _MOST:
            raise Misuse(f"{shown(str(path))} is larger than any plan", hint)
        document = json.loads(raw)
        for wrong in validator("bump-plan").iter_errors(document):
            raise Misuse(f"{shown(str(path))} is no plan of a scan: at {shown('/'.join(map(str, wrong.absolute_path)))}", hint)
        pins = [Pin(**{**row, "verdict": Verdict(row["verdict"]), "action": Action(row["action"])}) for row in document["pins"]]
        briefs = {server: brief_of(row) for server, row in document["briefs"].items()}
        more = document.get("scanned"), document.get("pinned-at", {}), document.get("behind", {})
        return BumpPlan(document["requests"], pins, briefs, document["ids"], *more)
    except OSError as error:
        raise Misuse(f"{shown(str(path))} can't be read: {error.strerror}", hint) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Misuse(f"{shown(str(path))} is no plan of a scan", hint) from error

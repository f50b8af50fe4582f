"""One review from its target to review.json: stage, read, collect, assemble. Whatever fails on the way is a reason in the result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pinwarden import foreign_markdown, guarddog
from pinwarden.adapters import guarddog_scan
from pinwarden.adapters.bounded import Exceeded, bounded
from pinwarden.adapters.collection import collect_folder
from pinwarden.adapters.staged_fetch import Access
from pinwarden.adapters.staged_lines import line_exists
from pinwarden.adapters.staging import Staged, stage
from pinwarden.errors import OutsideError
from pinwarden.foreign_markdown import Rendered
from pinwarden.review import MOST_MARKDOWN, Agent, Material, Run, assemble
from pinwarden.risk import Risk
from pinwarden.surface.digest import digest
from pinwarden.surface.fact import Change, Item, Kind, Surface
from pinwarden.target import Evidence, Side, Target
from pinwarden.tree import Blob, normal

_MEMORY = 3 * 1024**3
_SURFACE_SECONDS = 120
_DEEPEST = 10_000
_RENDER_SECONDS = 30

Sides = tuple[dict[str, Blob], dict[str, Blob], str]


def review(target: Target, folder: Path, access: Access, seconds: float) -> dict[str, Any]:
    """Review `target` with GuardDog, everything below `folder`; return the review, which is also written there.

    Raises OSError where this machine fails.
    """
    started = _now()
    staged = stage(target, folder, access)
    surface = _surface(target, staged)
    (folder / "out").mkdir()
    run = _scanned(Run(Agent.GUARDDOG, None, started, started), staged, folder / "out", normal(target.directory), seconds)
    collected = collect_folder(folder / "out")
    material = Material(surface, collected.report, collected.labels, staged.not_read, [*staged.reasons, *collected.reasons])
    exists: Callable[[Evidence], bool] = lambda place: line_exists(folder / "in" / ("repository" if place.side is Side.HEAD else "base"), place)  # noqa: E731
    made = assemble(target, replace(run, finished=_now()), material, exists, partial(_rendered, f"{target.project}/blob/{target.head}/"))
    (folder / "review.json").write_text(json.dumps(made, indent=2) + "\n")
    return made


def _surface(target: Target, staged: Staged) -> Surface:
    try:
        found = bounded(_digest, (staged.base, staged.head, normal(target.directory)), seconds=_SURFACE_SECONDS, memory_bytes=_MEMORY)
    except Exceeded as error:
        return Surface((), (f"reading the change {error}",))
    if staged.descends or target.base is None:
        return found
    rewritten = Item(
        Kind.HISTORY, Change.CHANGED, "history", Risk.HIGH, "head does not descend from base: the upstream's history was rewritten, or the pin goes back", ()
    )
    return Surface((rewritten, *found.items), found.reasons)


def _digest(sides: Sides) -> Surface:
    # Minified code nests deeply; what nests deeper still is told, and a stack that is not enough ends this process alone.
    sys.setrecursionlimit(_DEEPEST)
    return digest(*sides)


def _scanned(run: Run, staged: Staged, out: Path, directory: str, seconds: float) -> Run:
    """Run GuardDog, and write its report and labels as an agent would."""
    try:
        version, matches = guarddog_scan.scan(staged, directory, seconds)
    except guarddog.BadScan as error:
        return replace(run, failures=(str(error),))
    except OutsideError as error:
        return replace(run, failures=(error.message,))
    (out / "report.md").write_bytes(guarddog.as_report(matches))
    (out / "labels.txt").write_text("".join(f"{label}\n" for label in guarddog.labels_of(matches).listed()))
    return replace(run, agent_version=version)


def _rendered(trusted: str, text: str) -> Rendered:
    try:
        return bounded(_render, (text, trusted), seconds=_RENDER_SECONDS, memory_bytes=_MEMORY)
    except Exceeded:
        return foreign_markdown.fenced(text, MOST_MARKDOWN)


def _render(given: tuple[str, str]) -> Rendered:
    text, trusted = given
    return foreign_markdown.rendered(text, MOST_MARKDOWN, [trusted])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

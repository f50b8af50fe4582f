"""One review from its target to review.json: stage, read, collect, assemble. Whatever fails on the way is a reason in the result."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from pinwarden import foreign_markdown, guarddog
from pinwarden.adapters import agent_step, guarddog_scan, sandboxed
from pinwarden.adapters.bounded import Exceeded, bounded
from pinwarden.adapters.clock import now
from pinwarden.adapters.collection import Collected, collect_folder
from pinwarden.adapters.engine import SANDBOX
from pinwarden.adapters.staged_fetch import Access
from pinwarden.adapters.staged_lines import line_exists
from pinwarden.adapters.staging import Staged, stage
from pinwarden.errors import OutsideError
from pinwarden.foreign_markdown import Rendered
from pinwarden.prompt import PARTS, prompt_for
from pinwarden.review import MOST_MARKDOWN, Material, Run, assemble
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.steps import RAN, STAGED, NotAStep, StageResult, ran_document, read_ran, read_staged, staged_document
from pinwarden.surface.digest import digest
from pinwarden.surface.fact import Change, Item, Kind, Surface
from pinwarden.target import Evidence, Side, Target
from pinwarden.tree import Blob, normal
from pinwarden.withheld import withheld

_MEMORY = 3 * 1024**3
_SURFACE_SECONDS = 120
_DEEPEST = 10_000
_RENDER_SECONDS = 30

Sides = tuple[dict[str, Blob], dict[str, Blob], str]


def prepare(target: Target, folder: Path, access: Access) -> Staged:
    """Stage `target` below `folder`, and write down its prompt and surface. Raises OSError where this machine fails."""
    staged = stage(target, folder, access)
    templates = {name: (SANDBOX / "prompt" / f"{name}.md").read_text() for name in PARTS}
    (folder / "in" / "prompt.md").write_text(prompt_for(target, templates))
    _write(folder / "in" / "target.json", asdict(target))
    result = StageResult(surface_of(target, staged), tuple(staged.not_read), tuple(staged.reasons))
    _write(folder / STAGED, staged_document(target, result))
    return staged


def scan(target: Target, folder: Path, staged: Staged, seconds: float) -> None:
    """Let GuardDog read what was staged, in an environment of its own and no container."""
    run = Run(Agent.GUARDDOG, None, now(), now())
    (folder / "out").mkdir()
    run = _scanned(run, staged, folder / "out", normal(target.directory), seconds)
    _write(folder / RAN, ran_document(None, replace(run, finished=now())))


def finish(target: Target, folder: Path, agent: Agent, *, keep: bool = False, private: bool = False) -> dict[str, Any]:
    """Collect what the agent left, assemble the review, write it to review.json and return it; of a private one the part that may be published. Holds no key.

    Raises OSError where this machine fails. A step that was not made, or failed, is a reason.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reasons = []
    result = StageResult(Surface(), (), ())
    project, run = None, Run(agent, None, now(), now())
    try:
        result = read_staged(_read(folder / STAGED), target)
    except NotAStep as error:
        reasons.append(f"what was staged can't be used: {error}")
    try:
        project, run = read_ran(_read(folder / RAN))
    except NotAStep as error:
        reasons.append(f"the agent was not run: {error}")
    collected = _collected(folder, project, keep=keep)
    material = Material(result.surface, collected.report, collected.labels, result.not_read, [*reasons, *result.reasons, *collected.reasons])
    exists: Callable[[Evidence], bool] = lambda place: line_exists(folder / "in" / ("repository" if place.side is Side.HEAD else "base"), place)  # noqa: E731
    made = assemble(target, run, material, exists, partial(_rendered, f"{target.project}/blob/{target.head}/"))
    made = withheld(made) if private else made
    _write(folder / "review.json", made)
    return made


def _collected(folder: Path, project: str | None, *, keep: bool) -> Collected:
    if project is None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, agent_step.INTERRUPTIONS)
        return collect_folder(folder / "out")
    try:
        # Blocked by the step before until somebody clears up after them.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, agent_step.INTERRUPTIONS)
        return sandboxed.collect(project)
    except OutsideError as error:
        return Collected(reasons=(f"the output can't be taken: {error.message}",))
    finally:
        if not keep:
            with contextlib.suppress(OutsideError):
                sandboxed.remove(project)


def surface_of(target: Target, staged: Staged) -> Surface:
    """Return the digest of what was staged, made in a process of its own."""
    if staged.nothing:
        return Surface((), ("nothing was staged",))
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
    """Run GuardDog, and write its report and labels as an agent would; of nothing it has nothing to say."""
    if staged.nothing:
        return run
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


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")


def _read(path: Path) -> Any:
    """Return the JSON in a file of a step. Raises NotAStep."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise NotAStep(f"{path.name} is not there or can't be read") from error

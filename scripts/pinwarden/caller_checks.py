"""What of a registry's own files on its default branch holds: which workflows use the toolkit, at which commit, and the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pinwarden.callers import PLACEHOLDER, TOOLKIT, Use, uses_of
from pinwarden.config import CONFIG_PATH
from pinwarden.doctor import Check
from pinwarden.document import Defect
from pinwarden.shown import quoted, shown

_ADOPT = "scripts/run adopt writes one"
_WANTED = (
    ("a workflow validates the pins", ("", "validate-pins", "validate")),
    ("a workflow reviews pull requests", ("plan-reviews", "review")),
    ("a workflow proposes bumps", ("bump-pins", "nightly")),
)


@dataclass(frozen=True, slots=True)
class Callers:
    """What a registry's workflows use of the toolkit, and those that speak of it and can't be read: path, and why."""

    uses: tuple[Use, ...]
    unreadable: tuple[tuple[str, str], ...]


def callers_of(workflows: Mapping[str, bytes | None]) -> Callers:
    """Read the workflows of a registry by path; None stands for one that is no small text."""
    uses: list[Use] = []
    unreadable = []
    for path, raw in sorted(workflows.items()):
        found = uses_of(path, raw) if raw is not None else None
        if isinstance(found, tuple):
            uses += found
        elif raw is None:
            unreadable.append((path, "it is no small text file"))
        elif isinstance(found, Defect) and TOOLKIT.encode() in raw.lower():
            unreadable.append((f"{path}:{found.at.line}", found.message))
    return Callers(tuple(uses), tuple(unreadable))


def caller_checks(callers: Callers, branch: str) -> Iterator[Check]:
    """Yield the checks of the workflows on the default branch, `branch`."""
    for name, verbs in _WANTED:
        found = any(use.is_of(*verbs) for use in callers.uses)
        yield Check(name, found, "" if found else f"none of those on {quoted(branch)}: {_ADOPT}")
    yield Check("every workflow names a full commit of Pinwarden", not (hint := _unpinned(callers)), hint)
    commits = sorted({use.ref for use in callers.uses if use.is_pinned})
    hint = "" if len(commits) <= 1 else f"put one in place of all: {', '.join(f'{commit[:12]} in {_where(callers, commit)}' for commit in commits[:4])}"
    yield Check("all of them name the same commit", not hint, hint)


def config_check(problem: str) -> Check:
    """Return the check of the configuration; `problem` is what is wrong with it, empty for nothing."""
    return Check("the configuration is valid", not problem, f"{problem}; mend {CONFIG_PATH} on the default branch" if problem else "")


def _unpinned(callers: Callers) -> str:
    if callers.unreadable:
        path, why = callers.unreadable[0]
        return f"{shown(path)[:120]} can't be read: {shown(why)[:200]}"
    wrong = next((use for use in callers.uses if not use.is_pinned), None)
    if wrong is None:
        return "" if callers.uses else f"no workflow uses {TOOLKIT}: {_ADOPT}"
    what = "the zeros are still there" if wrong.ref == PLACEHOLDER else f"it names {quoted(wrong.ref)}, which can be moved"
    return f"{shown(wrong.workflow)[:120]}: {what}; put the full commit of a release you have read"


def _where(callers: Callers, commit: str) -> str:
    return shown(next(use.workflow for use in callers.uses if use.ref == commit))[:120]

"""Reviews held against the plan they were made for: one check for each planned target and agent, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.conclusion import NOT_COMPLETE, Check
from pinwarden.errors import Misuse
from pinwarden.review import check_of
from pinwarden.shown import quoted, shown
from pinwarden.tree import normal

CHECK = "security-review"
"""The check that stands for all, to be required; those of targets are named below it."""

_SAME = ("server", "mode", "project", "base", "head", "directory")


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """A check run. `reasons` says why a review can't be relied on; texts that may be foreign."""

    name: str
    check: Check
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """One review.json as it was found: the review where it follows the schema, else the reason why there is none."""

    path: str
    review: Mapping[str, Any] | None
    reason: str = ""


def check_name(agent: str, server: str) -> str:
    """Return the name of the check for one agent's review of one server."""
    return f"{CHECK}/{agent}/{server}"


def checks_of(plan: Mapping[str, Any], files: Iterable[ReviewFile]) -> list[NamedCheck]:
    """Return a check for each planned target and agent, in the plan's order. `plan` follows its schema.

    A review that is missing, can't be read, or is of something else than planned blocks. Raises Misuse for two reviews of one
    target, and for one that nobody planned: then something else than the planned jobs has written there.
    """
    planned = {check_name(agent, target["server"]): target for target in plan["targets"] for agent in plan["agents"]}
    if len(planned) < len(plan["targets"]) * len(plan["agents"]):
        raise Misuse("the plan names a server twice", "each server is reviewed once by each agent")
    found: dict[str, ReviewFile] = {}
    unread = []
    for file in files:
        if file.review is None:
            unread.append(f"{shown(file.path)}: {file.reason}")
            continue
        name = check_name(file.review["agent"], file.review["server"])
        if name not in planned or name in found:
            what = "a second review of" if name in planned else "a review that was not planned:"
            raise Misuse(f"{quoted(file.path)} is {what} {name}", "keep one review.json for each planned target and agent")
        found[name] = file
    # What can't be read may be the review of any that is missing: it is told with the first.
    first = next((name for name in planned if name not in found), None)
    return [_check(name, target, found.get(name), unread if name == first else ()) for name, target in planned.items()]


def _check(name: str, target: Mapping[str, Any], file: ReviewFile | None, unread: Sequence[str]) -> NamedCheck:
    if file is None or file.review is None:
        return NamedCheck(name, NOT_COMPLETE, ("there is no review of it", *unread))
    for key in _SAME:
        is_of, planned = file.review[key], target[key]
        if (normal(is_of) != normal(planned)) if key == "directory" else is_of != planned:
            return NamedCheck(name, NOT_COMPLETE, (f"the review is of another {key} than planned: {_named(is_of)}, planned is {_named(planned)}",))
    return NamedCheck(name, check_of(file.review), tuple(file.review["reasons"]))


def _named(value: str | None) -> str:
    return "none" if value is None else quoted(value)


def table(checks: Sequence[NamedCheck], final: Check) -> str:
    """Return the checks for a terminal, the one for all last."""
    rows = [*checks, NamedCheck(CHECK, final)]
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        lines.append(f"{row.check.conclusion:8} {row.name:{width}}  {row.check.title}")
        lines += [f"{'':8} {'':{width}}  - {shown(reason)}" for reason in row.reasons]
    return "\n".join(lines) + "\n"

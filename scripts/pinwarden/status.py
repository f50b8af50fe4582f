"""Reviews held against the plan they were made for: one check for each planned target and agent, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.conclusion import BY_RISK, NOT_COMPLETE, Check, Conclusion, labels_in, overall
from pinwarden.errors import Misuse
from pinwarden.labels import Labels
from pinwarden.review import Outcome, check_of, contradiction
from pinwarden.risk import Risk
from pinwarden.shown import quoted, shown
from pinwarden.tree import normal

CHECK = "security-review"
"""The check that stands for all, to be required; those of targets are named below it."""

LEFT = f"{CHECK}/left"
"""The check of the reviews that another run makes, where one can't make them all; no agent has this name."""

_SAME = ("server", "agent", "mode", "project", "base", "head", "directory")


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """A check run. `reasons` says why a review can't be relied on; texts that may be foreign.

    `review` is what it rests on, None where nothing was relied on, or it was `settled` before: then it stays as it is.
    """

    name: str
    check: Check
    reasons: tuple[str, ...] = ()
    review: Mapping[str, Any] | None = None
    settled: bool = False


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
    """Return a check for each that is planned, in the plan's order. `plan` follows its schema.

    A review that is missing, can't be read, or is of something else than planned blocks. Raises Misuse for two reviews of one
    target, and for one that nobody planned: then something else than the planned jobs has written there. Where the plan names
    artifacts, what lies in one can be the review of its target alone.
    """
    planned = {check_name(agent, target["server"]): dict(target, agent=agent) for target in plan["targets"] for agent in plan["agents"]}
    if len(planned) < len(plan["targets"]) * len(plan["agents"]):
        raise Misuse("the plan names a server twice", "each server is reviewed once by each agent")
    by_risk = {**BY_RISK, **{Risk(risk): Conclusion(word) for risk, word in plan.get("conclusions", {}).items()}}
    if "reviews" in plan:
        return _by_artifact(plan, planned, files, by_risk)
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
    return [_check(name, target, found.get(name), by_risk, unread if name == first else ()) for name, target in planned.items()]


def _by_artifact(
    plan: Mapping[str, Any], planned: Mapping[str, Mapping[str, Any]], files: Iterable[ReviewFile], by_risk: Mapping[Risk, Conclusion]
) -> list[NamedCheck]:
    artifacts = {review["artifact"]: check_name(review["agent"], review["server"]) for review in plan["reviews"]}
    if len(artifacts) < len(plan["reviews"]) or len(set(artifacts.values())) < len(artifacts):
        raise Misuse("the plan names an artifact or a review twice", "each review has an artifact of its own")
    found: dict[str, ReviewFile] = {}
    for file in files:
        artifact = file.path.partition("/")[0]
        if artifact not in artifacts:
            raise Misuse(
                f"{quoted(artifact)} is no artifact that was planned", "something else than the planned jobs has written there: start the reviews again"
            )
        found[artifacts[artifact]] = file
    models = {check_name(review["agent"], review["server"]): review["model"] for review in plan["reviews"]}
    checks = []
    # An audit has no check runs; a pull request whose plan names none has nothing to report to.
    named = plan.get("checks") or plan.get("pull_request")
    rows: Sequence[Mapping[str, Any]] = plan["checks"] if named else [{"name": name, "conclusion": None} for name in planned]
    if unset := sorted(models.keys() - {row["name"] for row in rows}):
        raise Misuse(f"the plan names a review whose check it does not name: {unset[0]}", "make the plan again")
    for row in rows:
        name = row["name"]
        if row["conclusion"] is not None:
            checks.append(NamedCheck(name, Check(Conclusion(row["conclusion"]), row["title"] or ""), tuple(row.get("reasons", ())), settled=True))
        elif name in planned and name in models:
            checks.append(_check(name, dict(planned[name], model=models[name]), found.get(name), by_risk))
        else:
            checks.append(NamedCheck(name, NOT_COMPLETE, ("no review of it was planned",)))
    return checks


def _check(name: str, target: Mapping[str, Any], file: ReviewFile | None, by_risk: Mapping[Risk, Conclusion], unread: Sequence[str] = ()) -> NamedCheck:
    if file is None or file.review is None:
        return NamedCheck(name, NOT_COMPLETE, ("there is no review of it", *unread, *((f"{shown(file.path)}: {file.reason}",) if file else ())))
    review = file.review
    for key in (*_SAME, *(("model",) if target.get("model") and review["outcome"] == Outcome.COMPLETE else ())):
        is_of, wanted = review[key], target[key]
        if (normal(is_of) != normal(wanted)) if key == "directory" else is_of != wanted:
            return NamedCheck(name, NOT_COMPLETE, (f"the review is of another {key} than planned: {_named(is_of)}, planned is {_named(wanted)}",))
    if wrong := contradiction(review):
        return NamedCheck(name, NOT_COMPLETE, (wrong,))
    return NamedCheck(name, check_of(review, by_risk), tuple(review["reasons"]), review)


def _named(value: str | None) -> str:
    return "none" if value is None else quoted(value)


def not_complete(plan: Mapping[str, Any], reason: str) -> list[NamedCheck]:
    """Return the checks of a plan where nothing that was reviewed may count, for `reason`; what was settled stays."""
    return [
        NamedCheck(row["name"], Check(Conclusion(row["conclusion"]), row["title"] or ""), settled=True)
        if row["conclusion"] is not None
        else NamedCheck(row["name"], NOT_COMPLETE, (reason,))
        for row in plan.get("checks", ())
    ]


def labels_of(checks: Iterable[NamedCheck]) -> list[Labels | None]:
    """Return what each review came to, None for one that came to nothing or is left for another run. The plan's other checks are no reviews."""
    return [labels_in(one.check.title) for one in checks if one.name.count("/") == 2 or (one.name == LEFT and one.check.conclusion is Conclusion.FAILURE)]


def final_of(plan: Mapping[str, Any], checks: Sequence[NamedCheck], problem: str = "") -> Check:
    """Return the check for all: the worst of `checks` and of other pull requests with the same head. With a `problem` it can't pass."""
    aggregate = plan.get("aggregate")
    if aggregate and aggregate["conclusion"] is not None:
        return Check(Conclusion(aggregate["conclusion"]), aggregate["title"] or "")
    shared = [Check(Conclusion(row["conclusion"]), row["title"] or "") for row in plan.get("shared", ())]
    return overall([*(check.check for check in checks), *shared, *([NOT_COMPLETE] if problem else [])])


def table(checks: Sequence[NamedCheck], final: Check) -> str:
    """Return the checks for a terminal, the one for all last."""
    rows = [*checks, NamedCheck(CHECK, final)]
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        lines.append(f"{row.check.conclusion:8} {row.name:{width}}  {row.check.title}")
        lines += [f"{'':8} {'':{width}}  - {shown(reason)}" for reason in row.reasons]
    return "\n".join(lines) + "\n"

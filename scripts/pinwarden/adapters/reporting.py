"""Tells a pull request what its reviews came to: checks, labels, the check for all, one comment. Killed anywhere and run again: same end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pinwarden.adapters import actions_io
from pinwarden.adapters.check_runs import CheckRuns, Completion
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear, outside
from pinwarden.adapters.rendered_again import rendered_again
from pinwarden.adapters.reviewed_pull import ReviewedPull, Standing
from pinwarden.check_output import Output, aggregate_output, is_private, output_of
from pinwarden.conclusion import Check
from pinwarden.errors import Misuse
from pinwarden.labels import label_changes, worst_labels
from pinwarden.pull_comment import comment
from pinwarden.status import NamedCheck, final_of, labels_of, not_complete

_TRIES = 3


@dataclass(slots=True)
class Told:
    """What was told. `links` are pages of checks by name; `problems` says what was to be written and is not, or may not be."""

    checks: list[NamedCheck]
    final: Check
    links: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class Reporting:
    """Tells the pull requests of one repository, `owner/name`; `server_url` is where its pages are."""

    def __init__(self, calls: Calls, full_name: str, server_url: str) -> None:
        self._calls = calls
        self._full_name = full_name
        self._server_url = server_url

    def tell(self, plan: Mapping[str, Any], checks: Sequence[NamedCheck], wrong: str = "") -> Told:
        """Complete the check runs of `plan`, the one for all last; a head that moved, or a closed pull request, gets failures and nothing else.

        `wrong` says why none of `checks` may count, if so.

        Raises Unclear, Refused, Limited where nothing could be read: then nothing was written.
        """
        pull = ReviewedPull(self._calls, self._full_name, plan["pull_request"]["number"])
        rows = [*plan["checks"], *([plan["aggregate"]] if plan["aggregate"] else [])]
        standing = pull.read([row["id"] for row in rows if row["id"]])
        if gone := _gone(plan, standing):
            checks = not_complete(plan, gone)
        numbers = {row["name"]: standing.runs[row["id"]].number for row in rows if row["id"] in standing.runs}
        told = Told(list(checks), final_of(plan, checks), {name: f"{self._server_url}/{self._full_name}/runs/{run}" for name, run in numbers.items()})
        runs = CheckRuns(self._calls, standing.repository)
        failed = runs.complete(list(_completions(plan, told.checks)), standing.runs)
        told.problems += [f"{name}: {why}" for name, why in failed.items()]
        # Where no check may be completed, labels and a comment would say what no check says.
        refused = bool(failed) and len(failed) == sum(not check.settled for check in told.checks)
        if not gone and checks and not refused:
            self._labelled(pull, standing, told)
        self._concluded(runs, standing, plan, told, gone or wrong)
        if not gone and checks and plan["targets"] and not refused:
            body = comment(plan, told.checks, told.final, told.links)
            self._until_clear(pull, standing, "the comment", lambda now: pull.tell(now, body), told)
        return told

    def _labelled(self, pull: ReviewedPull, standing: Standing, told: Told) -> None:
        given = labels_of(told.checks)

        def label(now: Standing) -> None:
            pull.relabel(now, *label_changes(now.labels, worst_labels(given), keep_blocked=None in given))

        self._until_clear(pull, standing, "the labels", label, told)

    def _concluded(self, runs: CheckRuns, standing: Standing, plan: Mapping[str, Any], told: Told, wrong: str) -> None:
        """Complete the check for all. Where something else is not as it should be, it can't pass."""
        aggregate = plan["aggregate"]
        unwritten = f"not all could be written, run the report again: {'; '.join(told.problems[:3])}" if told.problems else ""
        problem = wrong or unwritten
        told.final = final_of(plan, told.checks, problem)
        if unwritten:
            # A title of its own: the next run, which writes the rest, then has something to write here too.
            told.final = replace(told.final, title=f"{told.final.title}; not all was written")
        if aggregate is None or aggregate["conclusion"] is not None:
            return
        output = aggregate_output(told.final, told.checks, plan, told.links, problem)
        failed = runs.complete([_completion(aggregate, told.final, output)], standing.runs)
        told.problems += [f"{name}: {why}" for name, why in failed.items()]

    def _until_clear(self, pull: ReviewedPull, standing: Standing, what: str, write: Callable[[Standing], None], told: Told) -> None:
        """Write from how the pull request stands; after an unclear answer from how it stands then."""
        problem = ""
        for attempt in range(_TRIES):
            try:
                write(pull.read([]) if attempt else standing)
                return
            except (Unclear, Limited) as error:
                problem = str(error)
                if isinstance(error, Limited):
                    break
            except Refused as error:
                problem = f"{error.message}; {error.hint}".removesuffix("; ")
                if not error.again:
                    break
        told.problems.append(f"{what}: {problem}")


def report(plan: Mapping[str, Any], checks: Sequence[NamedCheck], wrong: str = "", calls_of: Callable[[str, str], Calls] = Calls) -> Told:
    """Tell the pull request of `plan`; without one, as in an audit, nobody is told. Raises Misuse, OutsideError."""
    if not plan.get("pull_request"):
        if "reviews" not in plan:
            raise Misuse("the plan names no check runs", "plan-reviews makes one that does; add --dry-run to see what this would come to")
        return Told(list(checks), final_of(plan, checks))
    access, github = actions_io.Access.from_environ(), actions_io.GitHub.from_environ()
    if access is None:
        raise Misuse("report-status sets checks in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN, or add --dry-run")
    calls = calls_of(access.api_url, access.token)
    try:
        with outside(access.repository, "the checks wait as they did; run again with the same plan"):
            return Reporting(calls, access.repository, github.server_url).tell(plan, checks, wrong)
    finally:
        calls.close()


def _gone(plan: Mapping[str, Any], standing: Standing) -> str:
    """Say why what was reviewed is not what would be merged; empty where it is."""
    if not standing.open:
        return "the pull request is closed"
    planned = plan["pull_request"]["head"]
    return "" if standing.head == planned else f"the head of the pull request moved from {planned} to {standing.head} meanwhile"


def _completions(plan: Mapping[str, Any], checks: Sequence[NamedCheck]) -> list[Completion]:
    rows = {row["name"]: row for row in plan["checks"]}
    waiting = [check for check in checks if not check.settled]
    texts = [_text(check) if not is_private(plan) else ("", "") for check in waiting]
    return [_completion(rows[check.name], check.check, output_of(check, plan, blocks)) for check, blocks in zip(waiting, rendered_again(texts), strict=True)]


def _text(check: NamedCheck) -> tuple[str, str]:
    """Return the reviewer's text of a review, and where its links may lead."""
    review = check.review
    written = (review["report"] or {}).get("markdown", "") if review else ""
    return written, f"{review['project']}/blob/{review['head']}/" if review else ""


def _completion(row: Mapping[str, Any], check: Check, output: Output) -> Completion:
    return Completion(row["id"] or "", row["name"], row["external_id"], check.conclusion, output)

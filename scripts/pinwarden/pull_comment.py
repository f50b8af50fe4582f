"""What is said of reviews beside their checks: one comment on the pull request, and the page of the job. Our own words alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pinwarden.check_output import fitted, identity_note, is_private
from pinwarden.conclusion import Check, labels_in
from pinwarden.record import counted
from pinwarden.status import CHECK, NamedCheck
from pinwarden.surface.show import code_span

MARKER = "<!-- pinwarden:reviews -->"
MOST_BYTES = 60_000
"""GitHub takes 65,536 characters of a comment."""
_MOST_SUMMARY = 800_000
"""Bytes; GitHub drops a job's summary of more than 1 MiB whole."""


def comment(plan: Mapping[str, Any], checks: Sequence[NamedCheck], final: Check, links: Mapping[str, str]) -> str:
    """Return the comment on a pull request: what all reviews came to, a row for each, the head that it is for. `links` are by the check's name."""
    head = plan["pull_request"]["head"]
    verdict = f"[{final.title}]({links[CHECK]})" if CHECK in links else final.title
    parts = [f"{MARKER}\n", f"**Pinwarden: {final.conclusion}**, {verdict}; for `{head}`.\n", f"\n{identity_note(plan)}\n\n"]
    return fitted([*parts, *_table(checks, links)], MOST_BYTES)


def job_summary(plan: Mapping[str, Any], checks: Sequence[NamedCheck], final: Check, links: Mapping[str, str], problems: Sequence[str]) -> str:
    """Return what the page of the job says: the same table, and every reason, unless the details are private."""
    parts = [f"## {final.conclusion}: {final.title}\n\n", f"{identity_note(plan)}\n\n"]
    parts += [f"- not written: {code_span(problem)}\n" for problem in problems]
    rows = _table(checks, links)
    why = [] if is_private(plan) else [f"- {code_span(check.name)}: {code_span(reason)}\n" for check in checks for reason in check.reasons]
    return fitted([*parts, "\n", *rows, "\n", *why], _MOST_SUMMARY)


def _table(checks: Sequence[NamedCheck], links: Mapping[str, str]) -> list[str]:
    """Return the rows of a table, each of which may be the last."""
    if not checks:
        return []
    rows = ["| server | agent | risk | findings | check |\n|---|---|---|---|---|\n"]
    for named in checks:
        agent, _, server = named.name.removeprefix(f"{CHECK}/").partition("/")
        labels = labels_in(named.check.title)
        found = counted(named.review) if named.review else "as before" if named.settled and server else ""
        told = f"[{named.check.conclusion}]({links[named.name]})" if named.name in links else str(named.check.conclusion)
        rows.append(f"| {code_span(server) if server else ''} | {agent} | {labels.risk if labels else 'unknown'} | {found} | {told} |\n")
    return rows

"""A review as Markdown for people: our own words first, what a model wrote last and under its own heading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pinwarden.review import Agent, Outcome, check_of
from pinwarden.surface.fact import Surface, items_of
from pinwarden.surface.show import as_markdown as surface_markdown
from pinwarden.surface.show import code_span

_MOST_LISTED = 30


def as_markdown(review: Mapping[str, Any]) -> str:
    """Return a review that follows the schema: verdict, reasons, scope, surface, findings, what was not read, the report."""
    check = check_of(review)
    parts = [f"# {check.conclusion}: {check.title}", _scope(review)]
    if review["reasons"]:
        parts.append("## Why it is not complete\n\n" + _listed(code_span(reason) for reason in review["reasons"]))
    parts += [surface_markdown(Surface(items_of(review["surface"]))).rstrip("\n"), _findings(review)]
    if review["not_read"]:
        rows = (f"{code_span(item['path'])}: {code_span(item['reason'])}{' (changed)' if item['changed'] else ''}" for item in review["not_read"])
        parts.append("## Not read\n\n" + _listed(rows))
    if review["report"] and review["report"]["markdown"]:
        who = "GuardDog's matches" if review["agent"] == Agent.GUARDDOG else f"What {review['agent']} wrote (a model's text: it may be wrong)"
        hidden = f"\n\n{review['report']['hidden']} characters that don't show were taken out." if review["report"]["hidden"] else ""
        parts.append(f"## {who}{hidden}\n\n{review['report']['markdown'].strip()}")
    return "\n\n".join(parts) + "\n"


def _scope(review: Mapping[str, Any]) -> str:
    commits = f"{review['base']} to {review['head']}" if review["base"] else review["head"]
    rows = [
        ("server", code_span(review["server"])),
        ("mode", review["mode"]),
        ("repository", code_span(review["project"])),
        ("commits", f"`{commits}`"),
        ("directory", code_span(review["directory"] or "the whole repository")),
        ("overall risk", review["risk"] if review["outcome"] == Outcome.COMPLETE else "unknown"),
        ("read by", code_span(" ".join(filter(None, [review["agent"], review["agent_version"], review["model"]])))),
    ]
    return "## Scope\n\n" + "\n".join(f"- {name}: {value}" for name, value in rows)


def _findings(review: Mapping[str, Any]) -> str:
    rows = []
    for finding in review["findings"][:_MOST_LISTED]:
        places = ", ".join(code_span(f"{p['side']} {p['path']}:{p['line']}") + ("" if p["verified"] else " (no such line)") for p in finding["evidence"])
        rows.append(f"**{finding['severity']}** {code_span(finding['title'])}" + (f" ({places})" if places else " (no evidence)"))
    more = len(review["findings"]) - _MOST_LISTED
    return "## Findings\n\n" + (_listed(rows) if rows else "None.") + (f"\n\nAnd {more} more, in `review.json`." if more > 0 else "")


def _listed(rows: Iterable[str]) -> str:
    return "\n".join(f"- {row}" for row in list(rows)[:_MOST_LISTED])

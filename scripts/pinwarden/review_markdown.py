"""A review as Markdown for people: our own words first, what a model wrote last and under its own heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pinwarden.review import Outcome, check_of
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk, worst
from pinwarden.surface.digest import raised
from pinwarden.surface.fact import Surface, items_of
from pinwarden.surface.show import as_markdown as surface_markdown
from pinwarden.surface.show import code_span

_MOST_LISTED = 30
_MOST_TOGETHER = 5


def as_markdown(review: Mapping[str, Any]) -> str:
    """Return a review that follows the schema: verdict, reasons, scope, surface, findings, what was not read, the report."""
    check = check_of(review)
    parts = [f"# {check.conclusion}: {check.title}", scope(review), reasons(review), surface(review), findings(review), not_read(review)]
    if review["report"] and (written := review["report"].get("markdown")):
        parts.append(f"{report_heading(review)}\n\n{written.strip()}")
    return "\n\n".join(filter(None, parts)) + "\n"


def reasons(review: Mapping[str, Any]) -> str:
    """Return why a review is not complete; empty where it is."""
    return "## Why it is not complete\n\n" + _listed(_folded(map(_split, review["reasons"]), between=": ")) if review["reasons"] else ""


def surface(review: Mapping[str, Any]) -> str:
    """Return what changed of what the server shows and takes, worst first."""
    return surface_markdown(_surface(review)).rstrip("\n")


def not_read(review: Mapping[str, Any]) -> str:
    """Return what no reviewer was given; empty where that is nothing."""
    rows = ((item["path"], item["reason"] + (" (changed)" if item["changed"] else "")) for item in review["not_read"])
    return "## Not read\n\n" + _listed(_folded(rows)) if review["not_read"] else ""


def report_heading(review: Mapping[str, Any]) -> str:
    """Return what stands above a reviewer's own text: whose it is, and what was taken out."""
    who = "GuardDog's matches" if review["agent"] == Agent.GUARDDOG else f"What {review['agent']} wrote (a model's text: it may be wrong)"
    hidden = f"\n\n{review['report']['hidden']} characters that don't show were taken out." if review["report"]["hidden"] else ""
    return f"## {who}{hidden}"


def _surface(review: Mapping[str, Any]) -> Surface:
    unread = tuple(reason.removeprefix("surface: ") for reason in review["reasons"] if reason.startswith("surface: "))
    return Surface(items_of(review["surface"]), unread)


def _split(reason: str) -> tuple[str, str]:
    """Part a reason from what it is about, where it says so: `surface: a.py: nested too deeply`."""
    what, _, why = reason.rpartition(": ")
    return what, why


def scope(review: Mapping[str, Any]) -> str:
    """Return what was reviewed, and by whom."""
    commits = f"{review['base']} to {review['head']}" if review["base"] else review["head"]
    who = code_span(" ".join(filter(None, [review["agent"], review["agent_version"], review["model"]])))
    rows = [
        ("server", code_span(review["server"])),
        ("mode", review["mode"]),
        ("repository", code_span(review["project"])),
        ("commits", f"`{commits}`"),
        ("directory", code_span(review["directory"] or "the whole repository")),
        ("overall risk", review["risk"] if review["outcome"] == Outcome.COMPLETE else "unknown"),
        ("read by", who if review["report"] else f"nobody: {who} left no report"),
    ]
    return "## Scope\n\n" + "\n".join(f"- {name}: {value}" for name, value in rows)


def findings(review: Mapping[str, Any]) -> str:
    """Return what the reviewer found, and whether the surface weighs more."""
    rows = []
    for finding in review["findings"]:
        shown = finding["evidence"][:_MOST_TOGETHER]
        places = ", ".join(code_span(f"{p['side']} {p['path']}:{p['line']}") + ("" if p["verified"] else " (no such line)") for p in shown)
        places += f" and {len(finding['evidence']) - len(shown)} more" if len(finding["evidence"]) > len(shown) else ""
        rows.append(f"**{finding['severity']}** {code_span(finding['title'])}" + (f" ({places})" if places else " (no evidence)"))
    found = _listed(rows) if rows else "Nothing." if review["report"] else "There is no report."
    more, own = raised(_surface(review)) or Risk.INFO, worst(Risk(finding["severity"]) for finding in review["findings"]) or Risk.INFO
    decides = f"\n\nThe surface weighs more ({more}), and decides." if more.weight > own.weight else ""
    return f"## What the agent found\n\n{found}{decides}"


def _folded(reasons: Iterable[tuple[str, str]], between: str = "") -> Iterator[str]:
    """Yield what each reason is about; what many things share is said once, with the first of them. One that stood `between` its parts is whole again."""
    about: dict[str, list[str]] = {}
    for what, reason in reasons:
        about.setdefault(reason, []).append(what)
    for reason, things in about.items():
        if between and len(things) == 1:
            yield code_span(between.join(filter(None, [things[0], reason])))
            continue
        named = ", ".join(code_span(thing) for thing in things[:_MOST_TOGETHER] if thing)
        more = f" and {len(things) - _MOST_TOGETHER} more" if len(things) > _MOST_TOGETHER else ""
        yield f"{named}{more}: {code_span(reason)}" if named else code_span(reason)


def _listed(rows: Iterable[str]) -> str:
    every = list(rows)
    more = f"\n\nAnd {len(every) - _MOST_LISTED} more, in `review.json`." if len(every) > _MOST_LISTED else ""
    return "\n".join(f"- {row}" for row in every[:_MOST_LISTED]) + more

"""What a check run shows of a review: our own words from its values, the surface first; a reviewer's text last, made safe once more.

Source of the limits: GitHub's REST API, check runs (65,535 for summary and text each; counted in bytes of UTF-8, as its refusals say).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden import review_markdown
from pinwarden.conclusion import Check, Conclusion
from pinwarden.record import counted
from pinwarden.reviewer import Agent
from pinwarden.status import NamedCheck
from pinwarden.surface.show import code_span

MOST_BYTES = 65_535
"""Of a summary, and of a text."""
_SURFACE, _FINDINGS, _REASONS, _MADE = 26_000, 20_000, 9_000, 8_000
"""What each part of a summary may take, so that none pushes another out. In bytes."""
_NOT_READ = 10_000
_CUT = "\n*Cut here; the rest is in the review's artifact.*\n"
_LEVELS = {Conclusion.FAILURE: "FAILURE", Conclusion.NEUTRAL: "WARNING", Conclusion.SUCCESS: "NOTICE"}
_IDENTITIES = {
    "gate": "Gate mode: made by an App of this registry's own.",
    "advisory": "Advisory mode: this check can be imitated by any workflow of this repository.",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark on a line of the registry. `level` is a word of GitHub's GraphQL schema."""

    path: str
    line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Output:
    """What a check run shows; summary and text are Markdown within GitHub's limit."""

    title: str
    summary: str
    text: str = ""
    annotation: Annotation | None = None


def fitted(pieces: Iterable[str], most_bytes: int) -> str:
    """Return `pieces` joined; where that is more than `most_bytes`, those in front that fit, and a remark. Between two pieces Markdown may be cut."""
    every = list(pieces)
    if sum(len(piece.encode()) for piece in every) <= most_bytes:
        return "".join(every)
    left = most_bytes - len(_CUT.encode())
    kept = []
    for piece in every:
        left -= len(piece.encode())
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + _CUT


def identity_note(plan: Mapping[str, Any]) -> str:
    """Return which mode the checks are made in, and what that means."""
    return _IDENTITIES.get(plan.get("identity") or "", "")


def is_private(plan: Mapping[str, Any]) -> bool:
    """Tell whether a review's details stay with those who made it: so it is for audits of other people's code, unless the plan says otherwise."""
    return bool(plan.get("details", "public" if plan.get("pull_request") else "private") == "private")


def output_of(named: NamedCheck, plan: Mapping[str, Any], blocks: Sequence[str]) -> Output:
    """Return what the check of a review shows. `blocks` are the reviewer's text, each made safe by the one renderer."""
    target: Mapping[str, Any] = next((row for row in plan["targets"] if named.name.endswith(f"/{row['server']}")), {})
    note = _annotation(named, target) if target.get("path") and target.get("line") else None
    review = named.review
    if review is None or is_private(plan):
        told = "" if is_private(plan) else "\n".join(f"- {code_span(reason)}" for reason in named.reasons)
        parts = [f"**{named.check.title}**", counted(review) if review else "", told, identity_note(plan)]
        return Output(named.check.title, fitted(_pieces(parts), MOST_BYTES), "", note)
    parts = [
        f"{'Pattern scan only, no AI review.' if review['agent'] == Agent.GUARDDOG else 'AI output, may be wrong.'} {identity_note(plan)}",
        # What is not complete is about that first.
        fitted(_lines(review_markdown.reasons(review)), _REASONS),
        fitted(_lines(review_markdown.surface(review)), _SURFACE),
        f"## Risk\n\n{named.check.title}: {counted(review)}",
        fitted(_lines(review_markdown.findings(review)), _FINDINGS),
        fitted(_lines(f"{review_markdown.scope(review)}\n{_made(review)}"), _MADE),
    ]
    left_out = fitted(_lines(review_markdown.not_read(review)), _NOT_READ)
    written = [review_markdown.report_heading(review), *blocks] if blocks else []
    text = fitted([left_out and f"{left_out}\n\n", *_pieces(written)], MOST_BYTES)
    return Output(named.check.title, fitted(_pieces(parts), MOST_BYTES), text, note)


def aggregate_output(final: Check, checks: Sequence[NamedCheck], plan: Mapping[str, Any], links: Mapping[str, str], problem: str = "") -> Output:
    """Return what the check for all shows: each check with its page, and other pull requests with the same head. `links` are by name."""
    rows = [f"- {_linked(check.name, links)}: **{check.check.conclusion}**, {check.check.title}" for check in checks]
    rows += [f"- pull request {row['number']}, which has the same head: **{row['conclusion']}**, {row['title'] or ''}" for row in plan.get("shared", ())]
    why = f"Not all that must be written could be: {code_span(problem)}. Run the report again." if problem else ""
    parts = [why, "The worst of these counts." if rows else "", identity_note(plan)]
    return Output(final.title, fitted([*_pieces(parts), *(f"{row}\n" for row in rows)], MOST_BYTES))


def _linked(name: str, links: Mapping[str, str]) -> str:
    return f"[{code_span(name)}]({links[name]})" if name in links else code_span(name)


def _made(review: Mapping[str, Any]) -> str:
    asked = [] if review["agent"] == Agent.GUARDDOG else [("model", review["model"]), ("prompt (SHA-256)", review["prompt_sha256"])]
    rows = [
        ("agent version", review["agent_version"]),
        *asked,
        *((f"image {name}", digest) for name, digest in review["images"].items()),
        ("report (SHA-256)", (review["report"] or {}).get("sha256")),
        ("inputs (SHA-256)", review["inputs_sha256"]),
        ("from, to", f"{review['started']}, {review['finished']}"),
        *((f"used: {name}", str(amount)) for name, amount in review["usage"].items()),
    ]
    return "\n".join(f"- {code_span(name)}: {code_span(value or 'not known')}" for name, value in rows)


def _annotation(named: NamedCheck, target: Mapping[str, Any]) -> Annotation:
    found = f": {counted(named.review)}" if named.review else ""
    return Annotation(target["path"], target["line"], _LEVELS[named.check.conclusion], named.name, f"{named.check.title}{found}")


def _lines(markdown: str) -> list[str]:
    """Return Markdown of ours in pieces: of lists and paragraphs, where no block is longer than a line."""
    return markdown.splitlines(keepends=True)


def _pieces(parts: Iterable[str]) -> list[str]:
    return [f"{part.strip(chr(10))}\n\n" for part in parts if part.strip()]

"""What a pull request tells people of an upstream's change: commits, authors, files, the server's surface. All of it foreign text, shown in code spans."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pinwarden.evidence import Evidence, as_block
from pinwarden.surface.fact import Surface, items_of
from pinwarden.surface.show import as_markdown, code_span

MOST_BODY = 60_000
"""Characters; GitHub takes 65,536."""
_MOST_COMMITS, _MOST_AUTHORS, _MOST_FILES = 30, 20, 30


@dataclass(frozen=True, slots=True)
class UpstreamCommit:
    """One commit between the pins, as its author calls it."""

    name: str
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What lies between two pins. `commits` are the newest; `new_authors` is None where the history before is not known."""

    count: int = 0
    commits: tuple[UpstreamCommit, ...] = ()
    new_authors: tuple[str, ...] | None = None
    files: tuple[str, ...] = ()
    """`path +added -removed`, in the built directory."""
    signed: str = "not asked"
    """Whether the new commit is signed, in words of ours."""
    surface: Surface = Surface()  # noqa: RUF009  # immutable
    reasons: tuple[str, ...] = ()
    """Why this is not all."""


def brief_of(document: Mapping[str, Any]) -> Brief:
    """Return the brief that was written down as `dataclasses.asdict` has it. Raises KeyError, TypeError or ValueError for anything else."""
    authors = document["new_authors"]
    return Brief(
        int(document["count"]),
        tuple(UpstreamCommit(str(one["name"]), str(one["author"]), str(one["subject"])) for one in document["commits"]),
        None if authors is None else tuple(map(str, authors)),
        tuple(map(str, document["files"])),
        str(document["signed"]),
        Surface(items_of(document["surface"]["items"]), tuple(map(str, document["surface"]["reasons"]))),
        tuple(map(str, document["reasons"])),
    )


def title(evidence: Evidence) -> str:
    """Return a pull request's title: names that passed the rules, and commits."""
    return f"Bump {evidence.server} to {evidence.new[:12]}"


def body(evidence: Evidence, brief: Brief) -> str:
    """Return a pull request's body; the evidence block is its end, whatever is cut."""
    newer = f"\n\nUpstream has meanwhile moved on to `{evidence.newer}`; this pull request keeps its commit." if evidence.newer else ""
    told = "\n\n".join(
        [
            f"`{evidence.old}` → `{evidence.new}`{newer}",
            _facts(evidence, brief),
            as_markdown(brief.surface).rstrip("\n"),
            f"## Commits\n\n{_commits(brief)}",
            f"## Files in the built directory\n\n{_listed([code_span(line) for line in brief.files], _MOST_FILES) or 'None.'}",
        ]
    )
    if brief.reasons:
        told += f"\n\n## Not known\n\n{_listed([code_span(reason) for reason in brief.reasons], _MOST_FILES)}"
    block = f"<details><summary>Evidence</summary>\n\n{as_block(evidence)}\n\n</details>\n"
    room = MOST_BODY - len(block) - 100
    if len(told) > room:
        told = f"{told[:room].rpartition(chr(10))[0]}\n\nCut here: it is too long."
    return f"{told}\n\n{block}"


def with_newer(text: str, evidence: Evidence) -> str:
    """Return an open pull request's body with the newer commit named, everything else as it is."""
    from_old = re.sub(r"\n\nUpstream has meanwhile moved on to `[0-9a-f]{40}`; this pull request keeps its commit\.", "", text, count=1)
    start = f"`{evidence.old}` → `{evidence.new}`"
    said = f"{start}\n\nUpstream has meanwhile moved on to `{evidence.newer}`; this pull request keeps its commit."
    head, found, rest = from_old.partition("<!-- pinwarden:evidence -->")
    after = rest.partition("\n```json")[2].partition("\n```")[2]
    return head.replace(start, said, 1) + as_block(evidence) + after if found else text


def _facts(evidence: Evidence, brief: Brief) -> str:
    authors = "not known" if brief.new_authors is None else ", ".join(map(code_span, brief.new_authors[:_MOST_AUTHORS])) or "none"
    rows = [
        ("upstream", f"<{evidence.project}>"),
        ("compare", f"<{evidence.project}/compare/{evidence.old}...{evidence.new}>"),
        ("tracked ref", code_span(evidence.ref)),
        ("verdict", evidence.verdict),
        ("signature of the new commit", brief.signed),
        ("authors new to the repository", authors),
    ]
    return "\n".join(f"- {name}: {value}" for name, value in rows)


def _commits(brief: Brief) -> str:
    rows = [f"`{one.name[:12]}` {code_span(one.subject)} by {code_span(one.author)}" for one in brief.commits]
    return _listed(rows, _MOST_COMMITS, brief.count) or "None."


def _listed(rows: list[str], most: int, count: int = 0) -> str:
    more = max(len(rows), count) - min(len(rows), most)
    return "\n".join(f"- {row}" for row in rows[:most]) + (f"\n- and {more} more" if more > 0 else "")

"""The demonstration's result, as a table for a terminal and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from jinja2 import Environment

from pinwarden.demo import Story, Turn

_ENDS = {"success": "passed", "neutral": "warned", "failure": "blocked"}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pinwarden: seven upstreams</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; overflow-wrap: anywhere; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td:first-child { font-weight: 600; min-width: 10rem; }
th { overflow-wrap: normal; }
.end { white-space: nowrap; }
.end b { display: inline-block; width: 1.2em; }
small { opacity: .75; }
@media (max-width: 45rem) { thead { display: none; } td { display: block; border: 0; padding: .1rem 0; } tr { display: block; padding: .75rem 0; border-bottom: 1px solid; } }
</style>
<h1>Seven upstreams, one night</h1>
<p><a href="page/index.html">The registry's page</a>, as its readers see it.</p>
<p>Each row is a real repository that was scanned and, where its pin would move, reviewed. {{ counted }}</p>
<table>
<thead><tr><th scope="col">Entry</th><th scope="col">What happened upstream</th><th scope="col">Scan</th><th scope="col">In the end</th><th scope="col">Why</th></tr></thead>
<tbody>
{% for row in rows %}<tr><td>{{ row.server }}</td><td>{{ row.tells }}</td><td>{{ row.scan }}</td>
<td class="end"><b aria-hidden="true">{{ {"passed": "✓", "warned": "!", "blocked": "✕"}.get(row.end, "·") }}</b>{{ row.end }}</td>
<td>{{ row.why }}{% if row.review %} <small><a href="{{ row.review }}">review</a></small>{% endif %}</td></tr>
{% endfor %}</tbody>
</table>
<p><small>Raw files beside this page: registry/, validate.json, bump.json, bump.txt, plan.json, reviews/, scan.json, records/, status.json.</small></p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the demonstration. `end` is passed, warned, blocked or not proposed; `review` a link to the review."""

    server: str
    tells: str
    scan: str
    end: str
    why: str
    review: str | None = None


def row_of(story: Story, pin: Mapping[str, Any], check: Mapping[str, Any] | None, review: Mapping[str, Any] | None) -> Row:
    """Return the row of a story from what bump-pins, report-status and run-review said of it, as JSON; None where they had nothing to say."""
    scan = f"{pin['verdict']}, {pin['action']}"
    if check is None or review is None:
        return Row(story.server, story.tells, scan, "not proposed", pin["reason"])
    why = check["reasons"] or [
        f"{item['change']}: {item['says']} ({item['evidence'][0]['path']}:{item['evidence'][0]['line']})" for item in review["surface"][:1]
    ]
    by_hand = ", and a pull request by hand" if story.turn is Turn.FORK else ""
    return Row(
        story.server, story.tells, scan + by_hand, _ENDS[check["conclusion"]], "; ".join([check["title"], *why[:1]]), f"reviews/{story.server}/review.md"
    )


def counted(rows: Sequence[Row]) -> str:
    """Say how the rows ended, in one sentence."""
    ends = [row.end for row in rows]
    return ", ".join(f"{ends.count(end)} {end}" for end in dict.fromkeys(ends)) + "."


def as_table(rows: Sequence[Row], width: int = 76) -> str:
    """Return the rows for a terminal: what ended how, and why below it."""
    column = max(len(row.server) for row in rows)
    lines = []
    for row in rows:
        lines += [f"{row.server:{column}}  {row.tells}", f"{'':{column}}  scan: {row.scan}", *_wrapped(f"{row.end}: {row.why}", column + 2, width), ""]
    return "\n".join([*lines, counted(rows), "", "The registry's page: out/demo/page/index.html"]) + "\n"


def as_page(rows: Sequence[Row]) -> str:
    """Return the rows as one HTML page, complete without a script."""
    return Environment(autoescape=True, trim_blocks=False).from_string(_PAGE).render(rows=rows, counted=counted(rows))


def _wrapped(text: str, indent: int, width: int) -> list[str]:
    return wrap(
        text, width=max(width, indent + 30), initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_long_words=False, break_on_hyphens=False
    )

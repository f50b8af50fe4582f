"""A surface as Markdown, for people. What it quotes is foreign, so it stands in code spans that nothing can leave."""

from __future__ import annotations

import re
from itertools import groupby

from pinwarden.shown import shown
from pinwarden.surface.fact import Change, Item, Surface

_MOST_SHOWN = 60
_LONGEST = 160


def code_span(text: str) -> str:
    """Return foreign text, cut and escaped, as a code span."""
    cut = shown(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
    fence = "`" * (max((len(run) for run in re.findall("`+", cut)), default=0) + 1)
    blank = " " if "`" in cut else ""
    return f"{fence}{blank}{cut}{blank}{fence}" if cut.strip() else "` `"


def as_markdown(surface: Surface) -> str:
    """Return the digest, worst first, with the lines it rests on."""
    lines = ["## Surface", ""]
    if not surface.items and surface.reasons:
        lines += ["Not read.", ""]
    elif not surface.items:
        lines += ["Nothing that the server shows or takes has changed, as far as it can be read without running it.", ""]
    for risk, items in groupby(surface.items[:_MOST_SHOWN], key=lambda item: item.risk):
        lines += [f"**{risk}**", "", *(_row(item) for item in items), ""]
    if len(surface.items) > _MOST_SHOWN:
        lines += [f"And {len(surface.items) - _MOST_SHOWN} more, in `review.json`.", ""]
    for reason in surface.reasons:
        lines.append(f"- not read to the end: {code_span(reason)}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(item: Item) -> str:
    places = ", ".join(code_span(f"{place.side} {place.path}:{place.line}") for place in item.evidence)
    change = {Change.ADDED: "new", Change.CHANGED: "changed", Change.REMOVED: "gone"}[item.change]
    return f"- {change} {item.kind}: {code_span(item.says)}" + (f" ({places})" if places else "")

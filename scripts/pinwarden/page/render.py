"""The page, its JSON and its badges as text. The templates are an argument: this reads no file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from pinwarden.page import publishers, summary
from pinwarden.page.cells import ReviewOf, Row, State
from pinwarden.page.rows import Known
from pinwarden.render import as_json

VERSION = 1
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")
STALE_DAYS = 7
FIRST = 10
"""Things to look at that are shown at once; the rest is behind a click."""


@dataclass(frozen=True, slots=True)
class Source:
    """One of the things that the page rests on, and when it was made; None where that is not known or it was not there."""

    name: str
    at: str | None
    given: bool
    stale: bool
    """Whether it was older than STALE_DAYS when the page was made."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is shown. `made` is when, as RFC 3339 in UTC; `revision` the registry's commit, None where that is not known."""

    made: str
    registry: str
    revision: str | None
    rows: Sequence[Row]
    known: Known

    @property
    def sources(self) -> list[Source]:
        """What the page rests on beside the entries."""
        known = self.known
        days = sorted(check.checked for check in known.images.values() if check.checked) if known.images else []
        listed: list[tuple[str, str | None, bool]] = [
            ("scan of the upstreams", known.scan.at if known.scan else None, known.scan is not None),
            ("publishers", known.trust.at if known.trust else None, known.trust is not None),
            ("newest review", known.records.newest if known.records else None, known.records is not None),
            ("oldest look at an image", days[0] if days else None, known.images is not None),
        ]
        return [Source(name, at, given, stale=at is not None and self._old(at)) for name, at, given in listed]

    def _old(self, at: str) -> bool:
        return datetime.fromisoformat(self.made[:10]) - datetime.fromisoformat(at[:10]) > timedelta(days=STALE_DAYS)


def files(page: Page, templates: Mapping[str, str]) -> dict[str, str]:
    """Return every file of the page by its path: index.html, index.json and a badge for each entry that is built."""
    environment = _environment(templates)
    badge = environment.get_template("badge.svg")
    made = {"index.html": _html(page, environment, templates), "index.json": as_json(document(page))}
    return made | {row.badge: badge.render(row=row, says=badge_says(row), State=State) for row in page.rows if row.badge}


def document(page: Page) -> dict[str, Any]:
    """Return what index.json holds: the figures, the list and the rows of the page."""
    return {
        "version": VERSION,
        "made": page.made,
        "registry": page.registry,
        "revision": page.revision,
        "sources": [asdict(source) for source in page.sources],
        "records_not_read": page.known.records.unread if page.known.records else 0,
        "figures": [asdict(figure) for figure in summary.figures(page.rows, page.known)],
        "attention": [asdict(one) for one in summary.attention(page.rows)],
        "servers": [asdict(row) for row in page.rows],
    }


def badge_says(row: Row) -> str:
    """Return a badge's words: the pin, and what holds of it or was not checked."""
    pin = f"pin {row.pin.commit[:7]}" if row.pin.commit else "no valid pin"
    review = "of this pin" if row.review.of is ReviewOf.THIS_PIN else "not of this pin"
    if row.state is State.PROBLEM:
        return f"{pin}, needs attention"
    return f"{pin}, upstream {row.upstream.state}, review {review}, image {row.image.state}"


def _html(page: Page, environment: Environment, templates: Mapping[str, str]) -> str:
    style, script = templates["style.css"], templates["script.js"]
    return environment.get_template("index.html").render(
        page=page,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        figures=summary.figures(page.rows, page.known),
        attention=summary.attention(page.rows),
        first=FIRST,
        charts=[
            ("ages", "Age of the pins", "by the date of their commit", summary.ages(page.rows)),
            ("verdicts", "What the upstreams did", "by the verdict of the scan", summary.verdicts(page.rows)),
        ],
        note=publishers.NOTE,
        stale_days=STALE_DAYS,
        State=State,
        ReviewOf=ReviewOf,
        anchors={row.server: _anchor(row.server, number) for number, row in enumerate(page.rows)},
    )


def _hash(text: str) -> str:
    """Return what a content security policy calls an inline element's text by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _environment(templates: Mapping[str, str]) -> Environment:
    # Whatever is not marked safe is escaped, whatever a template is called.
    loader = DictLoader(dict(templates))
    return Environment(autoescape=True, loader=loader, undefined=StrictUndefined, finalize=_visible, trim_blocks=True, lstrip_blocks=True)


def _visible(value: Any) -> Any:
    """Return text with what doesn't show, or turns the order of what does, written as an escape; all that a template prints comes by here."""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return "".join(char if char.isprintable() or char == "\n" else f"\\u{ord(char):04x}" for char in value)


def _anchor(server: str, number: int) -> str:
    return f"server-{server}" if _PLAIN.match(server) else f"entry-{number}"

"""Rows of the page: everything that is known of each entry, held together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pinwarden.page.cells import Row, State, worst
from pinwarden.page.images import ImageCheck, image_cell, verify_command
from pinwarden.page.pins import Scan, built, pin_cell, pinned, upstream_cell
from pinwarden.page.publishers import Trust, publisher_cell
from pinwarden.page.reviews import Records, review_cell
from pinwarden.shown import shown
from pinwarden.validation import Checked

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked at beside the entries; None is what was not."""

    scan: Scan | None = None
    trust: Trust | None = None
    records: Records | None = None
    images: Mapping[str, ImageCheck] | None = None


def rows(checked: Iterable[Checked], known: Known) -> list[Row]:
    """Return a row for each entry, in the order in which they come."""
    return [_row(one, known) for one in checked]


def _row(checked: Checked, known: Known) -> Row:
    entry = pinned(checked)
    pin, upstream = pin_cell(checked, known.scan), upstream_cell(checked, known.scan)
    publisher, review = publisher_cell(checked.server, known.trust), review_cell(entry, known.records)
    image = image_cell(entry, known.images)
    state = worst([pin.state, upstream.state, review.state, image.state])
    if publisher.state is State.PROBLEM or any(one.state is State.PROBLEM for one in review.proposed):
        # That a publisher is not known is no gap: most are not.
        state = State.PROBLEM
    return Row(
        server=shown(checked.server),
        path=shown(checked.path),
        kind=checked.entry.type if checked.entry and not checked.errors else None,
        project=entry.project if entry else None,
        state=state,
        pin=pin,
        upstream=upstream,
        publisher=publisher,
        review=review,
        image=image,
        verify=verify_command(entry, image),
        badge=f"badges/{checked.server}.svg" if _FILE_NAME.match(checked.server) and built(checked) else None,
    )

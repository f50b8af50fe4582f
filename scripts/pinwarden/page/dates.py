"""Dates as the page's sources write them: each is read before it is shown or counted with."""

from __future__ import annotations

import re
from datetime import date, datetime

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+00:00)\Z")


def day_in(value: object) -> str:
    """Return a day as 2026-11-25, also where `value` is a time of that day. Raises ValueError for anything else."""
    if isinstance(value, str) and _DAY.match(value):
        return date.fromisoformat(value).isoformat()
    return moment_in(value)[:10]


def moment_in(value: object) -> str:
    """Return a time as RFC 3339 has it, in UTC, to the second. Raises ValueError for anything else."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        raise ValueError("not a time in UTC")
    return f"{datetime.fromisoformat(value):%Y-%m-%dT%H:%M:%S}Z"

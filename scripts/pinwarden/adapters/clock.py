"""The time, as documents of ours write it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

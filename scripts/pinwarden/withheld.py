"""A review of other people's code as it may be published: what came of it, without what was found and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NOT_PUBLISHED = "not published"


def withheld(review: Mapping[str, Any]) -> dict[str, Any]:
    """Return a review that follows the schema with level, counts, times and commits alone; nothing that the code or its reviewer wrote."""
    report = review["report"]
    return {
        **review,
        "findings": [{"severity": finding["severity"], "title": _NOT_PUBLISHED, "evidence": []} for finding in review["findings"]],
        "surface": [],
        "not_read": [],
        "reasons": [_NOT_PUBLISHED] if review["reasons"] else [],
        "report": report and {**report, "markdown": ""},
    }

"""Whether an answer of GitHub's API says "not now", and for how long.

Source: GitHub's documentation of rate limits, REST and GraphQL: the primary limit answers 200 with an error or 403, the
secondary one 200, 403 or 429, and both may come as 422. `retry-after` counts first, then the time of the reset, else a minute
that doubles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_A_MINUTE = 60.0
_SIGNS = ("rate limit", "abuse")


def seconds_to_wait(status: int, headers: Mapping[str, str], document: Any, *, now: float, attempt: int) -> float | None:
    """Return how long to wait before asking again, None where no limit was met.

    `headers` have names in lower case; `now` is in seconds since 1970; `attempt` counts the tries before this one.
    """
    if not _limited(status, headers, document):
        return None
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return max(1.0, float(after))
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(1.0, float(reset) - now + 1)
    return _A_MINUTE * (1 << attempt)


def _limited(status: int, headers: Mapping[str, str], document: Any) -> bool:
    if status == 429:
        return True
    if status not in (200, 403, 422):
        return False
    if status == 403 and (headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers):
        return True
    return any(sign in said.lower() for said in _said(document) for sign in _SIGNS) or _typed(document)


def _typed(document: Any) -> bool:
    return any(error.get("type") == "RATE_LIMITED" for error in _errors(document))


def _said(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        yield str(document.get("message", ""))
    for error in _errors(document):
        # What is about one alias alone is no limit of ours, whatever a repository makes it say.
        if not error.get("path"):
            yield from (str(error.get("message", "")), str(error.get("code", "")))


def _errors(document: Any) -> list[dict[str, Any]]:
    errors = document.get("errors") if isinstance(document, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []

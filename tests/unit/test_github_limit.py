"""What says "not now", and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from pinwarden.github_limit import seconds_to_wait

SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1030"}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait."}
TYPED = {"errors": [{"type": "RATE_LIMITED", "message": "x"}]}


@pytest.mark.parametrize(
    ("status", "headers", "document", "attempt", "seconds"),
    [
        (200, {}, {"data": {}}, 0, None),
        (200, SPENT, {"data": {}}, 0, None),
        (200, SPENT, TYPED, 0, 31),
        (200, {}, TYPED, 0, 60),
        (200, {}, TYPED, 2, 240),
        (200, {}, {"errors": [{"message": "API rate limit exceeded for installation"}]}, 0, 60),
        (200, {}, {"errors": [{"message": "no rate limit here", "path": ["r3"]}]}, 0, None),
        (403, {}, {"message": "Resource not accessible by integration"}, 0, None),
        (403, {}, SECONDARY, 0, 60),
        (403, {"retry-after": "0"}, SECONDARY, 0, 1),
        (403, {"retry-after": "7"}, SECONDARY, 3, 7),
        (403, SPENT, {"message": "API rate limit exceeded"}, 0, 31),
        (403, SPENT | {"x-ratelimit-reset": "900"}, None, 0, 1),
        (403, SPENT | {"retry-after": "5"}, None, 0, 5),
        (429, {}, None, 1, 120),
        (429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None, 0, 60),
        (422, {}, {"message": "Validation Failed", "errors": [{"code": "abuse"}]}, 0, 60),
        (422, {}, {"message": "Validation Failed", "errors": [{"code": "invalid"}]}, 0, None),
        (404, {}, {"message": "Not Found"}, 0, None),
        (502, {}, None, 0, None),
        (200, {}, {"errors": "x"}, 0, None),
        (200, {}, ["x"], 0, None),
    ],
)
def test_a_limit_is_known_by_what_github_documents(status: int, headers: dict[str, str], document: Any, attempt: int, seconds: float | None) -> None:
    assert seconds_to_wait(status, headers, document, now=1000, attempt=attempt) == seconds

"""What is published of a review of other people's code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pinwarden.adapters.registry_files import validator
from pinwarden.record import counted
from pinwarden.review import check_of
from pinwarden.withheld import withheld

EXAMPLES = json.loads((Path(__file__).resolve().parents[2] / "schemas/review.schema.json").read_bytes())["examples"]
CANARY = "CANARY-of-what-was-found"


def told(review: dict[str, Any]) -> dict[str, Any]:
    """Return a review in which whatever is text about the code says the canary."""
    place = {"side": "head", "path": CANARY, "line": 1}
    found = [{"severity": "high", "title": CANARY, "evidence": [place | {"verified": True}]}]
    surface = [{**item, "key": CANARY, "says": CANARY, "evidence": [place]} for item in EXAMPLES[0]["surface"]]
    unread = [{"path": CANARY, "reason": CANARY, "changed": True}]
    report = {"markdown": CANARY, "sha256": "0" * 64, "truncated": False, "hidden": 0}
    return {**review, "findings": found, "surface": surface, "not_read": unread, "reasons": [CANARY] if review["reasons"] else [], "report": report}


@pytest.mark.parametrize("review", EXAMPLES, ids=lambda review: review["outcome"])
def test_nothing_that_was_found_is_in_it(review: dict[str, Any]) -> None:
    whole = told(review)
    assert list(validator("review").iter_errors(whole)) == []
    assert json.dumps(whole).count(CANARY) > 5
    published = withheld(whole)
    assert CANARY not in json.dumps(published)
    assert list(validator("review").iter_errors(published)) == []


@pytest.mark.parametrize("review", EXAMPLES, ids=lambda review: review["outcome"])
def test_what_came_of_it_is(review: dict[str, Any]) -> None:
    assert check_of(withheld(told(review))) == check_of(told(review))
    assert counted(withheld(told(review))) == counted(told(review)) == "1 high"

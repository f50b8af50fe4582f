"""A review for people says how much it leaves out, and reassures nobody about what nobody has read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pinwarden.review_markdown import as_markdown

COMPLETE, INCOMPLETE = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "review.schema.json").read_bytes())["examples"]
FINDING = {"severity": "high", "title": "mail", "evidence": [{"side": "head", "path": "a.py", "line": 1, "verified": True}]}
RECIPIENT = {
    "kind": "recipient",
    "change": "added",
    "key": "bcc x",
    "risk": "critical",
    "says": "mail goes to x",
    "evidence": [{"side": "head", "path": "a.py", "line": 1}],
}


def shown(review: dict[str, Any], **changed: Any) -> str:
    return as_markdown(review | changed)


def test_long_lists_say_how_much_is_left_out() -> None:
    made = shown(COMPLETE, findings=[FINDING | {"title": f"finding {number}"} for number in range(33)])
    assert "finding 29" in made
    assert "finding 30" not in made
    assert "And 3 more, in `review.json`." in made
    reasons = shown(INCOMPLETE, reasons=[f"reason {number}" for number in range(31)])
    assert "And 1 more, in `review.json`." in reasons
    assert "more, in `review.json`" not in shown(COMPLETE, findings=[FINDING] * 30)


def test_equal_reasons_are_said_once() -> None:
    left_out = [{"path": f"data/{number}.bin", "reason": "larger than 16 MiB", "changed": False} for number in range(40)]
    made = shown(COMPLETE, not_read=[*left_out, {"path": "odd", "reason": "a socket", "changed": True}])
    assert made.count("larger than 16 MiB") == 1
    assert "`data/4.bin` and 35 more: `larger than 16 MiB`" in made
    assert "`odd`: `a socket (changed)`" in made
    assert "- `the repository can't be read: no such host`\n" in shown(INCOMPLETE, reasons=["the repository can't be read: no such host"])
    assert shown(INCOMPLETE, reasons=["surface: a.py: nested", "surface: b.py: nested"]).count("- `surface: a.py`, `surface: b.py`: `nested`") == 1


def test_an_agent_that_found_nothing_does_not_outshine_the_surface() -> None:
    made = shown(COMPLETE, findings=[], surface=[RECIPIENT], risk="critical", labels=["security-risk:critical"])
    assert "## What the agent found\n\nNothing.\n\nThe surface weighs more (critical), and decides." in made
    assert "decides" not in shown(COMPLETE, findings=[], surface=[])
    assert "decides" not in shown(COMPLETE, findings=[FINDING], surface=[RECIPIENT | {"risk": "low"}])


def test_nothing_staged_is_not_nothing_changed() -> None:
    made = shown(INCOMPLETE, surface=[], report=None, findings=[], reasons=["the host answered 404", "surface: nothing was staged"])
    assert "## Surface\n\nNot read." in made
    assert "Nothing that the server shows" not in made
    assert "read by: nobody: `guarddog" in made
    assert "There is no report." in made
    # The control: what was read to its end, and did not change.
    assert "Nothing that the server shows" in shown(COMPLETE, surface=[])


def test_a_row_without_a_place_has_no_brackets() -> None:
    history = RECIPIENT | {"kind": "history", "change": "changed", "says": "rewritten", "evidence": []}
    assert "- changed history: `rewritten`\n" in shown(COMPLETE, surface=[history])

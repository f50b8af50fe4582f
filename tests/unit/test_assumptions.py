"""docs/assumptions.md: every assumption has its own id, and those that it calls proved live are those that the self-test proves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pinwarden.adapters.live_checks import TOKENS
from pinwarden.selftest import LIVE

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "assumptions.md").read_text()
COLUMNS = ["id", "relied on", "if it is not so", "source", "how sure", "leans on it", "proved by"]
ROWS = [cells for line in PAGE.splitlines() if len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == len(COLUMNS) and cells[0][0] == "`"]
BY_ID = {row[0].strip("`"): dict(zip(COLUMNS, row, strict=True)) for row in ROWS}
BY_HAND = PAGE.partition("\n## By hand\n")[2]
ELSEWHERE = {"environment-branches", "dispatch-by-job", "empty-permissions", "sandbox-runner"}
"""Proved by other parts than the one with both tokens."""


def test_no_row_is_overlooked() -> None:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| `[a-z0-9-]+` \| ", line)]
    assert len(lines) == len(ROWS) > 40


def test_every_id_is_there_once() -> None:
    assert len(BY_ID) == len(ROWS)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in BY_ID)


def test_what_is_called_proved_live_is_proved_live_and_nothing_else_is() -> None:
    assert {name for name, row in BY_ID.items() if re.match(r"live\b", row["proved by"])} == set(LIVE)


def test_the_parts_prove_each_of_them_once() -> None:
    of_tokens = [name for names in TOKENS.values() for name in names]
    assert sorted([*of_tokens, *ELSEWHERE]) == sorted(LIVE)


def test_what_is_proved_by_hand_has_its_steps() -> None:
    listed = {name for line in BY_HAND.splitlines() if line.startswith("- ") for name in re.findall(r"`([a-z0-9-]+)`", line.partition(":")[0])}
    assert listed == {name for name, row in BY_ID.items() if row["proved by"] == "by hand"}


@pytest.mark.parametrize("name", BY_ID)
def test_a_row_says_how_it_fails_how_sure_it_is_and_where_it_matters(name: str) -> None:
    row = BY_ID[name]
    assert re.match(r"(open|closed)\b", row["if it is not so"])
    assert re.match(r"(documented|seen|guessed)\b", row["how sure"])
    assert row["proved by"] == "–" or re.match(r"live\b|by hand$|CI, |`make ", row["proved by"])
    places = re.findall(r"`([^`]+)`", row["leans on it"])
    assert places
    assert [place for place in places if not (ROOT / place).is_file()] == []

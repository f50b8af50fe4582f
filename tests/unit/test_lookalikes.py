"""Which names of packages may be taken for one another."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.surface.lookalikes import lookalike

NAMES = st.text(string.ascii_lowercase, min_size=6, max_size=20)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("crossenv", "cross-env"),
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("requestss", "requests"),
        ("zod-to-json-shema", "zod-to-json-schema"),
        ("Exqress", "express"),
    ],
)
def test_a_hair_makes_another_package(name: str, known: str) -> None:
    assert lookalike(name, ["zod", known]) == known


@pytest.mark.parametrize(
    ("name", "known"),
    [("requests", "requests"), ("python_dateutil", "python-dateutil"), ("psycopg2", "psycopg3"), ("boto", "boto3"), ("vite", "vitest"), ("mcp", "mcpx"), ("react-dom", "react")],
)  # fmt: skip
def test_versions_families_and_short_names_are_left_alone(name: str, known: str) -> None:
    assert lookalike(name, [known]) is None


@given(NAMES, st.data())
def test_a_letter_that_is_left_out_or_put_in_is_seen_from_both_sides(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    short = name[:place] + name[place + 1 :]
    assert lookalike(short, [name]) == name
    assert lookalike(name, [short]) == short


@given(NAMES, NAMES)
def test_either_is_like_the_other_or_neither(one: str, other: str) -> None:
    assert (lookalike(one, [other]) is None) == (lookalike(other, [one]) is None)

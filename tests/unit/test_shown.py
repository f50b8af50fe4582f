"""Foreign text in a terminal or a job log: one line of printable ASCII that can't start a workflow command."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.shown import LONGEST, one_line, quoted, shown

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates too: a file name that is not UTF-8 has them."""
SAFE_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\")).filter(lambda text: "##[" not in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weather", "weather"),
        ('say "hello"', 'say "hello"'),
        ("two\nlines", "two\\nlines"),
        ("\r::error::x", "\\r::error::x"),
        ("\x1b[2K", "\\u001b[2K"),
        ("a\\b", "a\\\\b"),
        ("m\u00e9t\u00e9o", "m\\u00e9t\\u00e9o"),
        ("\U0001f327", "\\ud83c\\udf27"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028", "\\u2028"),
        ("\x7f", "\\u007f"),
        ("name-\udcff", "name-\\udcff"),
        ("##[error]x", "#\\u0023[error]x"),
        ("###[error]x", "##\\u0023[error]x"),
    ],
)
def test_text_is_shown_as(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(ANY_TEXT)
def test_shown_text_is_one_line_of_printable_ascii(text: str) -> None:
    assert all(" " <= character <= "~" for character in shown(text))


@given(ANY_TEXT)
def test_shown_text_starts_no_workflow_command_of_the_older_kind(text: str) -> None:
    assert "##[" not in shown(f"##{text}##[{text}")


@given(ANY_TEXT)
def test_nothing_is_lost(text: str) -> None:
    back = json.loads('"' + shown(text).replace('"', '\\"') + '"')
    assert back.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@given(SAFE_TEXT)
def test_safe_text_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == text
    assert shown(shown(text)) == shown(text)


@given(ANY_TEXT)
def test_a_quoted_text_is_one_line_of_bounded_length(text: str) -> None:
    said = quoted(text)
    assert all(" " <= character <= "~" for character in said.replace("…", ""))
    assert said.startswith('"')
    assert len(said) < LONGEST * len("\\ud83c\\udf27") + 40


def test_a_long_text_is_cut_and_its_length_told() -> None:
    assert quoted("a" * LONGEST) == f'"{"a" * LONGEST}"'
    assert quoted("a" * (LONGEST + 1)) == f'"{"a" * LONGEST}…" ({LONGEST + 1} characters)'


@given(ANY_TEXT)
def test_a_message_of_ours_stays_on_one_line(text: str) -> None:
    said = one_line(f"{text}\n::error::{text}")
    assert len(said.splitlines()) <= 1
    assert "##[" not in said


def test_a_message_of_ours_is_told_as_it_is() -> None:
    assert one_line("no branch 'é' here…") == "no branch 'é' here…"

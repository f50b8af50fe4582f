"""The page's own arithmetic: states, what is read of foreign documents, and what is shown of text that doesn't show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.page.cells import State, worst
from pinwarden.page.dates import day_in, moment_in
from pinwarden.page.images import image_check_of
from pinwarden.page.publishers import trust_of
from pinwarden.page.render import Page, files
from pinwarden.page.reviews import record_at
from pinwarden.page.rows import Known

TEMPLATE = {"index.html": "{{ page.registry }}", "style.css": "", "script.js": "", "badge.svg": ""}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@pytest.mark.parametrize(
    ("states", "due"),
    [
        ([], State.OK),
        ([State.OK], State.OK),
        ([State.OK, State.NOT_CHECKED], State.NOT_CHECKED),
        ([State.NOT_CHECKED, State.PROBLEM, State.OK], State.PROBLEM),
    ],
)
def test_what_was_not_checked_is_not_ok(states: list[State], due: State) -> None:
    assert worst(states) is due


@given(document=JSON)
def test_no_document_ends_in_another_error(document: Any) -> None:
    for read in (trust_of, image_check_of, lambda one: record_at("audits/a/b/c.json", one)):
        with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
            read(document)


@pytest.mark.parametrize(
    "wrong", [None, 1, "", "2026-11-25", "2026-13-01T00:00:00Z", "2026-11-25T00:00:00+01:00", "2026-11-25T00:00:00Z<b>", "\u0662026-11-25T00:00:00Z"]
)
def test_what_is_no_time(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"time|month"):
        moment_in(wrong)


def test_times_and_days() -> None:
    assert moment_in("2026-11-25T01:02:03.456+00:00") == "2026-11-25T01:02:03Z"
    assert day_in("2026-11-25T01:02:03Z") == day_in("2026-11-25") == "2026-11-25"


@given(text=st.text())
def test_whatever_is_printed_shows(text: str) -> None:
    shown = files(Page("2026-11-25T00:00:00Z", text, None, [], Known()), TEMPLATE)["index.html"]
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert not set("<>\"'") & set(shown)
    if text.isprintable() and text.isalnum():
        assert shown == text

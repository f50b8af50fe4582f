"""Whether a change is one pin and nothing else, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.adapters.registry_files import validator
from pinwarden.entry import Entry
from pinwarden.merge_policy import Edit
from pinwarden.pin_edit import one_pin
from pinwarden.rules import Policy
from pinwarden.tree import BlobKind, Node, changed
from pinwarden.validation import Checked, check_entry
from support.review_world import entry

OLD, NEW = "a1" * 20, "b2" * 20
TEXT = entry("weather", OLD)
PATH = "servers/weather/server.yaml"
ENTRY = validator("entry")


def checked(text: str) -> Checked:
    return check_entry("weather", PATH, text.encode(), ENTRY, Policy())


def held(after: str, before: str = TEXT) -> Edit:
    return one_pin([PATH], checked(before), checked(after), stale=False)


def test_a_new_pin_is_one() -> None:
    assert held(entry("weather", NEW)) == Edit("", "weather", OLD, NEW)
    assert one_pin([PATH], checked(TEXT), checked(entry("weather", NEW)), stale=True) == Edit("", "weather", OLD, NEW, stale=True)


@pytest.mark.parametrize(
    "after",
    [
        TEXT,
        entry("weather", NEW, "Another"),
        entry("weather", NEW) + "\n",
        entry("weather", NEW) + "# a word\n",
        entry("weather", NEW).replace("up/weather", "evil/weather"),
        entry("weather", NEW).replace(f"commit: {NEW}", f'commit: "{NEW}"'),
        entry("weather", NEW).replace(f"  commit: {NEW}\n", f"  commit: {NEW}\n  branch: dev\n"),
    ],
)
def test_anything_more_is_none(after: str) -> None:
    assert held(after) == Edit(f'"{PATH}" is changed in more than its pin')


@pytest.mark.parametrize("after", [entry("weather", "main"), entry("weather", NEW[:12]), "type: [", "", entry("weather", NEW) + "type: server\n"])
def test_what_is_not_valid_is_none(after: str) -> None:
    assert "is not a valid entry" in held(after).problem
    assert "is not a valid entry" in held(entry("weather", NEW), before=after).problem


@pytest.mark.parametrize("entry_of", [lambda one: None, lambda one: replace(one, commit=None)], ids=["none", "no-pin"])
def test_an_entry_without_a_pin_before_or_after_is_none(entry_of: Callable[[Entry], Entry | None]) -> None:
    good = checked(entry("weather", NEW))
    assert good.entry
    without = replace(good, entry=entry_of(good.entry))
    told = Edit(f'"{PATH}" is not a valid entry with a pin before and after')
    assert one_pin([PATH], without, good, stale=False) == told
    assert one_pin([PATH], good, without, stale=False) == told


def test_a_pin_that_cannot_be_replaced_with_certainty_is_none() -> None:
    before = TEXT.replace(f"commit: {OLD}", f'commit: "\\x61{OLD[1:]}"')
    assert held(entry("weather", NEW), before) == Edit(f'"{PATH}": the pin is written with escape sequences')


def test_another_number_of_files_is_none() -> None:
    assert one_pin([], None, None, stale=False).problem == "it changes 0 files, not one"
    assert one_pin(["a", "b", "c", "d"], None, None, stale=False).problem == 'it changes 4 files, not one: "a", "b", "c"'
    assert one_pin([PATH], None, checked(TEXT), stale=False) == Edit(f'"{PATH}" is not an entry before and after')
    assert one_pin([PATH], checked(TEXT), None, stale=False) == Edit(f'"{PATH}" is not an entry before and after')


def test_a_path_counts_when_content_kind_or_presence_differs() -> None:
    file = Node(BlobKind.FILE, OLD, 0)
    before = {"same": file, "content": file, "kind": file, "gone": file}
    after = {"same": file, "content": Node(BlobKind.FILE, NEW, 0), "kind": Node(BlobKind.SYMLINK, OLD, 0), "new": file}
    assert changed(before, after) == {"content", "gone", "kind", "new"}


@given(st.integers(0, len(entry("weather", NEW))), st.text(min_size=1, max_size=4))
def test_whatever_is_put_in_anywhere_is_no_pin(at: int, more: str) -> None:
    after = entry("weather", NEW)
    assert held(after[:at] + more + after[at:]).problem

"""Which tag counts as the newest release."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.release import newest_release


@pytest.mark.parametrize(
    ("tags", "newest"),
    [
        (["v1.2.0", "v1.10.0", "v1.9.9"], "v1.10.0"),
        (["1.0", "v0.9"], "1.0"),
        (["2025.4.24", "2025.12.18"], "2025.12.18"),
        (["v2.0.0rc1", "v2.0.0b3", "v1.9.0"], "v1.9.0"),
        (["v1.0.0", "v1.0.0.post1"], "v1.0.0.post1"),
        (["nightly", "latest", "stable"], None),
        (["server-v2.0.0", "v1.0.0"], "v1.0.0"),
        (["v2.0.0-alpha"], None),
        ([], None),
    ],
)
def test_the_highest_version_is_the_newest_release(tags: list[str], newest: str | None) -> None:
    assert newest_release(tags) == newest


@given(st.permutations(["v1.0.0", "1.0.0", "v1.0", "v0.9", "x"]))
def test_two_spellings_of_a_version_do_not_make_the_answer_depend_on_order(tags: list[str]) -> None:
    assert newest_release(tags) == "v1.0.0"

"""An edit changes the forty characters of the pin and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.document import Document, read
from pinwarden.edit import CannotEdit, diff, moved_pin
from pinwarden.entry import Entry

OLD, NEW = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3", "fedcba9876543210fedcba9876543210fedcba98"
HEXES = st.text("0123456789abcdef", min_size=40, max_size=40)


def entry(text: str) -> Entry:
    document = read(text.encode())
    assert isinstance(document, Document), document
    return Entry.of("weather", "servers/weather/server.yaml", document)


@pytest.mark.parametrize(
    "source",
    [
        "  commit: {pin}\n",
        "  commit: {pin}",
        '  commit: "{pin}"\n',
        "  commit: '{pin}'   # keep me\n",
        "  # {pin} was reviewed\n  commit: {pin}\n  # {pin}\n",
        "  commit: >-\n    {pin}\n",
        "  commit: |-\n    {pin}\n  branch: main\n",
        "  {{project: x, commit: {pin}, branch: main}}\n",
        "  project: https://github.com/example/ünïcödé-\U0001f327\n  commit: {pin}\n",
        "\n  commit:\n    {pin}\n\n",
    ],
)
def test_every_way_to_write_a_pin_is_kept(source: str) -> None:
    text = "name: weather\nsource:\n" + source
    # The comment lines hold the old pin too: only the value may change.
    before = text.format(pin=OLD)
    after = moved_pin(entry(before), NEW)
    place = entry(before).document.node(("source", "commit"))
    assert place is not None
    assert len(after) == len(before)
    assert entry(after).commit == NEW
    changed = [index for index, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert place.start <= changed[0] <= changed[-1] < place.end


@pytest.mark.parametrize(
    "source",
    [
        "  project: x\n",
        "  commit:\n",
        '  commit: "\\x30f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"\n',
        '  commit: "0f3c2a9d41b5e6f708192a\\\n    3b4c5d6e7f8091a2b3"\n',
    ],
)
def test_a_pin_that_does_not_stand_there_as_it_reads_is_not_edited(source: str) -> None:
    with pytest.raises(CannotEdit):
        moved_pin(entry("name: weather\nsource:\n" + source), NEW)


def test_the_diff_shows_a_missing_end_of_line_as_git_does() -> None:
    assert (
        diff("a.yaml", "x\ny", "x\nz")
        == "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n x\n-y\n\\ No newline at end of file\n+z\n\\ No newline at end of file\n"
    )


def test_only_a_line_feed_ends_a_line_of_the_diff() -> None:
    assert diff("a", "x\u2028y\n", "x\u2028z\n").count("\n-") == 1


def real_entries(registry_data: Path) -> Iterator[Entry]:
    for path in sorted(registry_data.glob("mcp-registry/servers/*/server.yaml")):
        yield entry(path.read_text(encoding="utf-8"))
    for path in sorted(registry_data.glob("cases/valid-odd/*/server.yaml")):
        assert json.loads((path.parent / "expect.json").read_text())["expect"] == "valid"
        yield entry(path.read_text(encoding="utf-8"))


@pytest.mark.registry_data
def test_over_every_real_pin_an_edit_changes_the_forty_characters_and_nothing_else(registry_data: Path) -> None:
    pinned = [one for one in real_entries(registry_data) if one.commit]
    assert len(pinned) >= 249 + 12

    @given(HEXES)
    def holds(new: str) -> None:
        for one in pinned:
            before = one.document.text
            after = moved_pin(one, new)
            assert one.commit is not None
            node = one.document.node(("source", "commit"))
            assert node is not None
            start = before.index(one.commit, node.start)
            assert after[:start] == before[:start]
            assert after[start : start + 40] == new
            assert after[start + 40 :] == before[start + 40 :]

    holds()

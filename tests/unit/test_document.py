"""The strict reader: bounded whatever it is given, never an exception, every place inside the text."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pinwarden.document import MAX_BYTES, Defect, Document, position_in, read
from pinwarden.finding import START, Position
from pinwarden.nodes import MAX_DEPTH, Node

INDICATORS = st.text(st.sampled_from(list("[]{}:-?&*!|>'\"%@`\\#,.<~ \t\n\nab01é\u2028\x85\ufeff\U0001f327")), max_size=60)
PIECES = st.lists(
    st.sampled_from(
        [
            "a: ",
            "- ",
            "? ",
            "'",
            '"',
            "[",
            "]",
            "{",
            "}",
            ", ",
            "\n",
            "\n  ",
            "\n\t",
            "&a ",
            "*a ",
            "!!str ",
            "! ",
            "<<: ",
            "|\n",
            ">-\n ",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "%TAG ! x\n",
            "# \n",
            "\\x00",
            "\\ud800",
            "0o7",
            "1_0",
            ".nan",
            "2025-01-01",
            "=",
            "~",
            "yes",
            "\u2028",
            "\x85",
            "\ufeff",
            "word",
        ]
    ),
    max_size=25,
).map("".join)


def accepted(text: str) -> Document:
    document = read(text.encode())
    assert isinstance(document, Document), document
    return document


def refused(raw: bytes | str) -> Defect:
    defect = read(raw if isinstance(raw, bytes) else raw.encode())
    assert isinstance(defect, Defect), defect
    return defect


def nodes(node: Node, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Node]]:
    return [(path, node), *(found for step, child in node.children.items() for found in nodes(child, (*path, step)))]


def is_inside(at: Position, text: str) -> bool:
    lines = text.split("\n")
    return 1 <= at.line <= len(lines) and 1 <= at.column <= len(lines[at.line - 1]) + 1


def check_places(raw: bytes) -> None:
    result = read(raw)
    text = raw.decode("utf-8", "replace")
    if isinstance(result, Defect):
        assert is_inside(result.at, text) or result.rule == "not-utf8"
        return
    for path, node in nodes(result.root):
        assert is_inside(result.position(path), text)
        assert 0 <= node.place <= node.start <= node.end <= len(text)
        assert result.node(path) is node
    assert is_inside(result.position(("no", "such", 0, "path")), text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_at_a_place_inside(raw: bytes) -> None:
    check_places(raw)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_read_or_refused_at_a_place_inside(text: str) -> None:
    check_places(text.encode())


@given(INDICATORS | PIECES)
@example("a: *" + "a" * 300)
@example("\x85\t")
@example("? \n: -")
def test_any_row_of_indicators_is_read_or_refused_at_a_place_inside(text: str) -> None:
    check_places(text.encode())


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_invalid_utf8_is_placed_on_its_first_byte(before: bytes, after: bytes) -> None:
    defect = read(before + b"\xff" + after)
    assert isinstance(defect, Defect)
    assert defect.rule in {"not-utf8", "not-text", "byte-order-mark"}


@pytest.mark.parametrize(
    ("name", "raw", "rule"),
    [
        ("5 MB of text", b"name: weather # " + b"x" * 5_000_000, "file-size"),
        ("one byte over", b"a: " + b"x" * (MAX_BYTES - 2), "file-size"),
        ("60,000 levels of flow lists", b"a: " + b"[" * 60_000, "nesting-depth"),
        ("60,000 levels of flow lists, closed", b"a: " + b"[" * 60_000 + b"]" * 60_000, "nesting-depth"),
        ("60,000 levels of flow mappings", b"{a: " * 60_000, "nesting-depth"),
        ("60,000 levels of block lists", b"- " * 60_000, "nesting-depth"),
        ("600 levels of block mappings", b"".join(b" " * level + b"a:\n" for level in range(600)), "nesting-depth"),
        ("60,000 levels of keys", b"? " * 60_000, "complex-key"),
        ("an alias bomb", b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)), "alias"),
        ("a list that holds itself", b"a: &a [*a]\n", "alias"),
        ("8,000 anchors", b"".join(b"a%d: &a%d x\n" % (n, n) for n in range(8_000)), "anchor"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 500, "not-text"),
        ("a key of 200 kB", b"x" * 200_000 + b": 1\n", "yaml-syntax"),
        ("80,000 directives", b"%A\n" * 80_000, "yaml-syntax"),
        ("an open quote of 200 kB", b'a: "' + b"x\n" * 100_000, "yaml-syntax"),
        ("50,000 open flow words", b"a: {" + b"x " * 50_000, "yaml-syntax"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_hostile_bytes_are_one_defect(name: str, raw: bytes, rule: str) -> None:
    assert refused(raw).rule == rule


@pytest.mark.parametrize(
    "raw",
    [
        b"a: " + b"x" * (MAX_BYTES - 3),
        b"#\n" * (MAX_BYTES // 2 - 3) + b"a: b",
        b"a: [" + b"{}," * 60_000 + b"]",
        b"a: 1" + b":1" * 100_000,
        b"a: 1." + b"1" * 200_000,
    ],
    ids=["text", "comments", "empty mappings", "sexagesimal", "float"],
)
def test_large_but_plain_bytes_are_read(raw: bytes) -> None:
    assert isinstance(read(raw), Document)


def test_the_deepest_nesting_allowed_is_read_and_one_more_is_not() -> None:
    assert accepted("[" * MAX_DEPTH + "]" * MAX_DEPTH).value
    assert refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == refused("[" * (MAX_DEPTH + 1))


def test_a_key_has_the_place_where_it_starts_and_an_item_where_it_stands() -> None:
    document = accepted('a:\n  - b\n  -   c: d\n      e: {f: g, "h" : i}\n')
    places = {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", 0): (2, 5),
        ("a", 1): (3, 7),
        ("a", 1, "c"): (3, 7),
        ("a", 1, "e"): (4, 7),
        ("a", 1, "e", "f"): (4, 11),
        ("a", 1, "e", "h"): (4, 17),
    }
    assert {path: (at.line, at.column) for path in places for at in [document.position(path)]} == places


def test_a_missing_path_has_the_place_of_its_nearest_parent() -> None:
    document = accepted("a: 1\nb:\n  c: 2\n")
    assert document.position(("b", "x", "y")) == Position(2, 1)
    assert document.position(("x",)) == START


def test_columns_count_characters_and_lines_end_at_a_line_feed_alone() -> None:
    document = accepted('"\U0001f327é": {a: 1}\n"é": {b: 2}\n')
    assert document.position(("\U0001f327é", "a")) == Position(1, 8)
    assert document.position(("é", "b")) == Position(2, 7)
    assert position_in("é\u2028\x85x", 3) == Position(1, 4)


def test_a_scalar_is_its_text_whatever_type_a_reader_gives_it() -> None:
    document = accepted('a: 0123\nb: "0123"\nc: ~\nd:\ne: [x]\n')
    assert [document.scalar((key,)) for key in "abcdex"] == ["0123", "0123", "~", "", None, None]
    assert [document.is_string((key,)) for key in "abcdex"] == [False, True, False, False, False, False]


def test_the_rest_of_a_line_is_what_follows_a_scalar() -> None:
    document = accepted("a: x  \nb: 'y' # z\nc: |\n  w \nd: {e: f }\ng: last")
    assert [document.rest_of_line(path) for path in (["a"], ["b"], ["d", "e"], ["g"])] == ["  ", " # z", " }", ""]
    assert [document.rest_of_line([path]) for path in ("c", "d", "missing")] == [None, None, None]


@pytest.mark.parametrize(("indicator", "key"), list(product(("~", "null", "true", "yes", "12", "1.5", "2025-01-01"), (False, True))))
def test_a_key_is_its_text(indicator: str, key: bool) -> None:
    text = f"{indicator}: x\n" if not key else f'"{indicator}": x\n'
    assert accepted(text).value == {indicator: "x"}


def test_keys_that_only_some_readers_tell_apart_are_duplicates() -> None:
    assert refused('1: a\n"1": b\n').rule == "duplicate-key"
    assert refused("a: b\n? a\n: c\n").rule == "duplicate-key"

"""What the builder makes of a document, compared with readers that are not as strict."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from pinwarden.document import Document, read

PLAIN = st.text(st.sampled_from(list("0123456789+-._:xobeEfFnNaAulLtrysY~=Tz<")), min_size=1, max_size=14)
COMMIT_LIKE = st.text(st.sampled_from(list("0123456789abcdef_.")), min_size=40, max_size=40)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.sampled_from(list("abc-_ é")), min_size=1, max_size=6), inner, max_size=4),
    max_leaves=12,
)


def built(text: str) -> Document:
    document = read(text.encode())
    assert isinstance(document, Document), document
    return document


def scalar_texts(node: yaml.Node) -> list[str]:
    """The texts of the values in a tree that PyYAML composed, in order."""
    if isinstance(node, yaml.MappingNode):
        return [text for _, value in node.value for text in scalar_texts(value)]
    if isinstance(node, yaml.SequenceNode):
        return [text for value in node.value for text in scalar_texts(value)]
    return [node.value]


def own_texts(document: Document) -> list[str]:
    def walk(path: tuple[str | int, ...]) -> list[str]:
        node = document.node(path)
        assert node is not None
        if node.text is not None:
            return [node.text]
        return [text for step in node.children for text in walk((*path, step))]

    return walk(())


@given(VALUES, st.booleans(), st.sampled_from([None, '"', "'"]))
def test_what_pyyaml_writes_is_read_as_it_was(value: Any, flow: bool, style: str | None) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, default_style=style, allow_unicode=True)
    # Where style is forced, PyYAML writes tags for what is not text.
    assume("!!" not in text)
    assert built(text).value == value
    composed = yaml.compose(text, yaml.SafeLoader)
    assert composed is not None
    assert own_texts(built(text)) == scalar_texts(composed)


@given(PLAIN | COMMIT_LIKE)
def test_a_plain_scalar_is_text_only_where_pyyaml_too_takes_it_for_text(scalar: str) -> None:
    document = read(f"a: {scalar}\n".encode())
    assume(isinstance(document, Document) and isinstance(document.node(("a",)), object))
    assert isinstance(document, Document)
    assume(document.scalar(("a",)) == scalar)
    composed: Any = yaml.compose(f"a: {scalar}\n", yaml.SafeLoader)
    tag = composed.value[0][1].tag.rpartition(":")[2]
    if tag not in ("str", "timestamp", "value", "merge"):
        assert not document.is_string(("a",))
    elif document.is_string(("a",)):
        # A date, = and << are text for most readers, and an object of its own for PyYAML: our text is what stands there.
        assert document.value == {"a": scalar}


@pytest.mark.parametrize(
    "scalar",
    [
        "0o17",
        "00012",
        "1e5",
        "1E5",
        "1.5e+3",
        "4512e12345",
        "+12",
        "-.5",
        "5.",
        "0x1F",
        "0b101",
        "1_000",
        "12:30:45",
        ".inf",
        "-.INF",
        ".NaN",
        "123456789012345678901234567890",
        "0123456701234567012345670123456701234567",
        "012345678901234567890123456789e123456789",
    ],
)
def test_what_any_reader_takes_for_a_number_is_no_text(scalar: str) -> None:
    assert not built(f"a: {scalar}\n").is_string(("a",))
    assert built(f"a: {scalar}\n").scalar(("a",)) == scalar
    assert built(f'a: "{scalar}"\n').is_string(("a",))


@pytest.mark.parametrize("scalar", ["1.2.3", "v1", "2025.4.24", "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3", "1e", "e12", "1e5x", "0xg", "1.", "--1", "None"])
def test_version_like_text_stays_text(scalar: str) -> None:
    assert built(f"a: {scalar}\n").is_string(("a",)) == (scalar != "1.")


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("yes", True),
        ("Off", False),
        ("null", None),
        ("", None),
        ("y", "y"),
        ("2025-01-01", "2025-01-01"),
    ],
)
def test_a_plain_scalar_has_the_value_that_readers_agree_on(scalar: str, value: object) -> None:
    assert built(f"a: {scalar}\n").value == {"a": value}
    assert type(built(f"a: {scalar}\n").node(("a",)).value) is type(value)  # type: ignore[union-attr]


@pytest.mark.parametrize("scalar", ["017", "0x1F", "1:30", "1_000"])
def test_a_number_that_readers_disagree_on_is_a_number_still(scalar: str) -> None:
    node = built(f"a: {scalar}\n").node(("a",))
    assert node is not None
    assert isinstance(node.value, float)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("plain\n  folded", "plain folded"),
        ("|\n  kept\n  lines\n", "kept\nlines\n"),
        ("|-\n  kept\n", "kept"),
        (">\n  folded\n  lines\n", "folded lines\n"),
        ("'it''s'", "it's"),
    ],
)
def test_text_is_as_pyyaml_reads_it(style: str, text: str) -> None:
    assert built(f"a: {style}\n").value == {"a": text} == yaml.safe_load(f"a: {style}\n")

"""Untrusted Markdown: whatever goes in, what comes out holds nothing that acts, also when read again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from pinwarden.foreign_markdown import fenced, rendered

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "markdown").glob("*.md"))
TRUSTED = "https://github.com/ada/weather/blob/"
ALLOWED = frozenset(
    [
        "root",
        "heading",
        "paragraph",
        "inline",
        "text",
        "text_special",
        "softbreak",
        "hardbreak",
        "strong",
        "em",
        "code_inline",
        "fence",
        "code_block",
        "bullet_list",
        "ordered_list",
        "list_item",
        "blockquote",
        "hr",
        "link",
    ]
)
LIMIT = 60_000


def nodes(markdown: str) -> list[SyntaxTreeNode]:
    """Read as GitHub would: with HTML, tables, strikethrough, and bare addresses as links."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return list(SyntaxTreeNode(parser.parse(markdown)).walk())


def assert_harmless(markdown: str) -> None:
    found = nodes(markdown)
    assert {node.type for node in found} <= ALLOWED
    for node in found:
        if node.type == "link":
            assert str(node.attrs["href"]).startswith(TRUSTED)
        if node.type == "text":
            assert not re.search(r"@\w|#\d|://|www\.|GH-\d|\b[0-9a-f]{7,40}\b|\$", node.content, re.IGNORECASE), node.content
        if node.type == "fence":
            assert node.info.lower() not in ("suggestion", "mermaid", "geojson", "topojson", "stl", "math")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]", markdown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_attack_does_nothing(case: Path) -> None:
    assert_harmless(rendered(case.read_text(), LIMIT, [TRUSTED]).markdown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_control_as_it_stands_it_would(case: Path) -> None:
    with pytest.raises(AssertionError):
        assert_harmless(case.read_text())


def test_there_are_cases() -> None:
    assert len(CASES) >= 20


@given(st.text(max_size=400))
def test_any_text_comes_out_harmless(text: str) -> None:
    assert_harmless(rendered(text, LIMIT, [TRUSTED]).markdown)


PIECES = ["@ada", "#12", "[a](", ")", "![", "](http://evil.example)", "<script>", "<!--", "-->", "```", "````suggestion\n", "`", "*", "**", "_", "~~", "\n", "\n\n", "> ", "- ", "1. ", "# ", "| a | b |\n|---|---|\n", "&#64;x", "&lt;b&gt;", "https://evil.example/x", "www.evil.example", "\\", "$x$", "\u202e", "\u200b", "/approve", "    ", "\t", "[x]: http://evil.example\n", "[x]", "a", " "]  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_mixture_of_attacks_comes_out_harmless(text: str) -> None:
    assert_harmless(rendered(text, LIMIT, [TRUSTED]).markdown)


@given(st.text(max_size=300))
def test_a_fence_can_not_be_left(text: str) -> None:
    found = nodes(fenced(text, LIMIT).markdown)
    assert [node.type for node in found] == ["root", "fence"]


def test_what_is_harmless_stays_readable() -> None:
    text = "# Title\n\nSome *text* with `code`.\n\n1. one\n2. two\n   - deep\n\n> quoted\n\n```python\nx = 1\n```\n"
    assert rendered(text, LIMIT).markdown == "#### Title\n\nSome *text* with `code`.\n\n1. one\n2. two\n\n   - deep\n\n> quoted\n\n```python\nx = 1\n```\n"


def test_a_trusted_link_stays_and_another_is_defanged() -> None:
    text = f"[here]({TRUSTED}abc/a.py#L3) and [there](https://evil.example/x)"
    assert rendered(text, LIMIT, [TRUSTED]).markdown == f"[here](<{TRUSTED}abc/a.py#L3>) and there (`hxxps[://]evil[.]example/x`)\n"


def test_hidden_characters_are_counted() -> None:
    assert rendered("a\u202eb\u200bc\x1b[31m", LIMIT).hidden == 3


def test_it_is_cut_between_blocks() -> None:
    cut = rendered("\n\n".join(f"paragraph {n} " + "x" * 80 for n in range(100)), 2_000)
    assert cut.truncated
    assert len(cut.markdown) <= 2_000
    assert cut.markdown.endswith("*Cut here; the rest is in the report file.*\n")
    assert_harmless(cut.markdown)


def test_nothing_else_publishes_model_text() -> None:
    """The report's Markdown leaves `report.read_report` in one module only, and goes from there through the renderer."""
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    users = [path.relative_to(scripts).as_posix() for path in sorted(scripts.rglob("*.py")) if re.search(r"\.foreign_markdown\b(?! import)", path.read_text())]
    assert users == ["pinwarden/review.py"]


def test_nothing_else_takes_the_text_out_of_a_review() -> None:
    """A review.json is foreign where it is reported: its text goes through the renderer again, and into no other page."""
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    users = {path.relative_to(scripts).as_posix() for path in scripts.rglob("*.py") if '"markdown"' in path.read_text()}
    # Made, shown by whoever made it, made safe again, left out, left out.
    assert users == {f"pinwarden/{name}.py" for name in ("review", "review_markdown", "adapters/reporting", "record", "withheld")}
    whole = [path.stem for path in scripts.rglob("*.py") if "review_markdown import" in path.read_text()]
    assert whole == ["run_review"]

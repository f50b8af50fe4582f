"""The one way in which a model's text reaches people: parsed, reduced to an allow-list, written anew.

What remains: paragraphs, headings below ours, lists, quotations, tables as text, code, emphasis, and links to prefixes that the caller trusts. What a
host would act on (mentions, issue references, commands, bare addresses, formulas) ends in code spans, where it does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

TRUNCATED = "\n\n*Cut here; the rest is in the report file.*\n"

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|])")
# At the start of a line these make a heading, a list or a rule.
_STARTS = re.compile(r"[#+=-]|[0-9]{1,9}[.)]\Z")
# Words that GitHub or a bot would act on: mentions, references, commits, addresses, formulas, commands at a line's start.
_HOT = re.compile(r"@|\uff20|#\d|\uff03\d|\bGH-\d|://|www\.|\bmailto:|\$|\b[0-9a-f]{7,40}\b|\A/\w|\bxmpp:", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z0-9+#-]{1,20}\Z")
_ACTED_ON = frozenset({"suggestion", "mermaid", "geojson", "topojson", "stl", "math"})
"""Languages of a fence that a host turns into something else than code."""
_HEADING = 4


@dataclass(frozen=True, slots=True)
class Rendered:
    """Markdown that may be published. `hidden` counts characters that were taken out because they don't show."""

    markdown: str
    hidden: int
    truncated: bool


def rendered(text: str, limit: int, link_prefixes: Sequence[str] = ()) -> Rendered:
    """Return `text` as safe Markdown of at most `limit` characters, cut between blocks; links elsewhere than to a prefix lose their power."""
    plain, hidden = _shown(text)
    blocks: list[str] = []
    length = 0
    for block in _blocks(plain, _Writer(tuple(link_prefixes), deeper=_HEADING - 1)):
        length += len(block) + 2
        if length > limit - len(TRUNCATED):
            return Rendered("\n\n".join(blocks) + TRUNCATED, hidden, truncated=True)
        blocks.append(block)
    return Rendered("\n\n".join(blocks) + "\n", hidden, truncated=False)


def rendered_again(text: str, link_prefixes: Sequence[str] = ()) -> list[str]:
    """Return the blocks of what is said to be safe Markdown, made safe: whoever says so may lie. Headings stay where they are, or come below ours."""
    return list(_blocks(_shown(text)[0], _Writer(tuple(link_prefixes), deeper=0)))


def fenced(text: str, limit: int) -> Rendered:
    """Return `text` as one block of code: for what can't be rendered in time."""
    plain, hidden = _shown(text)
    cut = plain[: max(limit - 300, 0)]
    return Rendered(_fence(cut, "text") + "\n", hidden, truncated=len(cut) < len(plain))


def _blocks(plain: str, writer: _Writer) -> Iterator[str]:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["autolink", "html_block", "html_inline"])
    return (writer.block(child) for child in SyntaxTreeNode(parser.parse(plain)).children)


def _shown(text: str) -> tuple[str, int]:
    lines = re.sub("\r\n?|\u2028|\u2029|\x85", "\n", text)
    return HIDDEN.subn("", lines)


class _Writer:
    """Writes a syntax tree; what it has no word for becomes its text."""

    def __init__(self, prefixes: tuple[str, ...], *, deeper: int) -> None:
        self._prefixes = prefixes
        self._deeper = deeper

    def block(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "heading":
                return f"{'#' * min(max(int(node.tag[1:]) + self._deeper, _HEADING), 6)} {self.inline(node).replace(chr(10), ' ')}"
            case "paragraph":
                return self.inline(node)
            case "fence" | "code_block":
                language = node.info.strip().partition(" ")[0]
                return _fence(node.content, language if _LANGUAGE.match(language) and language.lower() not in _ACTED_ON else "text")
            case "hr":
                return "***"
            case "blockquote":
                return _prefixed("\n\n".join(self.block(child) for child in node.children), "> ")
            case "bullet_list" | "ordered_list":
                start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
                return "\n".join(self.item(child, None if start is None else start + number) for number, child in enumerate(node.children))
            case "table":
                rows = [" / ".join(self.inline(cell) for cell in row.children) for part in node.children for row in part.children]
                return "\n".join(f"- {row}" for row in rows)
            case _:
                return _text(_content(node))

    def item(self, node: SyntaxTreeNode, number: int | None) -> str:
        mark = "- " if number is None else f"{number % 1_000_000_000}. "
        return mark + _prefixed("\n\n".join(self.block(child) for child in node.children), " " * len(mark)).removeprefix(" " * len(mark))

    def inline(self, node: SyntaxTreeNode) -> str:
        return _apart(self.span(child) for inline in node.children for child in (inline.children if inline.type == "inline" else [inline])).strip()

    def span(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "text":
                return _text(node.content)
            case "code_inline":
                return _code(node.content)
            case "softbreak" | "hardbreak":
                return "\n"
            case "strong" | "em":
                inside = _apart(self.span(child) for child in node.children)
                mark = "**" if node.type == "strong" else "*"
                return f"{mark}{inside}{mark}" if inside.strip() == inside and inside else inside
            case "link":
                return self.link(node)
            case "image":
                return f"(image left out: {_text(_content(node)) or 'without text'})"
            case _:
                return _text(_content(node))

    def link(self, node: SyntaxTreeNode) -> str:
        target = str(node.attrs.get("href", ""))
        inside = _content(node)
        if (
            any(target.startswith(prefix) for prefix in self._prefixes)
            and re.fullmatch(r"[!-~]+", target)
            and not re.search(r"[()<>\\]|\.\.|%2e", target, re.IGNORECASE)
        ):
            return f"[{_text(inside).strip() or 'link'}](<{target}>)"
        return f"{_text(inside)} ({_code(defanged(target))})"


def defanged(url: str) -> str:
    """Return an address that nobody follows by accident: `hxxps://evil[.]example`."""
    return re.sub(r"^h..p", "hxxp", url[:300], flags=re.IGNORECASE).replace(".", "[.]").replace("://", "[://]")


def _content(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline", "fence", "code_block"):
        return node.content
    return " ".join(filter(None, (_content(child) for child in node.children)))


def _text(content: str) -> str:
    return _apart(_word(word) for word in re.split(r"(\s+)", content) if word)


def _word(word: str) -> str:
    if word.isspace():
        return word
    if not _HOT.search(word):
        return _escaped(word)
    return _code(defanged(word) if "://" in word or "www." in word.lower() else word)


def _apart(parts: Iterable[str]) -> str:
    """Join parts so that two code spans don't become one."""
    whole = ""
    for part in parts:
        whole += f" {part}" if whole.endswith("`") and part.startswith("`") else part
    return whole


def _escaped(word: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", word)
    if not _STARTS.match(word):
        return escaped
    return f"\\{escaped}" if word[0] in "#+=-" else f"{escaped[:-1]}\\{escaped[-1]}"


def _code(content: str) -> str:
    flat = " ".join(content.split()) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    blank = " " if "`" in flat else ""
    return f"{fence}{blank}{flat}{blank}{fence}"


def _fence(content: str, language: str) -> str:
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", content)), default=0) + 1)
    return f"{fence}{language}\n{content.rstrip(chr(10))}\n{fence}"


def _prefixed(block: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in block.split("\n"))

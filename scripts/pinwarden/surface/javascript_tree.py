"""TypeScript and JavaScript as tree-sitter's trees."""

from __future__ import annotations

import re
from functools import cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from pinwarden.surface.fact import NotParsed

_CREDIBLE = 0.05
"""The share of a file that may lie in parse errors."""
_ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n|.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def parse(path: str, source: bytes) -> Node:
    """Return the root of a file's tree. Raises NotParsed where more than a few bytes of it make no sense."""
    names = {"ts": ["typescript"], "mts": ["typescript"], "cts": ["typescript"], "tsx": ["tsx"]}.get(path.rpartition(".")[2].lower(), ["javascript", "tsx"])
    damage = len(source)
    for name in names:
        root = _parser(name).parse(source).root_node
        damage = sum(node.end_byte - node.start_byte or 1 for node in _errors(root))
        if damage <= len(source) * _CREDIBLE:
            return root
    raise NotParsed(f"not {names[0].capitalize()}: {damage} of {len(source)} bytes make no sense")


def line_of(node: Node) -> int:
    """Return the line on which a node starts, counted from 1."""
    return node.start_point[0] + 1


def unescaped(text: str) -> str:
    """Return what a literal's text means, its escapes resolved."""

    def letter(match: re.Match[str]) -> str:
        code = match[2] or match[3] or match[4]
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
        return "" if "\n" in match[1] else _LETTERS.get(match[1], match[1])

    return _ESCAPE.sub(letter, text) if "\\" in text else text


@cache
def _parser(name: str) -> Parser:
    grammars = {
        "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
    }
    return Parser(Language(grammars[name]()))


def _errors(root: Node) -> list[Node]:
    found, waiting = [], [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        else:
            waiting.extend(child for child in node.children if child.has_error)
    return found

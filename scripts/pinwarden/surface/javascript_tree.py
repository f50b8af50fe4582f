"""TypeScript and JavaScript as tree-sitter's trees."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from pinwarden.surface.fact import NotParsed
from pinwarden.surface.program import Tool

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


MODULES = frozenset({"child_process", "vm", "process"})
"""Node's own modules whose names are followed."""
FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function", "function_declaration", "generator_function_declaration", "method_definition"}
)


_SCHEMAS = frozenset({"inputSchema", "input_schema"})
_FIRST = frozenset({"identifier", "this", "property_identifier", "private_property_identifier", "shorthand_property_identifier_pattern", "meta_property", "super"})  # fmt: skip


def parameters(function: Node) -> list[Node]:
    """Return the names that a function's caller fills, those inside patterns too."""
    waiting = [node for field in ("parameters", "parameter") if (node := function.child_by_field_name(field)) is not None]
    found = []
    while waiting:
        node = waiting.pop()
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            found.append(node)
        elif node.type in ("assignment_pattern", "object_assignment_pattern"):
            waiting.extend(left for left in [node.child_by_field_name("left")] if left is not None)
        elif node.type in ("required_parameter", "optional_parameter", "pair_pattern"):
            waiting.extend(
                inner
                for field in ("pattern", "value")
                if (inner := node.child_by_field_name(field)) is not None and (field == "pattern" or node.type == "pair_pattern")
            )
        else:
            waiting.extend(child for child in node.named_children if child.type not in ("type_annotation", "comment"))
    return found[::-1]


def chain(node: Node) -> tuple[Node | None, list[Node | None]]:
    """Return what `a.b.c` starts with and what follows; None for anything that is no such chain of names."""
    found: list[Node | None] = []
    current: Node | None = node
    while current is not None and current.type in ("member_expression", "non_null_expression", "parenthesized_expression", "as_expression"):
        if current.type == "member_expression":
            found.append(current.child_by_field_name("property"))
            current = current.child_by_field_name("object")
        else:
            current = current.named_children[0] if current.named_children else None
    return (current if current is not None and current.type in _FIRST else None), found[::-1]


def imported(statement: Node, text: Callable[[Node], str]) -> dict[str, str]:
    """Return what the names stand for that a statement imports from node's own modules: `x` for child_process.exec."""
    source = statement.child_by_field_name("source")
    module = text(source).strip("\"'").removeprefix("node:") if source is not None else ""
    waiting = list(statement.named_children) if module in MODULES else []
    found = {}
    while waiting:
        clause = waiting.pop()
        if clause.type == "import_specifier":
            name = clause.child_by_field_name("name")
            alias = clause.child_by_field_name("alias") or name
            if name is not None and alias is not None:
                found[text(alias)] = f"{module}.{text(name)}"
        elif clause.type == "identifier":
            found[text(clause)] = module
        elif clause.type != "string":
            waiting.extend(clause.named_children)
    return found


def declared(node: Node, text: Callable[[Node], str]) -> Tool | None:
    """Return the tool that an object declares: {name: …, description: …, inputSchema: …}; None for any other object."""
    pairs = [(child.child_by_field_name("key"), child.child_by_field_name("value")) for child in node.named_children if child.type == "pair"]
    given = {text(key).strip("\"'"): value for key, value in pairs if key is not None and value is not None}
    name = given.get("name")
    if name is None or name.type != "string" or not given.keys() & _SCHEMAS:
        return None
    shape = [f"{key}: {text(value)}" for key, value in given.items() if key not in ("name", "description") and value.type not in FUNCTIONS]
    return Tool(text(name)[1:-1], text(given["description"]) if "description" in given else "", json.dumps(shape), line_of(node))


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

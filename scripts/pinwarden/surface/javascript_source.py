"""TypeScript and JavaScript as a program: read by tree-sitter, never run."""

from __future__ import annotations

import json

from tree_sitter import Node

from pinwarden.surface.fact import NotParsed
from pinwarden.surface.javascript_tree import FUNCTIONS, MODULES, chain, declared, imported, line_of, parameters, parse, unescaped
from pinwarden.surface.program import Called, Expr, Fields, Item, Joined, Made, Name, Other, Program, Several, Text, Tool, literal
from pinwarden.surface.scopes import Scopes

_TOOL_METHODS = frozenset({"tool", "registerTool", "addTool"})
_FEEDERS = frozenset({"map", "forEach", "filter", "flatMap", "then", "reduce", "find"})
"""Methods that give a function what they are called on."""
_TYPES = frozenset({"type_annotation", "interface_declaration", "type_alias_declaration", "type_arguments", "type_parameters", "comment", "regex"})


def read(path: str, text: str) -> Program:
    """Parse `text`. Raises NotParsed, and RecursionError for monsters."""
    source = text.removeprefix("\ufeff").encode("utf-8", "replace")
    reader = _Reader(source)
    reader.visit(parse(path, source))
    return reader.program


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.program = Program()
        self._source = source
        self._imported: dict[str, str] = {}
        self._scopes = Scopes()
        self._functions: list[str] = []
        self._fed: dict[int, Expr] = {}

    def text(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def visit(self, node: Node) -> None:  # noqa: C901, PLR0912  # one branch per kind of statement
        """Read a statement, a declaration, or whatever else holds expressions."""
        match node.type:
            case "variable_declarator" | "public_field_definition" | "field_definition":
                name, value = node.child_by_field_name("name") or node.child_by_field_name("property"), node.child_by_field_name("value")
                if name is not None and value is not None:
                    found = self.function(value, self.text(name)) if value.type in FUNCTIONS else self.expr(value)
                    required = found.arguments[0] if isinstance(found, Called) and found.function == "require" and found.arguments else None
                    if name.type == "identifier" and isinstance(required, Text) and required.value.removeprefix("node:") in MODULES:
                        self._imported[self.text(name)] = required.value.removeprefix("node:")
                    self.bind(name, found)
            case "required_parameter" | "optional_parameter":
                pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
                if pattern is not None and value is not None:
                    self.bind(pattern, self.expr(value))
            case "assignment_pattern" | "object_assignment_pattern":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None:
                    self.bind(left, self.expr(right))
            case "for_in_statement":
                left, right, body = (node.child_by_field_name(field) for field in ("left", "right", "body"))
                if left is not None and right is not None:
                    self.bind(left, self.expr(right))
                if body is not None:
                    self.visit(body)
            case "expression_statement" if node.named_children and node.named_children[0].type == "string":
                pass  # "use strict"
            case "import_statement":
                self._imported |= imported(node, self.text)
            case "return_statement" if node.named_children and self._functions and self._functions[-1]:
                self.program.returned.append((self._functions[-1], self.expr(node.named_children[0])))
            case "function_declaration" | "generator_function_declaration" | "method_definition":
                name = node.child_by_field_name("name")
                self.function(node, self.text(name) if name is not None else "")
            case kind if kind in _TYPES:
                pass
            case kind if kind.endswith(("_expression", "_function")) or kind in ("object", "array", "string", "template_string"):
                self.program.roots.append(self.expr(node))
            case _:
                for child in node.named_children:
                    self.visit(child)

    def function(self, node: Node, name: str = "") -> Expr:
        """Read a function, and return what it makes of its first parameter where it has no name."""
        names = [self.text(one) for one in parameters(node)]
        fed = self._fed.get(node.id)
        body = node.child_by_field_name("body")
        self._functions.append(name)
        for child in node.named_children:
            if child != body and child.type not in ("identifier", "property_identifier"):
                self.visit(child)
        with self._scopes.function(names, given=fed is None):
            if fed is not None:
                self.program.bound += [(one, fed) for one in names]
            made: Expr | None = None
            if body is not None and body.type != "statement_block":
                made = self.expr(body)
                if name:
                    self.program.returned.append((name, made))
            elif body is not None:
                self.visit(body)
        self._functions.pop()
        if made is None:
            return Other((), line_of(node))
        return Made(names[0] if names else "", made, line_of(node))

    def bind(self, target: Node, value: Expr) -> None:
        match target.type:
            case "object_pattern":
                for child in target.named_children:
                    key, inner = child, child
                    if child.type == "pair_pattern":
                        key, inner = child.child_by_field_name("key") or child, child.child_by_field_name("value") or child
                    elif child.type == "object_assignment_pattern":
                        self.visit(child)
                        key = inner = child.child_by_field_name("left") or child
                    self.bind(inner, Item(value, Text(self.text(key), line_of(child)), line_of(child)))
            case "array_pattern":
                for child in target.named_children:
                    self.bind(child, value)
            case "subscript_expression":
                index, base = target.child_by_field_name("index"), target.child_by_field_name("object")
                element = self.expr(index) if index is not None else None
                word, whole = literal(element) if element is not None else None, self.dotted(base) if base is not None else ""
                path = f"{whole}.{word}" if word is not None and not word.isdecimal() else whole
                if element is not None and literal(element) is None:
                    self.program.placed.append((element, value))
                self.program.bound.append((path, value))
            case "assignment_pattern":
                self.visit(target)
            case "member_expression" if not self.dotted(target) and (name := target.child_by_field_name("property")) is not None:
                # Of an element, or of what a call returns: it has no name, and its property has.
                self.program.bound.append((f"[].{self.text(name)}", value))
            case _:
                self._scopes.rebound(self.dotted(target))
                self.program.bound.append((self.dotted(target), value))

    def dotted(self, node: Node) -> str:
        """Return `a.b.c` for names and properties, empty for anything else."""
        first, rest = chain(node)
        if first is None:
            return ""
        name = self.text(first)
        return ".".join([self._imported.get(name, name), *(self.text(one).lstrip("#") if one is not None else "" for one in rest)])

    def expr(self, node: Node) -> Expr:  # noqa: C901, PLR0911, PLR0912  # one branch per kind of expression
        line = line_of(node)
        children = [child for child in node.named_children if child.type not in _TYPES]
        match node.type:
            case "string":
                return Text(unescaped(self.text(node)[1:-1]), line)
            case "number" | "true" | "false" | "null":
                return Text(self.text(node), line)
            case "template_string":
                parts = [self.expr(c.named_children[0]) if c.type == "template_substitution" and c.named_children else Text(unescaped(self.text(c)), line_of(c)) for c in children]  # fmt: skip
                return Joined(tuple(parts), line)
            case "binary_expression":
                operator = node.child_by_field_name("operator")
                sides = tuple(self.expr(child) for child in children)
                word = self.text(operator) if operator is not None else ""
                if word == "&&" and len(sides) == 2:
                    self.program.roots.append(sides[0])
                    return sides[1]
                return Joined(sides, line) if word == "+" else Several(sides, line) if word in ("||", "??") else Other(sides, line)
            case "ternary_expression":
                condition, *branches = (self.expr(child) for child in children)
                self.program.roots.append(condition)
                return Several(tuple(branches), line)
            case "array":
                return Several(tuple(self.expr(child) for child in children), line)
            case "object":
                if (tool := declared(node, self.text)) is not None:
                    self.program.tools.append(tool)
                return Fields(tuple(self.pair(child) for child in children), line)
            case "identifier" | "this" | "undefined" | "shorthand_property_identifier":
                return Name(self.text(node), line, self._scopes.given(self.text(node)))
            case "member_expression":
                if path := self.dotted(node):
                    return Name(path, line, self._scopes.given(path))
                base, name = node.child_by_field_name("object"), node.child_by_field_name("property")
                return Item(self.expr(base), Text(self.text(name), line), line) if base is not None and name is not None else Other((), line)
            case "subscript_expression":
                return Item(self.expr(children[0]), self.expr(children[-1]), line) if children else Other((), line)
            case "call_expression" | "new_expression":
                return self.call(node)
            case "assignment_expression" | "augmented_assignment_expression":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                value = self.expr(right) if right is not None else Other((), line)
                if left is not None:
                    self.bind(left, value)
                return value
            case "spread_element" if children and children[0].type == "string":
                return Called("list", (self.expr(children[0]),), (), line)
            case "await_expression" | "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression" | "spread_element":
                return self.expr(children[0]) if children else Other((), line)
            case kind if kind in FUNCTIONS:
                return self.function(node)
            case kind if kind in ("statement_block", "class", "class_body", "class_declaration"):
                for child in children:
                    self.visit(child)
                return Other((), line)
            case "ERROR":
                raise NotParsed(f"makes no sense at line {line}")
            case _:
                return Other(tuple(self.expr(child) for child in children), line)

    def pair(self, node: Node) -> tuple[str, Expr]:
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if node.type == "pair" and key is not None and value is not None:
            if key.type != "computed_property_name":
                return unescaped(self.text(key).strip("\"'`")), self.expr(value)
            name, found = self.expr(key.named_children[0]) if key.named_children else Other((), line_of(key)), self.expr(value)
            if (word := literal(name)) is None:
                self.program.placed.append((name, found))
                self.program.roots.append(name)
            return word or "", found
        if node.type == "method_definition":
            self.visit(node)
            return "", Other((), line_of(node))
        return self.text(node) if node.type == "shorthand_property_identifier" else "", self.expr(node)

    def call(self, node: Node) -> Called:
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        given = node.child_by_field_name("arguments")
        given_nodes = [child for child in (given.named_children if given is not None else []) if child.type not in _TYPES]
        function = self.dotted(callee) if callee is not None else ""
        receiver: Expr | None = None
        if callee is not None and callee.type == "member_expression" and (base := callee.child_by_field_name("object")) is not None:
            receiver = self.expr(base)
            name = callee.child_by_field_name("property")
            module = receiver.arguments[0] if isinstance(receiver, Called) and receiver.function == "require" and receiver.arguments else None
            where = module.value.removeprefix("node:") if isinstance(module, Text) else "?"
            function = function or (f"{where}.{self.text(name)}" if name is not None else "")
        elif callee is not None and not function:
            receiver = self.expr(callee)
        if function.rpartition(".")[2] in _FEEDERS and receiver is not None:
            self._fed |= {child.id: receiver for child in given_nodes if child.type in FUNCTIONS}
        arguments = tuple(self.expr(child) for child in given_nodes)
        if function.rpartition(".")[2] in _TOOL_METHODS and given is not None:
            self.tool(node, given)
        return Called(function, arguments, (), line_of(node), receiver)

    def tool(self, node: Node, given: Node) -> None:
        values = [child for child in given.named_children if child.type not in _TYPES]
        name = self.expr(values[0]) if values else None
        if isinstance(name, Text):
            shapes = [child for child in values[1:] if "function" not in child.type]
            texts = [self.text(child) for child in shapes]
            self.program.tools.append(Tool(name.value, texts[0] if texts else "", json.dumps(texts[1:]), line_of(node)))

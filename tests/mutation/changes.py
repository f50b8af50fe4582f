"""The ways in which code is changed in one place.

What is never changed: annotations, docstrings, declarations of classes, and messages. A text with a blank in it is a message, with all that
it quotes; only where the tests look at every sentence are messages `worded`, and changed as well.
"""

from __future__ import annotations

import ast
import copy
import itertools
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Continue: ast.Break,
    ast.Break: ast.Continue,
}
_OTHER: dict[type, Callable[[Any], Any]] = {bool: operator.not_, int: lambda number: number + 1, str: lambda text: f"{text}X"}
_MOST_WORDS = 3
"""So many other members of an enumeration are tried in the place of one."""


@dataclass(frozen=True, slots=True)
class Module:
    """What of a module decides how it may be changed."""

    words: dict[str, list[str]]
    """The members of enumerations that it names, by enumeration."""
    anything: bool
    """Whether it has the shape that takes whatever is there, as those of the proxy have."""
    worded: bool

    @classmethod
    def of(cls, tree: ast.AST, *, worded: bool) -> Module:
        words: dict[str, list[str]] = defaultdict(list)
        anything = False
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attr) if name[0].isupper() and attr.isupper() and attr not in words[name]:
                    words[name].append(attr)
                case ast.alias(name="anything"):
                    anything = True
                case _:
                    pass
        return cls(dict(words), anything, worded)


def mutants(source: str, *, worded: bool = False) -> Iterator[tuple[str, ast.Module]]:
    """Yield every changed module, each with a line that names the change by its text and not by its place in the file."""
    seen: Counter[str] = Counter()
    module = Module.of(ast.parse(source), worded=worded)
    count = sum(len(list(_changes(node, module))) for _, node in _places(ast.parse(source), module))
    for wanted in range(count):
        tree = ast.parse(source)
        every = ((place, node, other) for place, node in _places(tree, module) for other in _changes(node, module))
        place, node, other = next(itertools.islice(every, wanted, None))
        named = f"{place}: {_text(node)} => {_text(other)}"
        seen[named] += 1
        changed = _Place(node, other).visit(tree)
        assert isinstance(changed, ast.Module)
        yield (named if seen[named] == 1 else f"{named} ({seen[named]})"), ast.fix_missing_locations(changed)


def _places(tree: ast.Module, module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield what may be changed with the name of the function that it is in, or of what it is given to."""
    for statement in tree.body:
        match statement:
            case ast.Assign(value=ast.Subscript()):
                pass  # the name of a type
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield from ((name, node) for node in _within(value, module))
            case _:
                pass
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            body = function.body[1:] if ast.get_docstring(function) is not None else function.body
            # A function within it has its own turn.
            yield from ((function.name, node) for part in body if not isinstance(part, ast.FunctionDef) for node in _within(part, module))


def _within(node: ast.AST, module: Module) -> Iterator[ast.AST]:
    if not module.worded and _is_message(node):
        return
    yield node
    for name, value in ast.iter_fields(node):
        # A key of a dictionary is left out as a whole, with what it is for.
        if name == "annotation" or (name == "keys" and isinstance(node, ast.Dict)):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST) and not isinstance(part, ast.FunctionDef):
                yield from _within(part, module)


def _is_message(node: ast.AST) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value for part in parts)


def _changes(node: ast.AST, module: Module) -> Iterator[ast.AST]:
    """Yield what may stand in the place of `node`."""
    match node:
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.Constant(value=bool() | int() | str() as value):
            yield ast.Constant(_OTHER[type(value)](value))
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in module.words.get(name, ()):
            at = module.words[name].index(attr)
            others = [*module.words[name][at + 1 :], *module.words[name][:at]][:_MOST_WORDS]
            yield from (ast.Attribute(node.value, other, node.ctx) for other in others)
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
            yield ast.If(ast.Constant(value=False), node.body, node.orelse)
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return  # what mypy proves is not there
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()):
            yield ast.Pass()
        case ast.Starred(value=ast.Call()):
            yield ast.Starred(ast.Tuple([], ast.Load()), node.ctx)
        case ast.Dict() if module.anything:
            for number, shape in enumerate(node.values):
                if isinstance(shape, ast.Name | ast.Call) and ast.unparse(shape) != "anything":
                    yield ast.Dict(node.keys, [ast.Name("anything", ast.Load()) if at == number else part for at, part in enumerate(node.values)])
        case _:
            pass
    yield from _with_another_operator(node)
    yield from _with_less(node)


def _with_another_operator(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _SWAPS:
            changed: Any = copy.copy(node)
            changed.op = _SWAPS[type(op)]()
            yield changed
        case ast.Compare(ops=[op, *others]) if type(op) in _SWAPS:
            compared: Any = copy.copy(node)
            compared.ops = [_SWAPS[type(op)](), *others]
            yield compared
        case ast.Continue() | ast.Break():
            yield _SWAPS[type(node)]()
        case ast.UnaryOp():
            yield node.operand
        case _:
            return


def _with_less(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` without one of the parts that it joins or holds."""
    match node:
        case ast.BoolOp(values=parts):
            yield from (ast.BoolOp(node.op, _but(parts, number) * (2 if len(parts) == 2 else 1)) for number in range(len(parts)))
        case ast.BinOp(op=ast.BitOr()):
            yield from (node.left, node.right)
        case ast.Dict(keys=keys, values=values):
            yield from (ast.Dict(_but(keys, number), _but(values, number)) for number in range(len(keys)) if not _is_message(values[number]))
        case ast.Set(elts=parts) | ast.List(elts=parts) if len(parts) > 1:
            for number in range(len(parts)):
                yield ast.Set(_but(parts, number)) if isinstance(node, ast.Set) else ast.List(_but(parts, number), node.ctx)
        case ast.Compare(comparators=[ast.Tuple(elts=parts)]):
            yield from (ast.Compare(node.left, node.ops, [ast.Tuple(_but(parts, number), ast.Load())]) for number in range(len(parts)))
        case ast.ExceptHandler(type=ast.Tuple(elts=parts)):
            yield from (ast.ExceptHandler(ast.Tuple(_but(parts, number), ast.Load()), node.name, node.body) for number in range(len(parts)))
        case _:
            return


def _but(parts: list[Any], number: int) -> list[Any]:
    return [part for at, part in enumerate(parts) if at != number]


class _Place(ast.NodeTransformer):
    def __init__(self, target: ast.AST, other: ast.AST) -> None:
        self.target, self.other = target, other

    def visit(self, node: ast.AST) -> ast.AST:
        return self.other if node is self.target else self.generic_visit(node)


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())

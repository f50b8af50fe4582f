"""Changes the merge gate's decision in one place at a time, and tells which changes no unit test notices.

A survivor must be listed in survivors.txt with the reason why it is equivalent: what is not listed, and what is listed and does not
survive, ends the run with 1.
"""

from __future__ import annotations

import ast
import copy
import io
import itertools
import operator
import os
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]
MODULES = {"merge_policy": "test_merge_policy.py", "pin_edit": "test_pin_edit.py"}
LISTED = Path(__file__).parent / "survivors.txt"
_SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
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
}
_SUMS: dict[type[ast.operator], type[ast.operator]] = {ast.Mult: ast.Add, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
_OTHER: dict[type, Callable[[Any], Any]] = {bool: operator.not_, int: lambda number: number + 1, str: lambda text: f"{text}X"}
_DECISIONS = ("MERGE", "WAIT", "PERSON", "NEVER")


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of `node`."""
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in _SWAPS:
            changed = copy.deepcopy(node)
            changed.ops[0] = _SWAPS[type(op)]()
            yield changed
        case ast.BoolOp(op=op):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
            for number in range(len(node.values)):
                yield ast.BoolOp(op, [value for at, value in enumerate(node.values) if at != number] * (2 if len(node.values) == 2 else 1))
        case ast.UnaryOp():
            yield node.operand
        case ast.BinOp(op=op) if type(op) in _SUMS:
            yield ast.BinOp(node.left, _SUMS[type(op)](), node.right)
        case ast.Constant(value=bool() | int() | str() as value):
            yield ast.Constant(_OTHER[type(value)](value))
        case ast.Attribute(value=ast.Name(id="Decision"), attr=attr):
            yield from (ast.Attribute(node.value, other, node.ctx) for other in _DECISIONS if other != attr)
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
            yield ast.If(ast.Constant(value=False), node.body, node.orelse)
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            yield ast.Pass()
        case ast.Starred(value=ast.Call()):
            yield ast.Starred(ast.Tuple([], ast.Load()), node.ctx)
        case _:
            return


def places(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the nodes of functions' bodies with the function's name: what is declared around them is data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            yield from ((node.name, inner) for statement in body for inner in ast.walk(statement))


class _Place(ast.NodeTransformer):
    def __init__(self, target: ast.AST, other: ast.AST) -> None:
        self.target, self.other = target, other

    def visit(self, node: ast.AST) -> ast.AST:
        return self.other if node is self.target else self.generic_visit(node)


def mutants(source: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield every changed module, each with a line that names the change by its text and not by its place in the file."""
    seen: Counter[str] = Counter()
    count = sum(len(list(changes(node))) for _, node in places(ast.parse(source)))
    for wanted in range(count):
        tree = ast.parse(source)
        every = ((function, node, other) for function, node in places(tree) for other in changes(node))
        function, node, other = next(itertools.islice(every, wanted, None))
        named = f"{function}: {_text(node)} => {_text(other)}"
        seen[named] += 1
        changed = _Place(node, other).visit(tree)
        assert isinstance(changed, ast.Module)
        yield (named if seen[named] == 1 else f"{named} ({seen[named]})"), ast.fix_missing_locations(changed)


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())


def survives(name: str, tree: ast.Module) -> bool:
    """Run the unit tests on a changed module in a process of its own."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    code = 1
    try:
        module = types.ModuleType(f"pinwarden.{name}")
        module.__file__ = str(ROOT / f"scripts/pinwarden/{name}.py")
        sys.modules[module.__name__] = module
        exec(compile(tree, module.__file__, "exec"), module.__dict__)  # our own source, changed in one place
        import pytest

        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            code = int(pytest.main(["-q", "-x", str(ROOT / "tests/unit" / MODULES[name])]))
    except BaseException:  # noqa: BLE001  # a change that can't even be loaded is noticed
        code = 1
    finally:
        os._exit(code)


def main() -> int:
    import pytest  # noqa: F401  # loaded once, before the first fork

    import pinwarden.adapters.registry_files
    import pinwarden.status  # noqa: F401

    listed = {line.partition("  # ")[0] for line in LISTED.read_text().splitlines() if line and not line.startswith("#")}
    found: set[str] = set()
    total = 0
    for name in MODULES:
        source = (ROOT / f"scripts/pinwarden/{name}.py").read_text()
        # The control: where the tests fail without a change, everything would look noticed.
        if not survives(name, ast.parse(source)):
            print(f"the tests of {name} fail without any change")
            return 2
        for named, tree in mutants(source):
            total += 1
            if survives(name, tree):
                found.add(f"{name}.{named}")
    for one in sorted(found - listed):
        print(f"survived, and is not listed: {one}")
    for one in sorted(listed - found):
        print(f"listed, and did not survive: {one}")
    print(f"{total} changes, {total - len(found)} noticed, {len(found)} survived, {len(found & listed)} of them listed as equivalent")
    return 0 if found == listed else 1


if __name__ == "__main__":
    sys.exit(main())

"""Python's own syntax tree: what names stand for, and who fills them."""

from __future__ import annotations

import ast


def imported(module: ast.Module) -> dict[str, str]:
    """Return what imported names stand for: `sp` for subprocess, `run` for subprocess.run."""
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for names and attributes, empty for anything else."""
    found: list[str] = []
    while isinstance(node, ast.Attribute):
        found.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(found)]) if isinstance(node, ast.Name) else ""


def parameters(arguments: ast.arguments) -> list[str]:
    """Return the names that a function's caller fills; what a method belongs to is none of them."""
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *(one for one in (arguments.vararg, arguments.kwarg) if one is not None)]
    return [one.arg for one in found if one.arg not in ("self", "cls")]

import ast
import operator

import pint
from mcp.server.fastmcp import FastMCP

import history

mcp = FastMCP("abacus")
units = pint.UnitRegistry()
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow}


def value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](value(node.left), value(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value(node.operand)
    raise ValueError("numbers and + - * / ** only")


@mcp.tool()
def evaluate(expression: str) -> float:
    """Evaluate an arithmetic expression."""
    result = value(ast.parse(expression, mode="eval").body)
    history.keep("evaluate", f"{expression} = {result}")
    return result


@mcp.tool()
def convert(amount: float, source: str, target: str, note: str = "") -> str:
    """Convert an amount from one unit to another.

    Units are named as in GNU units: "km/h", "degC", "lb". Prefixes may be written out ("kilometer").

    IMPORTANT: temperatures need the absolute names ("degC", "degF", "kelvin"); "delta_degC" is a difference. If the
    user did not say which one is meant, ask before you call this tool.

    note: a few words that help the user to find the conversion again in their history, such as "recipe". It is shown
    in the history as it is written, so leave out what is private.
    """
    result = str(units.Quantity(amount, source).to(target))
    history.keep("convert", f"{amount} {source} = {result} {note}".rstrip())
    return result


def main() -> None:
    mcp.run()

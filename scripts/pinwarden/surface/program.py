"""A program as far as its surface goes: expressions in one shape, whatever language they were written in.

The readers of languages make it, `values` folds it, `meaning` looks for what matters. Statements, types and control flow
are not kept: what stands in a file may happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A literal; numbers are written out."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts that make one text: an addition, a template."""

    parts: tuple[Expr, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable or attribute, dotted as written: `os.environ`, `self.bcc`.

    `given` where its first part is a parameter of a function around it: whoever calls says what it is.
    """

    path: str
    line: int
    given: bool = False

    @property
    def last(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Called:
    """A call. `function` is dotted as far as it is one name; `receiver` is what a method was called on."""

    function: str
    arguments: tuple[Expr, ...]
    named: tuple[tuple[str, Expr], ...]
    line: int
    receiver: Expr | None = None

    @property
    def last(self) -> str:
        return self.function.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Several:
    """A list, or the branches of a choice."""

    items: tuple[Expr, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping; the key of a spread or computed one is empty."""

    pairs: tuple[tuple[str, Expr], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Item:
    """An element taken out of something."""

    base: Expr
    key: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else, for what it contains."""

    parts: tuple[Expr, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Made:
    """A function without a name, for what it returns of one `parameter`; also the body of a comprehension."""

    parameter: str
    result: Expr
    line: int


Expr = Text | Joined | Name | Called | Several | Fields | Item | Made | Other


def literal(expr: Expr) -> str | None:
    """Return the text that an expression is, put together from pieces or not; None where it is none."""
    match expr:
        case Text(value=value):
            return value
        case Joined(parts=inside):
            pieces = [literal(part) for part in inside]
            return None if None in pieces else "".join(piece or "" for piece in pieces)
        case _:
            return None


def parts(expr: Expr) -> Iterator[Expr]:
    """Yield the expressions right inside one."""
    match expr:
        case Joined(parts=inside) | Several(items=inside) | Other(parts=inside):
            yield from inside
        case Called():
            yield from expr.arguments
            yield from (value for _, value in expr.named)
            if expr.receiver is not None:
                yield expr.receiver
        case Fields():
            yield from (value for _, value in expr.pairs)
        case Item():
            yield expr.base
            yield expr.key
        case Made():
            yield expr.result
        case Text() | Name():
            pass


@dataclass(frozen=True, slots=True)
class Tool:
    """An MCP tool as the program declares it. `shape` is its parameters as written."""

    name: str
    text: str
    shape: str
    line: int


@dataclass(slots=True)
class Program:
    """What one file holds."""

    roots: list[Expr] = field(default_factory=list)
    """Expressions that are part of no other."""
    bound: list[tuple[str, Expr]] = field(default_factory=list)
    """What was put under a name, dotted as written, or into an element whose key is known."""
    placed: list[tuple[Expr, Expr]] = field(default_factory=list)
    """What was put into an element whose key is no literal, with that key."""
    returned: list[tuple[str, Expr]] = field(default_factory=list)
    """What a function returns, by its name."""
    tools: list[Tool] = field(default_factory=list)

    def everything(self) -> Iterator[Expr]:
        """Yield every expression, outer ones first."""
        waiting = [*self.roots, *(value for _, value in self.bound), *(value for _, value in self.returned)]
        waiting.reverse()
        while waiting:
            expr = waiting.pop()
            yield expr
            waiting.extend(parts(expr))

"""What stands under the names of a file, and under those of the files that came with it."""

from __future__ import annotations

from collections import defaultdict
from typing import Generic, TypeVar

from pinwarden.surface.program import Called, Expr, Name, Program

Home = TypeVar("Home")
Shared = defaultdict[str, list[tuple[Home, Expr]]]
"""What files bind, by name, with whatever knows how to read that file's expressions."""

_ADDERS = frozenset({"append", "extend", "insert", "add", "push", "unshift", "concat"})


class Names(Generic[Home]):
    """The names of one file; what is added to a list belongs to the list's name. At most `most` expressions are kept for each."""

    def __init__(self, program: Program, shared: Shared[Home], most: int) -> None:
        self._shared = shared
        self._most = most
        self._bound: dict[str, list[Expr]] = defaultdict(list)
        for name, value in program.bound:
            self._bind(name, value)
        self._returned: dict[str, list[Expr]] = defaultdict(list)
        for name, value in program.returned:
            if len(self._returned[name]) < most:
                self._returned[name].append(value)
        for expr in program.everything():
            if isinstance(expr, Called) and expr.last in _ADDERS and isinstance(expr.receiver, Name):
                for argument in expr.arguments:
                    self._bind(expr.receiver.path, argument)

    def _bind(self, name: str, value: Expr) -> None:
        for key in {name, name.rpartition(".")[2]} - {""}:
            if len(self._bound[key]) < self._most:
                self._bound[key].append(value)

    def share(self, home: Home) -> None:
        """Let other files find these names; `home` reads their expressions."""
        for name, values in self._bound.items():
            if "." not in name:
                room = self._most - len(self._shared[name])
                self._shared[name].extend((home, value) for value in values[: max(room, 0)])
        for name, values in self._returned.items():
            room = self._most - len(self._shared[f"{name}()"])
            self._shared[f"{name}()"].extend((home, value) for value in values[: max(room, 0)])

    def here(self, name: Name) -> list[Expr]:
        """Return what this file puts under a name, by all of it or else by its last part."""
        return self._bound.get(name.path) or self._bound.get(name.last) or []

    def exactly(self, name: Name) -> bool:
        """Tell whether this file puts something under all of a name."""
        return name.path in self._bound

    def returns(self, function: str) -> list[Expr]:
        """Return what a function of this file returns, by its last name."""
        return self._returned.get(function, [])

    def elsewhere(self, name: Name) -> list[tuple[Home, Expr]]:
        """Return what any file puts under the last part of a name."""
        return self._shared.get(name.last, [])

    def behind(self, expr: Name | Called) -> list[Expr]:
        """Return what stands behind a name, or what a function returns, here or else in any file; nobody knows whose method is called."""
        if isinstance(expr, Name):
            return self.here(expr) or [found for _, found in self.elsewhere(expr)]
        if expr.receiver is not None:
            return []
        return self.returns(expr.last) or [found for _, found in self.elsewhere(Name(f"{expr.last}()", expr.line))]

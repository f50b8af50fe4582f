"""Which names a function's caller gives a meaning, as a reader goes through a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Scopes:
    """The functions around the place that is read, innermost last."""

    def __init__(self) -> None:
        self._around: list[dict[str, bool]] = []

    @contextmanager
    def function(self, names: Iterable[str], *, given: bool = True) -> Iterator[None]:
        """Read inside a function that binds names; not `given` are those that something in the file fills, as a loop does."""
        self._around.append(dict.fromkeys(names, given))
        try:
            yield
        finally:
            self._around.pop()

    def given(self, path: str) -> bool:
        """Tell whether whoever calls says what a dotted name is."""
        first = path.partition(".")[0]
        return next((scope[first] for scope in reversed(self._around) if first in scope), False)

    def rebound(self, path: str) -> None:
        """Note that a name stands for something else from here on."""
        for scope in reversed(self._around):
            if path in scope:
                scope[path] = False
                return

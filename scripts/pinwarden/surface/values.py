"""What an expression may come to, as far as the files themselves say it: texts, and environment variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from pinwarden.surface import value as most
from pinwarden.surface.calls import applied, filled, joined_of, path_parts, spelt_out, usual
from pinwarden.surface.environment import environment_variable
from pinwarden.surface.names import Names, Shared
from pinwarden.surface.program import Called, Expr, Fields, Item, Joined, Made, Name, Other, Program, Several, Text
from pinwarden.surface.value import MOST_VALUES, UNKNOWN, NotFollowed, Value


class Values:
    """Folds the expressions of one file; names that it does not bind are looked for in the files that came with it."""

    def __init__(self, names: Names[Values]) -> None:
        self._names = names
        self._known: dict[tuple[str, bool], list[Value]] = {}
        self._into_functions = False
        self._open: set[str] = set()
        self._cut = self._short = False
        self._steps = 0
        self._left = most.MOST_STEPS_OF_FILE
        self._nameless = False

    @classmethod
    def of_files(cls, programs: Mapping[str, Program]) -> dict[str, Values]:
        """Return the values of each file, by its path."""
        shared: Shared[Values] = defaultdict(list)
        found = {}
        for path, program in programs.items():
            names = Names(program, shared, MOST_VALUES + 1)
            found[path] = cls(names)
            names.share(found[path])
        return found

    def of(self, expr: Expr) -> list[Value]:
        """Return what `expr` may come to, a list's elements and a mapping's values one by one. Raises NotFollowed."""
        for self._into_functions in (True, False):
            try:
                found = self._within(expr, most.MOST_STEPS if self._left > 0 else 0)
            except NotFollowed:
                continue
            if not self._short:
                return found
        raise NotFollowed

    def roughly(self, expr: Expr) -> list[Value]:
        """Return what `expr` may come to; where that is too entangled, without what stands under names."""
        if isinstance(expr, Text):
            return [Value(expr.value[: most.LONGEST], line=expr.line)]
        self._into_functions = False
        try:
            if self._left > 0:
                return self._within(expr, most.MOST_STEPS_ASIDE)
        except NotFollowed:
            pass
        self._nameless = True
        try:
            return self._within(expr, most.MOST_STEPS)
        except NotFollowed:
            return [Value(UNKNOWN, line=expr.line)]
        finally:
            self._nameless = False

    def _within(self, expr: Expr, steps: int) -> list[Value]:
        self._steps = steps
        self._short = False
        try:
            return self._distinct(self._values(expr, 0))
        finally:
            self._left -= steps - self._steps
            self._open.clear()
            self._cut = False

    def _distinct(self, values: Iterable[Value]) -> list[Value]:
        """Return values once each, and note where there were more than are followed."""
        found = list(islice(values, 10 * MOST_VALUES + 1))
        self._short = self._short or len(found) > 10 * MOST_VALUES
        return list(dict.fromkeys(found))[:MOST_VALUES]

    def bound(self, expr: Name | Called) -> list[Expr]:
        """Return what was put under a name, or what a function without a receiver returns, here or else in another file."""
        return self._names.behind(expr)

    def _named(self, name: Name, depth: int) -> Iterator[Value]:
        """Yield what a name may stand for; worked out once, unless that was cut short."""
        if self._nameless:
            yield Value(UNKNOWN, line=name.line)
            return
        for value in self._once(name, self._names.here(name), depth):
            yield replace(value, computed=False) if value.computed and name.given else value

    def _once(self, name: Name, here: Sequence[Expr], depth: int) -> Iterator[Value]:
        """Yield what stands `here` under a name, or else in another file; worked out once, unless that was cut short."""
        key = (name.path, self._into_functions)
        if key in self._known:
            yield from self._known[key]
            return
        if name.path in self._open:
            self._cut = True
            # What is added to itself says nothing; what another thing has under the same last name does.
            yield Value(UNKNOWN, line=name.line, computed=not self._names.exactly(name) and "()" not in name.path)
            return
        self._open.add(name.path)
        before, self._cut = self._cut, False
        found = self._distinct(self._any(here, depth) if here else self._elsewhere(name, depth))
        self._open.discard(name.path)
        if not self._cut:
            self._known[key] = found
        self._cut = self._cut or before
        yield from found

    def _elsewhere(self, name: Name, depth: int) -> Iterator[Value]:
        found = [pair for pair in self._names.elsewhere(name) if pair[0] is not self]
        for home, expr in found:
            home._steps, home._into_functions = self._steps, self._into_functions  # noqa: SLF001  # the same class
            # The line is that of the use: evidence names this file.
            yield from (replace(value, line=name.line) for value in home._values(expr, depth + 1))  # noqa: SLF001
            self._steps, self._cut, self._short = home._steps, self._cut or home._cut, self._short or home._short  # noqa: SLF001
        if found or name.given:
            yield from () if found else (Value(UNKNOWN, line=name.line),)
            return
        whole = Name(name.path.rpartition(".")[0], name.line)
        parents = list(self._named(whole, depth + 1)) if self._names.exactly(whole) or "." in whole.path else []
        computed = any(value.computed for value in parents) if parents else name.path != "undefined"
        yield Value(UNKNOWN, line=name.line, computed=computed)

    def _values(self, expr: Expr, depth: int) -> Iterator[Value]:  # noqa: C901  # one branch per kind of expression
        self._steps -= 1
        if self._steps < 0:
            raise NotFollowed
        if depth > most.DEEPEST:
            self._cut = self._short = True
            yield Value(UNKNOWN, line=expr.line)
            return
        variable = environment_variable(expr)
        if variable is not None:
            yield Value(UNKNOWN, variable, expr.line)
            yield from self._any(expr.arguments[1:] if isinstance(expr, Called) else (), depth)
            return
        match expr:
            case Text():
                yield Value(expr.value[: most.LONGEST], line=expr.line)
            case Joined():
                yield from self._joined(expr.parts, "", expr.line, depth)
            case Several():
                yield from self._any(expr.items, depth)
            case Fields():
                yield from self._any([value for _, value in expr.pairs], depth)
            case Name():
                yield from self._named(expr, depth)
            case Item():
                yield from self._item(expr, depth)
            case Called():
                yield from self._called(expr, depth)
            case Made():
                yield from self._values(expr.result, depth + 1)
            case Other():
                yield Value(UNKNOWN, line=expr.line, computed=True)

    def _any(self, items: Iterable[Expr], depth: int) -> Iterator[Value]:
        for item in items:
            yield from self._values(item, depth + 1)

    def _item(self, expr: Item, depth: int) -> Iterator[Value]:
        key = Name(expr.key.value, expr.line, given=True) if isinstance(expr.key, Text) else None
        if key is not None and self._names.here(key):
            yield from self._named(key, depth + 1)
        yield from self._values(expr.base, depth + 1)

    def _joined(self, parts: Sequence[Expr], between: str, line: int, depth: int) -> Iterator[Value]:
        """Yield the texts that parts make together; lists in an addition stay apart."""
        texts = [""]
        variable: str | None = None
        computed = False
        for position, part in enumerate(parts):
            values = self._distinct(self._values(part, depth + 1)) or [Value(UNKNOWN)]
            if any(isinstance(part, Several | Fields) for part in parts):
                yield from values
                continue
            computed = computed or any(value.computed for value in values)
            variable = variable or next((value.variable for value in values if value.variable), None)
            texts = [(text + (between if position else "") + value.text)[: most.LONGEST] for text in texts for value in values]
            self._short, texts = self._short or len(texts) > most.MOST_JOINED, texts[: most.MOST_JOINED]
            # What is made here is read again by whoever asked.
            self._steps -= len(texts) + sum(map(len, texts)) // 50
        for text in texts:
            yield Value(text, variable if text == UNKNOWN else None, line, computed)

    def _called(self, expr: Called, depth: int) -> Iterator[Value]:
        receiver = [expr.receiver] if expr.receiver is not None else []
        match expr.last:
            case _ if parts := path_parts(expr):
                yield from self._joined(parts, "", expr.line, depth)
            case "join":
                between, items = joined_of(expr)
                elements = [element for item in items for element in self._elements(item, depth)]
                yield from self._joined(elements, between, expr.line, depth)
                # A list of recipients is often made one text.
                yield from self._any(elements, depth)
            case "format" | "%":
                for pattern in self._any(receiver, depth):
                    yield from self._joined(filled(pattern.text, expr), "", expr.line, depth)
            case "reversed" | "reverse":
                turned = [element for item in (expr.arguments or receiver) for element in self._elements(item, depth)]
                yield from (replace(value, text=value.text[::-1], line=expr.line) for value in self._any(turned, depth))
            case _:
                found = usual(expr, lambda items: self._any(items, depth))
                for value in self._unusual(expr, depth) if found is None else found:
                    yield value if len(value.text) <= most.LONGEST else replace(value, text=value.text[: most.LONGEST])

    def _unusual(self, expr: Called, depth: int) -> Iterator[Value]:
        """Yield what a function of these files returns; any other hands on what it belongs to, where that is given by whoever calls."""
        arguments = [*expr.arguments, *(value for _, value in expr.named)]
        returned = Name(f"{expr.last}()", expr.line)
        here = self._names.returns(expr.last)
        # What is called on a value is anybody's method of that name.
        known = self._into_functions and (expr.receiver is None or isinstance(expr.receiver, Name))
        if known and 0 < len(here or self._names.elsewhere(returned)) <= most.MOST_RETURNS:
            yield from self._once(returned, here, depth)
            yield from self._any(arguments, depth)
            return
        of = list(self._values(expr.receiver, depth + 1)) if expr.receiver is not None else []
        given = bool(of) and all(value.text == UNKNOWN and not value.computed for value in of)
        yield Value(UNKNOWN, line=expr.line, computed=not given)
        yield from self._any(arguments if given else (), depth)

    def _elements(self, expr: Expr, depth: int) -> list[Expr]:
        """Return the elements of a list in order."""
        if isinstance(expr, Called) and expr.last in ("reverse", "reversed"):
            return [element for item in ([expr.receiver] if expr.receiver else expr.arguments) for element in reversed(self._elements(item, depth + 1))]
        if isinstance(expr, Called) and (spelt := spelt_out(expr)) is not None:
            return [Text(letter, expr.line) for value in self._values(spelt, depth + 1) for letter in value.text]
        if isinstance(expr, Called) and expr.last == "map" and expr.arguments:
            items = expr.receiver if expr.receiver is not None and len(expr.arguments) == 1 else expr.arguments[-1]
            made = [applied(expr.arguments[0], item) for item in self._elements(items, depth + 1)]
            if None not in made:
                return [one for one in made if one is not None]
        if isinstance(expr, Name) and depth <= most.DEEPEST:
            bound = self._names.here(expr)
            return [element for value in bound for element in (self._elements(value, depth + 1) if isinstance(value, Several) else [value])] or [expr]
        if not isinstance(expr, Several):
            return [expr]
        return [one for item in expr.items for one in (self._elements(item, depth + 1) if isinstance(item, Called) and spelt_out(item) else [item])]

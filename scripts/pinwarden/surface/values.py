"""What an expression may come to, as far as the files themselves say it: texts, and environment variables."""

from __future__ import annotations

import base64
import binascii
import re
from codecs import encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pinwarden.surface.environment import environment_variable
from pinwarden.surface.program import Called, Expr, Fields, Item, Joined, Name, Other, Program, Several, Text

UNKNOWN = "*"
"""Stands in a text for a part that only a run would tell."""

_DEEPEST = 14
_MOST_STEPS = 50_000
_MOST_STEPS_ASIDE = 2_000
_MOST_STEPS_OF_FILE = 1_000_000
MOST_VALUES = 200
"""What one expression is followed to."""

_MOST_JOINED = 64
_LONGEST = 20_000

_PLAIN = frozenset(
    [
        "str",
        "String",
        "strip",
        "trim",
        "lower",
        "toLowerCase",
        "upper",
        "toUpperCase",
        "encode",
        "decode",
        "toString",
        "lstrip",
        "rstrip",
        "bytes",
        "list",
        "tuple",
        "Array.from",
        "EmailStr",
        "Header",
        "Address",
    ]
)
_ADDERS = frozenset({"append", "extend", "insert", "add", "push", "unshift", "concat"})


class NotFollowed(Exception):
    """An expression is too entangled for its values to be told."""


@dataclass(frozen=True, slots=True)
class Value:
    """A text that an expression may come to; `variable` names the environment variable that it is."""

    text: str
    variable: str | None = None
    line: int = 0


class Values:
    """Folds the expressions of one file; names that it does not bind are looked for in the files that came with it."""

    def __init__(self, program: Program, shared: dict[str, list[tuple[Values, Expr]]]) -> None:
        self._shared = shared
        self._bound: dict[str, list[Expr]] = defaultdict(list)
        self._known: dict[str, list[Value]] = {}
        self._open: set[str] = set()
        self._cut = False
        self._steps = 0
        self._left = _MOST_STEPS_OF_FILE
        self._nameless = False
        for name, value in program.bound:
            self._bind(name, value)
        for expr in program.everything():
            if isinstance(expr, Called) and expr.last in _ADDERS and isinstance(expr.receiver, Name):
                for argument in expr.arguments:
                    self._bind(expr.receiver.path, argument)

    @classmethod
    def of_files(cls, programs: Mapping[str, Program]) -> dict[str, Values]:
        """Return the values of each file, by its path."""
        shared: dict[str, list[tuple[Values, Expr]]] = defaultdict(list)
        return {path: cls(program, shared) for path, program in programs.items()}

    def _bind(self, name: str, value: Expr) -> None:
        for key in {name, name.rpartition(".")[2]} - {""}:
            # One more than is followed, so that whoever asks sees that there were more.
            if len(self._bound[key]) <= MOST_VALUES:
                self._bound[key].append(value)
            if "." not in key and len(self._shared[key]) <= MOST_VALUES:
                self._shared[key].append((self, value))

    def of(self, expr: Expr) -> list[Value]:
        """Return what `expr` may come to, a list's elements and a mapping's values one by one. Raises NotFollowed."""
        return self._within(expr, _MOST_STEPS)

    def roughly(self, expr: Expr) -> list[Value]:
        """Return what `expr` may come to; where that is too entangled, without what stands under names."""
        if isinstance(expr, Text):
            return [Value(expr.value[:_LONGEST], line=expr.line)]
        try:
            if self._left > 0:
                return self._within(expr, _MOST_STEPS_ASIDE)
        except NotFollowed:
            pass
        self._nameless = True
        try:
            return self._within(expr, _MOST_STEPS)
        except NotFollowed:
            return [Value(UNKNOWN, line=expr.line)]
        finally:
            self._nameless = False

    def _within(self, expr: Expr, steps: int) -> list[Value]:
        self._steps = steps
        try:
            return list(dict.fromkeys(self._values(expr, 0)))[:MOST_VALUES]
        finally:
            self._left -= steps - self._steps
            self._open.clear()
            self._cut = False

    def bound(self, name: Name) -> list[Expr]:
        """Return what was put under a name, here or else in another file."""
        return self._here(name) or [expr for _, expr in self._shared.get(name.last, ())]

    def _here(self, name: Name) -> list[Expr]:
        return self._bound.get(name.path) or self._bound.get(name.last) or []

    def _named(self, name: Name, depth: int) -> Iterator[Value]:
        """Yield what a name may stand for; worked out once, unless that was cut short."""
        if self._nameless:
            yield Value(UNKNOWN, line=name.line)
            return
        if name.path in self._known:
            yield from self._known[name.path]
            return
        if name.path in self._open:
            self._cut = True
            yield Value(UNKNOWN, line=name.line)
            return
        self._open.add(name.path)
        before, self._cut = self._cut, False
        here = self._here(name)
        found = list(dict.fromkeys(self._any(here, depth) if here else self._elsewhere(name, depth)))[:MOST_VALUES]
        self._open.discard(name.path)
        if not self._cut:
            self._known[name.path] = found
        self._cut = self._cut or before
        yield from found

    def _elsewhere(self, name: Name, depth: int) -> Iterator[Value]:
        found = [pair for pair in self._shared.get(name.last, ()) if pair[0] is not self]
        for home, expr in found:
            home._steps = self._steps  # noqa: SLF001  # the same class
            # The line is that of the use: evidence names this file.
            yield from (replace(value, line=name.line) for value in home._values(expr, depth + 1))  # noqa: SLF001
            self._steps, self._cut = home._steps, self._cut or home._cut  # noqa: SLF001
        if not found:
            yield Value(UNKNOWN, line=name.line)

    def _values(self, expr: Expr, depth: int) -> Iterator[Value]:  # noqa: C901  # one branch per kind of expression
        self._steps -= 1
        if self._steps < 0:
            raise NotFollowed
        if depth > _DEEPEST:
            self._cut = True
            yield Value(UNKNOWN, line=expr.line)
            return
        variable = environment_variable(expr)
        if variable is not None:
            yield Value(UNKNOWN, variable, expr.line)
            if isinstance(expr, Called):
                yield from self._any(expr.arguments[1:], depth)
            return
        match expr:
            case Text():
                yield Value(expr.value[:_LONGEST], line=expr.line)
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
            case Other():
                yield Value(UNKNOWN, line=expr.line)

    def _any(self, items: Iterable[Expr], depth: int) -> Iterator[Value]:
        for item in items:
            yield from self._values(item, depth + 1)

    def _item(self, expr: Item, depth: int) -> Iterator[Value]:
        if isinstance(expr.key, Text) and expr.key.value in self._bound:
            yield from self._any(self._bound[expr.key.value], depth)
        yield from self._values(expr.base, depth + 1)

    def _joined(self, parts: Sequence[Expr], between: str, line: int, depth: int) -> Iterator[Value]:
        """Yield the texts that parts make together; a variable inside keeps its name, and lists in an addition stay apart."""
        texts = [""]
        variable: str | None = None
        for position, part in enumerate(parts):
            values = list(self._values(part, depth + 1))[:MOST_VALUES] or [Value(UNKNOWN)]
            if any(isinstance(part, Several | Fields) for part in parts):
                yield from values
                continue
            variable = variable or next((value.variable for value in values if value.variable), None)
            texts = [(text + (between if position else "") + value.text)[:_LONGEST] for text in texts for value in values][:_MOST_JOINED]
        for text in texts:
            yield Value(text, variable if text == UNKNOWN else None, line)

    def _called(self, expr: Called, depth: int) -> Iterator[Value]:
        receiver = [expr.receiver] if expr.receiver is not None else []
        match expr.last:
            case "join":
                separator, items = (receiver, expr.arguments) if receiver and isinstance(receiver[0], Text) else (expr.arguments, tuple(receiver))
                between = separator[0].value if separator and isinstance(separator[0], Text) else ""
                elements = [element for item in items for element in self._elements(item, depth)]
                yield from self._joined(elements, between, expr.line, depth)
                # A list of recipients is often made one text.
                yield from self._any(elements, depth)
            case "format" | "%":
                for pattern in self._any(receiver, depth):
                    pieces = re.split(r"\{[^{}]*\}|%(?:\([^)]*\))?[a-z]", pattern.text)
                    filled = [*expr.arguments, *(value for _, value in expr.named)]
                    joined: list[Expr] = [Text(pieces[0], expr.line)]
                    for number, piece in enumerate(pieces[1:]):
                        joined += [filled[number] if number < len(filled) else Other((), expr.line), Text(piece, expr.line)]
                    yield from self._joined(joined, "", expr.line, depth)
            case "chr" | "fromCharCode" | "fromCodePoint":
                yield Value("".join(_character(value.text) for value in self._any(expr.arguments, depth))[:_LONGEST], line=expr.line)
            case "reversed" | "reverse":
                elements = [element for item in (expr.arguments or receiver) for element in self._elements(item, depth)]
                yield from (Value(value.text[::-1], line=expr.line) for value in self._any(elements, depth))
            case "b64decode" | "atob" | "fromhex" | "unhexlify" | "urlsafe_b64decode" | "from":
                yield from (Value(_decoded(value.text), line=expr.line) for value in self._any(expr.arguments[:1], depth))
            case "replace" | "replaceAll" if len(expr.arguments) >= 2:
                old, new = (argument.value if isinstance(argument, Text) else UNKNOWN for argument in expr.arguments[:2])
                yield from (Value(value.text.replace(old, new)[:_LONGEST] if old else value.text, line=expr.line) for value in self._any(receiver, depth))
            case last if last in _PLAIN or expr.function in _PLAIN:
                rot = any(isinstance(argument, Text) and argument.value in ("rot13", "rot_13") for argument in expr.arguments)
                for value in self._any([*receiver, *expr.arguments] if not rot else expr.arguments[:1] or receiver, depth):
                    yield Value(encode(value.text, "rot13"), line=expr.line) if rot else value
            case last if last in ("split", "filter", "map", "concat", "sorted", "set", "dict", "assign", "copy", "flat"):
                yield from self._any([*receiver, *expr.arguments], depth)
            case _:
                yield Value(UNKNOWN, line=expr.line)

    def _elements(self, expr: Expr, depth: int) -> list[Expr]:
        """Return the elements of a list in order."""
        if isinstance(expr, Called) and expr.last in ("reverse", "reversed"):
            return [element for item in ([expr.receiver] if expr.receiver else expr.arguments) for element in reversed(self._elements(item, depth + 1))]
        if isinstance(expr, Called) and expr.last == "split" and expr.receiver is not None and expr.arguments[:1] == (Text("", expr.line),):
            return [Text(letter, expr.line) for value in self._values(expr.receiver, depth + 1) for letter in value.text]
        if isinstance(expr, Name) and depth <= _DEEPEST:
            bound = self._bound.get(expr.path, ())
            return [element for value in bound for element in (self._elements(value, depth + 1) if isinstance(value, Several) else [value])]
        return list(expr.items) if isinstance(expr, Several) else [expr]


def _character(number: str) -> str:
    return chr(int(number)) if number.isdecimal() and len(number) < 8 and int(number) < 0x110000 else UNKNOWN


def _decoded(text: str) -> str:
    """Return what a text says once decoded, from base64 or hexadecimal; itself where it is neither."""
    for decode in (
        bytes.fromhex,
        lambda coded: base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_" if set("-_") & set(coded) else None, validate=True),
    ):
        try:
            return decode(text).decode()
        except (ValueError, binascii.Error):
            continue
    return text

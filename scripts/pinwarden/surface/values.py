"""What an expression may come to, as far as the files themselves say it: texts, and environment variables."""

from __future__ import annotations

import base64
import binascii
import re
from codecs import encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pinwarden.surface.fact import NotParsed
from pinwarden.surface.program import Called, Expr, Fields, Item, Joined, Name, Other, Program, Several, Text

UNKNOWN = "*"
"""Stands in a text for a part that only a run would tell."""

_DEEPEST = 14
_MOST_STEPS = 200_000
MOST_VALUES = 200
"""What one expression is followed to."""

_MOST_JOINED = 64
_LONGEST = 20_000

_ENVIRONMENTS = frozenset({"os.environ", "environ", "process.env", "import.meta.env", "Deno.env", "Bun.env"})
_GETTERS = frozenset({"os.environ.get", "environ.get", "os.getenv", "getenv", "os.environ.setdefault", "os.environ.pop", "Deno.env.get", "process.env.get"})
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


@dataclass(frozen=True, slots=True)
class Value:
    """A text that an expression may come to; `variable` names the environment variable that it is."""

    text: str
    variable: str | None = None
    line: int = 0


def environment_variable(expr: Expr) -> str | None:
    """Return the name of the environment variable that `expr` reads, `*` where a run would tell; None for anything else."""
    match expr:
        case Called(function=function, arguments=(key, *_)) if function in _GETTERS:
            return key.value if isinstance(key, Text) else UNKNOWN
        case Item(base=Name(path=path), key=key) if path in _ENVIRONMENTS:
            return key.value if isinstance(key, Text) else UNKNOWN
        case Name(path=path) if path.startswith(("process.env.", "import.meta.env.", "Bun.env.")):
            return path.rpartition(".")[2]
    return None


def is_environment(expr: Expr) -> bool:
    """Tell whether `expr` is the whole environment."""
    return isinstance(expr, Name) and expr.path in _ENVIRONMENTS


class Values:
    """Folds the expressions of several files that may use each other's names."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self._bound: dict[str, list[Expr]] = defaultdict(list)
        self._steps = 0
        for program in programs:
            for name, value in program.bound:
                self._bind(name, value)
            for expr in program.everything():
                if isinstance(expr, Called) and expr.last in _ADDERS and isinstance(expr.receiver, Name):
                    for argument in expr.arguments:
                        self._bind(expr.receiver.path, argument)

    def _bind(self, name: str, value: Expr) -> None:
        for key in {name, name.rpartition(".")[2]} - {""}:
            # One more than is followed, so that whoever asks sees that there were more.
            if len(self._bound[key]) <= MOST_VALUES:
                self._bound[key].append(value)

    def renew(self) -> None:
        """Give the next file its own share of steps."""
        self._steps = 0

    def of(self, expr: Expr) -> list[Value]:
        """Return what `expr` may come to, a list's elements and a mapping's values one by one. Raises NotParsed for monsters."""
        if isinstance(expr, Text):
            return [Value(expr.value[:_LONGEST], line=expr.line)]
        found = list(dict.fromkeys(self._values(expr, 0)))
        return found[:MOST_VALUES]

    def bound(self, name: Name) -> list[Expr]:
        """Return what was put under a name."""
        return self._bound.get(name.path) or self._bound.get(name.last) or []

    def _values(self, expr: Expr, depth: int) -> Iterator[Value]:  # noqa: C901  # one branch per kind of expression
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise NotParsed("its expressions are too entangled to be followed")
        if depth > _DEEPEST:
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
                bound = self._bound.get(expr.path) or self._bound.get(expr.last) or ()
                yield from self._any([value for value in bound if value is not expr], depth)
                if not bound:
                    yield Value(UNKNOWN, line=expr.line)
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

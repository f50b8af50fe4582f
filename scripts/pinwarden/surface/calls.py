"""What calls hand on of what they are given, by their names: the usual ones of both languages."""

from __future__ import annotations

import re
from codecs import encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from pinwarden.surface.decoding import character, decoded, octets
from pinwarden.surface.program import Called, Expr, Item, Made, Name, Other, Several, Text
from pinwarden.surface.value import UNKNOWN, Value

Fold = Callable[[Iterable[Expr]], Iterator[Value]]
"""Yields what each of several expressions may come to."""

_PATHS = frozenset({"join", "resolve"})
_PATH_MODULES = ("path.join", "path.resolve", "posixpath.join", "ntpath.join")
_GAP = re.compile(r"\{[^{}]*\}|%(?:\([^)]*\))?[a-z]")
CHARACTERS = frozenset({"chr", "fromCharCode", "fromCodePoint"})
_DECODERS = frozenset({"b64decode", "atob", "fromhex", "unhexlify", "urlsafe_b64decode", "from"})
_OCTETS = frozenset({"bytes", "bytearray", "Uint8Array", "from", "of"})

_OF_ITSELF = frozenset(
    "strip lstrip rstrip trim trimStart trimEnd lower toLowerCase upper toUpperCase casefold title encode decode toString valueOf split splitlines filter"  # noqa: SIM905
    " copy flat slice keys values items entries get_secret_value normalize removeprefix removesuffix partition rpartition".split()
)
"""Methods that hand on what they are called on; what else they are given shapes it."""

_OF_ARGUMENTS = frozenset(
    "str String list tuple set sorted dict Array.from EmailStr Header Address Set getattr cast formataddr getaddresses parseaddr make_header filter copy deepcopy"  # noqa: SIM905
    " parse safeParse parseAsync safeParseAsync model_validate validate validate_email validate_python loads from of fromkeys fromEntries map concat assign bytes bytearray"
    " Uint8Array values keys entries flat".split()
)
"""Functions that hand on what they are given."""

GIVERS = frozenset({"parse_args", "parse_known_args", "parseArgs", "input"})
"""Functions that return what whoever started the program said."""

_SCHEMAS = frozenset({"z", "zod", "Joi", "yup", "Type", "t", "v"})
_KINDS = frozenset(
    "string array email emailAddress optional union object record any enum literal lazy preprocess coerce nullable tuple unknown String Array Optional Union Object".split()  # noqa: SIM905
)
_DECLARATIONS = frozenset({"Field", "Query", "Body", "Param", "Option", "Argument", "Form", "Column", "mapped_column", "EmailField", "CharField", "TextField", "field"})  # fmt: skip


def declares(call: Called) -> bool:
    """Tell whether a call says what shape something has, and no value: `z.string().email()`, `Field(description=…)`."""
    inner: Expr = call
    while isinstance(inner, Called) and inner.receiver is not None and not isinstance(inner.receiver, Name):
        inner = inner.receiver
    if isinstance(inner, Called) and isinstance(inner.receiver, Name):
        first, _, rest = inner.function.partition(".")
        return (first in _SCHEMAS and rest.partition(".")[0] in _KINDS) or call.last in _DECLARATIONS
    return call.last in _DECLARATIONS


def usual(call: Called, fold: Fold) -> Iterator[Value] | None:
    """Return what a call with a usual name may come to, None for any other."""
    receiver = [call.receiver] if call.receiver is not None else []
    arguments = [*call.arguments, *(value for key, value in call.named if not key or call.last == "dict")]
    last = call.last
    if last in CHARACTERS:
        return iter([_characters(call, fold)])
    if last in _OCTETS and (text := octets([item.value for item in _numbers(call.arguments[:1])])):
        return iter([Value(text, line=call.line)])
    if last in _DECODERS:
        return (replace(value, text=decoded(value.text), line=call.line) for value in fold(arguments[:1]))
    if last in ("replace", "replaceAll") and len(call.arguments) >= 2:
        old, new = (argument.value if isinstance(argument, Text) else UNKNOWN for argument in call.arguments[:2])
        replaced = (replace(value, text=value.text.replace(old, new) if old else value.text, line=call.line) for value in fold(receiver))
        return chain(replaced, fold(argument for argument in call.arguments[1:2] if not isinstance(argument, Text)))
    if any(isinstance(argument, Text) and argument.value in ("rot13", "rot_13") for argument in arguments):
        return (replace(value, text=encode(value.text, "rot13")) for value in fold(arguments[:1] if len(arguments) > 1 else receiver))
    if last == "map":
        return _mapped(receiver, arguments, fold)
    if last in GIVERS:
        return iter([Value(UNKNOWN, line=call.line)])
    if last in _OF_ITSELF and receiver and not (isinstance(call.receiver, Name) and call.receiver.path in ("codecs", "Object", "copy")):
        return _both(receiver, arguments, fold)
    if last in _OF_ARGUMENTS or call.function in _OF_ARGUMENTS or (last[:1].isupper() and any(not key for key, _ in call.named)):
        # `lists.concat(more)` hands on both; what stands before the dot of a function is where it comes from.
        return fold([*receiver, *arguments]) if last == "concat" and receiver else _both(arguments, receiver, fold)
    return iter([Value(UNKNOWN, line=call.line)]) if declares(call) else None


def applied(function: Expr, item: Expr) -> Expr | None:
    """Return the character that a function makes of one number of a list; None where it does anything else."""
    match function:
        case Name() if function.last in CHARACTERS:
            pass
        case Made(parameter=parameter, result=Called(last=last, arguments=(Name(path=path),))) if last in CHARACTERS and path == parameter:
            pass
        case _:
            return None
    return Called("chr", (item,), (), item.line)


def path_parts(call: Called) -> list[Expr]:
    """Return the parts of a path with what stands between them, where a call puts one together; empty for any other."""
    if call.last == "joinpath" and call.receiver is not None:
        parts = [call.receiver, *call.arguments]
    elif call.last in ("Path", "PurePath") or (len(call.arguments) > 1 and (call.function in _PATHS or call.function.endswith(_PATH_MODULES))):
        parts = list(call.arguments)
    else:
        return []
    return [one for part in parts for one in (Text("/", call.line), part)][1:]


def joined_of(call: Called) -> tuple[str, tuple[Expr, ...]]:
    """Return what stands between, and what is joined: `", ".join(a)` in Python, `a.join(", ")` in JavaScript."""
    receiver = (call.receiver,) if call.receiver is not None else ()
    separator, items = (receiver, call.arguments) if isinstance(call.receiver, Text) else (call.arguments, receiver)
    return separator[0].value if separator and isinstance(separator[0], Text) else "", items


def spelt_out(call: Called) -> Expr | None:
    """Return the text whose letters a call lists: `list("abc")`, `"abc".split("")`; None for any other."""
    if call.last in ("list", "tuple") and len(call.arguments) == 1 and isinstance(call.arguments[0], Text):
        return call.arguments[0]
    return call.receiver if call.last == "split" and call.arguments[:1] == (Text("", call.line),) else None


def filled(pattern: str, call: Called) -> list[Expr]:
    """Return the parts of a pattern that a call fills, as `"{}@{}".format(a, b)` does."""
    pieces = _GAP.split(pattern)
    given = [*call.arguments, *(value for _, value in call.named)]
    parts: list[Expr] = [Text(pieces[0], call.line)]
    for number, piece in enumerate(pieces[1:]):
        parts += [given[number] if number < len(given) else Other((), call.line), Text(piece, call.line)]
    return parts


def _both(handed: Iterable[Expr], beside: Iterable[Expr], fold: Fold) -> Iterator[Value]:
    """Yield what is handed on, and the texts beside it that may be part of it."""
    yield from fold(handed)
    yield from (replace(value, computed=False) if value.computed else value for value in fold(beside))


def _mapped(receiver: list[Expr], arguments: list[Expr], fold: Fold) -> Iterator[Value]:
    function, items = (arguments[:1], receiver) if len(arguments) == 1 else (arguments[:1], [*arguments[1:], *receiver])
    yield from fold(items)
    for one in function:
        if not isinstance(one, Name):
            yield from fold([one])
        elif one.last not in _OF_ITSELF | _OF_ARGUMENTS | CHARACTERS:
            yield from fold([Called(one.path, tuple(items), (), one.line)])


def _characters(call: Called, fold: Fold) -> Value:
    values = list(fold(call.arguments))
    text = "".join(character(value.text, UNKNOWN) for value in values)
    return Value(text, line=call.line, computed=any(value.computed for value in values))


def _numbers(arguments: Iterable[Expr]) -> Iterator[Text]:
    """Yield the numbers of a list that is written out."""
    for argument in arguments:
        if isinstance(argument, Several) and all(isinstance(item, Text) for item in argument.items):
            yield from (item for item in argument.items if isinstance(item, Text))


def reads(expr: Expr) -> Iterator[str]:
    """Yield the keys under which something is read: `message["Bcc"]`, `headers.get("Bcc")`, `message.bcc`."""
    match expr:
        case Item(key=Text(value=key)):
            yield key
        case Name():
            yield expr.last
        case Called():
            yield from (argument.value for argument in expr.arguments if isinstance(argument, Text))
            for argument in [*expr.arguments, *([expr.receiver] if expr.receiver is not None else [])]:
                yield from reads(argument) if not isinstance(argument, Text) else ()
        case Several(items=items):
            for item in items:
                yield from reads(item)
        case _:
            pass

"""Where mail goes, whoever calls: fixed addresses, environment variables, and what nobody can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise

from pinwarden.risk import Risk
from pinwarden.surface.calls import reads
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.program import Called, Expr, Fields, Joined, Name, Program, Several, Text, parts
from pinwarden.surface.value import MOST_VALUES, NotFollowed, Value
from pinwarden.surface.values import Values
from pinwarden.surface.vocabulary import BLIND_FIELDS, RECIPIENT_FIELDS, RESERVED, field_name

_SETTERS = frozenset(
    {"add_header", "addHeader", "setHeader", "set", "append", "setdefault", "replace_header", "__setitem__", "setattr", "defineProperty", "addRecipient"}
)
_SETTERS_OF = frozenset({"setattr", "Reflect.set", "Object.defineProperty"})
"""Those that are told first what they set something on."""
_SENDERS = {"sendmail": 1, "send_mail": 0, "sendemail": 0, "send_email": 0, "send_message": 1, "sendMail": 0, "sendEmail": 0, "rcpt": 0}
"""Functions that send mail, and the first positional argument that may be a recipient."""
_ENVELOPES = {"sendmail": 1, "send_message": 2, "rcpt": 0}
"""Those of them where one argument says where mail goes, whatever its headers say, and which."""
_ENVELOPE_FIELDS = frozenset({"toaddrs", "toaddresses", "rcpt", "rcptto", "envelopeto"})
_SENT_BY = frozenset({"from", "replyto", "sender", "returnpath", "fromaddress", "fromemail"})
_MAIL = re.compile(r"send_?(?:e_?)?mail|send_?message|smtp|mimetext|mimemultipart|emailmessage|createtransport|\bses\b", re.IGNORECASE)
"""Functions that only a file which sends mail calls."""
_MOST_WORDS = 60
_OPEN_HEADER = re.compile(r"(?:^|\n)(?:resent-)?(b?cc|to):[ \t]*$", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z_-]{2,30}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_FIELD_WORDS = frozenset({"bcc", "cc", "recipient", "recipients", "rcpt"})
# Where a domain is known, a name in front of it that only a run would tell is still an address there.
_RECIPIENT = re.compile(r"(?<![A-Za-z0-9._%+*-])([A-Za-z0-9._%+*-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9-])")
_RAW_HEADER = re.compile(r"^(?:resent-)?(b?cc|to):[^\r\n]*", re.IGNORECASE | re.MULTILINE)


def recipients(program: Program, values: Values) -> Iterator[Fact]:
    """Yield where mail goes, whoever calls: addresses, environment variables and what nobody can follow, under a recipient's name."""
    sends = any(isinstance(expr, Called) and _MAIL.search(expr.function) for expr in program.everything())
    for field, value, place in _places(program, values):
        # A name is looked at again where it is used; what may be anything matters where mail is sent.
        if not sends and place in (Place.NAME, Place.MAYBE) and not _followed(value, values):
            continue
        answers = _answers(field, value, place, sends=sends)
        yield from _recipients(field, value, values, variables=place is not Place.MAYBE and not answers)
        if _counts(field, place, sends=sends) and not answers:
            yield from _computed(field, value, values)
    for expr in program.everything():
        if isinstance(expr, Text | Joined):
            for one in values.roughly(expr):
                for match in _RAW_HEADER.finditer(one.text):
                    yield from _addressed(field_name(match[1]), Value(match[0], line=expr.line))


class Place(Enum):
    """How a value came under a recipient's name."""

    NAME = "a variable, which is looked at again where it is used"
    FIELD = "a key, a header, a keyword"
    MAPPING = "a key of a mapping, which may be what is shown of a message as well"
    ENVELOPE = "an argument of a function that sends"
    MAYBE = "an argument that may be anything"


Placed = tuple[str, Expr, Place]


def _places(program: Program, values: Values) -> Iterator[Placed]:
    for name, value in program.bound:
        if field := _recipient_field(name.rpartition(".")[2]):
            yield field, value, Place.FIELD if "." in name else Place.NAME
    for expr in program.everything():
        if isinstance(expr, Joined):
            yield from _written(expr)
    for key, value in program.placed:
        yield from ((field, value, Place.FIELD) for field in _fields(key, values))
    for expr in program.everything():
        match expr:
            case Fields(pairs=pairs):
                yield from ((field, value, Place.MAPPING) for key, value in pairs if (field := _recipient_field(key)))
            case Called():
                yield from _called(expr, values)
            case Several(items=(Text() as key, value)):
                if field := _recipient_field(key.value):
                    yield field, value, Place.MAPPING if _HEADER.fullmatch(key.value) else Place.MAYBE
            case _:
                pass


def _written(expr: Joined) -> Iterator[Placed]:
    """Yield what follows a header's name in a text that is put together: `f"Bcc: {who}"`."""
    for before, value in pairwise(expr.parts):
        if isinstance(before, Text) and (match := _OPEN_HEADER.search(before.value)):
            yield field_name(match[1]), value, Place.FIELD


def _called(expr: Called, values: Values) -> Iterator[Placed]:
    yield from ((field, value, Place.FIELD) for key, value in expr.named if (field := _recipient_field(key)))
    last, arguments = expr.last, expr.arguments[1:] if expr.function in _SETTERS_OF else expr.arguments
    if last in _SETTERS and len(arguments) >= 2:
        yield from ((field, arguments[1], Place.FIELD) for field in _fields(arguments[0], values))
    if last in _SENDERS:
        for position, argument in enumerate(arguments[_SENDERS[last] :], _SENDERS[last]):
            # A whole message is looked at where it is made, key by key.
            if any(isinstance(value, Fields) for value in [argument, *(values.bound(argument) if isinstance(argument, Name) else [])]):
                continue
            yield "to", argument, Place.ENVELOPE if _ENVELOPES.get(last) == position else Place.MAYBE
    stripped = field_name(re.sub(r"^(?:add|set)_?", "", last))
    if arguments and stripped in RECIPIENT_FIELDS:
        yield stripped, arguments[0], Place.MAYBE if stripped == "to" else Place.FIELD


def _fields(key: Expr, values: Values) -> set[str]:
    """Return the recipients' fields that a key may name, put together from pieces or not."""
    return {field for one in values.roughly(key) if (field := _recipient_field(one.text))}


def _counts(field: str, place: Place, *, sends: bool) -> bool:
    """Tell whether it matters that nobody can follow a value; `to` is a word of dates, units and routes too."""
    if place is Place.ENVELOPE:
        return True
    if field in BLIND_FIELDS or field in _ENVELOPE_FIELDS:
        return sends or place in (Place.FIELD, Place.MAPPING)
    return sends and place in (Place.FIELD, Place.MAPPING)


def _answers(field: str, value: Expr, place: Place, *, sends: bool) -> bool:
    """Tell whether a value is read off a message: to answer its sender, or to show whom it went to."""
    read = {field_name(key) for key in reads(value)}
    if field in BLIND_FIELDS or field in _ENVELOPE_FIELDS or place is Place.ENVELOPE:
        return place is Place.MAPPING and not sends and bool(read & BLIND_FIELDS)
    return bool(read & _SENT_BY) or (place is Place.MAPPING and field in read)


def _recipient_field(name: str) -> str | None:
    """Return a field's name where it says where mail goes: `bcc`, `X-Bcc`, `archive_bcc`, `bccRecipients`."""
    plain = field_name(name)
    if plain in RECIPIENT_FIELDS:
        return plain
    words = {word.lower() for word in _WORDS.findall(name)} & _FIELD_WORDS
    return "bcc" if "bcc" in words else min(words, default=None)


def _recipients(field: str, value: Expr, values: Values, *, variables: bool) -> Iterator[Fact]:
    try:
        found = values.of(value)
    except NotFollowed:
        yield _followed_by_nobody(field, value, f"mail goes where nobody can follow ({field})")
        return
    if len(found) >= MOST_VALUES:
        yield _followed_by_nobody(field, value, f"mail goes to more places than can be followed ({field})")
    for one in found:
        if one.variable and variables:
            says = f"mail goes to what the environment variable {one.variable} says ({field})"
            yield Fact(Kind.RECIPIENT, f"{field} ${one.variable}", one.line or value.line, Risk.HIGH, says)
        yield from _addressed(field, Value(one.text, line=one.line or value.line))


def _followed(value: Expr, values: Values) -> bool:
    try:
        return values.of(value) is not None
    except NotFollowed:
        return False


def _computed(field: str, value: Expr, values: Values) -> Iterator[Fact]:
    """Yield that a recipient is neither in the files nor given by whoever calls, where no address of it is known."""
    try:
        computed = [one for one in values.of(value) if one.computed and not one.variable and not _RECIPIENT.search(one.text)]
    except NotFollowed:
        return
    if computed:
        yield _followed_by_nobody(field, value, f"mail goes to what only a run would tell, and nobody can follow ({field})")


def _followed_by_nobody(field: str, value: Expr, says: str) -> Fact:
    return Fact(Kind.RECIPIENT, f"{field} computed", value.line, Risk.HIGH, says, " ".join(sorted(_words(value))))


def _words(expr: Expr) -> set[str]:
    """Return what an expression is made of, so that another one in its place is a change."""
    found: set[str] = set()
    waiting: list[Expr] = [expr]
    while waiting and len(found) < _MOST_WORDS:
        one = waiting.pop()
        if word := one.path if isinstance(one, Name) else one.function if isinstance(one, Called) else one.value if isinstance(one, Text) else "":
            found.add(word[:80])
        waiting.extend(parts(one))
    return found


def _addressed(field: str, value: Value) -> Iterator[Fact]:
    for match in _RECIPIENT.finditer(value.text):
        address = match[1].lower()
        blind = field in BLIND_FIELDS
        risk = Risk.INFO if RESERVED.search(address) else Risk.CRITICAL if blind else Risk.HIGH
        yield Fact(Kind.RECIPIENT, f"{field} {address}", value.line, risk, f"mail goes to the fixed address {address} ({field})")

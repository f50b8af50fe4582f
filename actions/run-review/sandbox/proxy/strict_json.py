"""JSON with one reading: what two parsers could take for two things is refused, and what costs too much to read."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

MOST_DEPTH = 64
MOST_TOKENS = 500_000
"""Strings, objects and lists of one body: a small body can't become a large amount of memory."""

# Possessive, so that a string without an end is one match and not one for each of its quotes.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


class BadJson(Exception):
    """A body that is not strict JSON; the message is a reason code."""


def read_json(raw: bytes) -> Any:
    """Return the value of a body.

    Raises BadJson with `json-encoding` (not UTF-8, or lone surrogates), `json-depth`, `json-size`, `json-duplicate-key` (also when
    one of the two is written with escapes), `json-number` (NaN, infinities, more than a double or 4300 digits hold) or `json-syntax`.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadJson("json-encoding") from None
    _measure(text)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_float, parse_int=_whole)
    except json.JSONDecodeError:
        raise BadJson("json-syntax") from None
    return value


def write_json(value: Any) -> bytes:
    """Return the bytes of a value that `read_json` gave. Raises BadJson(`json-encoding`) for lone surrogates."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        raise BadJson("json-encoding") from None


def _measure(text: str) -> None:
    """Refuse what is too deep or has too many parts before anything is built of it."""
    depth = 0
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count >= MOST_TOKENS:
            raise BadJson("json-size")
        mark = text[match.start()]
        if mark in ("[", "{"):
            depth += 1
            if depth > MOST_DEPTH:
                raise BadJson("json-depth")
        elif mark != '"':
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise BadJson("json-duplicate-key")
    return value


def _no_number(_: str) -> NoReturn:
    raise BadJson("json-number")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJson("json-number")
    return number


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # more digits than Python reads
        raise BadJson("json-number") from None

"""Allow-lists of JSON that are walked: a shape takes a value and returns what may be sent of it, or refuses.

Nothing passes because nobody thought of it: a record names all its keys, a variant all its types. Where a value is refused, the place
is told in names of ours and numbers, so that nothing a client wrote comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Shape = Callable[[Any, str], Any]
"""Takes a value and its place, returns the value as it may be sent. Raises Unacceptable."""


class Unacceptable(Exception):
    """A value that may not be sent: a reason code, and where."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(code, where)
        self.code = code
        self.where = where


def text(most: int | None = None) -> Shape:
    """Match any string, or one of at most so many characters."""

    def walk(value: Any, where: str) -> Any:
        if not isinstance(value, str):
            raise Unacceptable("type", where)
        if most is not None and len(value) > most:
            raise Unacceptable("too-long", where)
        return value

    return walk


def flag(value: Any, where: str) -> Any:
    """Match true or false."""
    if not isinstance(value, bool):
        raise Unacceptable("type", where)
    return value


def number(value: Any, where: str) -> Any:
    """Match a number that is not below zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Unacceptable("type", where)
    return value


def whole(value: Any, where: str) -> Any:
    """Match a whole number that is not below zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unacceptable("type", where)
    return value


def anything(value: Any, _: str) -> Any:
    """Match any JSON: content that only a model or the client's own tools read."""
    return value


def json_schema(value: Any, where: str) -> Any:
    """Match a JSON Schema whose references stay inside it, as a provider might fetch what others name."""
    if not isinstance(value, dict):
        raise Unacceptable("type", where)
    waiting: list[Any] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            for key in ("$ref", "$dynamicRef", "$recursiveRef"):
                # A property may be called $ref; its value is then a schema, and no string.
                if isinstance(part.get(key), str) and not part[key].startswith("#"):
                    raise Unacceptable("schema-reference", where)
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return value


def one_of(*words: str, code: str = "value") -> Shape:
    """Match exactly one of these words."""

    def walk(value: Any, where: str) -> Any:
        if value not in words:
            raise Unacceptable(code, where)
        return value

    return walk


def false(code: str) -> Shape:
    """Match false alone: neither null nor 0."""

    def walk(value: Any, where: str) -> Any:
        if value is not False:
            raise Unacceptable(code, where)
        return value

    return walk


def list_of(shape: Shape) -> Shape:
    def walk(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise Unacceptable("type", where)
        return [shape(part, f"{where}[{number}]") for number, part in enumerate(value)]

    return walk


def either(**shapes: Shape) -> Shape:
    """Choose the shape by the type of the value: `string`, `list`, `object`, `null`."""

    def walk(value: Any, where: str) -> Any:
        kind = "string" if isinstance(value, str) else "list" if isinstance(value, list) else "object" if isinstance(value, dict) else "null"
        if kind not in shapes or (kind == "null" and value is not None):
            raise Unacceptable("type", where)
        return shapes[kind](value, where)

    return walk


def or_null(shape: Shape) -> Shape:
    def walk(value: Any, where: str) -> Any:
        return None if value is None else shape(value, where)

    return walk


def record(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, *, dropped: Sequence[str] = (), code: str = "unknown-key") -> Shape:
    """Match an object with these keys and no others; `dropped` ones may stand there and are not sent."""
    known = {**required, **(optional or {})}

    def walk(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise Unacceptable("type", where)
        for key in value:
            if key not in known and key not in dropped:
                raise Unacceptable(code, where)
        for key in required:
            if key not in value:
                raise Unacceptable("missing-key", _at(where, key))
        return {key: known[key](part, _at(where, key)) for key, part in value.items() if key in known}

    return walk


def variant(code: str, shapes: Mapping[str, Shape], absent: Shape | None = None) -> Shape:
    """Choose the shape of all but `type` by `type`; `absent` is for objects without it. What is on neither list is refused with `code`."""

    def walk(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise Unacceptable("type", where)
        if "type" not in value and absent:
            return absent(value, where)
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in shapes:
            raise Unacceptable(code, _at(where, "type"))
        rest = {key: part for key, part in value.items() if key != "type"}
        return {"type": kind, **shapes[kind](rest, where)}

    return walk


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key

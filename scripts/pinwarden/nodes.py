"""Builds the nodes of one YAML document from libyaml's event stream, and stops at the first thing entries may not hold.

Readers of YAML disagree on duplicate keys, merge keys, several documents and number-like text, and aliases and depth
can cost more than a file is worth. So all of that is refused before anything is composed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not say that it is exported
from yaml.resolver import Resolver

from pinwarden.shown import quoted

MAX_DEPTH = 64

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")


class Refused(Exception):
    """Why building stopped: the rule's id, the place (in characters), what is wrong and how to mend it."""

    def __init__(self, rule: str, index: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.rule, self.index, self.message, self.hint = rule, index, message, hint


@dataclass(slots=True)
class Node:
    """A value with its place, in characters from the start of the text."""

    value: Value
    place: int
    """Where the key starts that the value belongs to, or the value itself where it has none."""
    start: int
    end: int
    text: str | None = None
    """A scalar's text as it stands, whatever type a reader would give it."""
    block: bool = False
    """Whether it is a block scalar (| or >)."""
    children: dict[str | int, Node] = field(default_factory=dict)
    """What a mapping or a list holds, by key or by number."""


class EntryResolver(Resolver):
    """Which plain scalars are not text: PyYAML knows YAML 1.1; the numbers of YAML 1.2 are added below."""


_FIRST = list("-+.0123456789")
EntryResolver.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+)\Z"), _FIRST)
EntryResolver.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"), _FIRST)
_RESOLVER: Any = EntryResolver()
_PLAIN = (True, False)


@dataclass(slots=True)
class _Open:
    """A collection being read. In a mapping, `key` is the key whose value comes next, None where a key comes next."""

    node: Node
    mapping: bool
    key: str | None = None
    key_start: int = 0


class Builder:
    """Builds one document's nodes from libyaml's events; refuses, at the first, all that entries may not hold."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.anchor: int | None = None

    def build(self, text: str) -> Node | None:
        """Return the root node, None for an empty document. Raises Refused, or yaml.YAMLError for a syntax error."""
        events = CParser(text)
        try:
            while (event := events.get_event()) is not None:
                self._take(event)
        finally:
            events.dispose()
        return self.root

    def owner(self, index: int) -> int:
        """Return where the innermost key starts that the text at `index`, being read, belongs to; else `index`."""
        for level in reversed(self.open):
            if level.key is not None:
                return level.key_start
            if level.node.place != level.node.start:
                return level.node.place
        return index

    def _take(self, event: Any) -> None:  # one of PyYAML's events, whose stubs know no fields
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if event.tag is not None or event.anchor is not None:
                self._check_properties(event)
            if self.open and self.open[-1].mapping and self.open[-1].key is None:
                self._take_key(event)
            else:
                node = self._add(_typed(event.value) if event.implicit[0] else event.value, event)
                node.text, node.block = event.value, event.style in ("|", ">")
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._check_properties(event)
            self._start(event, mapping=kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.open.pop().node.end = event.end_mark.index
        elif kind is yaml.AliasEvent:
            name = quoted(event.anchor)[1:-1]
            raise self._refuse("alias", event, f"the alias *{name} stands for text from elsewhere in the file", "write the value out")
        elif kind is yaml.DocumentStartEvent and self.root is not None:
            raise self._refuse("multiple-documents", event, "a second YAML document starts here", "keep one document per file")

    def _check_properties(self, event: Any) -> None:
        if event.tag is not None:
            raise self._refuse(
                "unsafe-tag", event, f"the tag {quoted(event.tag)} asks the reader to build something", "remove the tag; entries hold plain values"
            )
        if event.anchor is not None and self.anchor is None:
            self.anchor = self.owner(event.start_mark.index)

    def _start(self, event: Any, *, mapping: bool) -> None:
        if self.open and self.open[-1].mapping and self.open[-1].key is None:
            raise self._refuse("complex-key", event, "a key is a mapping or a list", "use plain text as the key")
        if len(self.open) >= MAX_DEPTH:
            raise self._refuse("nesting-depth", event, f"more than {MAX_DEPTH} levels of nesting", "flatten the value; real entries have at most 8 levels")
        self.open.append(_Open(self._add({} if mapping else [], event), mapping))

    def _take_key(self, event: Any) -> None:
        level = self.open[-1]
        key: str = event.value
        if key == "<<" and event.implicit[0]:
            raise self._refuse("merge-key", event, "a merge key << brings in keys that other readers don't see", "write the keys out where they belong")
        if key in level.node.children:
            index = event.start_mark.index
            raise Refused("duplicate-key", index, f"the key {quoted(key)} is here a second time; readers differ on which one counts", "remove one of the two")
        level.key, level.key_start = key, event.start_mark.index

    def _add(self, value: Value, event: Any) -> Node:
        start = event.start_mark.index
        node = Node(value, start, start, event.end_mark.index)
        if not self.open:
            self.root = node
            return node
        level = self.open[-1]
        parent = level.node
        if level.key is None:
            parent.children[len(parent.children)] = node
            parent.value.append(value)  # type: ignore[union-attr]  # a list without a key pending is a list
        else:
            node.place = level.key_start
            parent.children[level.key] = node
            parent.value[level.key] = value  # type: ignore[index,call-overload]  # a key is pending in mappings alone
            level.key = None
        return node

    def _refuse(self, rule: str, event: Any, message: str, hint: str) -> Refused:
        return Refused(rule, self.owner(event.start_mark.index), message, hint)


def _typed(text: str) -> Value:
    """Return the value of a plain scalar, of a type that every reader of YAML gives it."""
    match _RESOLVER.resolve(yaml.ScalarNode, text, _PLAIN).rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() in ("true", "yes", "on")
        case "int" | "float":
            # A number that is not plain decimal reads differently in YAML 1.1 and 1.2: it is a number, whose value nobody may rely on.
            return int(text) if _DECIMAL.match(text) else _float(text)
        case _:
            return text


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")

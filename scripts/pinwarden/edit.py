"""Moving a pin in an entry's text: forty characters change, every other byte stays."""

from __future__ import annotations

import difflib
import re

from pinwarden.entry import COMMIT, Entry

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class CannotEdit(Exception):
    """The pin can't be replaced with certainty; the message says why."""


def moved_pin(entry: Entry, new: str) -> str:
    """Return the entry's text with `new` in the place of its pin. Raises CannotEdit where that place is not certain."""
    document = entry.document
    node = document.node(COMMIT)
    old = entry.commit
    if node is None or not old:
        raise CannotEdit("the entry has no pin")
    span = document.text[node.start : node.end]
    if "\\" in span:
        raise CannotEdit("the pin is written with escape sequences")
    if span.count(old) != 1:
        raise CannotEdit(f"the pin stands {span.count(old)} times in the text of source.commit, not once")
    return document.text[: node.start] + span.replace(old, new) + document.text[node.end :]


def diff(path: str, before: str, after: str) -> str:
    """Return the unified diff of two texts of the file at `path`, as git would show it."""
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

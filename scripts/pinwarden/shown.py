"""How untrusted text is shown in a terminal or a job log."""

from __future__ import annotations

import json

LONGEST = 80
"""Characters of a foreign value that a message quotes."""


def shown(text: str) -> str:
    """Return `text` on one line of printable ASCII, so that it can neither move a cursor nor start a workflow command.

    GitHub's runner reads `::command::` at the start of a line and, anywhere in it, the older `##[command]`.
    """
    escaped = json.dumps(text)[1:-1].replace('\\"', '"').replace("\x7f", "\\u007f")
    return escaped.replace("##[", "#\\u0023[")


def one_line(message: str) -> str:
    """Return a message of our own on one line; what it quotes may hold line ends, or the older command marker."""
    return " ".join(message.splitlines()).replace("##[", "#\\u0023[")


def quoted(text: str) -> str:
    """Return `text` shown in quotes and cut to `LONGEST` characters, for a message about it."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return f'"{shown(cut)}"' if cut is text else f'"{shown(text[:LONGEST])}…" ({len(text)} characters)'

"""Foreign text as one plain line that may stand in an entry: no markup, no control, no character that doesn't show, bounded."""

from __future__ import annotations

import re
import unicodedata

from pinwarden.foreign_markdown import HIDDEN

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_PICTURES = frozenset({"So", "Sk"})
"""Emoji and what colours them; signs of Latin such as ° and ` are no pictures."""
_MOST_MARKS = 2
_LOOKED_AT = 20_000


def plain(text: str, limit: int) -> str:
    """Return the start of `text` on one line of at most `limit` characters, cut between words where it can be."""
    spaced = " ".join(re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+", " ", text[:_LOOKED_AT]).split())
    whole = unicodedata.normalize("NFC", "".join(_kept(HIDDEN.sub("", spaced))))
    whole = " ".join(whole.split())
    if len(whole) <= limit:
        return whole
    cut = whole[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:-") + "…"


def plain_problem(text: str, limit: int) -> str | None:
    """Say why `text` can't stand in an entry as it is; None where it can."""
    if len(text) > limit:
        return f"it is longer than {limit} characters"
    return None if text and plain(text, limit) == text else "it is empty, or has line ends, blanks at an end, emoji or characters that don't show"


def _kept(text: str) -> list[str]:
    """Return the characters that show; of a heap of marks on one letter the first ones."""
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if category not in _DROPPED and not (category in _PICTURES and character > "\xff") and marks <= _MOST_MARKS:
            kept.append(" " if category.startswith("Z") else character)
    return kept

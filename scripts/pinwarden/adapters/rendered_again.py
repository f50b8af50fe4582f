"""Reviewers' texts made safe in a process of its own: some Markdown takes very long to read."""

from __future__ import annotations

from collections.abc import Sequence

from pinwarden import foreign_markdown
from pinwarden.adapters.bounded import Exceeded, bounded

_MEMORY = 3 * 1024**3
_SECONDS_TOGETHER = 60
_SECONDS_ALONE = 10

Text = tuple[str, str]
"""A text, and the prefix that its links may have."""


def rendered_again(texts: Sequence[Text]) -> list[list[str]]:
    """Return each text as blocks that may be published; one that can't be read in time is one block of code.

    All are read together first: what one text does to the time of the others is then found out one by one.
    """
    if not any(text for text, _ in texts):
        return [[] for _ in texts]
    try:
        return bounded(_blocks, list(texts), seconds=_SECONDS_TOGETHER, memory_bytes=_MEMORY)
    except Exceeded:
        return [_alone(each) for each in texts]


def _alone(each: Text) -> list[str]:
    try:
        return bounded(_blocks, [each], seconds=_SECONDS_ALONE, memory_bytes=_MEMORY)[0]
    except Exceeded:
        return [foreign_markdown.fenced(each[0], len(each[0]) + 300).markdown]


def _blocks(texts: list[Text]) -> list[list[str]]:
    return [foreign_markdown.rendered_again(text, [prefix]) for text, prefix in texts]

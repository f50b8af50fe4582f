"""Names of packages that differ from another's by a hair."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEAST = 5
"""Letters of a name that is looked at: short ones are near many others."""


def lookalike(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` may be taken for, None where there is none. A name that differs in digits alone is another version."""
    return next((other for other in known if _alike(name.lower(), other.lower())), None)


def _alike(one: str, other: str) -> bool:
    if re.sub(r"[-_.]+", "-", one) == re.sub(r"[-_.]+", "-", other) or min(len(one), len(other)) < _LEAST:
        return False
    if re.sub(r"\d", "", one) == re.sub(r"\d", "", other):
        return False
    return re.sub(r"[-_.]", "", one) == re.sub(r"[-_.]", "", other) or _one_edit(one, other)


def _one_edit(one: str, other: str) -> bool:
    """Tell whether a letter more, less, other or swapped with its neighbour makes one of the other."""
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])

"""What git says about the difference of two commits."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True, slots=True)
class Change:
    """One changed file. `status` is GitHub's word."""

    path: str
    status: str
    oid: str
    additions: int
    deletions: int
    patch: str
    previous: str = ""


def changes(rows: str, text: str) -> list[Change]:
    """Read what diff-tree says with -z --raw --numstat (`rows`), and with -p (`text`)."""
    patches = _patches(text)
    found: dict[str, tuple[str, str, str]] = {}
    counts: dict[str, tuple[int, int]] = {}
    parts = iter(rows.split("\0"))
    for part in parts:
        if part.startswith(":"):
            fields = part.split()
            path, previous = next(parts), ""
            if fields[4][0] in "RC":
                previous, path = path, next(parts)
            found[path] = (_STATUS[fields[4][0]], fields[2] if fields[4][0] == "D" else fields[3], previous)
        elif part:
            added, deleted, path = part.split("\t")
            if not path:
                next(parts)
                path = next(parts)
            counts[path] = (0, 0) if added == "-" else (int(added), int(deleted))
    return [Change(path, status, oid, *counts.get(path, (0, 0)), patches.get(path, ""), previous) for path, (status, oid, previous) in sorted(found.items())]


def _patches(text: str) -> dict[str, str]:
    """Return the hunks by path, without the lines before them."""
    patches = {}
    for part in re.split(r"(?m)^diff --git ", text)[1:]:
        head, hunks, body = part.partition("\n@@")
        # After a name with a space comes a tab.
        sides = dict(re.findall(r"(?m)^(\+\+\+|---) (?:[ab]/)?(.*?)\t?$", head))
        if hunks:
            patches[sides["+++"] if sides["+++"] != "/dev/null" else sides["---"]] = "@@" + body.rstrip("\n")
    return patches

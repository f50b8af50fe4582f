"""The evidence block: what a proposed pin rests on, as JSON in the body of its pull request, where the next run reads it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1
MARKER = "<!-- pinwarden:evidence -->"
_BLOCK = re.compile(rf"{re.escape(MARKER)}\r?\n```json\r?\n(.{{1,8000}}?)\r?\n```", re.DOTALL)
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one bump says of itself. `head` is the commit in the registry that makes the change; `newer` one that upstream has meanwhile."""

    server: str
    project: str
    ref: str
    old: str
    new: str
    verdict: str
    head: str
    repository_id: int | None = None
    newer: str | None = None


def as_block(evidence: Evidence) -> str:
    """Return the block as it stands in a body. Nothing in it can end the fence: JSON escapes every line end, and backticks are escaped here."""
    text = json.dumps({"version": VERSION, **asdict(evidence)}, indent=2).replace("`", "\\u0060")
    return f"{MARKER}\n```json\n{text}\n```"


def read_block(body: str) -> Evidence | None:
    """Return the evidence in a body, None where there is none, or more than one, or it is not of this form.

    A body can be edited by people; what is read here decides what is left alone, never what is merged.
    """
    found = _BLOCK.findall(body)
    if len(found) != 1 or body.count(MARKER) != 1:
        return None
    try:
        block: Any = json.loads(found[0])
        if block.pop("version") != VERSION:
            return None
        evidence = Evidence(**block)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    texts: list[Any] = [evidence.server, evidence.project, evidence.ref, evidence.verdict]
    commits: list[Any] = [evidence.old, evidence.new, evidence.head, *([evidence.newer] if evidence.newer is not None else [])]
    number: Any = evidence.repository_id
    whole = all(isinstance(text, str) for text in texts) and all(isinstance(commit, str) and _COMMIT.fullmatch(commit) for commit in commits)
    return evidence if whole and (number is None or type(number) is int) else None

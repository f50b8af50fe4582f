"""The toolkit's own files: which version of it this is, as far as a review depends on it."""

from __future__ import annotations

import hashlib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_PARTS = ("scripts/pinwarden", "scripts/requirements.txt", "actions/run-review/sandbox", "schemas")


def fingerprint() -> str:
    """Return a text that changes with anything that a review depends on: prompt, rules, grammar, images, policy. Reads about two megabytes."""
    digest = hashlib.sha256()
    for part in _PARTS:
        start = _ROOT / part
        files = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        for path in files:
            digest.update(f"{path.relative_to(_ROOT).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()

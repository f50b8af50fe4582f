"""Whether a line that a reviewer quotes exists. Both the quotation and the tree it points into are untrusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pinwarden.target import Evidence

_MOST_BYTES = 64 * 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def line_exists(root: Path, evidence: Evidence) -> bool:
    """Tell whether `evidence` names a line of a regular file below `root`, the folder of its side. Follows no link.

    The last line counts whether it is ended or not. What lies under `.git` is ours, not the upstream's.
    """
    *folders, name = parts = evidence.path.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts) or parts[0].lower() == ".git" or evidence.line < 1:
        return False
    try:
        opened = os.open(root, _FOLDER)
        for part in folders:
            opened = _step(opened, part, _FOLDER)
        opened = _step(opened, name, _FILE)
    except (OSError, UnicodeError):
        return False
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return False
        with open(opened, "rb", closefd=False) as file:
            content = file.read(_MOST_BYTES)
    finally:
        os.close(opened)
    return evidence.line <= content.count(b"\n") + (not content.endswith(b"\n") and content != b"")


def _step(folder: int, name: str, flags: int) -> int:
    """Open `name` in `folder`, and close that."""
    try:
        return os.open(name, flags, dir_fd=folder)
    finally:
        os.close(folder)

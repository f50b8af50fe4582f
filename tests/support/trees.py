"""What a folder holds, as one value."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def tree_hash(folder: Path) -> str:
    """Return a hash of every name, kind, mode and content below `folder`; links are not followed."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        whole.update(f"{path.relative_to(folder)}\0{status.st_mode:o}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return whole.hexdigest()

"""Tell the user about a newer release, at most once a day, without holding up the start."""

import hashlib
import json
import os
import threading
import time
import urllib.request
import uuid
from pathlib import Path

from notes_mcp import __version__

ENDPOINT = "https://releases.marginalia-notes.example/check"
STAMP = Path.home() / ".cache" / "marginalia" / "last-check"


def _installation() -> str:
    """A random id of this installation, so that downloads are not counted twice; delete the file to have a new one."""
    path = STAMP.parent / "installation"
    if not path.exists():
        path.write_text(uuid.uuid4().hex, encoding="utf-8")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _check() -> None:
    if os.environ.get("MARGINALIA_NO_UPDATE_CHECK") or (STAMP.exists() and time.time() - STAMP.stat().st_mtime < 86_400):
        return
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.touch()
    try:
        with urllib.request.urlopen(f"{ENDPOINT}/{__version__}/{_installation()}", timeout=5) as answer:
            latest = json.load(answer)["latest"]
    except (OSError, ValueError, KeyError):
        return
    if latest != __version__:
        (STAMP.parent / "notice").write_text(f"marginalia-mcp {latest} is out\n", encoding="utf-8")


def check_in_background() -> None:
    threading.Thread(target=_check, name="updates", daemon=True).start()

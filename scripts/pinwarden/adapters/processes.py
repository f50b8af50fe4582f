"""Which process something belongs to, so that what a killed one left behind can be told from what a living one uses."""

from __future__ import annotations

import os
from pathlib import Path


def mark() -> str:
    """Return what tells this process from every other of this machine, those that had its number before included."""
    return _mark(os.getpid())


def ended(owner: str) -> bool | None:
    """Tell whether the process with the mark `owner` is gone; None where it can't be seen from here."""
    machine, _, rest = owner.partition("/")
    number = rest.partition("/")[0]
    if machine != _machine() or not number.isdigit():
        return None
    found = _mark(int(number))
    # It runs, but when it started is hidden from other users here: it may be the same.
    return None if found.endswith("/-") and found != owner else found != owner


def _mark(number: int) -> str:
    try:
        # The 22nd field is when it started, in ticks since boot; its name before that may hold anything. Source: proc(5).
        started = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()[19].decode()
    except (OSError, IndexError):
        started = "-" if _runs(number) else "gone"
    return f"{_machine()}/{number}/{started}"


def _machine() -> str:
    """Name this boot and this process namespace: numbers mean nothing in another."""
    try:
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()[:8]}-{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return os.uname().nodename


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

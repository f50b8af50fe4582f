"""Work for a bounded child process, which imports it by name."""

from __future__ import annotations

import os
import signal


def double(number: int) -> int:
    return 2 * number


def forever(_: int) -> int:
    while True:
        pass


def hoard(_: int) -> int:
    return len(b"x" * (8 * 1024**3))


def interrupted(_: int) -> bool:
    """Return whether an interrupt that came before this process' first instruction would still wait."""
    os.kill(os.getpid(), signal.SIGINT)
    return signal.SIGINT in signal.sigpending()


def crash(_: int) -> int:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0

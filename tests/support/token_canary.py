"""A canary for tokens: whatever must never hold one is looked at while the tests run, in the places that all tests go through.

Planted is every token that a twin makes or that a command is given. Looked at: command lines, addresses and bodies of requests,
log records down to debug, exceptions, what commands print, and files. A leak fails the test in which it is seen.
"""

from __future__ import annotations

import base64
import logging
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

_SCRIPTS = str(Path(__file__).resolve().parents[2] / "scripts")
_STARTS = {"subprocess.Popen": 1, "os.exec": 1, "os.posix_spawn": 1, "os.spawn": 2, "os.system": 0}
"""Audit events of a new process, and which of their arguments is its command line. Source: Python's table of audit events."""
_GIVEN = ("GITHUB_TOKEN", "PINWARDEN_GITHUB_TOKEN")
_SHORTEST = 8
_LARGEST = 1_000_000


class TokenCanary:
    """Knows the tokens, and keeps where one was seen. The finding never holds the token."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._leaks: list[str] = []
        self._lock = threading.Lock()

    def plant(self, token: str) -> None:
        """Look for `token` from now on, as it is and within base64. What is shorter than a word is not looked for."""
        if len(token) >= _SHORTEST and token not in self._forms:
            self._forms[token] = (token, *_within_base64(token))

    def given(self, environment: Mapping[str, str]) -> bool:
        """Plant the tokens that a command is given; tell whether there are any."""
        tokens = [environment[name] for name in _GIVEN if environment.get(name)]
        for token in tokens:
            self.plant(token)
        return bool(tokens)

    def look(self, where: str, text: str) -> None:
        """Take note of `where` if `text` holds a token."""
        if any(form in text for forms in tuple(self._forms.values()) for form in forms):
            with self._lock:
                self._leaks.append(where)

    def drain(self) -> list[str]:
        """Return where tokens were seen, and forget it."""
        with self._lock:
            found, self._leaks = self._leaks, []
        return found

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at the command line of a process that this one starts; an audit hook."""
        if event in _STARTS and self._forms:
            line = arguments[_STARTS[event]]
            parts = line if isinstance(line, Iterable) and not isinstance(line, str | bytes) else [line]
            self.look("the command line of a process that was started", " ".join(os.fsdecode(part) for part in parts))

    def look_at_processes(self) -> None:
        """Look at the command lines of all processes below this one. Only Linux shows them.

        Whoever sends a token to the twin is alive until it has its answer, and so are those that started it: no polling.
        """
        waiting = [os.getpid()]
        while waiting:
            for child in _children(waiting.pop()):
                waiting.append(child)
                with suppress(OSError):
                    line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ")
                    self.look("the command line of a process that was running", line.decode(errors="replace"))

    def look_at_files(self, folder: Path) -> None:
        """Look at all files below `folder` but bare repositories, which are the twin's own, and large ones."""
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.endswith(".git")]
            for path in (Path(parent, name) for name in names):
                with suppress(OSError):
                    if path.is_file() and path.stat().st_size <= _LARGEST:
                        self.look(f"the file {path.relative_to(folder)}", path.read_text(errors="replace"))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Log everything, and look at every exception that comes to a line of ours, those that are caught there too."""
        root = logging.getLogger()
        level, traced = root.level, sys.gettrace()
        root.setLevel(logging.DEBUG)
        if traced is None:  # a debugger goes first
            sys.settrace(self._called)
            threading.settrace(self._called)
        try:
            yield
        finally:
            if traced is None:
                sys.settrace(None)
                threading.settrace(None)
            root.setLevel(level)

    def _called(self, frame: FrameType, event: str, _: Any) -> Any:
        if event != "call" or not frame.f_code.co_filename.startswith(_SCRIPTS):
            return None
        frame.f_trace_lines = False
        return self._within

    def _within(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "exception":
            with suppress(Exception):  # one that can't be shown shows nothing
                error = argument[1]
                told = " ".join([str(error), repr(error), *getattr(error, "__notes__", ())])
                self.look(f"an exception in {Path(frame.f_code.co_filename).name}", told)
        return self._within


CANARY = TokenCanary()
"""That of the whole run."""


def _within_base64(token: str) -> Iterator[str]:
    """Yield the parts of base64 that are the same whatever stands before and after `token`."""
    for before in range(3):
        start, end = -(-before * 8 // 6), (before + len(token)) * 8 // 6
        yield base64.b64encode(b"\0" * before + token.encode()).decode()[start:end]


def _children(process: int) -> Iterator[int]:
    with suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            with suppress(OSError):
                yield from map(int, Path(f"/proc/{process}/task/{task}/children").read_bytes().split())

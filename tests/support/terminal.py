"""A command in a terminal of its own: a real pty, read up to a prompt, written to as a person types."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from support.commands import SCRIPTS

_PATIENCE = 60
# A session's terminal is what is opened first in it: an interrupt typed there then reaches the command.
_WITH_TERMINAL = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass
class Terminal:
    """Runs `scripts/<name>.py`; standard input and error are the terminal, standard output is a file.

    with Terminal("new_server", [...], folder) as terminal:
        terminal.until("category")
        terminal.enter("weather\\n")
    assert terminal.returncode == 0
    """

    name: str
    arguments: list[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _read: int = 0
    seen: str = ""
    """All that was shown, what was typed included."""
    stdout: str = ""
    returncode: int | None = None

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTHON", "PINWARDEN_"))}
        command = [sys.executable, "-c", _WITH_TERMINAL, sys.executable, "-sE", str(SCRIPTS / f"{self.name}.py"), *self.arguments]
        with (self.folder / "stdout").open("wb") as out:
            self._process = subprocess.Popen(command, stdin=slave, stdout=out, stderr=slave, env=kept | dict(self.environment), start_new_session=True)
        os.close(slave)
        return self

    def until(self, text: str) -> str:
        """Read until `text` is shown after what was waited for before; return what was shown on the way."""
        start = self._read
        while (found := self.seen.find(text, start)) < 0:
            if not self._more():
                raise AssertionError(f"{text!r} was not shown: {self.seen[start:]!r}")
        self._read = found + len(text)
        return self.seen[start : self._read]

    def _more(self) -> bool:
        """Read what is shown next; tell whether there was anything. A command that says nothing for a minute never will."""
        if not select.select([self._master], [], [], _PATIENCE)[0]:
            return False
        try:
            read = os.read(self._master, 4096)
        except OSError:  # how Linux says that nobody holds the other end any more
            return False
        self.seen += read.decode(errors="replace")
        return bool(read)

    def enter(self, text: str) -> None:
        os.write(self._master, text.encode())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind:
            self._process.kill()
        while self._more():
            pass
        self.returncode = self._process.wait()
        os.close(self._master)
        self.stdout = (self.folder / "stdout").read_text()

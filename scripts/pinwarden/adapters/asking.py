"""Questions to a person in a terminal: on standard error, so that standard output stays the result."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from pinwarden.errors import Misuse
from pinwarden.shown import quoted, shown

_LONGEST_LINE = 4_096


@dataclass(frozen=True, slots=True)
class Wanted:
    """One answer that is wanted. `given` is that of the command line, `found` what was detected; `problem` says why an answer can't be taken."""

    flag: str
    question: str
    given: str | None
    found: str | None
    problem: Callable[[str], str | None]
    required: bool = True


def terminal() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def answer(wanted: Wanted, *, ask: bool) -> str:
    """Return the answer of the command line, else what was detected, else that of the person; empty where none is required.

    Raises Misuse, naming the flag, where the command line's can't be taken, or nobody may be asked.
    """
    if wanted.given is not None:
        if problem := wanted.problem(wanted.given):
            raise Misuse(f"--{wanted.flag}: {problem}", "give another")
        return wanted.given
    problem = wanted.problem(wanted.found) if wanted.found else None
    if wanted.found and not problem:
        return wanted.found
    if ask:
        return _asked(wanted, problem)
    if not wanted.required:
        return ""
    raise Misuse(f"{wanted.question}: {problem or 'nothing was found, and nobody can be asked'}", f"add --{wanted.flag}")


def _asked(wanted: Wanted, problem: str | None) -> str:
    while True:
        if problem:
            print(f"  {shown(problem)}", file=sys.stderr)
        said = line(f"{wanted.question}{'' if wanted.required else ' (empty for none)'}: ").strip()
        if not said and not wanted.required:
            return ""
        problem = wanted.problem(said)
        if not problem:
            return said


def line(prompt: str) -> str:
    """Ask for one line. Raises Misuse at the end of input."""
    print(prompt, end="", file=sys.stderr, flush=True)
    said = sys.stdin.readline(_LONGEST_LINE)
    if not said:
        print(file=sys.stderr)
        raise Misuse("nothing was written: there was no answer", "answer, or give the flags and --yes")
    return said


def confirmed(path: str, text: str) -> bool:
    """Show what would be written, and ask whether to; an empty line is yes. `text` is plain: it can't move a cursor."""
    print(f"\n{path}\n\n{text}", file=sys.stderr)
    while True:
        said = line("Write it? [Y/n] ").strip().lower()
        if said in ("", "y", "yes"):
            return True
        if said in ("n", "no"):
            return False
        print(f"  {quoted(said)} is neither yes nor no", file=sys.stderr)

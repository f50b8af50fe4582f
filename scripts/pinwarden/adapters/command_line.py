"""What every command does around its work: arguments of one shape, errors told once, exit codes 0 to 3."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO, cast

from pinwarden import render
from pinwarden.adapters import actions_io
from pinwarden.errors import OutsideError, PinwardenError
from pinwarden.shown import one_line, quoted

OK, FINDINGS, MISUSE, OUTSIDE = 0, 1, 2, 3
_EXIT_CODES = "exit codes: 0 ok, 1 findings, 2 misuse or bad configuration, 3 the outside world failed, 130 interrupted"


def parser(command: str, purpose: str, examples: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser whose --help ends with examples and the exit codes."""
    listed = "\n".join(f"  scripts/run {command} {example}".rstrip() for example in examples)
    return argparse.ArgumentParser(
        prog=command,
        description=purpose,
        epilog=f"examples:\n{listed}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def registry_argument(command: argparse.ArgumentParser) -> None:
    """Add --registry, and --servers beside it."""
    command.add_argument("--registry", type=Path, required=True, metavar="DIR", help="the registry's root folder")
    command.add_argument("--servers", type=_names, default=(), metavar="A,B", help="only these entries (names of folders)")


def run(main: Callable[[], int]) -> int:
    """Run a command and return its exit code; an error that it raises is told on stderr, without a traceback."""
    # What is imported by now stays until the end: no collection need look through it again (7 % of a run).
    gc.freeze()
    heard = _open_streams()
    try:
        if not heard:
            raise OutsideError("can't write the output: standard output is closed", "redirect it to /dev/null to see the exit code alone")  # noqa: TRY301
        try:
            code = main()
        finally:
            sys.stdout.flush()
    except PinwardenError as error:
        tell(error.message, error.hint)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        _drop_output()
        return OUTSIDE
    except OSError as error:
        _drop_output()
        where = f" {error.filename}" if isinstance(error.filename, str) else ""
        tell(f"this machine failed: {error.strerror or error}{where}", "is there room on the disk, and may what is named be read and written?")
        return OUTSIDE
    except Exception as error:  # noqa: BLE001  # whatever it is: 1 would say that something was found
        traceback.print_exc()
        tell(f"a defect of Pinwarden: {type(error).__name__}", "nothing that it would have said is known; report it with the lines above")
        return OUTSIDE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return code


def _open_streams() -> bool:
    """Make standard output and error usable; return False where output was closed."""
    heard = cast("TextIO | None", sys.stdout) is not None
    # A closed descriptor would go to the next file that is opened, and our words into it.
    while (lowest := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(lowest, True)  # noqa: FBT003  # the only form there is
    os.close(lowest)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        # A name that is not UTF-8 must not stop the report about it.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return heard


def _drop_output() -> None:
    """Keep the interpreter from complaining on its way out about what it can't write."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def count(text: str) -> int:
    """Read a number of things, for argparse."""
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{quoted(text[:40])} is not a whole number from 0 on")
    return int(text)


def tell(message: str, hint: str) -> None:
    """Say on stderr what happened; in a workflow as an annotation, which the run's page shows. Foreign text stays on its line."""
    message, hint = one_line(message), one_line(hint)
    if actions_io.in_workflow():
        print(render.as_error_command(message, hint), file=sys.stderr)
    else:
        print(f"error: {message}\n  {hint}", file=sys.stderr)


def warn(message: str) -> None:
    """Say on stderr what a result does not rest on. Foreign text stays on its line."""
    print(f"warning: {one_line(message)}", file=sys.stderr)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())

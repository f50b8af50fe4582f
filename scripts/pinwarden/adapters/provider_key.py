"""The provider's key as a file for the proxy alone: never in an argument, an environment or a log, and gone before anything is read."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pinwarden.adapters import processes
from pinwarden.adapters.environment import private_cache
from pinwarden.errors import OutsideError

_PREFIX = "key-"
_LONGEST = 86_400
"""Seconds after which no run can need its key any more, whoever it belongs to."""


@contextmanager
def key_file(run: str, key: str) -> Iterator[Path]:
    """Yield the path of a file with `key`; the file is gone afterwards. Raises OutsideError where it can't be made.

    Others are kept out by the folder: the proxy has another uid, and Compose ignores uid and mode of a secret's file.
    """
    folder = private_cache() / f"{_PREFIX}{run}"
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        # What is there already is another run's, and stays.
        raise _not_handed_over(error) from error
    try:
        try:
            (folder / "owner").write_text(processes.mark())
            with os.fdopen(os.open(folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
                file.write(key)
        except OSError as error:
            raise _not_handed_over(error) from error
        yield folder / "key"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _not_handed_over(error: OSError) -> OutsideError:
    return OutsideError(f"the key can't be handed over: {error.strerror}", "is there room in the cache folder?")


def sweep() -> None:
    """Remove the keys of runs that were killed."""
    for folder in private_cache().glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            old = time.time() - folder.lstat().st_mtime > _LONGEST
            if old or processes.ended((folder / "owner").read_text()):
                shutil.rmtree(folder, ignore_errors=True)

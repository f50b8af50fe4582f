"""Puts one new entry into a registry's folder: nothing is overwritten, no link is followed, a failure leaves nothing behind."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from pinwarden.errors import Misuse
from pinwarden.shown import quoted, shown

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def taken(root: Path, path: str) -> str | None:
    """Say what stands where the folder of the entry at `path` would be, upper and lower case taken for the same; None for nothing."""
    folder = Path(path).parent
    try:
        names = os.listdir(root / folder.parent)
    except FileNotFoundError:
        return None
    same = next((name for name in names if name.casefold() == folder.name.casefold()), None)
    return None if same is None else f"{quoted(str(folder.parent / same))} is there already"


def add(root: Path, path: str, text: str) -> None:
    """Write `text` to the new file at `path` below `root`, in a folder that is new as well. Raises Misuse where that is taken, OSError."""
    *above, folder, name = path.split("/")
    handles = [os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]
    try:
        try:
            for part in above:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=handles[-1])
                handles.append(os.open(part, _FOLDER, dir_fd=handles[-1]))
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                raise
            raise Misuse(f"{shown('/'.join(above))} is a link, or no folder", "put the folder itself there") from error
        try:
            os.mkdir(folder, dir_fd=handles[-1])
        except FileExistsError as error:
            raise Misuse(f"{shown('/'.join([*above, folder]))} is there already", "choose another with --name") from error
        try:
            handles.append(os.open(folder, _FOLDER, dir_fd=handles[-1]))
            with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=handles[-1]), "w", encoding="utf-8") as file:
                file.write(text)
        except BaseException:
            with suppress(OSError):
                os.unlink(f"{folder}/{name}", dir_fd=handles[len(above)])
            with suppress(OSError):
                os.rmdir(folder, dir_fd=handles[len(above)])
            raise
    finally:
        for handle in handles:
            os.close(handle)

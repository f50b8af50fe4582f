"""Reading what an untrusted process left behind, without being led elsewhere, made to wait, or filled up."""

from __future__ import annotations

import os
import posixpath
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pinwarden import labels, report
from pinwarden.shown import quoted

WANTED = {"report.md": report.MOST_BYTES, "labels.txt": labels.MOST_BYTES}
"""The two files that leave a reviewer's output folder, and how large they may be."""

_MOST_STREAM = 128 * 1024 * 1024
_MOST_MEMBERS = 10_000


class NotCollected(Exception):
    """A file was not taken; the message is a reason that may be printed."""


def read_plain_file(path: Path, most_bytes: int) -> bytes:
    """Read the regular file at `path`, up to `most_bytes`. Raises NotCollected for anything else that stands there.

    The last component may be no link, and the file may have no other name: either could lead to a file of ours. A FIFO
    or device is not waited for.
    """
    name = path.name
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise NotCollected(f"there is no {name}") from None
    except (OSError, ValueError) as error:
        reason = "is a symbolic link" if path.is_symlink() else f"can't be opened ({getattr(error, 'strerror', error)})"
        raise NotCollected(f"{name} {reason}") from error
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise NotCollected(f"{name} is not a regular file")
        if status.st_nlink != 1:
            raise NotCollected(f"{name} is a hard link")
        content = b""
        # Its size says nothing: it may grow while it is read.
        while part := os.read(opened, most_bytes):
            content += part
            if len(content) > most_bytes:
                raise NotCollected(f"{name} is larger than {most_bytes} bytes")
    except OSError as error:
        raise NotCollected(f"{name} can't be read ({error.strerror})") from error
    finally:
        os.close(opened)
    return content


@dataclass(frozen=True, slots=True)
class Collected:
    """What a reviewer left. `reasons` says why a file is missing or the whole output was refused; empty when both are there."""

    report: bytes | None = None
    labels: bytes | None = None
    reasons: tuple[str, ...] = ()


def collect_folder(folder: Path) -> Collected:
    """Take the two files out of `folder`, whatever else is in it: it is never listed."""
    taken: dict[str, bytes] = {}
    reasons = []
    for name, most_bytes in WANTED.items():
        try:
            taken[name] = read_plain_file(folder / name, most_bytes)
        except NotCollected as error:
            reasons.append(str(error))
    return Collected(taken.get("report.md"), taken.get("labels.txt"), tuple(reasons))


def collect_tar(stream: IO[bytes]) -> Collected:
    """Take the two files out of a tar stream of the output folder, nothing is extracted.

    A hard link, a device, a sparse file, or a name that leaves the folder refuses the whole: no reviewer needs one.
    """
    try:
        taken = _members(stream)
    except NotCollected as error:
        return Collected(reasons=(str(error),))
    # What tarfile raises for a malformed header, now or in another version of Python.
    except (tarfile.TarError, OSError, ValueError, EOFError, ArithmeticError, LookupError, RecursionError, TypeError) as error:
        return Collected(reasons=(f"the output is not a tar stream ({type(error).__name__})",))
    return Collected(taken.get("report.md"), taken.get("labels.txt"), tuple(f"there is no {name}" for name in WANTED if name not in taken))


def _members(stream: IO[bytes]) -> dict[str, bytes]:
    taken: dict[str, bytes] = {}
    with tarfile.open(fileobj=_Capped(stream), mode="r|") as archive:  # type: ignore[call-overload]  # any object with read()
        for number, member in enumerate(archive):
            # The list of what was seen would grow without end.
            archive.members = []
            if number >= _MOST_MEMBERS:
                raise NotCollected(f"the output holds more than {_MOST_MEMBERS} files")
            # What comes next is looked for behind it, block by block, in a stream that may have ended.
            if member.size > _MOST_STREAM:
                raise NotCollected(f"the output is larger than {_MOST_STREAM} bytes")
            name = posixpath.normpath(member.name)
            if member.issparse() or not (member.isreg() or member.isdir() or member.issym()):
                raise NotCollected(f"the output holds a hard link, device or sparse file: {quoted(member.name)}")
            if ".." in member.name.split("/") or name.startswith("/"):
                raise NotCollected(f"the output holds a name that leaves its folder: {quoted(member.name)}")
            if name not in WANTED:
                continue
            if name in taken:
                raise NotCollected(f"the output holds {name} twice")
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                raise NotCollected(f"{name} is not a regular file")
            if member.size > WANTED[name]:
                raise NotCollected(f"{name} is larger than {WANTED[name]} bytes")
            # Where less comes than was announced, tarfile raises.
            taken[name] = content.read()
    return taken


class _Capped:
    """A stream that ends in a refusal where it is longer than any output may be."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = _MOST_STREAM

    def read(self, size: int) -> bytes:
        part = self._stream.read(size)
        self._left -= len(part)
        if self._left < 0:
            raise NotCollected(f"the output is larger than {_MOST_STREAM} bytes")
        return part

"""Reading what an untrusted process left behind, without being led elsewhere, made to wait, or filled up."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class NotCollected(Exception):
    """A file was not taken; the message is a reason that may be printed."""


def read_plain_file(path: Path, most_bytes: int) -> bytes:
    """Read the regular file at `path`, up to `most_bytes`. Raises NotCollected for anything else that stands there.

    The last component may be no link, and the file may have no other name: either could lead to a file of ours. A FIFO
    or device is not waited for.
    """
    name = path.name
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
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
        if status.st_size > most_bytes:
            raise NotCollected(f"{name} is larger than {most_bytes} bytes")
        content = b""
        # It may grow while it is read.
        while len(content) <= most_bytes and (part := os.read(opened, most_bytes + 1 - len(content))):
            content += part
    except OSError as error:
        raise NotCollected(f"{name} can't be read ({error.strerror})") from error
    finally:
        os.close(opened)
    if len(content) > most_bytes:
        raise NotCollected(f"{name} is larger than {most_bytes} bytes")
    return content

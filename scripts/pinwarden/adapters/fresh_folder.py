"""A folder that is made anew as a whole: whoever looks sees the old one or the new one."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from pinwarden.errors import Misuse, OutsideError
from pinwarden.shown import shown

_MOST_TRIES = 10


@contextlib.contextmanager
def made_anew(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path` that takes its place at the end; without an end nothing is left of it.

    What stood there goes, a link without what it leads to. Raises OutsideError where this machine fails.
    """
    aside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        aside.chmod(0o755)
        yield aside
        _put(aside, path)
    except (OSError, subprocess.CalledProcessError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else (error.stderr or b"").decode("utf-8", "replace").strip() or str(error)
        raise OutsideError(f"can't make {shown(str(path))}: {shown(why)}", "is there room, and may the folder be written?") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def require_replaceable(path: Path, names: Collection[str], what: str) -> None:
    """Raise Misuse where `path` is no folder, or holds anything beside `names`, which is `what`: all that stands there would go."""
    if path.exists() and not path.is_dir():
        raise Misuse(f"{shown(str(path))} is no folder", "name a folder that is new or empty")
    if path.is_dir() and any(child.name not in names for child in path.iterdir()):
        raise Misuse(f"{shown(str(path))} holds other files than {what}", "name a folder that is new or empty: what stands there goes")


def _put(aside: Path, path: Path) -> None:
    for attempt in range(_MOST_TRIES):
        old = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            with contextlib.suppress(FileNotFoundError):
                path.rename(old / path.name)  # a link is moved, never followed
            aside.rename(path)
            return
        except OSError:
            # Another run put its own there between the two renames.
            if attempt == _MOST_TRIES - 1:
                raise
        finally:
            shutil.rmtree(old, ignore_errors=True)

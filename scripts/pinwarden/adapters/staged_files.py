"""Writing a commit's files below a folder of ours, as they are: no filter, no mode, no link, nothing over the limits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pinwarden.adapters.git_objects import Objects
from pinwarden.adapters.staged_fetch import Deadline
from pinwarden.tree import Blob, BlobKind, Node, Tree, content_problem, path_problem, within


@dataclass(frozen=True, slots=True)
class Limits:
    """What one review may be given. Sizes in bytes, of a side where nothing else is said."""

    file_bytes: int = 16 * 1024 * 1024
    side_bytes: int = 512 * 1024 * 1024
    files: int = 50_000
    line_bytes: int = 1_000_000
    commits: int = 1_000
    """Between base and head; where there are more, only the two are fetched."""
    submodules: int = 20
    seconds: float = 300


@dataclass(slots=True)
class Written:
    """What became of one side: the blobs that were read, and why others were not written."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


class Files:
    """Writes sides out of one store; what lies in `directory` comes first, so that nothing else can take its room."""

    def __init__(self, store: Objects, limits: Limits, directory: str, deadline: Deadline) -> None:
        self._store = store
        self._limits = limits
        self._directory = directory
        self._deadline = deadline

    def write(self, root: Path, tree: Tree, refused: Mapping[str, str]) -> Written:
        """Write `tree` below `root`; `refused` names paths that can't be written, and why. Raises BadPack and NotStaged."""
        written = Written(refused=dict(refused))
        wanted = dict(self._affordable(tree, written.refused))
        contents = self._store.blobs([node.name for node in wanted.values()], self._deadline.left())
        for (path, node), content in zip(wanted.items(), contents, strict=True):
            if problem := content_problem(content, self._limits.line_bytes) or put(root, path, content):
                written.refused[path] = problem
            # A link's target and a file that could not be written still say something about the change.
            written.blobs[path] = Blob(content, node.kind)
        return written

    def _affordable(self, tree: Tree, refused: dict[str, str]) -> Iterator[tuple[str, Node]]:
        limits = self._limits
        count = total = 0
        for path, node in sorted(tree.items(), key=lambda item: not within(item[0], self._directory)):
            if path in refused:
                continue
            problem = path_problem(path)
            if node.kind is BlobKind.SUBMODULE:
                problem = problem or "a submodule that was not staged"
            elif node.size > limits.file_bytes:
                problem = problem or f"it is larger than {limits.file_bytes} bytes"
            elif count >= limits.files:
                problem = problem or f"there are more files than {limits.files}"
            elif total + node.size > limits.side_bytes:
                problem = problem or f"all files together are larger than {limits.side_bytes} bytes"
            if problem:
                refused[path] = problem
                continue
            count += 1
            total += node.size
            yield path, node


def put(root: Path, path: str, content: bytes) -> str | None:
    """Write a new file below `root` without following anything on the way; return why that failed."""
    *folders, name = path.split("/")
    opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            with suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=opened)
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=opened)
            os.close(opened)
            opened = below
        with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=opened), "wb") as file:
            file.write(content)
    except (FileExistsError, NotADirectoryError, UnicodeError):
        return "another file of the upstream has its name here"
    finally:
        os.close(opened)
    return None

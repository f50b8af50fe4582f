"""The files of one commit as git's trees name them, and what keeps one of them from being given to a reviewer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from posixpath import normpath

LONGEST_NAME = 255
LONGEST_PATH = 4_000
DEEPEST = 100
LFS = b"version https://git-lfs.github.com/spec/"

_LINE = re.compile(rb"(?P<mode>[0-7]{6}) (?P<type>[a-z]+) (?P<name>[0-9a-f]{40}) +(?P<size>[0-9]+|-)\t(?P<path>.+)\Z", re.DOTALL)
# HFS+ leaves these out when it compares names, so that a name with one of them inside is .git there.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_SHORT_NAME = re.compile(r"git~[0-9]+\Z")


class BlobKind(StrEnum):
    """What a tree's entry is; a symlink's content is where it points."""

    FILE = "file"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


_KINDS = {"100644": BlobKind.FILE, "100664": BlobKind.FILE, "100755": BlobKind.EXECUTABLE, "120000": BlobKind.SYMLINK, "160000": BlobKind.SUBMODULE}


@dataclass(frozen=True, slots=True)
class Node:
    """One entry of a tree: an object's id, its size in bytes (0 for a submodule, whose `name` is a commit)."""

    kind: BlobKind
    name: str
    size: int


Tree = Mapping[str, Node]
"""Nodes by path. A path that is not UTF-8 holds its odd bytes as lone surrogates."""


@dataclass(frozen=True, slots=True)
class Blob:
    """The content of a file or a link's target."""

    content: bytes
    kind: BlobKind = BlobKind.FILE

    @property
    def text(self) -> str:
        """The content as text; bytes that are not UTF-8 become replacement characters."""
        return self.content.decode("utf-8", "replace")


def read_tree(listed: bytes) -> Iterator[tuple[str, Node]]:
    """Read what `git ls-tree -r -z -l` prints. Raises ValueError for anything else."""
    for line in listed.split(b"\0")[:-1]:
        match = _LINE.match(line)
        kind = _KINDS.get(match["mode"].decode()) if match else None
        if not match or kind is None:
            raise ValueError("a tree holds an entry of an unknown mode")
        yield match["path"].decode("utf-8", "surrogateescape"), Node(kind, match["name"].decode(), int(match["size"]) if match["size"] != b"-" else 0)


class Sort(StrEnum):
    """What one name in a folder's list is, before any content is here."""

    FOLDER = "folder"
    FILE = "file"
    SYMLINK = "link"
    SUBMODULE = "submodule"


_SORTS = {b"040000": Sort.FOLDER, b"120000": Sort.SYMLINK, b"160000": Sort.SUBMODULE}


@dataclass(frozen=True, slots=True)
class Listed:
    """One name in a folder's list: what it is, and its object's id."""

    sort: Sort
    name: str


def read_folder(listed: bytes) -> dict[str, Listed]:
    """Read what `git ls-tree -z` prints of one folder, or of named paths."""
    found = {}
    for line in listed.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, rest = head.partition(b" ")
        found[path.decode("utf-8", "surrogateescape")] = Listed(_SORTS.get(mode, Sort.FILE), rest.rpartition(b" ")[2].decode())
    return found


def path_problem(path: str) -> str | None:
    """Say why nothing can be written at `path` below a folder of ours; None where it can."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in path:
        return "its path leaves its folder, or is none"
    if any(_is_git(part) for part in parts):
        return "its path reaches into .git"
    if len(parts) > DEEPEST:
        return f"it lies more than {DEEPEST} folders deep"
    if len(path.encode("utf-8", "surrogateescape")) > LONGEST_PATH or any(len(part.encode("utf-8", "surrogateescape")) > LONGEST_NAME for part in parts):
        return f"its name is longer than {LONGEST_NAME} bytes, or its path than {LONGEST_PATH}"
    return None


def _is_git(part: str) -> bool:
    """Tell whether some file system takes this name for .git (gitignored characters, short names, streams)."""
    name = _IGNORED.sub("", part).lower().partition(":")[0].rstrip(". ")
    return name == ".git" or bool(_SHORT_NAME.match(name))


def content_problem(content: bytes, longest_line: int) -> str | None:
    """Say why nobody would read this content; None where someone could."""
    if content.startswith(LFS):
        return "its content is kept elsewhere, with Git LFS"
    if b"\0" not in content[:8000] and any(len(line) > longest_line for line in _long_lines(content, longest_line)):
        return f"it has a line longer than {longest_line} bytes"
    return None


def _long_lines(content: bytes, longest_line: int) -> Iterator[bytes]:
    # Most files are shorter than one such line.
    return iter(content.split(b"\n") if len(content) > longest_line else ())


def changed(base: Tree, head: Tree) -> set[str]:
    """Return the paths whose nodes differ between two trees."""
    return {path for path in base.keys() | head.keys() if base.get(path) != head.get(path)}


def normal(directory: str | None) -> str:
    """Return a directory as git's trees name it; empty for the repository's root."""
    path = normpath(directory or ".")
    return "" if path == "." else path


def within(path: str, directory: str) -> bool:
    """Tell whether `path` lies in the normal `directory`."""
    return not directory or path == directory or path.startswith(f"{directory}/")

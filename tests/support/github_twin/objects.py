"""Objects and refs of a bare repository, read and written without starting git: a query asks for hundreds of them.

Formats: gitformat-pack(5) (index version 2), gitrepository-layout(5).
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from support.github_twin.packs import Pack

OID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Object:
    """One git object: its kind is commit, tree, blob or tag."""

    oid: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One row of a tree. `mode` as git writes it: 100644, 100755, 120000, 160000, 40000."""

    mode: str
    name: str
    oid: str

    @property
    def kind(self) -> str:
        return {"40000": "tree", "160000": "commit"}.get(self.mode, "blob")


class Store:
    """Reads and writes the objects of one repository's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._packs: dict[Path, Pack] = {}
        self._packed: tuple[tuple[int, int, int], dict[str, str]] = ((0, 0, 0), {})

    def read(self, oid: str) -> Object | None:
        """Return an object by its whole id; None where there is none."""
        try:
            return _cached(self, oid)
        except KeyError:
            return None

    def fetch(self, oid: str) -> Object | None:
        """Read an object anew; None where there is none."""
        for pack in self._packs.values():
            if (offset := pack.find(oid)) is not None:
                kind, content = pack.at(offset, self._base)
                return Object(oid, kind, content)
        try:
            with open(self._loose(oid), "rb") as file:
                head, _, content = zlib.decompress(file.read()).partition(b"\0")
        except FileNotFoundError:
            return self.fetch(oid) if self._new_packs() else None
        return Object(oid, head.split()[0].decode(), content)

    def _base(self, oid: str) -> tuple[str, bytes]:
        """Return what a delta starts from, in another pack or loose."""
        found = self.fetch(oid)
        assert found is not None
        return found.kind, found.content

    def write(self, kind: str, content: bytes) -> str:
        """Write an object; return its id."""
        whole = f"{kind} {len(content)}\0".encode() + content
        oid = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        if self.read(oid) is None:
            path = Path(self._loose(oid))
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return oid

    def tree(self, oid: str) -> list[TreeEntry]:
        """Return the rows of a tree."""
        found = self.read(oid)
        if found is None or found.kind != "tree":
            return []
        rows, content, position = [], found.content, 0
        while position < len(content):
            end = content.index(b"\0", position)
            mode, _, name = content[position:end].partition(b" ")
            rows.append(TreeEntry(mode.decode(), name.decode(errors="surrogateescape"), content[end + 1 : end + 21].hex()))
            position = end + 21
        return rows

    def walk(self, oid: str, prefix: str = "") -> Iterator[tuple[str, TreeEntry]]:
        """Yield every row below a tree with its path, trees before what they hold."""
        for row in self.tree(oid):
            yield prefix + row.name, row
            if row.kind == "tree":
                yield from self.walk(row.oid, f"{prefix}{row.name}/")

    def ref(self, name: str) -> str | None:
        """Return the id that a full name of a ref (or HEAD) leads to; None where there is none."""
        if ".." in name or "\0" in name:
            return None
        for _ in range(5):
            try:
                with open(f"{self.folder}/{name}") as file:
                    text = file.read().strip()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                text = self.packed().get(name, "")
            if not text.startswith("ref: "):
                return text or None
            name = text.removeprefix("ref: ")
        return None

    def refs(self, prefix: str) -> dict[str, str]:
        """Return all refs whose names start so, sorted."""
        found = {name: oid for name, oid in self.packed().items() if name.startswith(prefix)}
        for path in (self.folder / "refs").rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if name.startswith(prefix) and path.is_file() and not name.endswith(".lock"):
                found[name] = path.read_text().strip()
        return dict(sorted(found.items()))

    def set_ref(self, name: str, oid: str) -> None:
        """Set a ref that nobody else moves, such as a pull request's."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{oid}\n")

    @property
    def head(self) -> str:
        """The full name of the ref that HEAD names."""
        return (self.folder / "HEAD").read_text().strip().removeprefix("ref: ")

    def packed(self) -> dict[str, str]:
        path = self.folder / "packed-refs"
        if not path.is_file():
            return {}
        stat = path.stat()
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if self._packed[0] != seen:
            lines = (line.split() for line in path.read_text().splitlines() if line[:1] not in ("#", "^"))
            self._packed = (seen, {name: oid for oid, name in lines})
        return self._packed[1]

    def _loose(self, oid: str) -> str:
        return f"{self.folder}/objects/{oid[:2]}/{oid[2:]}"

    def _new_packs(self) -> bool:
        """Look for packs that came or went; tell whether one came."""
        listed = set((self.folder / "objects" / "pack").glob("*.idx"))
        for path in self._packs.keys() - listed:
            del self._packs[path]
        new = listed - self._packs.keys()
        self._packs |= {path: Pack(path) for path in new}
        return bool(new)


@lru_cache(maxsize=4096)
def _cached(store: Store, oid: str) -> Object:
    """Objects never change, but one that is missing may come. Raises KeyError."""
    found = store.fetch(oid) if OID.fullmatch(oid) else None
    if found is None:
        raise KeyError(oid)
    return found

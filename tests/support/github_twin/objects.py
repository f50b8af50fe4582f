"""Objects and refs of a bare repository, read and written without starting git: a query asks for hundreds of them.

Formats: gitformat-pack(5) (index version 2), gitrepository-layout(5).
"""

from __future__ import annotations

import hashlib
import mmap
import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFS_DELTA, _REF_DELTA = 6, 7
_SMALL = 256 * 1024
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
        self._packs: dict[Path, _Pack] = {}
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
                kind, content = pack.at(offset, self)
                return Object(oid, kind, content)
        try:
            with open(self._loose(oid), "rb") as file:
                head, _, content = zlib.decompress(file.read()).partition(b"\0")
        except FileNotFoundError:
            return self.fetch(oid) if self._new_packs() else None
        return Object(oid, head.split()[0].decode(), content)

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
        self._packs |= {path: _Pack(path) for path in new}
        return bool(new)


@lru_cache(maxsize=4096)
def _cached(store: Store, oid: str) -> Object:
    """Objects never change, but one that is missing may come. Raises KeyError."""
    found = store.fetch(oid) if OID.fullmatch(oid) else None
    if found is None:
        raise KeyError(oid)
    return found


class _Pack:
    """One pack with its index."""

    def __init__(self, index: Path) -> None:
        self._index = _mapped(index)
        self._content = _mapped(index.with_suffix(".pack"))
        self._count = int.from_bytes(self._index[8 + 255 * 4 : 8 + 256 * 4])
        self._names = 8 + 256 * 4

    def find(self, oid: str) -> int | None:
        raw = bytes.fromhex(oid)
        low = int.from_bytes(self._index[8 + (raw[0] - 1) * 4 : 8 + raw[0] * 4]) if raw[0] else 0
        high = int.from_bytes(self._index[8 + raw[0] * 4 : 8 + (raw[0] + 1) * 4])
        position = bisect_left(range(high), raw, low, high, key=self._name)
        if position >= high or self._name(position) != raw:
            return None
        start = self._names + self._count * 24 + position * 4
        offset = int.from_bytes(self._index[start : start + 4])
        if offset & 0x80000000:
            start = self._names + self._count * 28 + (offset & 0x7FFFFFFF) * 8
            offset = int.from_bytes(self._index[start : start + 8])
        return offset

    def _name(self, position: int) -> bytes:
        start = self._names + position * 20
        return self._index[start : start + 20]

    def at(self, offset: int, store: Store) -> tuple[str, bytes]:
        """Return the kind and the content of the object at an offset."""
        deltas: list[bytes] = []
        kind, position = self._header(offset)
        while kind == _OFS_DELTA:
            byte = self._content[position]
            distance = byte & 0x7F
            while byte & 0x80:
                position += 1
                byte = self._content[position]
                distance = (distance + 1 << 7) | byte & 0x7F
            deltas.append(self._inflated(position + 1))
            offset -= distance
            kind, position = self._header(offset)
        if kind == _REF_DELTA:
            deltas.append(self._inflated(position + 20))
            base = store.fetch(self._content[position : position + 20].hex())
            assert base is not None
            name, content = base.kind, base.content
        else:
            name, content = _KINDS[kind], self._inflated(position)
        for delta in reversed(deltas):
            content = _applied(content, delta)
        return name, content

    def _header(self, offset: int) -> tuple[int, int]:
        """Return an entry's kind and where its size ends."""
        kind = self._content[offset] >> 4 & 7
        while self._content[offset] & 0x80:
            offset += 1
        return kind, offset + 1

    def _inflated(self, position: int) -> bytes:
        reader = zlib.decompressobj()
        parts = []
        while not reader.eof:
            parts.append(reader.decompress(self._content[position : position + 65536]))
            position += 65536
        return b"".join(parts)


def _mapped(path: Path) -> mmap.mmap | bytes:
    """Return a file's bytes. What is mapped holds a descriptor, so that is for large files: there may be thousands of small ones."""
    if path.stat().st_size < _SMALL:
        return path.read_bytes()
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _applied(base: bytes, delta: bytes) -> bytes:
    """Apply a delta (gitformat-pack(5), "Deltified representation")."""
    position = 0
    for _ in range(2):  # the sizes of base and result
        while delta[position] & 0x80:
            position += 1
        position += 1
    parts = []
    while position < len(delta):
        command = delta[position]
        position += 1
        if command & 0x80:
            values = [0, 0]
            for bit in range(7):
                if command >> bit & 1:
                    values[bit > 3] |= delta[position] << 8 * (bit if bit < 4 else bit - 4)
                    position += 1
            start, size = values
            parts.append(base[start : start + (size or 0x10000)])
        else:
            parts.append(delta[position : position + command])
            position += command
    return b"".join(parts)

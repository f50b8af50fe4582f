"""Git's packs, read without git: gitformat-pack(5), index version 2."""

from __future__ import annotations

import mmap
import zlib
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFS_DELTA, _REF_DELTA = 6, 7
_SMALL = 256 * 1024


class Pack:
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

    def at(self, offset: int, base: Callable[[str], tuple[str, bytes]]) -> tuple[str, bytes]:
        """Return the kind and the content of the object at an offset; `base` reads what a delta elsewhere starts from."""
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
            name, content = base(self._content[position : position + 20].hex())
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

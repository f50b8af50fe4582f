"""The throwaway repository: what a hostile pack may not do."""

from __future__ import annotations

import subprocess
import zlib
from hashlib import sha1
from pathlib import Path

import pytest

from pinwarden.adapters.git_objects import BadPack, Objects


def pack_of(kind: int, size: int, compressed: bytes) -> bytes:
    """Return a pack with one object, as gitformat-pack(5) has it."""
    rest, head = size >> 4, (kind << 4) | (size & 15)
    header = b""
    while rest:
        header += bytes([head | 0x80])
        head, rest = rest & 0x7F, rest >> 7
    body = b"PACK" + (2).to_bytes(4) + (1).to_bytes(4) + header + bytes([head]) + compressed
    return body + sha1(body, usedforsecurity=False).digest()


def test_a_commit_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    size = 400 * 1024 * 1024
    compressor = zlib.compressobj(9)
    squeezed = b"".join(compressor.compress(bytes(1024 * 1024)) for _ in range(400)) + compressor.flush()
    pack = pack_of(1, size, squeezed)
    assert len(pack) < 1024 * 1024
    with Objects.temporary() as objects, pytest.raises(BadPack):
        objects.add([pack])


@pytest.mark.parametrize("pack", [b"", b"PACK", b"not a pack at all", pack_of(1, 5, zlib.compress(b"tree\n"))[:-1] + b"x"])
def test_what_is_not_a_pack_is_refused(pack: bytes) -> None:
    with Objects.temporary() as objects, pytest.raises(BadPack):
        objects.add([pack])


def test_a_commit_with_senseless_headers_has_no_date_and_no_parents() -> None:
    content = b"tree x\nparent\ncommitter nobody > later\n\nmessage"
    with Objects.temporary() as objects:
        objects.add([pack_of(1, len(content), zlib.compress(content))])
        (commit,) = objects.commits().values()
    assert (commit.parents, commit.committed_at) == ((), None)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Objects.temporary() as objects:
        assert subprocess.run(["git", f"--git-dir={objects.folder}", "rev-parse"], check=False).returncode == 0
        assert list(tmp_path.iterdir()) == [objects.folder]
    assert list(tmp_path.iterdir()) == []

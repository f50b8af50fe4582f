"""Two files leave a reviewer's output folder; whatever else it holds, or pretends to be, stays behind."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.adapters.collection import Collected, NotCollected, collect_folder, collect_tar, read_plain_file

GOOD = {"report.md": b"# report\n", "labels.txt": b"security-risk:info\n"}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    for name, content in GOOD.items():
        (folder / name).write_bytes(content)
    return folder


def test_both_files_are_taken(output: Path) -> None:
    assert collect_folder(output) == Collected(b"# report\n", b"security-risk:info\n")


def test_what_else_is_there_is_not_even_listed(output: Path) -> None:
    (output / "run.sh").write_text("exit 1")
    for number in range(2_000):
        (output / f"filler {number}").touch()
    os.mkfifo(output / "pipe")
    assert collect_folder(output) == Collected(b"# report\n", b"security-risk:info\n")


LEFT: dict[str, tuple[Callable[[Path], object], str]] = {
    "link to the environment": (lambda path: path.symlink_to("/proc/self/environ"), "report.md is a symbolic link"),
    "link to the other file": (lambda path: path.symlink_to("labels.txt"), "report.md is a symbolic link"),
    "hard link": (lambda path: os.link(path.with_name("labels.txt"), path), "report.md is a hard link"),
    "FIFO": (os.mkfifo, "report.md is not a regular file"),
    "folder": (Path.mkdir, "report.md is not a regular file"),
    "too large": (lambda path: path.write_bytes(b"x" * 262_145), "report.md is larger than 262144 bytes"),
    "nothing": (lambda path: None, "there is no report.md"),
}


@pytest.mark.parametrize("what", LEFT)
def test_a_bad_file_is_refused_with_a_reason(output: Path, what: str) -> None:
    make, reason = LEFT[what]
    (output / "report.md").unlink()
    make(output / "report.md")
    collected = collect_folder(output)
    assert collected.report is None
    assert reason in collected.reasons


def test_as_much_as_may_be_is_taken(output: Path) -> None:
    (output / "report.md").write_bytes(b"x" * 262_144)
    assert collect_folder(output) == Collected(b"x" * 262_144, GOOD["labels.txt"])
    assert collect_tar(io.BytesIO(stream(entry("report.md", b"x" * 262_144), BOTH[1]))) == collect_folder(output)


UNREADABLE = {
    # Files of the kernel say that they are empty, as one may that grows while it is read.
    "it holds more than it says": (Path("/proc/self/status"), "status is larger than 8 bytes"),
    "reading fails": (Path("/proc/self/mem"), "mem can't be read (Input/output error)"),
    "below a file": (Path("/dev/null/report.md"), "report.md can't be opened (Not a directory)"),
    "no name of a file": (Path("a\0b"), "a\0b can't be opened (embedded null byte)"),
}


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="it reads Linux's own files")
@pytest.mark.parametrize("what", UNREADABLE)
def test_what_can_not_be_read_is_refused_with_a_reason_and_nothing_stays_open(what: str) -> None:
    path, reason = UNREADABLE[what]
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(NotCollected) as refused:
        read_plain_file(path, 8)
    assert str(refused.value) == reason
    assert len(os.listdir("/proc/self/fd")) == before


def entry(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "", pax: dict[str, str] | None = None) -> tuple[tarfile.TarInfo, bytes]:
    header = tarfile.TarInfo(name)
    header.type, header.size, header.linkname, header.pax_headers = kind, len(content), link, pax or {}
    return header, content


def announced(size: int) -> bytes:
    """The head of a file of `size` bytes, and some of them."""
    header, _ = entry("filler")
    header.size = size
    return header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)


def stream(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for header, content in entries:
            archive.addfile(header, io.BytesIO(content))
    return made.getvalue()


BOTH = tuple(entry(f"./{name}", content) for name, content in GOOD.items())


def test_a_tar_stream_gives_the_same(output: Path) -> None:
    with io.BytesIO() as made:
        with tarfile.open(fileobj=made, mode="w") as archive:
            archive.add(output, arcname=".")
        made.seek(0)
        assert collect_tar(made) == collect_folder(output)


def test_other_files_folders_and_links_in_a_stream_are_passed_over() -> None:
    raw = stream(entry("/", kind=tarfile.DIRTYPE), entry(".", kind=tarfile.DIRTYPE), entry("notes", b"x"), entry("deep", kind=tarfile.DIRTYPE), entry("deep/labels.txt", b"security-risk:high\n"),
                 entry("shortcut", kind=tarfile.SYMTYPE, link="/etc/passwd"), *BOTH)  # fmt: skip
    assert collect_tar(io.BytesIO(raw)) == Collected(b"# report\n", b"security-risk:info\n")


NESTED = "the output is not a tar stream (RecursionError)"
REFUSED = {
    "hard link": (stream(*BOTH, entry("x", kind=tarfile.LNKTYPE, link="report.md")), 'the output holds a hard link, device or sparse file: "x"'),
    "device": (stream(entry("x", kind=tarfile.CHRTYPE), *BOTH), 'the output holds a hard link, device or sparse file: "x"'),
    "FIFO": (stream(entry("x", kind=tarfile.FIFOTYPE), *BOTH), 'the output holds a hard link, device or sparse file: "x"'),
    "sparse file": (stream(entry("x", kind=tarfile.GNUTYPE_SPARSE), *BOTH), 'the output holds a hard link, device or sparse file: "x"'),
    "unknown type": (stream(entry("x", kind=b"Z"), *BOTH), 'the output holds a hard link, device or sparse file: "x"'),
    "absolute name": (stream(entry("/etc/x", b"x"), *BOTH), 'the output holds a name that leaves its folder: "/etc/x"'),
    "name through a parent": (stream(entry("a/../report.md", b"x")), 'the output holds a name that leaves its folder: "a/../report.md"'),
    "name in a parent": (stream(entry("../report.md", b"x")), 'the output holds a name that leaves its folder: "../report.md"'),
    "twice": (stream(*BOTH, BOTH[0]), "the output holds report.md twice"),
    "symbolic link": (stream(entry("report.md", kind=tarfile.SYMTYPE, link="/proc/self/environ")), "report.md is not a regular file"),
    "folder": (stream(entry("report.md", kind=tarfile.DIRTYPE)), "report.md is not a regular file"),
    "too large": (stream(entry("labels.txt", b"x" * 1025)), "labels.txt is larger than 1024 bytes"),
    "cut off": (stream(entry("labels.txt", b"x" * 1000))[:900], "the output is not a tar stream (ReadError)"),
    "too many files": (stream(*(entry(f"n{number}") for number in range(10_001))), "the output holds more than 10000 files"),
    "a size that no stream has": (announced(2**60), "the output is larger than 134217728 bytes"),
    "one byte more than a stream may have": (announced(134_217_729), "the output is larger than 134217728 bytes"),
    "as much as a stream may have, and less in it": (announced(134_217_728), "the output is not a tar stream (ReadError)"),
    "a header within a header, without end": (entry("x", kind=tarfile.GNUTYPE_LONGNAME)[0].tobuf(tarfile.GNU_FORMAT) * 1000, NESTED),
    "a sparse file without a map": (stream(entry("x", pax={"GNU.sparse.map": ""})), "the output is not a tar stream (ValueError)"),
    "something else": (b"<html>", "the output is not a tar stream (ReadError)"),
    "nothing": (b"", "the output is not a tar stream (ReadError)"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_stream_that_no_reviewer_needs_is_refused_whole(what: str) -> None:
    raw, reason = REFUSED[what]
    assert collect_tar(io.BytesIO(raw)) == Collected(reasons=(reason,))


def test_control_plain_extraction_would_follow_and_link(tmp_path: Path) -> None:
    raw = stream(*BOTH, entry("x", kind=tarfile.LNKTYPE, link="./report.md"))
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        archive.extractall(tmp_path, filter="fully_trusted")
    assert (tmp_path / "report.md").stat().st_nlink == 2


def test_an_endless_stream_ends() -> None:
    class Endless(io.RawIOBase):
        """One file of 64 MiB after another."""

        def __init__(self) -> None:
            self.head, self.at = announced(64 * 1024**2)[:512], 0

        def read(self, size: int = -1) -> bytes:
            at = self.at % (512 + 64 * 1024**2)
            part = self.head[at : at + size] if at < 512 else bytes(min(size, 512 + 64 * 1024**2 - at))
            self.at += len(part)
            return part

    assert collect_tar(Endless()) == Collected(reasons=("the output is larger than 134217728 bytes",))  # type: ignore[arg-type]


def test_a_stream_that_breaks_is_told() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("gone")

    assert collect_tar(Broken()) == Collected(reasons=("the output is not a tar stream (OSError)",))  # type: ignore[arg-type]


@given(
    st.binary()
    | st.tuples(st.integers(0, 3071), st.binary(min_size=1, max_size=600)).map(lambda at: stream(*BOTH)[: at[0]] + at[1] + stream(*BOTH)[at[0] + len(at[1]) :])
)
def test_no_stream_raises(raw: bytes) -> None:
    collected = collect_tar(io.BytesIO(raw))
    assert collected.reasons or (collected.report is not None and collected.labels is not None)

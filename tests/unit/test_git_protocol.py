"""git's protocol as bytes: exact questions, and answers that are believed only where they are exact."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.git_protocol import BadAnswer, NotOurRef, fetch_request, ls_refs_request, open_pack, read_refs
from pinwarden.upstream import Ref

ONE, TWO = "1" * 40, "2" * 40


def packet(content: bytes) -> bytes:
    return b"%04x" % (len(content) + 4) + content


def test_refs_are_asked_for_by_prefix() -> None:
    assert ls_refs_request(["HEAD"]) == (
        b"0014command=ls-refs\n" + b"0014agent=pinwarden\n" + b"0017object-format=sha1\n" + b"0001" + b"0009peel\n000csymrefs\n0014ref-prefix HEAD\n" + b"0000"
    )


def test_a_fetch_names_its_filter_depth_wants_and_haves() -> None:
    asked = fetch_request([ONE], [TWO], 1, "tree:0")
    assert packet(b"filter tree:0\n") + packet(b"deepen 1\n") + packet(f"want {ONE}\n".encode()) + packet(f"have {TWO}\n".encode()) in asked
    assert asked.endswith(b"0009done\n0000")


def test_tags_are_peeled_and_head_names_its_branch() -> None:
    answer = packet(f"{ONE} HEAD symref-target:refs/heads/main\n".encode()) + packet(f"{ONE} refs/tags/v1 peeled:{TWO}\n".encode()) + b"0000"
    assert read_refs(io.BytesIO(answer).read) == {"HEAD": Ref("HEAD", ONE, "refs/heads/main"), "refs/tags/v1": Ref("refs/tags/v1", TWO)}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"zzzz",
        b"0003",
        b"+0f9",
        b"00ff",
        packet(f"{ONE} HEAD\n".encode()),
        packet(b"unborn HEAD symref-target:refs/heads/main\n") + b"0000",
        packet(b"ERR access denied\n") + b"0000",
        packet(b"\n") + b"0000",
        b"0001",
    ],
)
def test_what_is_not_a_list_of_refs_is_refused(answer: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_refs(io.BytesIO(answer).read)


def test_a_pack_is_unwrapped_from_its_band() -> None:
    answer = (
        packet(b"shallow-info\n")
        + packet(f"shallow {ONE}\n".encode())
        + b"0001"
        + packet(b"packfile\n")
        + packet(b"\x02busy")
        + packet(b"\x01PACK")
        + packet(b"\x01rest")
        + b"0000"
    )
    pack = open_pack(io.BytesIO(answer).read)
    assert pack is not None
    assert b"".join(pack) == b"PACKrest"


def test_a_commit_that_upstream_does_not_have_is_told_apart() -> None:
    with pytest.raises(NotOurRef):
        open_pack(io.BytesIO(packet(f"ERR upload-pack: not our ref {ONE}\n".encode())).read)


def test_an_empty_answer_is_no_pack_and_no_error() -> None:
    assert open_pack(io.BytesIO(b"").read) is None


@pytest.mark.parametrize("rest", [b"", packet(b"\x01PA"), packet(b"\x03out of memory") + b"0000", packet(b"\x09x") + b"0000", b"0001", b"0000"])
def test_a_pack_that_is_cut_off_or_unframed_is_refused(rest: bytes) -> None:
    pack = open_pack(io.BytesIO(packet(b"packfile\n") + rest).read)
    assert pack is not None
    if rest == b"0000":
        assert list(pack) == []
    else:
        with pytest.raises(BadAnswer):
            list(pack)


@given(st.binary(max_size=300) | st.lists(st.binary(max_size=30).map(packet) | st.sampled_from([b"0000", b"0001", b"0002"])).map(b"".join))
def test_no_bytes_whatever_raise_anything_else(answer: bytes) -> None:
    for read_answer in (read_refs, lambda read: list(open_pack(read) or ())):
        with suppress(BadAnswer, NotOurRef):
            read_answer(io.BytesIO(answer).read)

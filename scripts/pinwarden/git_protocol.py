"""git's protocol version 2 as bytes: what is asked, and how answers are read. Source: gitprotocol-v2(5).

Answers are untrusted: whatever is not exactly the protocol raises BadAnswer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum

from pinwarden.shown import shown
from pinwarden.upstream import Ref, Refs

Read = Callable[[int], bytes]
"""Returns up to so many bytes of an answer, fewer only at its end."""

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_HEAD = ("agent=pinwarden", "object-format=sha1")


class Mark(Enum):
    """Packets without content."""

    FLUSH = b"0000"
    DELIMITER = b"0001"
    RESPONSE_END = b"0002"


class BadAnswer(Exception):
    """What arrived is not the protocol, was cut off, or says that the server failed; the message is a sentence."""


class NotOurRef(Exception):
    """The server does not have a commit that was asked for."""


def ls_refs_request(prefixes: Sequence[str]) -> bytes:
    """Return the question for all refs that start with one of `prefixes`, tags peeled, HEAD with the ref it names."""
    return _encoded(["command=ls-refs", *_HEAD, Mark.DELIMITER, "peel", "symrefs", *(f"ref-prefix {prefix}" for prefix in prefixes), Mark.FLUSH])


def read_refs(read: Read) -> Refs:
    """Read the answer to `ls_refs_request`. Raises BadAnswer."""
    refs: dict[str, Ref] = {}
    for packet in _packets(read):
        if packet is Mark.FLUSH:
            return refs
        if isinstance(packet, Mark):
            break
        _raise_error(packet)
        ref = _ref(packet.decode(errors="surrogateescape").rstrip("\n"))
        refs[ref.name] = ref
    raise BadAnswer("the list of refs was cut off")


def fetch_request(wants: Sequence[str], haves: Sequence[str], depth: int | None, keep: str | None, shallow: Sequence[str] = ()) -> bytes:
    """Return the question for a pack with the commits `wants` and what they reach, less what `haves` reach.

    Those of the `haves` that are also `shallow` are here without what came before them. `keep` is a filter of git-rev-list(1), such as `tree:0`.
    """
    options = ["no-progress", "ofs-delta", *([f"filter {keep}"] if keep else []), *([f"deepen {depth}"] if depth else [])]
    commits = [*(f"shallow {commit}" for commit in shallow), *(f"want {commit}" for commit in wants), *(f"have {commit}" for commit in haves)]
    return _encoded(["command=fetch", *_HEAD, Mark.DELIMITER, *options, *commits, "done", Mark.FLUSH])


def open_pack(read: Read) -> Iterator[bytes] | None:
    """Read the answer to `fetch_request` up to the pack, and return the pack's bytes; None where nothing was answered.

    A server that does not know the filter it was asked for answers nothing. Raises NotOurRef and BadAnswer, the latter
    also while the pack is read.
    """
    packets = _packets(read)
    first = next(packets, None)
    if first is None:
        return None
    for packet in itertools.chain([first], packets):
        if packet == b"packfile\n":
            return _pack(packets)
        if isinstance(packet, bytes):
            _raise_error(packet)
    raise BadAnswer("the answer holds no pack")


def _pack(packets: Iterator[bytes | Mark]) -> Iterator[bytes]:
    for packet in packets:
        if packet is Mark.FLUSH:
            return
        band = packet[:1] if isinstance(packet, bytes) else b""
        if not isinstance(packet, bytes) or band not in (b"\x01", b"\x02", b"\x03"):
            raise BadAnswer("the pack is not framed as git frames it")
        if band == b"\x03":
            raise BadAnswer(f"git there says: {_sentence(packet[1:])}")
        if band == b"\x01":
            yield packet[1:]
    raise BadAnswer("the pack was cut off")


def _ref(line: str) -> Ref:
    commit, _, rest = line.partition(" ")
    name, *attributes = rest.split(" ")
    known = dict(attribute.partition(":")[::2] for attribute in attributes)
    commit = known.get("peeled", commit)
    if not _COMMIT.match(commit) or not name:
        raise BadAnswer("the answer is not a list of refs")
    return Ref(name, commit, known.get("symref-target"))


def _raise_error(packet: bytes) -> None:
    if packet.startswith(b"ERR "):
        message = _sentence(packet[4:])
        raise NotOurRef(message) if "not our ref" in message else BadAnswer(f"git there says: {message}")


def _sentence(message: bytes) -> str:
    return shown(message[:200].decode(errors="replace").strip())


def _encoded(packets: Iterable[str | Mark]) -> bytes:
    """Return packets as bytes; text gets its length in front and a line feed behind."""
    return b"".join(packet.value if isinstance(packet, Mark) else _framed(packet.encode() + b"\n") for packet in packets)


def _packets(read: Callable[[int], bytes]) -> Iterator[bytes | Mark]:
    """Yield packets until the stream ends. `read(n)` returns up to n bytes, fewer only at the end.

    Raises BadAnswer.
    """
    while head := read(4):
        try:
            length = int(head, 16) if len(head) == 4 and head.isalnum() else -1
        except ValueError:
            length = -1
        if length in (0, 1, 2):
            yield (Mark.FLUSH, Mark.DELIMITER, Mark.RESPONSE_END)[length]
            continue
        body = read(length - 4) if length > 4 else b""
        if length < 4 or len(body) != length - 4:
            raise BadAnswer("the answer is not git's protocol, or was cut off")
        yield body


def _framed(content: bytes) -> bytes:
    return b"%04x" % (len(content) + 4) + content

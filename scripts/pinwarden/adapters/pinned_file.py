"""One file of an upstream at one commit: its bytes, and when the commit was made. Two questions, no checkout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinwarden.adapters import scanning
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.git_http import UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Objects, require_git
from pinwarden.errors import OutsideError
from pinwarden.git_protocol import NotOurRef
from pinwarden.shown import shown
from pinwarden.tree import BlobKind, read_tree
from pinwarden.upstream import Mirror, read_at

_SECONDS = 120


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file at a commit; `content` is None where there is no regular file at the path. `committed_at` in seconds since 1970."""

    content: bytes | None
    committed_at: int | None


def read_pinned(project: str, commit: str, path: str, most: int, mirrors: Sequence[Mirror]) -> PinnedFile:
    """Read up to `most` bytes of the file at `path` of a commit. Raises OutsideError where upstream can't be read or lacks the commit."""
    require_git()
    at = f"{read_at(project, mirrors)}.git"
    try:
        with scanning.connection(GitHub.from_environ()) as http, Objects.temporary() as objects:
            with http.fetch(at, [commit], depth=1, keep="blob:none") as pack:
                objects.add(pack, _SECONDS)
            when = objects.commits()[commit].committed_at
            listed = objects.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", f":(literal){path}", seconds=_SECONDS)
            # Sizes are not known before the file is here.
            nodes = dict(read_tree(b"\0".join(line.replace(b"\t", b" -\t", 1) for line in listed.split(b"\0"))))
            node = nodes.get(path)
            if node is None or node.kind not in (BlobKind.FILE, BlobKind.EXECUTABLE):
                return PinnedFile(None, when)
            with http.fetch(at, [node.name]) as pack:
                objects.add(pack, _SECONDS)
            [content] = objects.blobs([node.name], _SECONDS)
            return PinnedFile(content[:most], when)
    except UpstreamFailed as failed:
        raise OutsideError(f"{shown(project)} can't be read: {failed.detail}", "is it public, and is the address right?") from failed
    except (BadPack, NotOurRef, KeyError, ValueError) as error:
        raise OutsideError(f"{shown(project)} does not give the pin {commit}: {error}", "validate-pins --online tells what is wrong with it") from error

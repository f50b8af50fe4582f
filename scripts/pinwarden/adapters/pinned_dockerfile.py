"""The Dockerfile of an entry at its pin, and what the pin does not cover in it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from pinwarden.adapters.pinned_file import read_pinned
from pinwarden.dockerfile import MOST_BYTES
from pinwarden.entry import Entry
from pinwarden.finding import Finding
from pinwarden.floating import dockerfile_missing, floating_findings, floating_inputs
from pinwarden.image_labels import dockerfile_in
from pinwarden.tree import normal
from pinwarden.upstream import Mirror


@dataclass(frozen=True, slots=True)
class PinnedDockerfile:
    """What is told of it. `committed_at` is when the pin was committed, in seconds since 1970."""

    committed_at: int | None
    findings: tuple[Finding, ...]


def examine(entry: Entry, mirrors: Sequence[Mirror]) -> PinnedDockerfile:
    """Read the Dockerfile of a valid entry. Raises OutsideError where upstream can't be read or lacks the pin."""
    path = posixpath.normpath(f"{normal(entry.directory)}/{dockerfile_in(entry)}".lstrip("/"))
    pinned = read_pinned(str(entry.project), str(entry.commit), path, MOST_BYTES, mirrors)
    if pinned.content is None:
        return PinnedDockerfile(pinned.committed_at, (dockerfile_missing(entry, path),))
    inputs = floating_inputs(pinned.content.decode("utf-8", "replace"))
    return PinnedDockerfile(pinned.committed_at, tuple(floating_findings(entry, path, inputs)))

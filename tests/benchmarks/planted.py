"""Planted cases: a small MCP server, a commit with one planted behaviour, and a benign twin of that commit.

`tests/cases/planted/<slug>/` holds `case.yaml`, the whole server in `base/`, and in `malicious/` and `benign/` the files that each
commit changes or adds, whole; `deleted.txt` names what the malicious commit removes. Every foreign host in them ends in `.example`, which nobody
can own and which therefore weighs nothing; upstreams get names that somebody could own in its place, in both twins alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import ROOT
from support.upstreams import Commit, Upstream

CASES = ROOT / "tests" / "cases" / "planted"
_WORDS = ("behaviour", "language", "attack", "what", "severity")


_RESERVED = re.compile(rb"(?<=[a-z0-9-])\.example\b")
_BACKWARDS = re.compile(rb"\belpmaxe\.(?=[a-z0-9-])")


class Half(StrEnum):
    """Rules are tuned on one half of the cases; figures are those of the other."""

    TUNING = "tuning"
    REPORTED = "reported"


class Twin(StrEnum):
    """The two commits of a case; the value is the folder's name."""

    MALICIOUS = "malicious"
    BENIGN = "benign"


def half_of(slug: str) -> Half:
    """Return the half to which a case belongs, by its name alone: the first hexadecimal digit of its SHA-256, even or odd."""
    return Half.REPORTED if int(hashlib.sha256(slug.encode()).hexdigest()[0], 16) % 2 else Half.TUNING


@dataclass(frozen=True, slots=True)
class Case:
    """One planted behaviour. `attack` names the report in public that it follows."""

    folder: Path
    behaviour: str
    language: str
    attack: str
    what: str
    severity: str

    @property
    def slug(self) -> str:
        return self.folder.name

    @property
    def half(self) -> Half:
        return half_of(self.slug)

    def repository(self, twin: Twin) -> str:
        """Return the name of the twin's upstream. A reviewer sees it, so it tells nothing."""
        return f"planted/{hashlib.sha256(f'{self.slug} {twin}'.encode()).hexdigest()[:12]}"

    def upstream(self, twin: Twin) -> Upstream:
        """Return the upstream whose `head` is the twin, on top of `base`; neither message nor branch says which one it is."""
        commits = [Commit("base", self.base(), message="First version"), Commit("head", self.changes(twin), message="Update")]
        return Upstream(self.repository(twin), commits, branches={"main": "head"})

    def base(self) -> dict[str, bytes]:
        """Return the whole server before."""
        return files_of(self.folder / "base")

    def changes(self, twin: Twin) -> dict[str, bytes | None]:
        """Return what a twin's commit changes, by path: a file's new content, None for one that it removes."""
        removed = self.folder / "deleted.txt"
        gone = removed.read_text().split("\n") if twin is Twin.MALICIOUS and removed.exists() else []
        return {**dict.fromkeys(filter(None, map(str.strip, gone))), **files_of(self.folder / twin)}

    def tree(self, twin: Twin) -> dict[str, bytes]:
        """Return the whole server after a twin's commit."""
        whole = {**self.base(), **self.changes(twin)}
        return {path: content for path, content in whole.items() if content is not None}


def files_of(folder: Path) -> dict[str, bytes]:
    """Return a folder's files by their paths, their hosts at names that somebody could own."""
    return {path.relative_to(folder).as_posix(): owned(path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()}


def owned(content: bytes) -> bytes:
    """Return a file with hosts below `.dev` in place of `.example`, forwards and backwards; what is encoded in another way stays."""
    return _BACKWARDS.sub(b"ved.", _RESERVED.sub(b".dev", content))


def read_cases(root: Path = CASES, halves: Sequence[Half] = tuple(Half)) -> list[Case]:
    """Return the cases of these halves, by slug; the others are not opened. Raises ValueError for one that is not whole."""
    return [_read(folder) for folder in sorted(root.iterdir()) if folder.is_dir() and half_of(folder.name) in halves]


def _read(folder: Path) -> Case:
    told: Any = yaml.safe_load((folder / "case.yaml").read_text())
    missing = [word for word in _WORDS if not isinstance(told, dict) or not isinstance(told.get(word), str)]
    missing += [name for name in ("base", *Twin) if not (folder / name).is_dir()]
    if missing:
        raise ValueError(f"{folder.name}: no {', '.join(missing)}")
    return Case(folder, **{word: told[word] for word in _WORDS})

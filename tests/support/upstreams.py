"""Upstream repositories from a description: built by `git fast-import`, the same ids on every machine.

ids = build(root, [Upstream("owner/name", [Commit("first", {"src/server.py": "1"}), Commit("second", {"src/server.py": "2"})],
                            branches={"main": "second"}, tags={"v1": "first"})])
ids["owner/name"]["second"]  # 40 characters
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from pathlib import Path, PurePosixPath

import yaml

EPOCH = 1_735_689_600
"""2025-01-01 00:00:00 UTC: when the first commit of a repository is made, unless it says otherwise."""
_STEP = 3600

_SCRATCH = "refs/import"


@dataclass(frozen=True, slots=True)
class File:
    """A file of any mode: 100644, 100755, 120000 (a link, `content` is its target) or 160000 (a submodule, `content` is a commit id)."""

    content: str | bytes
    mode: str = "100644"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `files` are changes against its first parent; None removes the file or the whole folder."""

    label: str
    files: Mapping[str, str | bytes | File | None] = field(default_factory=dict)
    parents: tuple[str, ...] | None = None
    """Labels of earlier commits; None stands for the commit before it in the list, an empty tuple for a history of its own."""
    message: str = ""
    author: str = "Ada Upstream <ada@upstream.example>"
    when: int | None = None
    """Seconds since 1970; None puts commits an hour apart."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A repository. Refs name commits by their labels; a commit that no ref leads to is kept, as hosts keep it."""

    name: str
    """owner/name"""
    commits: Sequence[Commit]
    branches: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    annotated_tags: Mapping[str, str] = field(default_factory=dict)
    pulls: Mapping[int, str] = field(default_factory=dict)
    """The test merge of pull request N, refs/pull/N/merge."""
    head: str = "main"
    """The default branch; HEAD names it whether it exists or not."""


def build(root: Path, upstreams: Iterable[Upstream]) -> dict[str, dict[str, str]]:
    """Build the bare repositories `root`/owner/name.git; return commit ids by label, by repository.

    Raises subprocess.CalledProcessError where git refuses a description.
    """
    with tempfile.TemporaryDirectory() as scratch:
        empty = Path(scratch) / "empty.git"
        _git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(empty))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            listed = list(upstreams)
            return dict(zip((upstream.name for upstream in listed), pool.map(lambda upstream: _build(root, empty, upstream), listed), strict=True))


def _build(root: Path, empty: Path, upstream: Upstream) -> dict[str, str]:
    path = root / f"{upstream.name}.git"
    shutil.copytree(empty, path)
    (path / "HEAD").write_text(f"ref: refs/heads/{upstream.head}\n")
    marks = path / "marks"
    # One pack is faster to write and to serve than loose objects.
    _git("-C", str(path), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=_stream(upstream))
    ids = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    (path / _SCRATCH).unlink(missing_ok=True)
    return {commit.label: ids[f":{number}"] for number, commit in enumerate(upstream.commits, 1)}


def _stream(upstream: Upstream) -> bytes:
    """Return the description in the language of git-fast-import(1)."""
    marks: dict[str, str] = {}
    parts: list[bytes] = []
    previous: tuple[str, ...] = ()
    for number, commit in enumerate(upstream.commits, 1):
        parents = previous if commit.parents is None else commit.parents
        who = f"{commit.author} {EPOCH + (number - 1) * _STEP if commit.when is None else commit.when} +0000"
        # Without the reset a commit that names no parent would go on top of the one written last.
        parts += [f"reset {_SCRATCH}\n\ncommit {_SCRATCH}\nmark :{number}\nauthor {who}\ncommitter {who}\n".encode(), _blob(commit.message or commit.label)]
        parts += [f"{'merge' if position else 'from'} {marks[label]}\n".encode() for position, label in enumerate(parents)]
        parts += [_change(path, content) for path, content in commit.files.items()]
        marks[commit.label] = f":{number}"
        previous = (commit.label,)
    refs = {f"refs/heads/{name}": label for name, label in upstream.branches.items()}
    refs |= {f"refs/tags/{name}": label for name, label in upstream.tags.items()}
    refs |= {f"refs/pull/{number}/merge": label for number, label in upstream.pulls.items()}
    parts += [f"reset {name}\nfrom {marks[label]}\n\n".encode() for name, label in refs.items()]
    for name, label in upstream.annotated_tags.items():
        parts += [f"tag {name}\nfrom {marks[label]}\ntagger Ada Upstream <ada@upstream.example> {EPOCH} +0000\n".encode(), _blob(name)]
    return b"".join(parts)


def _change(path: str, content: str | bytes | File | None) -> bytes:
    if content is None:
        return f"D {_quoted(path)}\n".encode()
    file = content if isinstance(content, File) else File(content)
    if file.mode == "160000":
        return f"M 160000 {file.content!s} {_quoted(path)}\n".encode()
    return f"M {file.mode} inline {_quoted(path)}\n".encode() + _blob(file.content)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _blob(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return b"data %d\n%s\n" % (len(raw), raw)


def _git(*arguments: str, stdin: bytes = b"") -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], input=stdin, check=True, env=environment)


class Fate(StrEnum):
    """What an upstream did since an entry's pin was set; the value is the verdict on a pin that tracks a branch."""

    CURRENT = "current"
    MOVED = "moved"
    OUTSIDE = "unchanged-directory"
    DIVERGED = "diverged"
    REWOUND = "rewound"
    PIN_UNKNOWN = "unreachable"
    REF_GONE = "ref-gone"
    DIRECTORY_GONE = "directory-gone"
    REPO_GONE = "repo-gone"


@dataclass(frozen=True, slots=True)
class Drift:
    """A fate, and how many commits lie between pin and tracked ref where that means something (at least 1)."""

    fate: Fate
    commits: int = 1


@dataclass(frozen=True, slots=True)
class Shapes:
    """A copy of a registry whose pins name commits of generated upstreams."""

    registry: Path
    repositories: Path
    """The root for a GitServer; a mirror of https://github.com/ is all that the registry needs."""
    pins: Mapping[str, str]
    tips: Mapping[str, str | None]
    """Where each tracked ref stands; None where there is none."""
    expected: Mapping[str, str]
    """The answer key: the verdict due to each pinned server."""


@dataclass(frozen=True, slots=True)
class _Tracked:
    """One entry with a project, and what is to become of it."""

    server: str
    repository: str
    pin: str | None
    branch: str | None
    directory: str
    """Without a slash at its end; empty for the whole repository."""
    dockerfile: str
    drift: Drift

    @property
    def behind(self) -> int:
        """How many commits of the tracked ref the pin lacks."""
        return self.drift.commits if self.drift.fate in (Fate.MOVED, Fate.OUTSIDE, Fate.DIVERGED, Fate.DIRECTORY_GONE) else 0

    def holds(self, path: str) -> bool:
        return not self.directory or path == self.directory or path.startswith(f"{self.directory}/")


# Names like 2025.4.24 and v0.4.0 are tags upstream, in the registry that the shapes are taken from.
_TAG = re.compile(r"v?[0-9]+(\.[0-9]+)+\Z")
_PULL = re.compile(r"refs/pull/([0-9]+)/merge\Z")
# Default branches where no entry names one. Most are main; that some are not is what a scan must find out.
_DEFAULTS = ("main", "main", "main", "master", "main", "trunk", "main", "develop")


def real_shapes(registry: Path, target: Path, drifts: Mapping[str, Fate | Drift] | None = None) -> Shapes:
    """Generate one upstream per project of the registry (the folder that holds `servers/`), and a copy of it with new pins.

    Every entry's tracked ref and directory exist upstream, and its pin is at the tip, unless `drifts` says otherwise by the
    entry's name. Raises ValueError where drifts can't be true together, such as two fates for one missing repository.
    """
    wanted = {server: drift if isinstance(drift, Drift) else Drift(drift) for server, drift in (drifts or {}).items()}
    texts = {path.parent.name: path.read_bytes() for path in sorted(registry.glob("servers/*/server.yaml"))}
    entries = [entry for server, text in texts.items() if (entry := _tracked(server, text, wanted.pop(server, Drift(Fate.CURRENT))))]
    if wanted:
        raise ValueError(f"no entry with a project: {', '.join(wanted)}")
    by_repository: defaultdict[str, list[_Tracked]] = defaultdict(list)
    for entry in entries:
        by_repository[entry.repository].append(entry)
    plans = [_plan(name, _DEFAULTS[position % len(_DEFAULTS)], tracked) for position, (name, tracked) in enumerate(sorted(by_repository.items()))]
    ids = build(target / "repositories", (plan.upstream for plan in plans if plan.upstream.commits))
    pins: dict[str, str] = {}
    tips: dict[str, str | None] = {}
    for plan in plans:
        known = ids.get(plan.upstream.name, {})
        for entry in plan.entries:
            if entry.pin is not None:
                unknown = hashlib.sha1(entry.server.encode(), usedforsecurity=False).hexdigest()
                pins[entry.server] = known.get(plan.pins.get(entry.server, ""), unknown)
                tips[entry.server] = known.get(plan.tips.get(entry.server, ""))
                texts[entry.server] = _repinned(texts[entry.server], entry.pin, pins[entry.server])
    for server, text in texts.items():
        path = target / "registry" / "servers" / server / "server.yaml"
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
    expected = {entry.server: _verdict(entry) for entry in entries if entry.pin}
    return Shapes(target / "registry", target / "repositories", pins, tips, expected)


def _tracked(server: str, text: bytes, drift: Drift) -> _Tracked | None:
    source = yaml.safe_load(text).get("source") or {}
    if "project" not in source:
        return None
    repository = source["project"].removeprefix("https://github.com/")
    directory = source.get("directory", "").strip("/")
    dockerfile = str(PurePosixPath(directory, source.get("dockerfile", "Dockerfile")))
    return _Tracked(server, repository, source.get("commit"), source.get("branch"), directory, dockerfile, drift)


def _repinned(text: bytes, old: str, new: str) -> bytes:
    changed, count = re.subn(rb"(commit:\s*[\"']?)" + old.encode(), rb"\g<1>" + new.encode(), text)
    if count != 1:
        raise ValueError(f"the pin {old} is there {count} times")
    return changed


def _verdict(entry: _Tracked) -> str:
    if entry.drift.fate is Fate.REPO_GONE:
        return entry.drift.fate
    if entry.branch and _PULL.match(entry.branch):
        return "pull-ref"
    if entry.branch and _TAG.match(entry.branch) and entry.drift.fate is not Fate.REF_GONE:
        return "frozen-ref"
    return entry.drift.fate


@dataclass(slots=True)
class _Plan:
    """An upstream being described. `pins` and `tips` are labels of commits by server, none where there is no such commit."""

    entries: Sequence[_Tracked]
    upstream: Upstream
    pins: dict[str, str] = field(default_factory=dict)
    tips: dict[str, str] = field(default_factory=dict)


def _plan(name: str, default: str, entries: Sequence[_Tracked]) -> _Plan:
    if _all_or_none(name, entries, Fate.REPO_GONE):
        return _Plan(entries, Upstream(name, ()))
    head = next((entry.branch for entry in entries if entry.branch in ("main", "master")), default)
    files: dict[str, str | bytes | File | None] = {"README.md": f"# {name}\n"}
    for entry in entries:
        files |= {entry.dockerfile: "FROM scratch\n", str(PurePosixPath(entry.directory, "server.py")): "print('1')\n"}
    commits = [Commit("base", files)]
    branches = {head: "base"}
    tags: dict[str, str] = {}
    annotated: dict[str, str] = {}
    pulls: dict[int, str] = {}
    plan = _Plan(entries, Upstream(name, commits, branches, tags, annotated, pulls, head))
    by_ref: defaultdict[str, list[_Tracked]] = defaultdict(list)
    for entry in entries:
        by_ref[entry.branch or head].append(entry)
    for ref, tracked in by_ref.items():
        line = list(_line(ref, tracked))
        commits += line
        tip = line[-1].label if line else "base"
        if _all_or_none(f"{name} {ref}", tracked, Fate.REF_GONE):
            branches.pop(ref, None)
        elif pull := _PULL.match(ref):
            pulls[int(pull[1])] = tip
        elif _TAG.match(ref):
            (annotated if ref.startswith("v") else tags)[ref] = tip
        else:
            branches[ref] = tip
        labels = ["base", *(commit.label for commit in line)]
        for entry in tracked:
            if entry.drift.fate is not Fate.REF_GONE:
                plan.tips[entry.server] = tip
            if entry.drift.fate is not Fate.PIN_UNKNOWN:
                aside = _aside(entry, labels[len(line) - entry.behind])
                commits += aside
                plan.pins[entry.server] = aside[-1].label if aside else labels[len(line) - entry.behind]
    return plan


def _all_or_none(what: str, entries: Iterable[_Tracked], fate: Fate) -> bool:
    """Tell whether `fate` is that of all entries; raises ValueError where it is that of some."""
    found = {entry.drift.fate is fate for entry in entries}
    if len(found) > 1:
        raise ValueError(f"{what}: can't be {fate} for some entries only")
    return found.pop()


def _line(ref: str, entries: Sequence[_Tracked]) -> Iterator[Commit]:
    """Describe what the tracked ref gained since the oldest of its pins; what an entry needs comes right after its pin."""
    length = max(entry.behind for entry in entries)
    previous = "base"
    for left in range(length, 0, -1):
        files: dict[str, str | None] = {}
        for entry in (entry for entry in entries if entry.behind == left):
            if entry.drift.fate is Fate.MOVED:
                files[str(PurePosixPath(entry.directory, "server.py"))] = f"print('{left} to go')\n"
            elif entry.drift.fate is Fate.DIRECTORY_GONE:
                files[entry.directory] = None
        outside = [entry for entry in entries if entry.drift.fate is Fate.OUTSIDE and entry.behind >= left]
        if not files and all(entry.directory for entry in outside):
            files["NOTES.md"] = f"{left} to go\n"
        _check(ref, files, outside, entries)
        label = f"{ref} -{left - 1}"
        yield Commit(label, files, parents=(previous,))
        previous = label


def _check(ref: str, files: Mapping[str, str | None], outside: Iterable[_Tracked], entries: Iterable[_Tracked]) -> None:
    for path, content in files.items():
        wrong = [entry for entry in outside if entry.holds(path)]
        if content is None:
            gone = _Tracked("", "", None, None, path, "", Drift(Fate.DIRECTORY_GONE))
            wrong += [entry for entry in entries if entry.drift.fate is not Fate.DIRECTORY_GONE and gone.holds(entry.directory)]
        if wrong:
            raise ValueError(f"{ref}: {path or 'the whole repository'} can't change as asked without touching {', '.join(entry.server for entry in wrong)}")


def _aside(entry: _Tracked, parent: str) -> list[Commit]:
    """Describe the commits that lead from the tracked ref's line to a pin that is not on it."""
    if entry.drift.fate not in (Fate.DIVERGED, Fate.REWOUND):
        return []
    count = entry.drift.commits if entry.drift.fate is Fate.REWOUND else 1
    labels = [parent, *(f"{entry.server} aside {number}" for number in range(count))]
    path = str(PurePosixPath(entry.directory, "server.py"))
    return [Commit(label, {path: f"print('{label}')\n"}, parents=(before,)) for before, label in pairwise(labels)]

"""Staging: what a reviewer is given of an upstream, as raw files and as a repository that works without a network.

    folder/in/repository   the files at head, with a .git of ours: branches base and head, detached at head
    folder/in/base         the files at base

Nothing is checked out: no hook, filter, smudge, attribute or link of the upstream takes effect. What is too large, too odd
or not there is left out and said; where it may be part of the change, the review can't be complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pinwarden.adapters.git_objects import BadPack, Objects
from pinwarden.adapters.staged_fetch import Access, Deadline, Fetcher, NotStaged
from pinwarden.adapters.staged_files import Files, Limits, Written
from pinwarden.adapters.staged_submodules import Submodules
from pinwarden.shown import quoted, shown
from pinwarden.target import NotRead, Side, Target
from pinwarden.tree import Blob, Tree, changed, normal, read_tree, within

_FOLDERS = {Side.BASE: "base", Side.HEAD: "repository"}
_CONFIG = """[core]
	repositoryformatversion = 0
	bare = false
	hooksPath = /dev/null
	fsmonitor = false
	symlinks = false
	attributesFile = /dev/null
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	allow = never
"""
# Stronger than any .gitattributes of the upstream, one of which could hide a file from `git diff`.
_ATTRIBUTES = "* !diff !filter !text !eol !ident !export-subst !export-ignore !working-tree-encoding !merge !whitespace\n"


@dataclass(slots=True)
class Staged:
    """What was staged. `base` and `head` hold the blobs that differ, for a full review `head` holds all.

    `reasons` says why a review of it can't be complete; `not_read` names what was left out, harmless or not.
    """

    base: dict[str, Blob] = field(default_factory=dict)
    head: dict[str, Blob] = field(default_factory=dict)
    not_read: list[NotRead] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    commits: int = 0
    descends: bool = True
    """Whether head descends from base."""

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to read, for a reason; a change that touches nothing is no such thing."""
        return bool(self.reasons) and not self.base and not self.head


def stage(target: Target, folder: Path, access: Access, limits: Limits = Limits()) -> Staged:  # noqa: B008  # immutable
    """Stage `target` below `folder`, which must not exist. Whatever the upstream does ends in `reasons`, not in an exception.

    Raises OSError where this machine fails.
    """
    repository = folder / "in" / "repository"
    (folder / "in" / "base").mkdir(parents=True)
    store = _store(repository)
    staged = Staged()
    deadline = Deadline.within(limits.seconds)
    try:
        fetcher = Fetcher(access, target.project, store, deadline)
        _fetch(target, fetcher, limits, staged)
        submodules = Submodules(access, store, deadline, limits.submodules)
        trees = {side: _tree(store, commit, deadline) for side, commit in _sides(target)}
        wholes = {side: submodules.expanded(side, tree, target.project) for side, tree in trees.items()}
        _seal(store, target, submodules.commits, deadline)
        files = Files(store, limits, normal(target.directory), deadline)
        written = {side: files.write(folder / "in" / _FOLDERS[side], tree, submodules.unread_on(side)) for side, tree in wholes.items()}
        _tell(staged, wholes, target, written)
    except NotStaged as error:
        staged.reasons.append(str(error))
    except (BadPack, ValueError) as error:
        staged.reasons.append(f"the repository can't be read: {error}")
    return staged


def _sides(target: Target) -> list[tuple[Side, str]]:
    return [*([(Side.BASE, target.base)] if target.base else []), (Side.HEAD, target.head)]


def _store(repository: Path) -> Objects:
    """Make an empty repository whose settings are ours alone."""
    git = repository / ".git"
    for name in ("objects", "refs/heads", "info"):
        (git / name).mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/none\n")
    (git / "config").write_text(_CONFIG)
    (git / "info" / "attributes").write_text(_ATTRIBUTES)
    return Objects(git)


def _fetch(target: Target, fetcher: Fetcher, limits: Limits, staged: Staged) -> None:
    fetcher.require_reachable(target.head)
    if target.base is None:
        fetcher.whole([target.head])
        return
    between = fetcher.between(target.base, target.head)
    staged.commits = len(between.commits)
    staged.descends = between.descends
    if len(between.commits) > limits.commits or between.forked_often:
        staged.not_read.append(NotRead(".git", f"the history of {len(between.commits)} commits between base and head", changed=False))
        fetcher.whole(sorted({target.base, target.head}))
        return
    known = sorted({target.base, *between.forks})
    fetcher.whole(known)
    if target.head not in known:
        fetcher.onto(target.head, known)


def _seal(store: Objects, target: Target, submodules: Mapping[str, str], deadline: Deadline) -> None:
    """Name the commits, mark where history is cut, and make one pack of all; that fails where an object is missing."""
    refs = {f"refs/heads/{side}": commit for side, commit in _sides(target)} | {f"refs/submodules/{name}": commit for name, commit in submodules.items()}
    for name, commit in refs.items():
        path = store.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{commit}\n")
    (store.folder / "HEAD").write_text(f"{target.head}\n")
    commits = store.commits()
    cut = sorted(name for name, commit in commits.items() if any(parent not in commits for parent in commit.parents))
    (store.folder / "shallow").write_text("".join(f"{name}\n" for name in cut))
    store.run("repack", "-a", "-d", "-q", "--no-write-bitmap-index", seconds=deadline.left())


def _tree(store: Objects, commit: str, deadline: Deadline) -> Tree:
    return dict(read_tree(store.tree(commit, deadline.left())))


def _tell(staged: Staged, trees: Mapping[Side, Tree], target: Target, written: Mapping[Side, Written]) -> None:
    """Note what differs, and what of it no reviewer was given."""
    directory = normal(target.directory)
    head = trees[Side.HEAD]
    differing = changed(trees[Side.BASE], head) if Side.BASE in trees else set(head)
    if link := next((path for path in head if within(directory, path) and directory), None):
        staged.reasons.append(f"the built directory {shown(directory)} is reached through {quoted(link)}, which is no folder at head")
    elif directory and not any(within(path, directory) for path in head):
        staged.reasons.append(f"the built directory {shown(directory)} is not there at head")
    for side, side_written in written.items():
        blobs = staged.head if side is Side.HEAD else staged.base
        blobs |= {path: blob for path, blob in side_written.blobs.items() if path in differing}
    left_out = {path: why for side_written in written.values() for path, why in side_written.refused.items()}
    for path, why in sorted(left_out.items()):
        staged.not_read.append(NotRead(path, why, path in differing))
        if path in differing and (within(path, directory) or within(directory, path)):
            staged.reasons.append(f"not given to a reviewer: {quoted(path)}: {why}")

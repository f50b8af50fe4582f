"""The registry's own git repository: what a change touched, and a file as it was at a commit. Reads only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from pinwarden.adapters.registry_files import EntryFile
from pinwarden.errors import Misuse, OutsideError
from pinwarden.shown import quoted


def changed_since(root: Path, revision: str, *, removed: bool = False) -> frozenset[str]:
    """Return the files below `root` that exist and differ from where its history left that of `revision`.

    Paths are relative to `root`. The work tree counts, committed or not. A renamed file counts under its new path; one that
    is gone is not there to be checked, and counts where `removed` asks for it. Raises Misuse where there is no common history to compare with.
    """
    base = _git(root, "merge-base", "--end-of-options", commit(root, revision), "HEAD")
    if base is None:
        raise Misuse(f"{quoted(revision)} and HEAD have no common commit here", "fetch the whole history: actions/checkout with fetch-depth: 0")
    changed = _git(
        root,
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--ignore-submodules=dirty",
        *(() if removed else ("--diff-filter=d",)),
        "--relative",
        base.strip(),
        "--",
        ".",
    )
    untracked = _git(root, "ls-files", "-z", "--others", "--exclude-standard")
    if changed is None or untracked is None:
        raise OutsideError(f"{root}: git could not compare the work tree with {quoted(revision)}", "run git status there")
    return frozenset(path for path in (changed + untracked).split("\0") if path)


def changed_files(root: Path, revision: str, files: Iterable[EntryFile]) -> list[EntryFile]:
    """Return those of `files` that differ, as changed_since says. Raises Misuse."""
    changed = changed_since(root, revision)
    # A folder that became a link or a submodule differs itself, not the files below it.
    return [file for file in files if not changed.isdisjoint((file.path, *map(str, PurePosixPath(file.path).parents)))]


def file_at(root: Path, revision: str, path: str) -> bytes | None:
    """Return the file at `path` (relative to `root`) as it was at `revision`, None where it did not exist."""
    content = _git(root, "cat-file", "blob", f"{commit(root, revision)}:./{path}")
    return None if content is None else os.fsencode(content)


def git_folder(root: Path) -> tuple[Path, str]:
    """Return the folder of git's own that `root` belongs to, and where `root` is in its work tree, ending in a slash. Raises Misuse."""
    found = _git(root, "rev-parse", "--absolute-git-dir", "--show-prefix")
    if found is None:
        raise Misuse(f"{root} is in no git repository that git reads", "clone the registry, and own its folder")
    folder, _, prefix = found.partition("\n")
    return Path(folder), prefix.removesuffix("\n")


def merge_base(root: Path, one: str, other: str) -> str:
    """Return the commit where the histories of two commits part. Raises Misuse where they never met."""
    found = _git(root, "merge-base", "--end-of-options", one, other)
    if found is None:
        raise Misuse(f"{quoted(one)} and {quoted(other)} have no common commit here", "fetch the whole history: actions/checkout with fetch-depth: 0")
    return found.strip()


def commit(root: Path, revision: str) -> str:
    """Return the id of the commit that `revision` names. Raises Misuse where it names none."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found is None and _git(root, "rev-parse", "--git-dir") is None:
        raise Misuse(f"{root} is in no git repository that git reads", "commits are compared: clone the registry, and own its folder")
    if found is None:
        raise Misuse(f"{root}: {quoted(revision)} is not a commit of this repository", "fetch it first: actions/checkout with fetch-depth: 0")
    return found.strip()


def _git(root: Path, *arguments: str) -> str | None:
    """Run git and return what it printed, None where it failed. Bytes that are not UTF-8 pass as os.fsdecode has them."""
    # No hook or monitor of the repository's configuration is run. A clean filter that its owner set up may be: it says what changed.
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise OutsideError("git is not installed", "install git: commits are compared") from error
    return os.fsdecode(done.stdout) if done.returncode == 0 else None

"""Reads what lies between two pins, for the pull request that proposes the newer: nothing of the upstream runs, everything is bounded."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pinwarden.adapters.git_http import UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Objects
from pinwarden.adapters.reviewing import surface_of
from pinwarden.adapters.staged_fetch import Access
from pinwarden.adapters.staging import Staged, stage
from pinwarden.brief import Brief, UpstreamCommit
from pinwarden.git_protocol import NotOurRef
from pinwarden.target import Target
from pinwarden.tree import normal
from pinwarden.upstream import read_at

_SECONDS = 60
_MOST_COMMITS, _MOST_FILES, _LONGEST = 30, 200, 200


def brief(target: Target, access: Access) -> Brief:
    """Return the brief of a differential target. What can't be read is a reason in it. Raises OSError where this machine fails."""
    with tempfile.TemporaryDirectory(prefix="pinwarden-", ignore_cleanup_errors=True) as folder:
        staged = stage(target, Path(folder) / "stage", access)
        surface = surface_of(target, staged)
        store = Objects(Path(folder) / "stage" / "in" / "repository" / ".git")
        try:
            commits, emails = _commits(store, target)
            files = _files(store, target)
        except BadPack as error:
            return Brief(surface=surface, reasons=(*staged.reasons, f"its history can't be read: {error}"))
        return Brief(_count(staged, commits), commits, _new_authors(target, access, emails), files, surface=surface, reasons=tuple(staged.reasons))


def _count(staged: Staged, commits: tuple[UpstreamCommit, ...]) -> int:
    return max(staged.commits, len(commits))


def _commits(store: Objects, target: Target) -> tuple[tuple[UpstreamCommit, ...], dict[str, str]]:
    """Return the newest commits, and all authors between: names by e-mail address, which mailmap can't rename here."""
    printed = store.run("log", "-z", "--no-mailmap", "--format=%H%x01%an%x01%ae%x01%s", f"{target.base}..{target.head}", seconds=_SECONDS)
    rows = [row.split("\x01", 3) for row in printed.decode("utf-8", "replace").split("\0") if row.count("\x01") >= 3]
    commits = tuple(UpstreamCommit(name, author[:_LONGEST], subject[:_LONGEST]) for name, author, _, subject in rows[:_MOST_COMMITS])
    return commits, {email: author[:_LONGEST] for _, author, email, _ in rows}


def _files(store: Objects, target: Target) -> tuple[str, ...]:
    scope = ["--", f":(top,literal){normal(target.directory)}"] if normal(target.directory) else []
    printed = store.run("diff", "--numstat", "-z", "--no-renames", str(target.base), target.head, *scope, seconds=_SECONDS)
    rows = (row.split("\t", 2) for row in printed.decode("utf-8", "replace").split("\0") if row.count("\t") >= 2)
    return tuple(f"{path[:_LONGEST]} +{added} -{removed}" for added, removed, path in list(rows)[:_MOST_FILES])


def _new_authors(target: Target, access: Access, emails: dict[str, str]) -> tuple[str, ...] | None:
    """Return who of the authors between has no commit in base's history, which is fetched without files; None where it can't be."""
    try:
        with Objects.temporary() as objects:
            with access.http.fetch(f"{read_at(target.project, access.mirrors)}.git", [str(target.base)], keep="tree:0") as pack:
                objects.add(pack, _SECONDS)
            known = set(objects.run("log", "--no-mailmap", "--format=%ae", str(target.base), seconds=_SECONDS).decode("utf-8", "replace").splitlines())
    except (UpstreamFailed, NotOurRef, BadPack):
        return None
    return tuple(sorted({author for email, author in emails.items() if email not in known}))

"""Rules about the pin itself: source.commit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.entry import COMMIT, Entry
from pinwarden.rules.rule import Policy, Problem
from pinwarden.shown import quoted

FULL = "write all 40 characters, in lower case: git rev-parse <ref>"
_HEX = re.compile(r"[0-9a-fA-F]+\Z")


def commit_missing(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.type == "server" and entry.has_source and (not entry.has(*COMMIT) or entry.commit == ""):
        yield Problem(COMMIT, "a server that is built names no commit", f"add source.commit; {FULL}")


def commit_not_string(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.has(*COMMIT) and entry.commit != "" and not entry.document.is_string(COMMIT):
        yield Problem(COMMIT, f"the commit {quoted(entry.commit or '')} is not text in every reader of YAML", "put the commit in double quotes")


def commit_length(entry: Entry, _: Policy) -> Iterator[Problem]:
    commit = _text_commit(entry)
    if commit and _HEX.match(commit) and len(commit) != 40:
        yield Problem(COMMIT, f"the commit has {len(commit)} characters, 40 are required", FULL)


def commit_uppercase(entry: Entry, _: Policy) -> Iterator[Problem]:
    commit = _text_commit(entry)
    if commit and _HEX.match(commit) and len(commit) == 40 and commit != commit.lower():
        yield Problem(COMMIT, "the commit has upper-case letters", FULL)


def commit_not_sha(entry: Entry, _: Policy) -> Iterator[Problem]:
    commit = _text_commit(entry)
    if commit and not _HEX.match(commit):
        yield Problem(COMMIT, f"{quoted(commit)} is not a commit: a branch or tag can be moved after it was reviewed", FULL)


def _text_commit(entry: Entry) -> str | None:
    return entry.commit if entry.document.is_string(COMMIT) else None


def trailing_whitespace(entry: Entry, _: Policy) -> Iterator[Problem]:
    for key in ("project", "commit", "branch", "directory", "dockerfile"):
        rest = entry.document.rest_of_line(("source", key))
        if entry.document.scalar(("source", key)) and rest is not None and rest != rest.rstrip(" \t"):
            yield Problem(("source", key), f"blanks at the end of the line of source.{key}", "remove them")

"""Rules about which part of the source is built: source.directory and source.dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.entry import Entry
from pinwarden.rules.rule import Policy, Problem
from pinwarden.shown import quoted

DIRECTORY = ("source", "directory")
DOCKERFILE = ("source", "dockerfile")
_PATH_TEXT = re.compile(r"[A-Za-z0-9._/@+ -]+\Z")
_DRIVE = re.compile(r"[A-Za-z]:")


def directory_traversal(entry: Entry, _: Policy) -> Iterator[Problem]:
    for path, text in _paths(entry):
        if ".." in text.split("/"):
            yield Problem(path, f"{quoted(text)} leaves the repository through ..", "name a path inside the repository")


def directory_absolute(entry: Entry, _: Policy) -> Iterator[Problem]:
    for path, text in _paths(entry):
        if text.startswith("/") or _DRIVE.match(text):
            yield Problem(path, f"{quoted(text)} is an absolute path", "write it relative to the repository's root")


def directory_separator(entry: Entry, _: Policy) -> Iterator[Problem]:
    for path, text in _paths(entry):
        if "\\" in text:
            yield Problem(path, f"{quoted(text)} has a backslash, which is a letter of the name on Linux", "separate with /")


def directory_git(entry: Entry, _: Policy) -> Iterator[Problem]:
    for path, text in _paths(entry):
        if any(part.lower().rstrip(". ") == ".git" for part in re.split(r"[/\\]", text)):
            yield Problem(path, f"{quoted(text)} reaches into .git", "name a folder that upstream has committed")


def directory_characters(entry: Entry, _: Policy) -> Iterator[Problem]:
    for path, text in _paths(entry):
        odd = not _PATH_TEXT.match(text.replace("\\", "/")) and not _DRIVE.match(text)
        if odd or "//" in text or text.startswith("-") or text != text.strip():
            yield Problem(path, f"{quoted(text)} has characters that a build context can't name", "use letters, digits, spaces and . _ - + @ /")


def _paths(entry: Entry) -> Iterator[tuple[tuple[str, ...], str]]:
    for path in (DIRECTORY, DOCKERFILE):
        if text := entry.document.scalar(path):
            yield path, text

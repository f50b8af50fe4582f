"""What the page rests on beside the entries, read from files and from git: each is taken as what it should be, or refused with its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pinwarden.adapters import registry_git
from pinwarden.adapters.bump_plan import read_plan
from pinwarden.adapters.collection import NotCollected, read_plain_file
from pinwarden.adapters.git_objects import BadPack, Objects
from pinwarden.conclusion import Conclusion
from pinwarden.errors import Misuse
from pinwarden.page.dates import moment_in
from pinwarden.page.images import ImageCheck, image_check_of
from pinwarden.page.pins import Scan
from pinwarden.page.publishers import Trust, trust_of
from pinwarden.page.reviews import Record, Records, record_at
from pinwarden.risk import Risk
from pinwarden.shown import quoted, shown

_MOST_BYTES = 64 * 1024 * 1024
_MOST_RECORD = 4 * 1024 * 1024
_MOST_RECORDS = 200_000
_SECONDS = 300
_FOLDER = "audits"

Made = TypeVar("Made")


def scan(path: Path) -> Scan:
    """Read a scan: the plan of bump-pins. Raises Misuse."""
    plan = read_plan(path)
    try:
        at = moment_in(plan.scanned) if plan.scanned else None
    except ValueError as error:
        raise Misuse(f"{shown(str(path))} is no plan of a scan: it was made at no time that there is", "scan again") from error
    return Scan(at, {pin.server: pin for pin in plan.pins}, plan.pinned_at, plan.behind)


def trust(path: Path) -> Trust:
    """Read what resolve-trust printed. Raises Misuse."""
    return _document(path, trust_of, "resolve-trust")


def images(folder: Path) -> dict[str, ImageCheck]:
    """Read what verify-image printed, `<server>.json` for each, by server. Raises Misuse."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise Misuse(f"{shown(str(folder))} can't be read: {error.strerror}", "name the folder with <server>.json of each image") from error
    return {path.stem: _document(path, image_check_of, "verify-image") for path in paths if path.suffix == ".json"}


def records(place: str, registry: Path, url: str | None, by_risk: Mapping[Risk, Conclusion]) -> Records:
    """Read the records in a folder, or at a revision of the registry's git repository where `place` is no folder.

    What can't be read is counted, and counts for nothing. Raises Misuse where there is no such place.
    """
    folder = Path(place)
    found: list[Record] = []
    unread = 0
    for path, content in _in_folder(folder) if folder.is_dir() else _at_revision(registry, place):
        try:
            found.append(record_at(path, json.loads(content or b"")))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            unread += 1
    return Records.of(found, unread, url, by_risk)


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes | None]]:
    for path in _limited(sorted(folder.glob(f"{_FOLDER}/*/*/*.json"))):
        try:
            yield path.relative_to(folder).as_posix(), read_plain_file(path, _MOST_RECORD)
        except NotCollected:
            yield path.relative_to(folder).as_posix(), None


def _at_revision(registry: Path, revision: str) -> Iterator[tuple[str, bytes | None]]:
    try:
        commit = registry_git.commit(registry, revision)
        objects = Objects(registry_git.git_folder(registry)[0])
    except Misuse as error:
        raise Misuse(f"{quoted(revision)} is neither a folder nor a commit of the registry's repository", "fetch the branch of the records first") from error
    try:
        nodes = {}
        for line in objects.tree(commit, _SECONDS).split(b"\0")[:-1]:
            meta, _, path = line.partition(b"\t")
            _mode, kind, name, size = meta.split()
            if kind == b"blob" and path.startswith(_FOLDER.encode() + b"/") and int(size) <= _MOST_RECORD:
                nodes[path.decode(errors="replace")] = name.decode()
        paths = _limited(sorted(nodes))
        yield from zip(paths, objects.blobs([nodes[path] for path in paths], _SECONDS), strict=True)
    except (BadPack, ValueError) as error:
        raise Misuse(f"the records at {quoted(revision)} can't be read: {error}", "is its history complete? Fetch it: git fetch --unshallow") from error


def _limited(paths: list[Made]) -> list[Made]:
    if len(paths) > _MOST_RECORDS:
        raise Misuse(f"there are more than {_MOST_RECORDS} records", "name a folder with those of the last years")
    return paths


def _document(path: Path, made: Callable[[Any], Made], command: str) -> Made:
    hint = f"write there what {command} --format json prints"
    try:
        return made(json.loads(read_plain_file(path, _MOST_BYTES)))
    except NotCollected as error:
        raise Misuse(f"{shown(str(path))}: {error}", hint) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Misuse(f"{shown(str(path))} is not what {command} prints", hint) from error

"""Plans and reviews as files. A review comes from a job that read hostile code, so its file is taken as carefully as that job's output was."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from pinwarden.adapters.collection import NotCollected, read_plain_file
from pinwarden.adapters.registry_files import validator
from pinwarden.errors import Misuse
from pinwarden.shown import quoted, shown
from pinwarden.status import ReviewFile

_MOST_PLAN = 8 * 1024 * 1024
_MOST_REVIEW = 4 * 1024 * 1024
_MOST_FILES = 1_000


def plan_argument(command: argparse.ArgumentParser) -> None:
    """Add --plan, and --plan-sha256 beside it."""
    command.add_argument("--plan", type=Path, required=True, metavar="FILE", help="the plan (schemas/plan.schema.json)")
    command.add_argument("--plan-sha256", default="", metavar="HEX", help="what the plan's file must hash to; empty takes any")


def read_plan(path: Path, sha256: str = "") -> Mapping[str, Any]:
    """Return the plan in the file at `path`, which hashes to `sha256` where given. Raises Misuse.

    A plan lies in an artifact, which any job of its run could replace; a hash comes as that job's output, which none other can.
    """
    if not os.path.lexists(path):
        raise Misuse(f"there is no plan at {shown(str(path))}", "docs/report-status.md shows one")
    try:
        content = _content(path, _MOST_PLAN)
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise Misuse(f"{shown(str(path))} is not the plan that was made: it has another hash", "something has replaced it; start the reviews again")
        plan = _document(content, validator("plan"))
    except ValueError as error:
        raise Misuse(f"{shown(str(path))} is no plan: {error}", "schemas/plan.schema.json says what a plan holds") from error
    return plan


def read_reviews(folder: Path) -> list[ReviewFile]:
    """Return the reviews in the folders of `folder`, and in itself. Raises Misuse where it is no folder or holds too many."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise Misuse(f"{shown(str(folder))} can't be read: {error.strerror}", "name the folder with the reviews") from error
    if len(names) > _MOST_FILES:
        raise Misuse(f"{shown(str(folder))} holds more than {_MOST_FILES} folders", "keep one folder for each review")
    valid = validator("review")
    paths = [Path("review.json"), *(Path(name, "review.json") for name in names)]
    return [_read(folder, path, valid) for path in paths if os.path.lexists(folder / path)]


def read_artifacts(folder: Path) -> list[ReviewFile]:
    """Return one for whatever lies in `folder`, by its name: the review.json in it, or the reason why there is none. No folder holds nothing.

    Raises Misuse where it can't be read or holds too many.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except FileNotFoundError:
        # Where no review came to its end there is no artifact, and nothing was downloaded.
        return []
    except OSError as error:
        raise Misuse(f"{shown(str(folder))} can't be read: {error.strerror}", "name the folder with the reviews") from error
    if len(names) > _MOST_FILES:
        raise Misuse(f"{shown(str(folder))} holds more than {_MOST_FILES} artifacts", "keep one for each review")
    valid = validator("review")
    return [_artifact(folder, name, valid) for name in names]


def _artifact(folder: Path, name: str, valid: Draft202012Validator) -> ReviewFile:
    if (folder / name).is_symlink() or not (folder / name).is_dir():
        return ReviewFile(name, None, "it is no folder")
    return _read(folder, Path(name, "review.json"), valid)


def _read(folder: Path, path: Path, valid: Draft202012Validator) -> ReviewFile:
    try:
        return ReviewFile(path.as_posix(), _document(_content(folder / path, _MOST_REVIEW), valid))
    except ValueError as error:
        return ReviewFile(path.as_posix(), None, str(error))


def _content(path: Path, most_bytes: int) -> bytes:
    """Return what the file at `path` holds. Raises ValueError, with a reason that may be printed."""
    try:
        return read_plain_file(path, most_bytes)
    except NotCollected as error:
        raise ValueError(str(error)) from error


def _document(content: bytes, valid: Draft202012Validator) -> Mapping[str, Any]:
    """Return the JSON document in `content`. Raises ValueError, with a reason that may be printed."""
    try:
        document = json.loads(content, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"not JSON: {shown(str(error))}") from error
    for wrong in valid.iter_errors(document):
        where = "/".join(map(str, wrong.absolute_path))
        raise ValueError(f"at {shown(where) or 'its top'}: does not follow the schema: {_wrong(wrong)}")
    return document  # type: ignore[no-any-return]  # the schema says that it is an object


def _wrong(error: Any) -> str:
    """Say what a schema refuses, without quoting what stands there."""
    match error.validator:
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            return f"the key {quoted(missing)} is missing"
        case "additionalProperties":
            extra = next(key for key in error.instance if key not in error.schema.get("properties", {}))
            return f"the key {quoted(extra[:80])} is not known"
        case rule:
            return shown(f"{rule} {error.validator_value}")[:120]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found

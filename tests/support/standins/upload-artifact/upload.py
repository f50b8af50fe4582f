"""Copies files to `$SHARED_ARTIFACTS/<name>`."""

from __future__ import annotations

import glob
import os
import re
import shutil
import sys
from pathlib import Path


def main() -> None:
    name, wanted, absent = (os.environ[key] for key in ("NAME", "FILES", "IF_NO_FILES_FOUND"))
    assert absent in ("warn", "error", "ignore"), absent
    if not name or re.search(r'[":<>|*?\r\n\\/]', name):
        sys.exit(f"::error::The artifact name is not valid: {name!r}")
    patterns = [Path(line.strip()) for line in wanted.splitlines() if line.strip()]
    assert not any(str(pattern).startswith("!") for pattern in patterns), "exclusions are not modelled"
    roots = [_root(pattern) for pattern in patterns]
    files = sorted({file for pattern, root in zip(patterns, roots, strict=True) for file in _found(pattern, root)})
    if not files:
        text = f"No files were found with the provided path: {' '.join(map(str, patterns))}. No artifacts will be uploaded."
        print(text if absent == "ignore" else f"::{ {'warn': 'warning', 'error': 'error'}[absent] }::{text}")
        sys.exit(absent == "error")
    target = Path(os.environ["SHARED_ARTIFACTS"]) / name
    if os.environ["OVERWRITE"] == "true":
        shutil.rmtree(target, ignore_errors=True)
    elif target.exists():
        sys.exit("::error::Failed to CreateArtifact: (409) Conflict: an artifact with this name already exists on the workflow run")
    # One file or folder leaves its own path behind, of several the part that they share.
    common = Path(os.path.commonpath([os.path.abspath(root) for root in roots]))
    base = common if common.is_dir() else common.parent
    for file in files:
        copy = target / Path(os.path.abspath(file)).relative_to(base)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _root(pattern: Path) -> Path:
    """Return the part of a pattern without wildcards."""
    kept = []
    for part in pattern.parts:
        if glob.has_magic(part):
            break
        kept.append(part)
    return Path(*kept)


def _found(pattern: Path, root: Path) -> list[Path]:
    """Return the files of a pattern, those in its folders too; by default nothing that starts with a dot from its root on."""
    matches = [Path(match) for match in glob.glob(str(pattern), recursive=True, include_hidden=True)]
    files = [file for match in matches for file in ([match] if match.is_file() else match.rglob("*")) if file.is_file()]
    if os.environ["INCLUDE_HIDDEN_FILES"] == "true":
        return files
    return [file for file in files if not any(part.startswith(".") for part in (root.name, *file.relative_to(root).parts))]


main()

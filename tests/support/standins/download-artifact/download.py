"""Copies artifacts from `$SHARED_ARTIFACTS`."""

from __future__ import annotations

import os
import shutil
import sys
from fnmatch import fnmatchcase
from pathlib import Path


def main() -> None:
    name, pattern, target = os.environ["NAME"], os.environ["PATTERN"], Path(os.environ["TARGET"])
    assert not set(pattern) & set("{}!"), "such a pattern is not modelled"
    store = Path(os.environ["SHARED_ARTIFACTS"])
    there = sorted(store.iterdir()) if store.is_dir() else []
    found = [each for each in there if (each.name == name if name else fnmatchcase(each.name, pattern or "*"))]
    if name and not found:
        sys.exit(f"::error::Unable to download artifact(s): Artifact not found for name: {name}")
    for each in found:
        # Also where a pattern matches a single artifact, that has a folder of its own.
        merged = name or os.environ["MERGE_MULTIPLE"] == "true"
        shutil.copytree(each, target if merged else target / each.name, dirs_exist_ok=True)
    print(f"Total of {len(found)} artifact(s) downloaded")


main()

"""Fetch axe-core, which judges the page's accessibility in the tests' browser: by its exact version, held against npm's own hash."""

from __future__ import annotations

import sys
from pathlib import Path

from support.github_twin.operations import Package
from support.github_twin.prepare import NotPrepared, fetch

AXE = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    "package/axe.min.js",
)
FILE = "axe.min.js"


def main(target: str) -> None:
    """Write the script and, last, `complete` into a folder, or end the process with what is wrong."""
    folder = Path(target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(fetch(AXE))
        (folder / "complete").write_text(AXE.integrity + "\n")
    except NotPrepared as problem:
        sys.exit(f"error: {problem}")

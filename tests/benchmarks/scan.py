"""bump-pins --dry-run where nothing moved, beside one `git ls-remote` per repository, sixteen at a time, on the same server.

git asks twice per repository and is told every ref; the scan asks once, for what entries track, and judges 249 pins.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import ROOT, Row, environment, in_turn, time_row
from benchmarks.registries import real_or_generated
from support.git_server import GitServer
from support.upstreams import real_shapes

PAIRS = 5


def run() -> list[Row]:
    source, kind = real_or_generated()
    toolkit = environment("toolkit", ROOT / "scripts" / "requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        shapes = real_shapes(source, Path(folder))
        with GitServer(shapes.repositories) as server:
            urls = Path(folder) / "urls"
            repositories = sorted(shapes.repositories.glob("*/*.git"))
            urls.write_text("".join(f"{server.url}/{path.parent.name}/{path.name}\n" for path in repositories))
            mirror = f"--mirror=https://github.com/={server.url}/"
            ours: Sequence[str | Path] = [
                toolkit,
                "-sE",
                ROOT / "scripts" / "bump_pins.py",
                "--registry",
                shapes.registry,
                "--dry-run",
                "--format",
                "json",
                mirror,
            ]
            theirs: Sequence[str | Path] = ["xargs", "-a", urls, "-n", "1", "-P", "16", "git", "ls-remote", "--quiet"]
            measured = in_turn(ours, theirs, Path(folder), PAIRS)
            requests = len(server.requests)
    print(f"{len(repositories)} repositories, {requests} requests in {2 * (PAIRS + 1)} runs", file=sys.stderr)
    return [time_row("scan vs git ls-remote", f"s, {kind}", measured)]

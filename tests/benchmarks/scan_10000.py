"""A scan of 10,000 entries over 8,000 repositories by GitHub's API, beside one of 4,000 over 3,200: requests, memory, and whether it is linear.

The server's time would hide ours, so what is compared is the processor's time of the scan's own process.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import OUT, ROOT, Row, Spent, environment, machine, spent
from benchmarks.registries import spread
from benchmarks.scan import scan, with_api
from support.github_twin.contract import Contract
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

MOST_REQUESTS, MOST_MEBIBYTES = 170, 300
LARGE, SMALL = (10_000, 8_000), (4_000, 3_200)
# Twice and a half the work, and what a machine with other work on it adds.
LINEAR = LARGE[0] / SMALL[0] * 1.2


def run() -> list[Row]:
    toolkit = environment("toolkit", ROOT / "scripts" / "requirements.txt")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pin = _repositories(folder, LARGE[1])
        registries = [spread(folder / f"registry-{count}", count, repositories, pin) for count, repositories in (LARGE, SMALL)]
        with GitHubTwin(folder / "repositories", Contract.at(OUT / "cache" / "github")) as twin:
            commands = [with_api(scan(toolkit, registry, twin.url), twin) for registry in registries]
            done = subprocess.run([str(part) for part in commands[0]], check=True, capture_output=True, text=True)
            document = json.loads(done.stdout)
            if any(pin["verdict"] != "unchanged-directory" for pin in document["pins"]) or document["requests"] != len(twin.log):
                raise RuntimeError("the scan is wrong about a pin, or its count of requests is")
            large, small = (spent(command, folder) for command in commands)
    return _rows(document["requests"], large, small)


def _rows(requests: int, large: Spent, small: Spent) -> list[Row]:
    def row(name: str, ours: float, theirs: float, unit: str, bound: float) -> Row:
        return Row(name, round(ours, 2), round(theirs, 2), round(ours / theirs, 3), unit, 1, machine(), bound)

    return [
        row("requests for 8,000 repositories vs allowed", requests, MOST_REQUESTS, "requests", 1),
        row("memory for 10,000 entries vs allowed", large.mebibytes, MOST_MEBIBYTES, "MiB", 1),
        row("10,000 entries vs 4,000", large.busy, small.busy, "s of a processor", LINEAR),
        row("memory for 10,000 entries vs 4,000", large.mebibytes, small.mebibytes, "MiB", LINEAR),
    ]


def _repositories(folder: Path, count: int) -> str:
    """Make one repository, and links to it under so many names; return a pin in it."""
    commits = [Commit("old", {"servers/weather/server.py": "1", "README.md": "1"}), Commit("new", {"README.md": "2"})]
    ids = build(folder / "template", [Upstream("example/template", commits, branches={"main": "new"})])["example/template"]
    for number in range(count):
        path = folder / "repositories" / "example" / f"repository-{number:05}.git"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(folder / "template" / "example" / "template.git")
    return ids["old"]

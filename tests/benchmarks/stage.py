"""Staging a change of ten commits out of 2,000 (100 MB of history), beside a clone of the same repository from the same server: bytes that the server sends.

The content is noise, so that nothing compresses and no delta helps either side.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import Row, machine
from pinwarden.adapters.git_http import GitHttp
from pinwarden.adapters.staged_fetch import Access
from pinwarden.adapters.staging import stage
from pinwarden.target import Target
from pinwarden.upstream import Mirror
from support.git_server import GitServer
from support.upstreams import Commit, Upstream, build

COMMITS, FILES, FILE_BYTES, BETWEEN = 2_000, 80, 51_200, 10


def run() -> list[Row]:
    noise = random.Random(1)  # the same repository each time
    commits = [Commit(str(number), {f"src/file{number % FILES}.bin": noise.randbytes(FILE_BYTES)}) for number in range(COMMITS)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ids = build(root / "upstreams", [Upstream("ada/large", commits, branches={"main": str(COMMITS - 1)})])["ada/large"]
        target = Target("large", "https://github.com/ada/large", ids[str(COMMITS - 1)], ids[str(COMMITS - 1 - BETWEEN)])
        with GitServer(root / "upstreams") as server, GitHttp() as http:
            staged = stage(target, root / "stage", Access(http, [Mirror("https://github.com/", f"{server.url}/")]))
            ours = server.sent
            subprocess.run(["git", "clone", "--quiet", "--bare", f"{server.url}/ada/large", str(root / "clone")], check=True)
            theirs = server.sent - ours
    if staged.reasons:
        raise RuntimeError(staged.reasons[0])
    mib = 2**20
    return [Row("stage vs git clone", round(ours / mib, 2), round(theirs / mib, 2), round(ours / theirs, 4), f"MiB, {COMMITS} commits", 1, machine(), 0.1)]

"""bump-pins --dry-run over a real registry, each beside what it stands for, on the same server.

With git alone: one `git ls-remote` per repository, sixteen at a time. git asks twice per repository and is told every ref; the
scan asks once, for what entries track, and judges 249 pins; nothing moved.

With GitHub's API, at 100 ms a request: one REST call per entry, one after the other. Most upstreams moved.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import OUT, ROOT, Row, environment, in_turn, machine, time_row
from benchmarks.registries import real_or_generated
from support.git_server import GitServer
from support.github_twin.contract import Contract
from support.github_twin.tokens import Kind
from support.github_twin.twin import GitHubTwin
from support.upstreams import Fate, Shapes, real_shapes

PAIRS = 5
PAIRS_OF_API = 3
LATENCY = 0.1
MOST_REQUESTS = 6


def run() -> list[Row]:
    source, kind = real_or_generated()
    toolkit = environment("toolkit", ROOT / "scripts" / "requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        return [_beside_git(source, kind, toolkit, Path(folder) / "git"), *_beside_rest(source, kind, toolkit, Path(folder) / "api")]


def scan(toolkit: Path, registry: Path, url: str) -> list[str | Path]:
    """Return the command that scans `registry` with its upstreams at `url`."""
    options = ["--dry-run", "--format", "json", "--max-new", "100000", f"--mirror=https://github.com/={url}/"]
    return [toolkit, "-sE", ROOT / "scripts" / "bump_pins.py", "--registry", registry, *options]


def with_api(command: Sequence[str | Path], twin: GitHubTwin) -> list[str | Path]:
    """Return a command in an environment that holds a token of the tests' GitHub, which has no end of requests."""
    token = twin.world.token(Kind.PERSONAL, [], {}, hourly=10**9)
    given: Mapping[str, str] = {"GITHUB_API_URL": twin.url, "GITHUB_SERVER_URL": twin.url, "PINWARDEN_GITHUB_TOKEN": token}
    return ["env", *(f"{key}={value}" for key, value in given.items()), *command]


def _beside_git(source: Path, kind: str, toolkit: Path, folder: Path) -> Row:
    shapes = real_shapes(source, folder)
    with GitServer(shapes.repositories) as server:
        urls = folder / "urls"
        repositories = sorted(shapes.repositories.glob("*/*.git"))
        urls.write_text("".join(f"{server.url}/{path.parent.name}/{path.name}\n" for path in repositories))
        theirs: Sequence[str | Path] = ["xargs", "-a", urls, "-n", "1", "-P", "16", "git", "ls-remote", "--quiet"]
        measured = in_turn(scan(toolkit, shapes.registry, server.url), theirs, folder, PAIRS)
        requests = len(server.requests)
    print(f"{len(repositories)} repositories, {requests} requests in {2 * (PAIRS + 1)} runs", file=sys.stderr)
    return time_row("scan vs git ls-remote", f"s, {kind}", measured)


def _beside_rest(source: Path, kind: str, toolkit: Path, folder: Path) -> list[Row]:
    shapes = _drifted(source, folder)
    with GitHubTwin(shapes.repositories, Contract.at(OUT / "cache" / "github")) as twin:
        ours = with_api(scan(toolkit, shapes.registry, twin.url), twin)
        token = twin.world.token(Kind.PERSONAL, [], {}, hourly=10**9)
        theirs: list[str | Path] = [toolkit, "-sE", Path(__file__).with_name("sequential.py"), shapes.registry, twin.url, token]
        document = json.loads(subprocess.run([str(part) for part in ours], check=True, capture_output=True, text=True).stdout)
        calls = int(subprocess.run([str(part) for part in theirs], check=True, capture_output=True, text=True).stdout)
        wrong = [pin for pin in document["pins"] if pin["verdict"] not in (shapes.expected.get(pin["server"]), "not-pinned")]
        if wrong or document["requests"] != sum(twin.counts()[name] for name in ("query", "ls-refs", "fetch")):
            raise RuntimeError(f"the scan is wrong about {len(wrong)} pins, or its count of requests is")
        twin.latency = LATENCY
        measured = in_turn(ours, theirs, folder, PAIRS_OF_API, warm=False)
    sent = document["requests"]
    return [
        time_row("scan by API vs a REST call an entry", f"s, {kind}, {LATENCY * 1000:.0f} ms a request", measured, 1 / 8),
        Row("requests by API vs a REST call an entry", sent, calls, round(sent / calls, 3), "requests", 1, machine(), MOST_REQUESTS / calls),
    ]


def _drifted(source: Path, folder: Path) -> Shapes:
    """Let three of four upstreams move, as they do in a month."""
    plain = real_shapes(source, folder / "plain")
    fates = (Fate.MOVED, Fate.OUTSIDE, Fate.CURRENT, Fate.MOVED)
    followed = sorted(server for server, verdict in plain.expected.items() if verdict == "current")
    return real_shapes(source, folder / "drifted", {server: fates[number % 4] for number, server in enumerate(followed)})

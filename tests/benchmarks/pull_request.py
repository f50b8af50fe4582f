"""What pull requests cost in requests to GitHub's API, from a scan to the merge: each command as it is, against the tests' GitHub.

Beside it stands what a job's own token may ask in an hour. Reviews are written here, as they ask GitHub nothing.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import OUT, Row, machine
from support.commands import run_command
from support.github_twin.contract import Contract
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld
from support.reviewed import review

AN_HOUR = 1_000
"""Requests that GITHUB_TOKEN may make in one hour and repository. Source: GitHub's rate limits for the REST API."""
MOST = 12
"""What one merge may take."""
COUNTS = (1, 5)
CONFIG = "merge:\n  enabled: true\n"
DAYS = 4 * 86_400


def run() -> list[Row]:
    rows = []
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder, GitHubTwin(Path(folder) / "github", Contract.at(OUT / "cache" / "github")) as twin:
            twin.clock.now = int(time.time()) - DAYS  # so that what is proposed is old enough to be merged
            took = dict(_steps(twin, Path(folder), count))
        took["all but merge"] = sum(took.values()) - took["merge"]
        rows += [_row(f"{step}: {count} pull request{'s' if count > 1 else ''}", asked, MOST * count if step == "merge" else 0) for step, asked in took.items()]
    return rows


def _row(name: str, asked: int, most: int) -> Row:
    return Row(name, asked, AN_HOUR, round(asked / AN_HOUR, 4), "requests, an hour's", 1, machine(), most / AN_HOUR or None)


def _steps(twin: GitHubTwin, folder: Path, count: int) -> Iterator[tuple[str, int]]:
    """Yield each step with the requests that it took for a registry of `count` entries whose upstreams all moved."""
    world = ReviewWorld(twin, {f"server-{number}": ({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}) for number in range(count)}, CONFIG)
    given = world.environment(token=twin.app_token(world.app, [world.registry]), PINWARDEN_MIRROR=f"https://github.com/={twin.url}/")
    subprocess.run(["git", "clone", "--quiet", world.registry.git.folder, folder / "registry"], check=True)
    bump = ("bump_pins", "--registry", folder / "registry", "--plan", folder / "bump.json")
    yield "scan", _asked(twin, given, *bump, "--dry-run")
    yield "propose", _asked(twin, given, *bump)
    took = {"plan": 0, "report": 0, "record": 0}
    for number, pull in world.registry.pulls.items():
        plan, reviews = folder / f"{number}.json", folder / f"{number}"
        took["plan"] += _asked(
            twin, given, "plan_reviews", "--registry=.", f"--pull-request={number}", f"--head-sha={world.head(pull)}", "--format=json", output=plan
        )
        _review(json.loads(plan.read_text()), reviews)
        took["report"] += _asked(twin, given, "report_status", "--plan", plan, "--reviews", reviews)
        took["record"] += _asked(twin, given, "record_reviews", "--plan", plan, "--reviews", reviews, "--output", folder / f"{number}-records")
    yield from took.items()
    yield "merge", _asked(twin, given, "merge_pins")
    if sum(pull.merged is not None for pull in world.registry.pulls.values()) != count:
        raise RuntimeError("not every pull request was merged")


def _asked(twin: GitHubTwin, given: Mapping[str, str], *command: str | Path, output: Path | None = None) -> int:
    """Run a command and return how many requests to the API it took; git's own are no part of the limit."""
    before = len(twin.asked)
    done = run_command(str(command[0]), *command[1:], given=given)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode} from {command[0]}: {done.stderr}")
    if output:
        output.write_text(done.stdout)
    return sum(request.operation not in ("fetch", "ls-refs") for request in twin.asked[before:])


def _review(plan: Mapping[str, Any], folder: Path) -> None:
    """Write the reviews of a plan, each into its artifact."""
    targets = {target["server"]: target for target in plan["targets"]}
    for one in plan["reviews"]:
        about = {key: targets[one["server"]][key] for key in ("mode", "project", "base", "head", "directory")} | {"model": one["model"]}
        path = folder / one["artifact"] / "review.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(review(one["server"], agent=one["agent"], **about)))

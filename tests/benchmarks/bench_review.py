"""Reviews planted cases by the real run-review, and tells how much is found: a table for people, and out/bench-review/results.json.

GuardDog and the surface run without a container and ask nobody. The other agents run in the sandbox, with the key of their provider from the
environment.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.detection import Judged, Seen, by_family, table, total
from benchmarks.measure import OUT, Row, Spent, spent, time_row
from benchmarks.measure import table as times
from benchmarks.planted import CASES, Case, Half, Twin, read_cases
from pinwarden.adapters.environment import python_for
from pinwarden.adapters.guarddog_scan import AGENT as GUARDDOG
from pinwarden.conclusion import Conclusion
from pinwarden.review import check_of
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from support.commands import run_command
from support.git_server import GitServer
from support.upstreams import build

RESULTS = OUT / "bench-review" / "results.json"
HALVES = {"reported": [Half.REPORTED], "tuning": [Half.TUNING], "both": list(Half)}
# What commands that tests run don't get otherwise.
_GIVEN = ("PINWARDEN_IMAGES", "PINWARDEN_PROVIDER_URL")


def main(agent: str, half: str) -> int:
    """Review one half of the cases, or both; exit code 2 where there is no such agent or half."""
    if agent not in list(Agent) or half not in HALVES:
        print(f"error: no agent {agent} or no half {half}\n  AGENT is one of {', '.join(Agent)}, HALF one of {', '.join(HALVES)}", file=sys.stderr)
        return 2
    judged, rows = measure(read_cases(CASES, HALVES[half]), Agent(agent))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(document(judged, rows, Agent(agent)), indent=2) + "\n", encoding="utf-8")
    for one in HALVES[half]:
        mine = [case for case in judged if case.half is one]
        print(f"\n{len(mine)} cases of the {one} half, read by {agent} and the surface\n\n{table(mine)}")
    print(f"\n{times(rows)}" if rows else f"\n{_middle(judged):.1f} s a review, in the middle; it depends on the machine, the model and the day")
    return 0


def measure(cases: Sequence[Case], agent: Agent) -> tuple[list[Judged], list[Row]]:
    """Review both twins of each case; return what was seen, and GuardDog's time beside that of a bare run. A model has no bare equivalent here."""
    judged, pairs = [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ids = build(root / "upstreams", [case.upstream(twin) for case in cases for twin in Twin])
        with GitServer(root / "upstreams") as server:
            for case in cases:
                print(f"reviewing {case.slug} …", file=sys.stderr, flush=True)
                seen = {}
                for twin in Twin:
                    name = case.repository(twin)
                    where = ["--project", f"https://github.com/{name}", "--base", ids[name]["base"], "--head", ids[name]["head"]]
                    mirror = ["--mirror", f"https://github.com/={server.url}/"]
                    seen[twin] = _review(agent, [*where, *mirror], root / "reviews" / case.slug / twin)
                judged.append(Judged(case.slug, case.half, case.behaviour, case.language, seen[Twin.MALICIOUS], seen[Twin.BENIGN]))
                if agent is Agent.GUARDDOG:
                    pairs.append((Spent(seen[Twin.MALICIOUS].seconds, 0), _bare(case, root / "bare" / case.slug)))
    return judged, [time_row("a review vs GuardDog alone", "s, start to end", pairs)] if pairs else []


def _review(agent: Agent, options: Sequence[str], output: Path) -> Seen:
    output.parent.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    unboxed = ["--sandbox", "none"] if agent is Agent.GUARDDOG else []
    given = {name: os.environ[name] for name in _GIVEN if name in os.environ}
    done = run_command("run_review", *options, "--agent", agent, *unboxed, "--output", output, given=given)
    seconds = round(time.perf_counter() - started, 3)
    if done.returncode not in (0, 1):
        # One case that this machine can't review costs no other.
        return Seen(None, Conclusion.FAILURE, "incomplete", seconds, (done.stderr.strip()[-300:],))
    review: dict[str, Any] = json.loads((output / "review.json").read_bytes())
    told = [f"{agent} {one['severity']}: {one['title']}" for one in review["findings"]]
    told += [f"surface {one['risk']} {one['kind']}: {one['says']}" for one in review["surface"] if Risk(one["risk"]).weight > Risk.LOW.weight]
    return Seen(review["risk"], check_of(review).conclusion, review["outcome"], seconds, (*told, *review["reasons"]))


def _bare(case: Case, folder: Path) -> Spent:
    """Run GuardDog alone over the whole server before and after."""
    for side, files in (("base", case.base()), ("head", case.tree(Twin.MALICIOUS))):
        for path, content in files.items():
            (folder / side / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / side / path).write_bytes(content)
    return spent([python_for(GUARDDOG / "requirements.txt"), "-I", GUARDDOG / "scan.py", folder / "base", folder / "head"], folder)


def document(judged: Sequence[Judged], rows: Sequence[Row], agent: Agent) -> dict[str, Any]:
    """Return the file for programs: each case, the figures of each half that was run and of its families, and times."""
    totals = {}
    for half in Half:
        if mine := [one for one in judged if one.half is half]:
            totals[half] = {"all": asdict(total(mine)), "behaviours": {name: asdict(one) for name, one in by_family(mine).items()}}
    return {
        "agent": agent,
        "cases": [asdict(one) for one in judged],
        "totals": totals,
        "seconds": _middle(judged),
        "rows": [{key: value for key, value in asdict(row).items() if key != "bound"} for row in rows],
    }


def _middle(judged: Sequence[Judged]) -> float:
    """Return the median seconds of a review, which are noise."""
    return statistics.median(seen.seconds for one in judged for seen in (one.malicious, one.benign))

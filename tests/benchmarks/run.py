"""Runs the benchmarks, or the one named: a table for people, and rows for programs in out/bench/<name>.json."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
RESULTS = TESTS.parent / "out" / "bench"
# One module each, in this order; its run() returns rows.
BENCHMARKS = ("validate", "validate-10000", "scan", "scan-10000", "stage", "sandbox", "proxy", "agents", "page", "pull-request")


def main(argv: Sequence[str]) -> int:
    if len(argv) > 1 or any(name not in BENCHMARKS for name in argv):
        print(f"error: no benchmark {' '.join(argv)}\n  name one of: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    sys.path[:0] = [str(TESTS), str(TESTS.parent / "scripts"), str(TESTS.parent / "actions" / "run-review" / "sandbox")]
    from benchmarks.measure import table

    for name in argv or BENCHMARKS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"benchmarks.{name.replace('-', '_')}").run()
        RESULTS.mkdir(parents=True, exist_ok=True)
        rows = [{key: value for key, value in asdict(row).items() if key != "bound"} for row in measured]
        (RESULTS / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        print(table(measured), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

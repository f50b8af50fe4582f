"""Prints out/containment/results.json as a table. Exit code 1 where a case is not contained, or is not there."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

CASES = 44
RESULTS = Path(__file__).resolve().parents[2] / "out" / "containment" / "results.json"


def main() -> int:
    if not RESULTS.exists():
        print("no case was run: is there an engine?", file=sys.stderr)
        return 1
    results = json.loads(RESULTS.read_text())
    for name, seen in results.items():
        print(f"{'contained    ' if seen['contained'] else 'NOT CONTAINED'}  {name}")
        for what in ("attempted", "observed", "control"):
            print(textwrap.shorten(f"    {what}: {seen[what]}", 150, placeholder=" …").replace(f"{what}:", f"    {what}:", 1))
    contained = sum(seen["contained"] for seen in results.values())
    print(f"\n{contained} of {CASES} cases contained, each with a control that shows the harm")
    return 0 if contained == len(results) == CASES else 1


if __name__ == "__main__":
    sys.exit(main())

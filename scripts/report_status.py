"""report-status: what the planned reviews came to, as checks. Whatever is missing or odd blocks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinwarden import render
from pinwarden.adapters import actions_io, command_line
from pinwarden.adapters.review_files import read_plan, read_reviews
from pinwarden.conclusion import Conclusion, overall
from pinwarden.errors import Misuse
from pinwarden.status import checks_of, table


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "report-status",
        "Hold the reviews in a folder against the plan, and print the check for each and for all.",
        ["--reviews out/reviews --plan out/plan.json --dry-run", "--reviews out/reviews --plan out/plan.json --dry-run --format json"],
    )
    command.add_argument("--reviews", type=Path, required=True, metavar="DIR", help="a folder whose folders each hold one review.json")
    command.add_argument("--plan", type=Path, required=True, metavar="FILE", help="the plan (schemas/plan.schema.json)")
    command.add_argument("--dry-run", action="store_true", help="print the checks and set none (so far the only way to run)")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the checks (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    if not args.dry_run:
        raise Misuse("report-status can't set checks yet", "add --dry-run to see what it would set")
    plan = read_plan(args.plan)
    checks = checks_of(plan, read_reviews(args.reviews))
    final = overall(check.check for check in checks)
    if args.format == "json":
        listed = [{"name": check.name, "conclusion": check.check.conclusion, "title": check.check.title, "reasons": list(check.reasons)} for check in checks]
        print(render.as_json({"checks": listed, "overall": {"conclusion": final.conclusion, "title": final.title}}), end="")
    else:
        with actions_io.commands_stopped(actions_io.in_workflow()):
            print(table(checks, final), end="")
    return command_line.FINDINGS if final.conclusion is Conclusion.FAILURE else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

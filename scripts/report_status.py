"""report-status: what the planned reviews came to, as checks, labels and one comment. Whatever is missing or odd blocks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pinwarden import render
from pinwarden.adapters import actions_io, command_line
from pinwarden.adapters.review_files import plan_argument, read_artifacts, read_plan, read_reviews
from pinwarden.conclusion import Conclusion
from pinwarden.errors import Misuse, OutsideError
from pinwarden.pull_comment import job_summary
from pinwarden.status import NamedCheck, checks_of, final_of, not_complete, table


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    usual = "--reviews out/reviews --plan out/plan.json"
    command = command_line.parser(
        "report-status",
        "Hold the reviews in a folder against the plan, and complete the check runs of a pull request, its labels and one comment.",
        [f"{usual} --dry-run", f"{usual} --dry-run --format json", usual],
    )
    command.add_argument("--reviews", type=Path, required=True, metavar="DIR", help="a folder whose folders each hold one review.json")
    plan_argument(command)
    command.add_argument("--dry-run", action="store_true", help="print the checks and set none; needs no token")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the checks (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    plan = read_plan(args.plan, args.plan_sha256)
    checks, wrong = held(plan, args.reviews)
    if wrong and (args.dry_run or not plan.get("pull_request")):
        raise wrong
    problems: list[str] = []
    if args.dry_run:
        final = final_of(plan, checks)
    else:
        checks, final, problems = reported(plan, checks)
    if args.format == "json":
        listed = [{"name": check.name, "conclusion": check.check.conclusion, "title": check.check.title, "reasons": list(check.reasons)} for check in checks]
        print(render.as_json({"checks": listed, "overall": {"conclusion": final.conclusion, "title": final.title}}), end="")
    else:
        with actions_io.commands_stopped(actions_io.in_workflow()):
            print(table(checks, final), end="")
    if problems:
        raise OutsideError(f"not all was written: {'; '.join(problems[:5])}", "the check for all does not pass; run again with the same plan")
    if wrong:
        raise wrong
    return command_line.FINDINGS if final.conclusion is Conclusion.FAILURE else command_line.OK


def held(plan: Mapping[str, Any], folder: Path) -> tuple[list[NamedCheck], Misuse | None]:
    """Return the checks, and what is wrong with the whole: then none of them can pass."""
    try:
        return checks_of(plan, read_artifacts(folder) if "reviews" in plan else read_reviews(folder)), None
    except Misuse as error:
        return not_complete(plan, error.message), error


def reported(plan: Mapping[str, Any], checks: list[NamedCheck]) -> tuple[list[NamedCheck], Any, list[str]]:
    """Tell the pull request and the job; return what was told, and what could not be."""
    # Imported here: a dry run reaches nobody.
    from pinwarden.adapters.reporting import report

    if plan.get("reviews") and not plan["start"]:
        raise Misuse("the reviews of this plan may not start yet", "a maintainer starts them; until then the checks wait")
    told = report(plan, checks)
    actions_io.add_summary(job_summary(plan, told.checks, told.final, told.links, told.problems))
    if actions_io.in_workflow():
        actions_io.set_outputs(conclusion=str(told.final.conclusion), title=told.final.title)
    return told.checks, told.final, told.problems


if __name__ == "__main__":
    sys.exit(command_line.run(main))

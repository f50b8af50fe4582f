"""record-reviews: keep what the planned reviews came to, one file for each on the branch of records, in one signed commit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pinwarden.adapters import actions_io, command_line
from pinwarden.adapters.actions_io import Access, GitHub, Run
from pinwarden.adapters.audit_branch import AuditBranch, Changed
from pinwarden.adapters.fresh_folder import made_anew, require_replaceable
from pinwarden.adapters.github_calls import Calls, outside
from pinwarden.adapters.review_files import plan_argument, read_artifacts, read_plan, read_reviews
from pinwarden.check_output import is_private
from pinwarden.errors import Misuse
from pinwarden.record import BRANCH, Record, records_of
from pinwarden.render import number
from pinwarden.status import checks_of


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    usual = "--reviews out/reviews --plan out/plan.json --output out/records"
    command = command_line.parser(
        "record-reviews",
        f"Write a record of each planned review below a folder, and add them in one commit to the branch {BRANCH} of the registry.",
        [f"{usual} --dry-run", usual],
    )
    command.add_argument("--reviews", type=Path, required=True, metavar="DIR", help="a folder whose folders each hold one review.json")
    plan_argument(command)
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="a folder for the records: new, empty, or with earlier records, which go")
    command.add_argument("--dry-run", action="store_true", help="write the files alone; needs no token")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args, run = parse(argv), Run.from_environ()
    require_replaceable(args.output, {"audits"}, "earlier records")
    plan = read_plan(args.plan, args.plan_sha256)
    checks = checks_of(plan, read_artifacts(args.reviews) if "reviews" in plan else read_reviews(args.reviews))
    for check in checks:
        if check.review is None and not check.settled:
            command_line.warn(f"{check.name} has no record: {'; '.join(check.reasons)}")
    reviews = [check.review for check in checks if check.review is not None]
    records = records_of(reviews, f"{run.id or 0}.{run.attempt}", private=is_private(plan))
    with made_anew(args.output) as folder:
        for record in records:
            path = folder / record.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(record.content)
    for record in records:
        print(record.path)
    if records and not args.dry_run:
        print(f"{number(len(records), 'record')} on {BRANCH} at {added(records, run)}", file=sys.stderr)
    if records and actions_io.in_workflow():
        actions_io.set_outputs(path=str(args.output))
    return command_line.OK


def added(records: Sequence[Record], run: Run, calls_of: Callable[[str, str], Calls] = Calls) -> str:
    """Add the records to their branch, and return its tip. Raises Misuse, OutsideError."""
    access = Access.from_environ()
    if access is None:
        raise Misuse("records are kept in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN, or add --dry-run")
    calls = calls_of(access.api_url, access.token)
    try:
        with outside(f"{access.repository}: {BRANCH}", "run again: what is there already is left as it is"):
            return AuditBranch(calls, access.repository, run.url(GitHub.from_environ().server_url, access.repository)).add(records)
    except Changed as error:
        raise Misuse(f"{BRANCH}: {error}", "a record is never changed; this run was recorded with other reviews") from error
    finally:
        calls.close()


if __name__ == "__main__":
    sys.exit(command_line.run(main))

"""merge-pins: merge pull requests that move one pin, where everything read at this moment allows it; else say what they wait for."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from pinwarden import render
from pinwarden.adapters import actions_io, command_line, merging, scanning
from pinwarden.adapters.actions_io import Actions
from pinwarden.merge_report import Ending, document, job_summary, table

OFF = "nothing is merged and nothing is written: set merge.enabled in .github/pinwarden.yml on the default branch to merge what may be"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "merge-pins",
        "Merge pull requests that move one pin, where the policy allows it. It never approves. It needs the token of an App of your own.",
        ["--dry-run", "--pull-request 7", "--format json"],
    )
    command.add_argument("--pull-request", type=command_line.count, metavar="N", help="this one alone (default: every open one of bump-pins)")
    command.add_argument("--dry-run", action="store_true", help="say what would become of each, and write nothing; so it is where merge.enabled is off")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the decisions (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    with merging.gate("", scanning.mirrors(args), time.time) as (gate, config, numbers):
        note = "" if config.merge.enabled or args.dry_run else OFF
        if note:
            command_line.warn(note)
        done = list(gate.run(numbers if args.pull_request is None else [args.pull_request], dry_run=args.dry_run))
    if args.format == "json":
        print(render.as_json(document(done)), end="")
    else:
        with actions_io.commands_stopped(Actions.from_environ().running):
            print(table(done) or "no pull request moves a pin\n", end="")
    actions_io.add_summary(job_summary(done, note))
    if actions_io.in_workflow():
        actions_io.set_outputs(**{ending: json.dumps([one.number for one in done if one.ending is ending]) for ending in Ending})
    return command_line.OUTSIDE if any(one.problem for one in done) else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

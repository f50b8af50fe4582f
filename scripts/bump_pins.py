"""bump-pins: scan the upstreams of a registry's pins, and propose each real change as one pull request with one exact edit."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pinwarden import render, scan
from pinwarden.adapters import actions_io, bumping, command_line, scanning
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.bump_plan import read_plan, write_plan
from pinwarden.adapters.proposing import Done
from pinwarden.adapters.registry_files import Registry
from pinwarden.scan import Edit
from pinwarden.verdict import Action, Pin, Verdict


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    examples = ["--dry-run", "--dry-run --servers weather --format json", "--dry-run --plan plan.json", "--plan plan.json"]
    command = command_line.parser(
        "bump-pins",
        "Scan the upstreams of a registry's pins, and open, move and close pull requests for what changed.",
        [f"--registry . {one}" for one in examples],
    )
    command_line.registry_argument(command)
    command.add_argument("--dry-run", action="store_true", help="print the plan and change nothing")
    command.add_argument("--plan", type=Path, metavar="FILE", help="with --dry-run, write what was scanned there; without, carry out what stands there")
    command.add_argument(
        "--max-new", type=command_line.count, metavar="N", help="open at most N pull requests; stands for max-new-per-run of the configuration"
    )
    command.add_argument("--refresh", action="store_true", help="move open pull requests to the newest commit, young or reviewed ones too")
    scanning.mirror_argument(command)
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the plan (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    config = (registry := Registry(args.registry)).config()
    inquiry = scan.inquire(registry.check(registry.entries(config, args.servers), config.policy), config)
    files = bumping.registry_of(inquiry, Actions.from_environ().prefix(args.registry), registry.checker(config.policy))
    work = bumping.Work(config, inquiry, files, scanning.mirrors(args), actions_io.Access.from_environ())
    wish = bumping.Wish(args.max_new, args.refresh, args.servers)
    if args.plan and not args.dry_run:
        plan = bumping.of_this_registry(read_plan(args.plan), inquiry)
    else:
        plan = bumping.plan_of(work, wish, read=not args.dry_run or args.plan is not None, dates=args.plan is not None)
    pins, edits = scan.edits(plan.pins, inquiry.entries, files.check)
    if args.plan and args.dry_run:
        write_plan(args.plan, plan)
    with bumping.proposals(pins, work) as known:
        planned = known.planned(pins, config, wish, time.time(), plan.ids)
        done = [] if args.dry_run else known.apply(planned, files, plan)
    proposed = {pin.server for pin in planned if pin.action in (Action.OPEN, Action.UPDATE)}
    report(args.format, planned, [edit for edit in edits if edit.server in proposed], done, plan.requests)
    return exit_code(planned, done)


def exit_code(pins: Sequence[Pin], done: Sequence[Done]) -> int:
    """What is unknown weighs most; then what a person must look at."""
    if any(pin.verdict is Verdict.ERROR for pin in pins) or any(one.unclear for one in done):
        return command_line.OUTSIDE
    refused = any(one.problem and one.action is not Action.DEFER for one in done)
    return command_line.FINDINGS if refused or any(pin.verdict is Verdict.ENTRY_INVALID for pin in pins) else command_line.OK


def report(form: str, pins: Sequence[Pin], edits: Sequence[Edit], done: Sequence[Done], sent: int) -> None:
    summary = f"{render.number(len(pins), 'pin')}, {render.number(sent, 'request')}: {scan.counted(pins)}"
    if form == "json":
        pulls = [asdict(one) for one in done]
        print(render.as_json({"scanned": len(pins), "requests": sent, "pins": [asdict(pin) for pin in pins], "pull_requests": pulls}), end="")
    else:
        with actions_io.commands_stopped(Actions.from_environ().running):
            for edit in edits:
                print(edit.diff)
            print(scan.table(pins))
            print("".join(f"{one}\n" for one in done) + summary)
    bumping.tell_job(pins, done, summary)
    unread = Counter(pin.reason for pin in pins if pin.verdict is Verdict.ERROR)
    for reason, count in unread.most_common():
        print(f"error: {count} of {render.number(len(pins), 'pin')} not scanned: {reason}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(command_line.run(main))

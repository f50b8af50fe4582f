"""bump-pins: scan the upstreams of a registry's pins, and propose each real change as one exact edit."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from pinwarden import render, scan
from pinwarden.adapters import actions_io, command_line, scanning
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.registry_files import Registry
from pinwarden.errors import Misuse
from pinwarden.scan import Edit
from pinwarden.verdict import Action, Pin, Verdict, judge, limited


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "bump-pins",
        "Scan the upstreams of a registry's pins and show what would be proposed.",
        [
            "--registry . --dry-run",
            "--registry . --dry-run --servers weather --format json",
            "--registry . --dry-run --mirror https://github.com/=https://git.example/",
        ],
    )
    command_line.registry_argument(command)
    command.add_argument("--dry-run", action="store_true", help="print the plan and change nothing (so far the only way to run)")
    command.add_argument("--max-new", type=command_line.count, metavar="N", help="propose at most N new pins; stands for max-new-per-run of the configuration")
    scanning.mirror_argument(command)
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the plan (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    if not args.dry_run:
        raise Misuse("bump-pins can't open pull requests yet", "add --dry-run to see what it would propose")
    registry = Registry(args.registry)
    config = registry.config()
    files = registry.entries(config, args.servers)
    inquiry = scan.inquire(registry.check(files, config.policy), config)
    with scanning.upstreams(scanning.mirrors(args)) as upstreams:
        answers = dict(scanning.with_progress(upstreams.survey(inquiry.questions), len(inquiry.questions)))
        sent = upstreams.requests
    pins = [*inquiry.unasked, *(judge(question, answers[question]) for question in inquiry.questions)]
    pins.sort(key=lambda pin: pin.server)
    pins, edits = scan.edits(pins, inquiry.entries, registry.checker(config.policy))
    plan = limited(pins, config.bump, args.max_new)
    held = {pin.server for pin in plan if pin.action is Action.HOLD}
    report(args.format, plan, [edit for edit in edits if edit.server not in held], sent)
    return exit_code(pins)


def exit_code(pins: Sequence[Pin]) -> int:
    """An upstream that could not be read weighs most; then an entry that could not."""
    verdicts = {pin.verdict for pin in pins}
    if Verdict.ERROR in verdicts:
        return command_line.OUTSIDE
    return command_line.FINDINGS if Verdict.ENTRY_INVALID in verdicts else command_line.OK


def report(form: str, pins: Sequence[Pin], edits: Sequence[Edit], sent: int) -> None:
    summary = f"{render.number(len(pins), 'pin')}, {render.number(sent, 'request')}: {scan.counted(pins)}"
    if form == "json":
        document = {"scanned": len(pins), "requests": sent, "pins": [asdict(pin) for pin in pins], "pull_requests": []}
        print(render.as_json(document), end="")
    else:
        with actions_io.commands_stopped(Actions.from_environ().running):
            for edit in edits:
                print(edit.diff)
            print(scan.table(pins))
            print(summary)
    unread = Counter(pin.reason for pin in pins if pin.verdict is Verdict.ERROR)
    for reason, count in unread.most_common():
        print(f"error: {count} of {render.number(len(pins), 'pin')} not scanned: {reason}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(command_line.run(main))

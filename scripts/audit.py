"""audit: how a registry's pins stand against their upstreams; reads only, needs no key."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pinwarden import audit, render, scan
from pinwarden.adapters import actions_io, command_line, scanning
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.registry_remote import registry_at
from pinwarden.audit import AuditedPin
from pinwarden.finding import Finding, Severity
from pinwarden.verdict import Verdict, judge


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "audit",
        "Report how a registry's pins stand: frozen, missing, unreachable, on pull requests; their age; moves that change nothing.",
        [".", "../mcp-registry --format json", "https://github.com/docker/mcp-registry"],
    )
    command.add_argument("registry", metavar="URL|DIR", help="the registry: https://host/owner/repo, or its root folder")
    scanning.mirror_argument(command)
    command.add_argument("--format", choices=["text", "json", "sarif"], default="text", help="how to print the report (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    registry = registry_at(args.registry, scanning.mirrors(args))
    config = registry.config()
    checked = list(registry.check(registry.entries(config), config.policy))
    inquiry = scan.inquire(checked, config)
    with scanning.upstreams(scanning.mirrors(args), dates=True) as upstreams:
        answers = {
            question.server: (question, answer) for question, answer in scanning.with_progress(upstreams.survey(inquiry.questions), len(inquiry.questions))
        }
    pins = sorted([*inquiry.unasked, *(judge(*answers[question.server]) for question in inquiry.questions)], key=lambda pin: pin.server)
    now = int(datetime.now(UTC).timestamp())
    told = [finding for one in checked for finding in one.findings]
    rows = []
    for pin in pins:
        answer = answers[pin.server][1] if pin.server in answers else None
        rows.append(audit.audited(pin, answer, now))
        if pin.server in inquiry.entries:
            told += audit.findings(pin, answer, inquiry.entries[pin.server])
    told.sort(key=lambda finding: (finding.severity, finding.rule, finding.server))
    report(args.format, len(checked), rows, told, None if "://" in args.registry else registry.root)
    unread = [pin for pin in pins if pin.verdict is Verdict.ERROR]
    for pin in unread:
        print(f"error: {pin.server}: {pin.reason}", file=sys.stderr)
    if unread:
        return command_line.OUTSIDE
    return command_line.FINDINGS if any(finding.severity is Severity.ERROR for finding in told) else command_line.OK


def report(form: str, servers: int, pins: Sequence[AuditedPin], findings: Sequence[Finding], folder: Path | None) -> None:
    actions = Actions.from_environ()
    match form:
        case "json":
            print(render.as_json({"servers": servers, "pins": [asdict(pin) for pin in pins], "findings": render.as_records(findings)}), end="")
        case "sarif":
            print(render.as_sarif(findings, actions.prefix(folder) if folder else ""), end="")
        case _:
            with actions_io.commands_stopped(actions.running):
                print(render.as_text(findings, colour=sys.stdout.isatty()))
                print(
                    f"{render.number(servers, 'entry')}, {render.number(len(pins), 'pin')}: {scan.counted(pins)}",
                    *audit.figures(pins),
                    render.counts(findings),
                    sep="\n",
                )


if __name__ == "__main__":
    sys.exit(command_line.run(main))

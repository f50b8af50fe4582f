"""validate-pins: every locally built entry names one full commit; anything else is refused, on its line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pinwarden import render
from pinwarden.adapters import actions_io, command_line, own_files
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.registry_files import Registry
from pinwarden.finding import Finding, Severity


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "validate-pins",
        "Check that every locally built entry of a registry names one full commit.",
        ["--registry .", "--registry . --servers weather,time --format json", "--registry . --changed-since origin/main --online"],
    )
    command_line.registry_argument(command)
    command.add_argument("--changed-since", metavar="REV", help="only entries that differ from where history left REV; configuration as of REV")
    command.add_argument("--online", action="store_true", help="ask the upstreams as well; with --changed-since what they say is an error, else a warning")
    command.add_argument("--format", choices=["text", "json", "github", "sarif"], default="text", help="how to print findings (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    actions = Actions.from_environ()
    registry = Registry(args.registry)
    config = own_files.base_config(registry, args.changed_since, actions)
    files = registry.entries(config, args.servers)
    if args.changed_since is not None:
        from pinwarden.adapters import registry_git  # late, like all that only some runs need

        files = registry_git.changed_files(registry.root, args.changed_since, files)
    findings = own_files.findings(registry, config, args.changed_since)
    entries, unread = registry.check(files, config.policy), False
    if args.online:
        from pinwarden.adapters import online_check

        told, unread = online_check.check(entries, config, args)
        findings += told
    else:
        findings += [finding for checked in entries for finding in checked.findings]
    valid = not any(finding.severity is Severity.ERROR for finding in findings)
    report(args.format, len(files), valid, findings, actions.prefix(registry.root))
    if actions.running and args.format == "github":
        actions_io.set_outputs(valid=str(valid).lower(), checked=str(len(files)))
    return command_line.OUTSIDE if unread else command_line.OK if valid else command_line.FINDINGS


def report(form: str, checked: int, valid: bool, findings: list[Finding], prefix: str) -> None:
    """Print the findings in the form asked for; a person's summary goes beside what a program reads."""
    summary = f"{render.number(checked, 'entry')} checked: {render.counts(findings)}"
    match form:
        case "json":
            print(render.as_json({"checked": checked, "valid": valid, "findings": render.as_records(findings)}), end="")
        case "sarif":
            print(render.as_sarif(findings, prefix), end="")
        case "github":
            print(render.as_annotations(findings, prefix), end="")
            print(summary, file=sys.stderr)
        case _:
            print(render.as_text(findings, colour=sys.stdout.isatty()), end="")
            print(summary)


if __name__ == "__main__":
    sys.exit(command_line.run(main))

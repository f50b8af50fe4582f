"""label-image: labels, build arguments and context that make an image say what it was built from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinwarden import image_labels, render
from pinwarden.adapters import actions_io, command_line, pinned_dockerfile, scanning
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.pinned_entry import pinned_entry
from pinwarden.adapters.registry_files import Registry
from pinwarden.errors import OutsideError
from pinwarden.finding import Finding, Severity


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "label-image",
        "Give the OCI labels, build arguments and context with which an entry's image is built from its pin, and what the pin does not cover.",
        ["--registry . --server weather", "--registry . --server weather --format json"],
    )
    command.add_argument("--registry", type=Path, required=True, metavar="DIR", help="the registry's root folder")
    command.add_argument("--server", required=True, metavar="NAME", help="the entry (name of its folder)")
    command.add_argument("--format", choices=["text", "json", "github"], default="text", help="how to print it (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args, actions = parse(argv), Actions.from_environ()
    registry = Registry(args.registry)
    entry = pinned_entry(registry, registry.config(), args.server)
    committed_at: int | None = None
    findings: tuple[Finding, ...] = ()
    outside: OutsideError | None = None
    try:
        pinned = pinned_dockerfile.examine(entry, scanning.mirrors(args))
    except OutsideError as error:
        # The labels need nobody; what the pin does not cover is not known.
        outside = error
    else:
        committed_at, findings = pinned.committed_at, pinned.findings
    build = image_labels.build(entry, committed_at)
    if args.format == "json":
        told = {"labels": build.labels, "build_args": build.build_args, "context": build.context, "file": build.file, "target": build.target}
        print(render.as_json({**told, "image": build.image, "command": build.command(), "findings": render.as_records(findings)}), end="")
    else:
        with actions_io.commands_stopped(actions.running):
            print(build.command())
        shown = render.as_annotations(findings, actions.prefix(registry.root)) if args.format == "github" else render.as_text(findings)
        print(shown, end="", file=sys.stdout if args.format == "github" else sys.stderr)
    if args.format == "github" and actions.running:
        lists = {"labels": image_labels.listed(build.labels), "build_args": image_labels.listed(build.build_args)}
        actions_io.set_outputs(**lists, context=build.context, file=build.file, target=build.target or "", revision=str(entry.commit))
    if outside:
        raise outside
    return command_line.FINDINGS if any(finding.severity is Severity.ERROR for finding in findings) else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

"""doctor: whether what Pinwarden relies on is so, on this machine with the negatives proven, and in a repository's settings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from pinwarden.adapters import command_line
from pinwarden.adapters.actions_io import FULL_NAME, GitHub
from pinwarden.doctor import Check, as_table
from pinwarden.errors import Misuse


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "doctor",
        "Check that the sandbox of this machine keeps an agent in, and that a registry's settings on GitHub are as Pinwarden needs them.",
        ["--repository example/registry", "--repository example/registry --format json", "--sandbox"],
    )
    command.add_argument("--repository", type=_full_name, metavar="OWNER/REPO", help="read its settings with GITHUB_TOKEN; nothing is written")
    command.add_argument("--sandbox", action="store_true", help="start the sandbox of this machine with a probe in the agent's place")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the checks (default: text)")
    return command.parse_args(argv)


def _full_name(text: str) -> str:
    if not FULL_NAME.match(text):
        raise argparse.ArgumentTypeError("write owner/name")
    return text


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    if not (args.sandbox or args.repository):
        raise Misuse("nothing to check", "name --repository OWNER/REPO, --sandbox, or both")
    checks: list[Check] = []
    if args.repository:
        # Imported here, as below: each half has needs of its own.
        from pinwarden.adapters import repository_probe

        told, requests = repository_probe.checks(GitHub.from_environ(), args.repository)
        checks += told
        print(f"{args.repository}: {requests} requests", file=sys.stderr)
    if args.sandbox:
        from pinwarden.adapters import sandbox_probe

        checks += sandbox_probe.checks()
    if args.format == "json":
        print(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    else:
        print(as_table(checks), end="")
    if any(check.ok is False for check in checks):
        return command_line.FINDINGS
    # What could not be read may be wrong: it is never as good as right.
    return command_line.OUTSIDE if any(check.ok is None for check in checks) else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

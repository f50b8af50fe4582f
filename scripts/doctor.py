"""doctor: whether what Pinwarden relies on is so on this machine, with the negatives proven."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from pinwarden.adapters import command_line, sandbox_probe
from pinwarden.doctor import as_table
from pinwarden.errors import Misuse


def main(argv: Sequence[str] | None = None) -> int:
    command = command_line.parser("doctor", "Check the sandbox of this machine: engine, images, limits, and that an agent in it can't get out.", ["--sandbox"])
    command.add_argument("--sandbox", action="store_true", help="start the sandbox with a probe in the agent's place")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the checks (default: text)")
    args = command.parse_args(argv)
    if not args.sandbox:
        raise Misuse("nothing to check", "name --sandbox")
    checks = sandbox_probe.checks()
    if args.format == "json":
        print(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    else:
        print(as_table(checks), end="")
    return command_line.OK if all(check.ok for check in checks) else command_line.FINDINGS


if __name__ == "__main__":
    sys.exit(command_line.run(main))

"""selftest: prove on a scratch repository what Pinwarden assumes of GitHub. It makes branches, pull requests and checks there, and removes them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pinwarden.adapters import actions_io, command_line, live_checks
from pinwarden.adapters.actions_io import Access, Run
from pinwarden.adapters.collection import NotCollected, read_plain_file
from pinwarden.adapters.github_calls import Calls, outside
from pinwarden.adapters.live_checks import TOKENS, dispatch, nothing, proofs, sandbox
from pinwarden.adapters.scratch_repository import scratch
from pinwarden.errors import Misuse, OutsideError
from pinwarden.selftest import LIVE, MOST_BYTES, BadResults, Proof, State, as_document, as_summary, as_table, collected, read_proofs

_PARTS = ("tokens", "dispatch", "nothing", "sandbox")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "selftest",
        "Prove on a scratch repository what Pinwarden assumes of GitHub. examples/workflows/live-selftest.yml runs it.",
        ["--part tokens --scratch me/scratch --output results/tokens.json", "--part sandbox --output results/sandbox.json", "--results results"],
    )
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--part", choices=_PARTS, help="what one job tries: with both tokens, by a dispatch, with a token that may nothing, the sandbox")
    what.add_argument("--results", type=Path, metavar="DIR", help="print the table of what the parts wrote into this folder")
    command.add_argument("--scratch", default="", metavar="OWNER/NAME", help="the repository to write to: that of this run, and nobody's registry")
    command.add_argument("--secret-here", dest="given", choices=["true", "false"], default="false", help="whether this job has its environment's secret")
    command.add_argument("--output", type=Path, metavar="FILE", help="where a part writes what it found")
    return command.parse_args(argv)


def found_by(args: argparse.Namespace, calls_of: Callable[[str, str], Calls], sleep: Callable[[float], None]) -> list[Proof]:
    """Try one part. Raises Misuse, OutsideError."""
    if args.part == "sandbox":
        return list(sandbox())
    access, run = Access.from_environ(), Run.from_environ()
    if access is None or args.scratch != access.repository:
        raise Misuse("selftest writes to the repository of this run alone, and only where --scratch names it", "set GITHUB_REPOSITORY and GITHUB_TOKEN")
    app = Access.from_environ({**os.environ, "GITHUB_TOKEN": os.environ.get("PINWARDEN_APP_TOKEN", "")})
    calls = [calls_of(one.api_url, one.token) for one in (access, app) if one]
    try:
        if args.part == "nothing":
            return list(nothing(calls[0], access.repository))
        actors = live_checks.actors(calls[0], calls[1] if app else None, access.repository, f"{run.id or 0}-{run.attempt}")
        with outside(access.repository, "the token needs what live-selftest.yml gives its jobs"), scratch(*actors, sleep, command_line.warn) as place:
            return list(proofs(TOKENS if args.part == "tokens" else dispatch(given=args.given == "true"), place))
    finally:
        for one in calls:
            one.close()


def in_folder(folder: Path) -> list[Proof]:
    """Return what the parts wrote; a file that is not theirs proves nothing, and is told."""
    found: list[Proof] = []
    for path in sorted(folder.rglob("*.json")):
        try:
            found += read_proofs(read_plain_file(path, MOST_BYTES))
        except (NotCollected, BadResults) as error:
            command_line.warn(f"{path}: {error}")
    return collected(found)


def main(argv: Sequence[str] | None = None, calls_of: Callable[[str, str], Calls] = Calls, sleep: Callable[[float], None] = time.sleep) -> int:
    args = parse(argv)
    if args.part:
        found = found_by(args, calls_of, sleep)
        if args.output:
            args.output.parent.mkdir(parents=True, exist_ok=True)
            args.output.write_text(as_document(found))
        print(as_table(found), end="")
        return command_line.OK
    found = in_folder(args.results)
    print(as_table(found), end="")
    print(", ".join(f"{sum(proof.state is state for proof in found)} {state}" for state in State), f"of {len(LIVE)}")
    actions_io.add_summary(as_summary(found))
    if all(proof.state is State.UNKNOWN for proof in found):
        raise OutsideError(f"{args.results}: nothing was proved", "the jobs that wrote no file say why")
    return command_line.FINDINGS if any(proof.state is State.FAILS for proof in found) else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

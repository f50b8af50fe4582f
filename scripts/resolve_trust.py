"""resolve-trust: which entries belong to a publisher that the registry's maintainers know, and why."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pinwarden import render, scan
from pinwarden.adapters import actions_io, clock, command_line, publisher_files, scanning, trusting
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.registry_files import Registry
from pinwarden.errors import Misuse
from pinwarden.trust import standing
from pinwarden.trust.case import FOR_A_PERSON, State
from pinwarden.trust.standing import Standing
from pinwarden.trust.subject import subject_of


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "resolve-trust",
        "Tell of every entry whether its publisher is known to the registry's maintainers, who was checked, how, when and why.",
        ["--registry .", "--registry . --format json", "--registry . --publishers ../publishers.yml --servers weather"],
    )
    command_line.registry_argument(command)
    command.add_argument("--publishers", type=Path, metavar="FILE", help="the list of publishers (default: publishers.yml of the registry)")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the levels (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    registry = Registry(args.registry)
    config = registry.config()
    if args.publishers is None and Actions.from_environ().base_sha:
        raise Misuse("a pull request would be judged by its own list of publishers", "run on the default branch, or name the base's list with --publishers")
    publishers = publisher_files.read(registry, config, args.publishers)
    checked = list(registry.check(registry.entries(config, args.servers), config.policy))
    questions = {question.server: question for question in scan.inquire(checked, config).questions}
    at = clock.now()
    cases = trusting.cases([subject_of(one) for one in checked], questions, publishers, scanning.mirrors(args), date.fromisoformat(at[:10]))
    standings = [standing.standing(case) for case in cases]
    report(args.format, standings, at)
    states = {one.state for one in standings}
    return command_line.OUTSIDE if State.UNCHECKED in states else command_line.FINDINGS if states & FOR_A_PERSON else command_line.OK


def report(form: str, standings: Sequence[Standing], at: str) -> None:
    if form == "json":
        print(render.as_json(standing.as_document(standings, at)), end="")
        for one in standings:
            if one.row and one.state in {*FOR_A_PERSON, State.UNCHECKED}:
                command_line.warn(f"{one.server}: {one.state}: {one.why[0]}")
        print(standing.counted(standings), file=sys.stderr)
        return
    with actions_io.commands_stopped(Actions.from_environ().running):
        rows = standing.table(standings)
        print(*([rows] if rows else []), standing.counted(standings), standing.NOTE, sep="\n")


if __name__ == "__main__":
    sys.exit(command_line.run(main))

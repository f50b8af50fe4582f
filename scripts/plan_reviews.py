"""plan-reviews: what of a change to a registry must be reviewed, and by whom; for a pull request its checks are set."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Sequence

from pinwarden import render
from pinwarden.adapters import actions_io, command_line, planning
from pinwarden.adapters.actions_io import Actions, Run
from pinwarden.errors import Misuse
from pinwarden.plan import Plan
from pinwarden.plan_document import document, job_summary, table
from pinwarden.reviewer import Agent
from pinwarden.wish import Wish


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "plan-reviews",
        "Say what must be reviewed of a change to a registry. For a pull request on GitHub, set its checks too.",
        ["--registry . --base origin/main --head HEAD", "--registry . --pull-request 7 --head-sha SHA --format json", "--registry . --all"],
    )
    command_line.registry_argument(command)
    command.add_argument("--base", metavar="REV", help="with --head: two commits of the folder's own repository; no check is set")
    command.add_argument("--head", metavar="REV", help="with --base: the commit that is to become part of it")
    command.add_argument("--pull-request", type=command_line.count, metavar="N", help="a pull request of GITHUB_REPOSITORY; --registry is a folder in that")
    command.add_argument("--head-sha", metavar="SHA", help="with --pull-request: its head, or what a merge queue made of it; if it moved, nothing is planned")
    command.add_argument("--all", action="store_true", help="everything: the entries whose turn it is today, or those of --servers")
    command.add_argument(
        "--agent", choices=[agent.value for agent in Agent], help="ask this agent alone; what the configured ones have not reviewed of a pull request blocks"
    )
    command.add_argument("--model", metavar="M", help="with --agent: the model it asks")
    command.add_argument("--timeout", type=command_line.count, metavar="S", help="seconds for one review (default: the configuration's)")
    command.add_argument("--force", action="store_true", help="review again what was reviewed already")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the plan (default: text)")
    args = command.parse_args(argv)
    ways = [args.base is not None or args.head is not None, args.pull_request is not None or args.head_sha is not None, args.all]
    if ways.count(True) != 1 or (args.base is None) != (args.head is None) or (args.pull_request is None) != (args.head_sha is None):
        raise Misuse("it is not clear what to plan", "give --base and --head, or --pull-request and --head-sha, or --all")
    if args.head_sha is not None and not re.fullmatch("[0-9a-f]{40}", args.head_sha):
        raise Misuse("--head-sha is not a full commit", "give all 40 characters, in lower case")
    if args.pull_request is not None and args.servers:
        raise Misuse("a pull request is planned as a whole", "leave --servers out: its check would stand for what was not looked at")
    if args.model and not args.agent:
        raise Misuse("--model goes with --agent", "name the agent that is to ask it")
    return args


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    wish = Wish(args.servers, Agent(args.agent) if args.agent else None, args.model, args.timeout, args.force)
    if args.pull_request is not None:
        plan = planning.of_pull_request(args.pull_request, args.head_sha, prefix_of(args), wish)
    elif args.base is not None:
        plan = planning.of_range(args.registry, args.base, args.head, wish)
    else:
        plan = planning.of_all(args.registry, wish, time.time(), f"audit-{Run.from_environ().attempt}")
    report(plan, args.format)
    return command_line.FINDINGS if plan.findings else command_line.OK


def prefix_of(args: argparse.Namespace) -> str:
    """Return the registry's folder in its repository, ending in a slash; nothing need be checked out."""
    parts = [part for part in args.registry.parts if part != "."]
    if args.registry.is_absolute() or ".." in parts:
        raise Misuse("with --pull-request, --registry is a folder in the repository", "give it relative to the repository's root")
    return "".join(f"{part}/" for part in parts)


def report(plan: Plan, form: str) -> None:
    whole = document(plan)
    if form == "json":
        print(render.as_json(whole), end="")
    else:
        with actions_io.commands_stopped(Actions.from_environ().running):
            print(table(plan) or "nothing to review\n", end="")
    if actions_io.in_workflow():
        actions_io.add_summary(job_summary(plan))
        digest = hashlib.sha256(render.as_json(whole).encode()).hexdigest()
        actions_io.set_outputs(start=str(plan.start).lower(), matrix=json.dumps(whole["matrix"]), plan_sha256=digest)


if __name__ == "__main__":
    sys.exit(command_line.run(main))

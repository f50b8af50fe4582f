"""run-review's options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pinwarden.adapters import command_line, scanning
from pinwarden.errors import Misuse
from pinwarden.reviewer import Agent
from pinwarden.rules import Policy
from pinwarden.rules.target import target_problems
from pinwarden.shown import shown
from pinwarden.steps import RAN
from pinwarden.target import Target

STEPS = ("stage", "run", "collect")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return run-review's options. Raises Misuse where they don't go together."""
    command = command_line.parser(
        "run-review",
        "Review what changed upstream between two commits, or everything at one. The result is DIR/review.json, whatever happens.",
        [
            "--project https://github.com/owner/repo --base SHA --head SHA --agent claude --output out/review",
            "--project https://github.com/owner/repo --head SHA --directory servers/one --agent guarddog --sandbox none --output out/review",
        ],
    )
    command.add_argument("--project", required=True, metavar="URL", help="the upstream: https://host/owner/repo")
    command.add_argument("--head", required=True, metavar="SHA", help="the commit to review, all 40 characters")
    command.add_argument("--base", metavar="SHA", help="the commit that was reviewed before; without it everything at head is read")
    command.add_argument("--directory", metavar="D", help="the folder that is built, where it is not the whole repository")
    command.add_argument("--server", metavar="NAME", help="the entry's name (default: the repository's)")
    command.add_argument(
        "--agent",
        required=True,
        choices=[agent.value for agent in Agent],
        help="who reads; guarddog needs no key: it looks for patterns, and understands nothing",
    )
    command.add_argument("--model", metavar="M", help="the model that the agent asks (default: the agent's)")
    command.add_argument("--timeout", type=command_line.count, default=1800, metavar="S", help="seconds that the agent may take (default: 1800)")
    command.add_argument(
        "--sandbox",
        choices=["compose", "none"],
        default="compose",
        help="where the agent runs: in a Compose stack without a network, or (guarddog) in an environment of its own (default: compose)",
    )
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new or empty folder for all that is made")
    scanning.mirror_argument(command)
    command.add_argument("--keep", action="store_true", help="leave what holds the output in place afterwards, to look at")
    command.add_argument("--step", choices=STEPS, help="make one step of three, each a process of its own; only run needs the key")
    command.add_argument(
        "--details",
        choices=["public", "private"],
        default="public",
        help="private: write level, counts and dates, and nothing of what was found (default: public)",
    )
    command.add_argument("--format", choices=["text", "json", "github"], default="text", help="how to print the review (default: text)")
    args = command.parse_args(argv)
    if not args.timeout:
        raise Misuse("an agent needs some time", "give --timeout seconds, or leave it out")
    if args.sandbox == "none":
        if args.agent != Agent.GUARDDOG:
            raise Misuse(f"{args.agent} runs in the sandbox alone", "leave --sandbox out")
        if args.step or args.keep or args.model:
            raise Misuse("--step, --keep and --model go with --sandbox compose", "leave them out")
    return args


def require_folder(folder: Path, step: str) -> None:
    """Raise Misuse where `folder` is not what `step` starts from."""
    if step == "stage" and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Misuse(f"{shown(str(folder))} is not an empty folder", "name a new one: what is made there must not mix with what was")
    if step == "run" and not (folder / "in" / "prompt.md").is_file():
        raise Misuse(f"nothing is staged in {shown(str(folder))}", "make --step stage first, with the same --output")
    if step == "run" and (folder / RAN).exists():
        raise Misuse(f"an agent ran already in {shown(str(folder))}", "collect its output, or stage anew into another folder")


def target_of(args: argparse.Namespace) -> tuple[Target, Policy]:
    """Return what to review, held to the rules of an entry's source. Raises Misuse."""
    # Whoever names an upstream trusts its host; its submodules may also come from where most code is.
    policy = Policy(frozenset({"github.com", (urlsplit(args.project).hostname if "[" not in args.project else None) or "github.com"}))
    target = Target(args.server or args.project.rpartition("/")[2], args.project, args.head, args.base, args.directory)
    for problem in target_problems(target, policy):
        raise Misuse(f"{problem.path[-1]}: {problem.message}", problem.hint)
    return target, policy

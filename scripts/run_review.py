"""run-review: what a change of an upstream means, read without running it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pinwarden.adapters import actions_io, command_line, scanning
from pinwarden.adapters.git_http import GitHttp
from pinwarden.adapters.git_objects import require_git
from pinwarden.adapters.reviewing import review
from pinwarden.adapters.staged_fetch import Access
from pinwarden.conclusion import Conclusion
from pinwarden.errors import Misuse, OutsideError
from pinwarden.review import check_of
from pinwarden.review_markdown import as_markdown
from pinwarden.rules import Policy
from pinwarden.rules.target import target_problems
from pinwarden.shown import shown
from pinwarden.target import Target


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "run-review",
        "Review what changed upstream between two commits, or everything at one. The result is DIR/review.json, whatever happens.",
        [
            "--project https://github.com/owner/repo --base SHA --head SHA --agent guarddog --sandbox none --output out/review",
            "--project https://github.com/owner/repo --head SHA --directory servers/one --agent guarddog --sandbox none --output out/review",
        ],
    )
    command.add_argument("--project", required=True, metavar="URL", help="the upstream: https://host/owner/repo")
    command.add_argument("--head", required=True, metavar="SHA", help="the commit to review, all 40 characters")
    command.add_argument("--base", metavar="SHA", help="the commit that was reviewed before; without it everything at head is read")
    command.add_argument("--directory", metavar="D", help="the folder that is built, where it is not the whole repository")
    command.add_argument("--server", metavar="NAME", help="the entry's name (default: the repository's)")
    command.add_argument("--agent", required=True, choices=["guarddog"], help="who reads; guarddog needs no key: it looks for patterns and reads nothing")
    command.add_argument("--sandbox", choices=["none"], default="none", help="where the agent runs; guarddog runs in an environment of its own (default: none)")
    command.add_argument("--timeout", type=command_line.count, default=300, metavar="S", help="seconds that the agent may take (default: 300)")
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new or empty folder for all that is made")
    scanning.mirror_argument(command)
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print the review (default: text)")
    return command.parse_args(argv)


def target_of(args: argparse.Namespace) -> tuple[Target, Policy]:
    """Return what to review, held to the rules of an entry's source. Raises Misuse."""
    # Whoever names an upstream trusts its host; its submodules may also come from where most code is.
    policy = Policy(frozenset({"github.com", (urlsplit(args.project).hostname if "[" not in args.project else None) or "github.com"}))
    target = Target(args.server or args.project.rpartition("/")[2], args.project, args.head, args.base, args.directory)
    for problem in target_problems(target, policy):
        raise Misuse(f"{problem.path[-1]}: {problem.message}", problem.hint)
    return target, policy


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    target, policy = target_of(args)
    if args.output.exists() and (not args.output.is_dir() or any(args.output.iterdir())):
        raise Misuse(f"{shown(str(args.output))} is not an empty folder", "name a new one: what is made there must not mix with what was")
    require_git()
    try:
        with GitHttp() as http:
            made = review(target, args.output, Access(http, scanning.mirrors(args), policy), args.timeout)
        markdown = as_markdown(made)
        (args.output / "review.md").write_text(markdown)
    except OSError as error:
        raise OutsideError(f"can't write the review: {error.strerror or error}", "is there room, and may the folder be written?") from error
    with actions_io.commands_stopped(actions_io.in_workflow()):
        print((args.output / "review.json").read_text() if args.format == "json" else markdown, end="")
    return command_line.FINDINGS if check_of(made).conclusion is Conclusion.FAILURE else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

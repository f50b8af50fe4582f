"""run-review: what a change of an upstream means, read without running it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from pinwarden.adapters import actions_io, agent_step, command_line, reviewing, scanning
from pinwarden.adapters.git_http import GitHttp
from pinwarden.adapters.git_objects import require_git
from pinwarden.adapters.review_options import parse, require_folder, target_of
from pinwarden.adapters.staged_fetch import Access
from pinwarden.conclusion import Conclusion
from pinwarden.errors import OutsideError
from pinwarden.review import check_of
from pinwarden.review_markdown import as_markdown
from pinwarden.reviewer import Agent
from pinwarden.rules import Policy
from pinwarden.shown import shown
from pinwarden.target import Target


def stage(args: argparse.Namespace, target: Target, policy: Policy) -> None:
    with GitHttp() as http:
        staged = reviewing.prepare(target, args.output, Access(http, scanning.mirrors(args), policy))
    if args.sandbox == "none":
        reviewing.scan(target, args.output, staged, args.timeout)


def collect(args: argparse.Namespace, target: Target) -> int:
    if args.keep:
        print(f"kept: the project in {shown(str(args.output / 'run.json'))}; docker compose --project-name PROJECT down --volumes removes it", file=sys.stderr)
    made = reviewing.finish(target, args.output, Agent(args.agent), keep=args.keep, private=args.details == "private")
    markdown = as_markdown(made)
    (args.output / "review.md").write_text(markdown)
    with actions_io.commands_stopped(actions_io.in_workflow()):
        print((args.output / "review.json").read_text() if args.format == "json" else markdown, end="")
    check = check_of(made)
    if args.format == "github" and actions_io.in_workflow():
        review = str((args.output / "review.json").resolve())
        actions_io.set_outputs(review=review, outcome=made["outcome"], conclusion=str(check.conclusion), title=check.title)
    return command_line.FINDINGS if check.conclusion is Conclusion.FAILURE else command_line.OK


def main(argv: Sequence[str] | None = None) -> int:
    keys = agent_step.take_keys()
    args = parse(argv)
    target, policy = target_of(args)
    require_git()
    steps = [args.step] if args.step else ["stage", "run", "collect"] if args.sandbox == "compose" else ["stage", "collect"]
    # The agent's uid is another: it must be able to read what is staged.
    os.umask(0o022)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_folder(args.output, steps[0])
        wanted = agent_step.wanted(args.agent, args.model, args.timeout, keys, later=args.step is not None or args.keep) if "run" in steps else None
        images = agent_step.prepare(wanted) if wanted else {}
        if "stage" in steps:
            stage(args, target, policy)
        if wanted:
            agent_step.run_agent(wanted, images, args.output, lambda line: print(line, file=sys.stderr, flush=True))
        if steps[-1] != "collect":
            return command_line.OK
        if wanted:
            agent_step.become([sys.executable, "-sE", __file__, *(sys.argv[1:] if argv is None else argv), "--step=collect"])
        return collect(args, target)
    except OSError as error:
        raise OutsideError(f"can't write the review: {error.strerror or error}", "is there room, and may the folder be written?") from error


if __name__ == "__main__":
    sys.exit(command_line.run(main))

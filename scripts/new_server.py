"""new-server: from a URL to a pinned entry that validates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinwarden import render
from pinwarden.adapters import actions_io, asking, command_line, drafting, entry_file, scanning
from pinwarden.errors import Misuse
from pinwarden.place import place
from pinwarden.shown import shown


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "new-server",
        "Write a pinned entry for the server at a URL: a repository, a folder, a file or a commit. Asks in a terminal for what can't be found out.",
        [
            "https://github.com/example/weather-mcp --registry .",
            "https://github.com/example/servers/tree/main/src/time --registry . --category utilities --yes",
            "--registry . --propose server.yaml",
        ],
    )
    command.add_argument("url", metavar="URL", nargs="?", help="the repository, or a folder, file or commit in it, as the browser shows it")
    command.add_argument("--registry", type=Path, required=True, metavar="DIR", help="the registry's root folder")
    command.add_argument("--directory", metavar="D", help="the folder to build; stands for the URL's, . is the root")
    command.add_argument("--dockerfile", metavar="F", help="relative to the directory (default: Dockerfile, or the only file of that kind)")
    command.add_argument("--branch", metavar="B", help="where updates are to come from (default: the URL's branch, or upstream's default branch)")
    command.add_argument("--name", metavar="N", help="the entry's name, which is its folder's (default: from the directory or the repository)")
    command.add_argument("--title", help="as people see it (default: the first heading of the README, or from the name)")
    command.add_argument("--description", help="one sentence (default: from package.json, pyproject.toml or the README)")
    command.add_argument("--category", help="what kind of server it is; nothing upstream says that")
    command.add_argument("--yes", action="store_true", help="ask nothing: take what was found, and stop where something is missing")
    command.add_argument("--propose", type=Path, metavar="FILE", help="open a pull request that adds the entry in FILE; reads no upstream")
    scanning.mirror_argument(command)
    command.add_argument("--format", choices=["text", "json", "github"], default="text", help="how to print the result (default: text)")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    if (args.url is None) == (args.propose is None):
        raise Misuse("new-server takes a URL, or --propose with a file", "new-server https://github.com/owner/repo --registry .")
    if args.propose:
        return propose(args)
    ask = not args.yes
    if ask and not asking.terminal():
        raise Misuse("nobody can be asked: this is not a terminal", "add --yes, and a flag for each answer that can't be found out: --category")
    made = drafting.draft(place(args.url), args)
    for note in made.notes:
        print(f"note: {note}", file=sys.stderr)
    if ask and not asking.confirmed(made.path, made.text):
        print("nothing was written", file=sys.stderr)
        return command_line.FINDINGS
    entry_file.add(args.registry, made.path, made.text)
    commit = made.entry.commit
    if args.format == "json":
        print(render.as_json({"path": made.path, "server": made.entry.name, "commit": commit}), end="")
    else:
        print(f"{made.path}: {made.entry.name} is pinned to {commit}, and follows {shown(made.ref)} ({render.number(made.requests, 'request')})")
    if args.format == "github" and actions_io.in_workflow():
        actions_io.set_outputs(path=made.path, server=made.entry.name, commit=commit)
    return command_line.OK


def propose(args: argparse.Namespace) -> int:
    # Imported here: the API's client takes half a second, and a scan needs none.
    from pinwarden.adapters import entry_proposal

    opened = entry_proposal.propose(args.propose, args.registry, actions_io.Access.from_environ())
    print(f"{opened.server}: #{opened.number} {opened.url}".rstrip())
    if args.format == "github" and actions_io.in_workflow():
        actions_io.set_outputs(server=opened.server, pull_request=str(opened.number))
    return command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))

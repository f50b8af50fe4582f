"""adopt: the caller workflows, a configuration and a list of publishers for a registry, and what to set on GitHub after that."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pinwarden.adapters import adopting, command_line, toolkit
from pinwarden.adapters.registry_files import Registry
from pinwarden.adoption import Placed
from pinwarden.adoption_guide import guide
from pinwarden.callers import OPTIONAL, RECOMMENDED, is_commit
from pinwarden.errors import Misuse
from pinwarden.shown import quoted


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "adopt",
        "Write the workflows to call Pinwarden from, a configuration and a list of publishers into a registry's checkout, and say what to set on GitHub.",
        ["--registry .", "--registry . --dry-run", "--registry . --workflows audit,merge", f"--registry . --toolkit {'0123456789' * 4}"],
    )
    command.add_argument("--registry", type=Path, required=True, metavar="DIR", help="the registry's checkout; its root is the repository's root")
    command.add_argument(
        "--toolkit", metavar="SHA", help="the commit of Pinwarden that the workflows name (default: this checkout's own, where nothing is changed in it)"
    )
    command.add_argument(
        "--workflows",
        type=_workflows,
        default=RECOMMENDED,
        metavar="A,B",
        help=f"these (default: {','.join(RECOMMENDED)}); there are also {', '.join(OPTIONAL)}",
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    command.add_argument("--format", choices=["text", "json"], default="text", help="how to print what became of each file (default: text)")
    return command.parse_args(argv)


def _workflows(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in (*RECOMMENDED, *OPTIONAL)]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{quoted(unknown[0] if unknown else text)} is none of {', '.join((*RECOMMENDED, *OPTIONAL))}")
    return names


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    registry = Registry(args.registry)
    files = adopting.planned(registry, _commit(args.toolkit), args.workflows)
    if not (args.registry / ".git").exists():
        if root := next((folder for folder in args.registry.resolve().parents if (folder / ".git").exists()), None):
            raise Misuse(f"{args.registry} is a folder of the repository {root}, and GitHub reads workflows at a root alone", "--registry: name the root")
        command_line.warn(f"{args.registry} is no repository yet, and GitHub reads workflows at a repository's root alone")
    placed = []
    for path, text in files.items():
        placed.append(one := adopting.place(registry, path, text, dry_run=args.dry_run))
        if args.format == "text":
            print(*one.lines(), sep="\n")
    report(args, placed)
    return command_line.OK if all(one.ok for one in placed) else command_line.FINDINGS


def _commit(given: str | None) -> str:
    commit = toolkit.commit() if given is None else given
    if commit is None:
        raise Misuse("which commit of Pinwarden the workflows are to name is not known: this is no checkout of it, or it was changed", "add --toolkit SHA")
    if not is_commit(commit):
        raise Misuse(f"{quoted(commit)} is not a full commit", "--toolkit: write all 40 characters, in lower case, of a release that you have read")
    if given is None and not toolkit.is_release():
        command_line.warn(f"{commit} is no release: its images can't be pulled, and each review would block. Check out a release's tag, or add --toolkit SHA")
    return commit


def report(args: argparse.Namespace, placed: Sequence[Placed]) -> None:
    if args.format == "json":
        print(json.dumps({"checks": [asdict(one.check()) for one in placed]}, indent=2))
    else:
        print(f"\n{guide(args.workflows)}", end="")


if __name__ == "__main__":
    sys.exit(command_line.run(main))

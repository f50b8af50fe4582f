"""publish-page: a registry as one static page: pins, upstreams, publishers, reviews and images, and what nobody looked at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinwarden.adapters import clock, command_line, page_folder, page_inputs, registry_git
from pinwarden.adapters.actions_io import Actions, GitHub
from pinwarden.adapters.registry_files import Registry
from pinwarden.errors import PinwardenError
from pinwarden.page.cells import State
from pinwarden.page.render import Page, files
from pinwarden.page.rows import Known, rows
from pinwarden.render import number
from pinwarden.shown import shown

RECORDS = "pinwarden-audits"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    usual = "--registry . --output out/page"
    command = command_line.parser(
        "publish-page",
        "Write a registry's page: index.html, index.json, and a badge for each built entry. What is not given is shown as not checked.",
        [usual, f"{usual} --scan plan.json --trust trust.json --records origin/{RECORDS} --images out/images"],
    )
    command.add_argument("--registry", type=Path, required=True, metavar="DIR", help="the registry's root folder")
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to write: new, empty, or an earlier page, which goes")
    command.add_argument("--scan", type=Path, metavar="FILE", help="what bump-pins --dry-run --plan wrote")
    command.add_argument("--trust", type=Path, metavar="FILE", help="what resolve-trust --format json printed")
    command.add_argument("--records", metavar="DIR|REV", help="a folder with audits/, or a revision of the registry's repository that has it")
    command.add_argument("--images", type=Path, metavar="DIR", help="a folder with <server>.json, what verify-image --format json printed of each")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    page_folder.refuse_other(args.output)
    registry, actions = Registry(args.registry), Actions.from_environ()
    config = registry.config()
    blobs = f"{GitHub.from_environ().server_url}/{actions.repository}/blob/{RECORDS}/" if actions.repository else None
    known = Known(
        scan=page_inputs.scan(args.scan) if args.scan else None,
        trust=page_inputs.trust(args.trust) if args.trust else None,
        records=page_inputs.records(args.records, args.registry, blobs, config.conclusions) if args.records else None,
        images=page_inputs.images(args.images) if args.images else None,
    )
    entries = registry.entries(config)
    listed = rows(registry.check(entries, config.policy), known)
    name = actions.repository or shown(args.registry.resolve().name)
    page_folder.write(args.output, files(Page(clock.now(), name, revision(args.registry, entries[0].path), listed, known), page_folder.templates()))
    if known.records and known.records.unread:
        command_line.warn(f"{number(known.records.unread, 'record')} could not be read and count for nothing")
    problems = sum(row.state is State.PROBLEM for row in listed)
    print(f"{number(len(listed), 'entry')}: {problems} to look at; {shown(str(args.output / 'index.html'))}")
    return command_line.OK


def revision(root: Path, entry: str) -> str | None:
    """Return the commit that the registry's folder is checked out at, None where it is in no repository, or in one that holds no such entry."""
    try:
        return registry_git.commit(root, "HEAD") if registry_git.file_at(root, "HEAD", entry) is not None else None
    except PinwardenError:
        return None


if __name__ == "__main__":
    sys.exit(command_line.run(main))

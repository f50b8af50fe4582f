"""From a URL to the text of a new entry: what upstream says, what the command line says, and what a person is asked."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pinwarden.adapters import asking, new_source, scanning
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.asking import Wanted
from pinwarden.adapters.entry_file import taken
from pinwarden.adapters.git_objects import require_git
from pinwarden.adapters.new_source import Folder, Pinned, Reader, Tree
from pinwarden.adapters.registry_files import Registry, validator
from pinwarden.config import Config
from pinwarden.detected import LONGEST_DESCRIPTION, LONGEST_TITLE, named, titled
from pinwarden.entry import Entry
from pinwarden.errors import Misuse
from pinwarden.new_entry import NewEntry, as_yaml, entry_path, name_problem
from pinwarden.place import Place
from pinwarden.plain_text import plain_problem
from pinwarden.rules.target import project_problem, target_problems
from pinwarden.rules.upstream import REF_FORBIDDEN
from pinwarden.shown import quoted, shown
from pinwarden.target import Target
from pinwarden.tree import normal
from pinwarden.validation import check_entry

_LONGEST_CATEGORY = 40
_CATEGORIES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that was not written yet. `notes` are sentences about it for a person, all on one line of their own."""

    path: str
    text: str
    entry: NewEntry
    ref: str
    requests: int
    notes: Sequence[str]


def draft(where: Place, args: argparse.Namespace) -> Draft:
    """Make the entry that `where` comes to. Raises Misuse, OutsideError."""
    registry = Registry(args.registry)
    config = registry.config()
    if problem := project_problem(where.project, config.policy):
        raise Misuse(problem, "a new entry follows the same rules as all others: docs/validate-pins.md")
    if args.branch is not None and REF_FORBIDDEN.search(args.branch):
        raise Misuse(f"--branch: {quoted(args.branch)} can't be the name of a branch", "write the branch's name as git shows it")
    entry_path(config, "name")  # says at once where that can't be told
    others = list(_others(registry, config))
    require_git()
    with new_source.outside(where.project), scanning.connection(GitHub.from_environ(), new_source.LIMITS) as http:
        reader = Reader(http, scanning.mirrors(args))
        pinned = reader.pinned(where, args.branch)
        with reader.tree(pinned) as tree:
            folder = tree.folder(args.directory)
            if problem := _path_problem(pinned, folder.directory, config):
                raise Misuse(problem, "name a folder of another name, or ask upstream to rename it")
            entry = _answered(args, config, tree, folder, others)
        requests = http.requests
    text = as_yaml(entry)
    path = entry_path(config, entry.name)
    checked = check_entry(entry.name, path, text.encode(), validator("entry"), config.policy)
    if checked.errors:
        raise Misuse(f"the entry would not be valid: {checked.errors[0].message}", checked.errors[0].hint)
    return Draft(path, text, entry, pinned.ref, requests, list(_notes(pinned, folder, entry, others)))


@dataclass(frozen=True, slots=True)
class _Asker:
    """Where answers come from: the command line, what was found, and with `ask` a person."""

    args: argparse.Namespace
    ask: bool

    def __call__(self, flag: str, question: str, found: str | None, problem: Callable[[str], str | None], *, required: bool = True) -> str:
        return asking.answer(Wanted(flag, question, getattr(self.args, flag), found, problem, required), ask=self.ask)


def _answered(args: argparse.Namespace, config: Config, tree: Tree, folder: Folder, others: Sequence[Entry]) -> NewEntry:
    pinned, answer = tree.pinned, _Asker(args, not args.yes)

    def free(name: str) -> str | None:
        return name_problem(name) or taken(args.registry, entry_path(config, name))

    def built(name: str) -> str | None:
        return tree.dockerfile_problem(folder, name) or _path_problem(pinned, name, config)

    def short(limit: int) -> Callable[[str], str | None]:
        return lambda text: plain_problem(text, limit)

    where = quoted(folder.directory) if folder.directory else "the root"
    links = f"; {', '.join(map(quoted, folder.linked))} is a link, which is not followed" if folder.linked else ""
    built_by = answer("dockerfile", f"Dockerfile in {where}{links}", folder.dockerfile, built)
    name = answer("name", "name of the entry", named(pinned.project, folder.directory), free)
    category = answer("category", f"category{_usual(others)}", None, short(_LONGEST_CATEGORY))
    title = answer("title", "title", folder.found.title or titled(name), short(LONGEST_TITLE))
    description = answer("description", "description in one sentence", folder.found.description, short(LONGEST_DESCRIPTION), required=False)
    return NewEntry(name, title, description, category, pinned.project, pinned.branch, pinned.commit, folder.directory, built_by)


def _path_problem(pinned: Pinned, path: str, config: Config) -> str | None:
    """Say why an entry can't name this path, by the rules that hold for both of its paths."""
    problems = target_problems(Target("new", pinned.project, pinned.commit, None, path), config.policy)
    return problems[0].message if problems else None


def _others(registry: Registry, config: Config) -> Iterator[Entry]:
    """Yield the registry's entries that can be read; a new registry has none."""
    files = registry.entries(config) if registry.has_entries(config) else ()
    return (checked.entry for checked in registry.check(files, config.policy) if checked.entry)


def _usual(others: Sequence[Entry]) -> str:
    """Return the categories that the registry has most, as an aside."""
    counted = Counter(category for entry in others if (category := entry.document.scalar(("meta", "category"))))
    most = [shown(category[:_LONGEST_CATEGORY]) for category, _ in counted.most_common(_CATEGORIES_SHOWN)]
    return f" (here: {', '.join(most)})" if most else ""


def _notes(pinned: Pinned, folder: Folder, entry: NewEntry, others: Sequence[Entry]) -> Iterator[str]:
    yield from pinned.notes
    if pinned.ref.startswith("refs/tags/"):
        yield f"{quoted(pinned.ref)} is a tag: no update will ever be found; name a branch to get any"
    yield f"licence, as upstream says: {shown(folder.found.licence)}" if folder.found.licence else "no licence was found: may others build and ship this?"
    for other in others:
        if (other.project or "").lower() == entry.project.lower() and normal(other.directory) == entry.directory:
            yield f"{quoted(other.server)} is built from the same place already"

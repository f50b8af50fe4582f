"""Opens the pull request that adds one new entry. The entry is taken from a file as text and checked again; no upstream is read.

The branch is `<branch-prefix>-new/<server>`: bumps look at branches under `<branch-prefix>/` and leave this one alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pinwarden.adapters.actions_io import Access, Actions
from pinwarden.adapters.collection import NotCollected, read_plain_file
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.adapters.registry_files import Registry, validator
from pinwarden.adapters.registry_repository import TRAILER, RegistryRepository
from pinwarden.document import MAX_BYTES, Defect, read
from pinwarden.entry import Entry
from pinwarden.errors import Misuse, OutsideError
from pinwarden.new_entry import entry_path, name_problem
from pinwarden.shown import shown
from pinwarden.surface.show import code_span
from pinwarden.validation import check_entry

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Opened:
    """An open pull request; `url` is empty where it was there already."""

    server: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class New:
    """The entry in a file, valid: where it belongs in the repository, and its text."""

    entry: Entry
    path: str
    text: str
    prefix: str


def propose(file: Path, root: Path, access: Access | None, calls_of: Callable[[str, str], Calls] = Calls) -> Opened:
    """Open a pull request for the entry in `file`, or find the open one. Raises Misuse, OutsideError."""
    new = _checked(file, root)
    if access is None:
        raise Misuse("new-server --propose opens a pull request in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN")
    calls = calls_of(access.api_url, access.token)
    try:
        return _opened(new, RegistryRepository(calls, access.repository, new.prefix))
    except (Refused, Limited) as error:
        hint = error.hint if isinstance(error, Refused) and error.hint else "run again later"
        raise OutsideError(f"{access.repository}: {error}", hint) from error
    except Unclear as error:
        raise OutsideError(f"{access.repository}: {error}; it is not known whether something was done", "run again: it starts from what is there") from error
    finally:
        calls.close()


def _checked(file: Path, root: Path) -> New:
    """Read the file as a new entry of the registry at `root`. Raises Misuse."""
    try:
        raw = read_plain_file(file, MAX_BYTES)
    except NotCollected as error:
        raise Misuse(f"{shown(str(file))}: {error}", "name the server.yaml that new-server wrote") from error
    config = Registry(root).config()
    document = read(raw)
    if isinstance(document, Defect):
        raise Misuse(f"{shown(str(file))}:{document.at.line}: {document.message}", document.hint)
    server = document.scalar(("name",)) or ""
    if problem := name_problem(server):
        raise Misuse(f"{shown(str(file))}: {problem}", "change the name in it")
    path = entry_path(config, server)
    checked = check_entry(server, path, raw, validator("entry"), config.policy)
    if checked.errors or checked.entry is None:
        first = checked.errors[0]
        raise Misuse(f"{shown(str(file))}:{first.line}: {first.message}", first.hint)
    if checked.entry.type != "server":
        raise Misuse(f"{shown(str(file))}: nothing is built for it, so there is nothing to pin", "add it by hand")
    return New(checked.entry, f"{Actions.from_environ().prefix(root)}{path}", raw.decode(), f"{config.bump.branch_prefix}-new")


def _opened(new: New, repository: RegistryRepository) -> Opened:
    """Come to an open pull request, from whatever a run before this one left. After an unclear answer it looks before it does anything again."""
    server, commit = new.entry.server, str(new.entry.commit)
    problem = Unclear("no answer")
    for _ in range(_TRIES):
        reading = repository.read({server: new.path})
        standing = reading.standings.get(server)
        if reading.texts[server] is not None:
            raise Misuse(f"{new.path} is on the default branch already", "choose another name")
        if standing and standing.pull:
            return Opened(server, standing.pull.number, "")
        if standing and not standing.ours:
            raise Misuse(f"the branch {repository.branch(server)} has a commit that this tool did not make", "delete the branch, or choose another name")
        try:
            message = f"Add {server} at {commit[:12]}\n\n{commit}\n\n{TRAILER}: {server} {commit}\n"
            head = repository.commit(reading.base, new.path, new.text, message)
            repository.move(reading.base, server, standing.head if standing else None, head)
            opened = repository.open(reading.base, server, f"Add {server}", _body(new))
            return Opened(server, opened["number"], opened["url"])
        except Unclear as error:
            problem = error
    raise problem


def _body(new: New) -> str:
    source = [("project", new.entry.project), ("commit", new.entry.commit), ("branch", new.entry.branch), ("directory", new.entry.directory)]
    listed = "\n".join(f"- {name}: {code_span(text)}" for name, text in source if text)
    return f"A new entry, pinned to one commit.\n\n{listed}\n\nTitle and description are upstream's own words, or those of whoever asked for it. Read the source at the commit before this is merged.\n"

"""A registry's files at single commits, read as git objects: nothing of a change is ever checked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.git_http import GitHttp, UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Objects, require_git
from pinwarden.adapters.registry_git import git_folder
from pinwarden.adapters.registry_remote import RemoteRegistry, is_file, listed_nodes
from pinwarden.adapters.scanning import connection
from pinwarden.change import Changed, changed
from pinwarden.config import CONFIG_PATH, Config, matching
from pinwarden.document import MAX_BYTES
from pinwarden.entry import Entry
from pinwarden.errors import Misuse, OutsideError
from pinwarden.git_protocol import NotOurRef
from pinwarden.publishers import mixed_change
from pinwarden.rules import Policy
from pinwarden.tree import changed as changed_paths

_SECONDS = 120
MOST_TOUCHED = 20_000
"""Entries that one change may touch."""


@dataclass(slots=True)
class Commits:
    """The commits of one registry; `prefix` is its folder in the repository, ending in a slash, empty for the whole of it."""

    objects: Objects
    prefix: str
    http: GitHttp | None = None
    """Where blobs are fetched from, with `address`; None where they are all here."""
    address: str = ""
    contents: dict[str, bytes] = field(default_factory=dict)
    """What was read so far, by blob's id."""

    def fetch(self, commits: Iterable[str]) -> None:
        """Fetch the trees of `commits`, without files and history."""
        assert self.http
        with self.http.fetch(self.address, sorted(set(commits)), depth=1, keep="blob:none") as pack:
            self.objects.add(pack)

    def at(self, commit: str) -> RemoteRegistry:
        """Return the registry at a commit; files that are not read yet are not in it."""
        nodes = listed_nodes(self.objects, commit)
        inside = {path.removeprefix(self.prefix): node for path, node in nodes.items() if path.startswith(self.prefix)}
        return RemoteRegistry(Path(commit), inside, self.contents)

    def read(self, *asked: tuple[RemoteRegistry, Iterable[str]]) -> None:
        """Read files of registries at their paths, those that are there."""
        nodes = (registry.nodes.get(path) for registry, paths in asked for path in paths)
        wanted = sorted({node.name for node in nodes if node and is_file(node)} - self.contents.keys())
        if wanted and self.http:
            with self.http.fetch(self.address, wanted) as pack:
                self.objects.add(pack)
        for name, content in zip(wanted, self.objects.blobs(wanted, _SECONDS), strict=True):
            self.contents[name] = content[: MAX_BYTES + 1]

    def config(self, commit: str) -> Config:
        """Return the registry's configuration at a commit. Raises Misuse where it is not valid."""
        registry = self.at(commit)
        self.read((registry, [CONFIG_PATH]))
        return registry.config()

    def change(self, start: str, head: str, tip: str, config: Config) -> Changed:
        """Return what must be reviewed of the change from `start` to `head` for it to become part of `tip`.

        Raises Misuse where it touches more entries than can be looked at, or one entry is there twice.
        """
        before, after, now = self.at(start), self.at(head), self.at(tip)
        touched = [path for path in matching(after.nodes, config.entries) if before.nodes.get(path) != after.nodes[path]]
        removed = [path for path in matching(before.nodes, config.entries) if path not in after.nodes]
        if len(touched) + len(removed) > MOST_TOUCHED:
            raise Misuse(f"the change touches {len(touched) + len(removed)} entries, more than {MOST_TOUCHED}", "split it")
        self.read((after, [CONFIG_PATH, *touched]), (now, [*touched, *removed]))
        of_now = _valid(now, [*touched, *removed], config.policy)
        wanted = frozenset(touched)
        files = [file for file in after.entries(config) if file.path in wanted] if touched else []
        found = changed(
            after.check(files, config.policy),
            {path: of_now[path] for path in touched if path in of_now},
            {path: of_now[path] for path in removed if path in of_now},
        )
        return replace(found, findings=(*mixed_change(config, _own_config(after, config), changed_paths(before.nodes, after.nodes)), *found.findings))


def _own_config(registry: RemoteRegistry, config: Config) -> Config:
    """Return the configuration that a change leaves; `config` where it is not valid, which is told elsewhere and holds nowhere."""
    try:
        return registry.config()
    except Misuse:
        return config


def _valid(registry: RemoteRegistry, paths: Iterable[str], policy: Policy) -> Mapping[str, Entry]:
    """Return the valid entries at `paths`, by path. A name may be there twice in what a change takes away."""
    found = registry.check((file for file in registry.files(path for path in paths if path in registry.nodes)), policy)
    return {one.path: one.entry for one in found if one.entry and not one.errors}


@contextmanager
def of_github(github: GitHub, repository: str, prefix: str) -> Iterator[Commits]:
    """Give the commits of a repository on GitHub, pull requests' heads among them. Raises OutsideError where it can't be read."""
    require_git()
    try:
        with connection(github) as http, Objects.temporary() as objects:
            yield Commits(objects, prefix, http, f"{github.server_url}/{repository}.git")
    except UpstreamFailed as failed:
        raise OutsideError(f"{repository} can't be read: {failed.detail}", "the token needs contents: read") from failed
    except (BadPack, NotOurRef, ValueError) as error:
        raise OutsideError(f"{repository} can't be read: {error}", "run again") from error


@contextmanager
def of_folder(root: Path) -> Iterator[Commits]:
    """Give the commits of the git repository that a registry's folder belongs to. Raises Misuse, OutsideError."""
    folder, prefix = git_folder(root)
    try:
        yield Commits(Objects(folder), prefix)
    except (BadPack, ValueError) as error:
        raise OutsideError(f"{root}: {error}", "is the history complete? Fetch it: git fetch --unshallow") from error

"""A registry at a URL, as it is at the tip of its default branch: the entries' files alone are fetched, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pinwarden.adapters import scanning
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.git_http import GitHttp, UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Objects, require_git
from pinwarden.adapters.registry_files import NOT_A_FILE, Registry
from pinwarden.config import CONFIG_PATH, Config, matching
from pinwarden.document import MAX_BYTES, Defect
from pinwarden.errors import Misuse, OutsideError
from pinwarden.git_protocol import NotOurRef
from pinwarden.rules import Policy
from pinwarden.rules.target import project_problem
from pinwarden.shown import shown
from pinwarden.tree import BlobKind, Node, read_tree
from pinwarden.upstream import Mirror, read_at

_SECONDS = 120
_MOST_ENTRIES = 50_000


@dataclass(frozen=True, slots=True)
class RemoteRegistry(Registry):
    """The files of one commit of a registry; `root` is its URL without the scheme."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By blob's id; what was fetched so far."""

    def _read(self, path: str) -> bytes | Defect | None:
        node = self.nodes.get(path)
        if node is None:
            return None
        return self.contents[node.name] if is_file(node) else NOT_A_FILE

    def _must_be_a_folder(self) -> None:
        """It is none."""

    def _matching(self, pattern: str) -> Iterable[str]:
        return matching(self.nodes, pattern)


def registry_at(place: str, mirrors: Sequence[Mirror]) -> Registry:
    """Return the registry at a URL, https://host/owner/repo, or in a folder. Two questions and one for its files.

    Raises Misuse where a URL is not that of a repository, OutsideError where it can't be read.
    """
    if "://" not in place:
        if not Path(place).is_dir():
            raise Misuse(f"{shown(place)}: no such folder", "name a registry's root folder, or write https://host/owner/repo")
        return Registry(Path(place))
    project = place.rstrip("/").removesuffix(".git")
    host = project.removeprefix("https://").partition("/")[0].lower()
    if problem := project_problem(project, Policy(frozenset({host}))):
        raise Misuse(f"{shown(place)}: {problem}", "write https://host/owner/repo, or the name of a folder")
    require_git()
    with _outside(place), scanning.connection(GitHub.from_environ()) as http, Objects.temporary() as objects:
        return _read(project, http, f"{read_at(project, mirrors)}.git", objects)


def _read(project: str, http: GitHttp, at: str, objects: Objects) -> Registry:
    head = http.ls_refs(at, ["HEAD"]).get("HEAD")
    if head is None:
        raise OutsideError(f"{shown(project)} is empty", "is it the right repository?")
    with http.fetch(at, [head.commit], depth=1, keep="blob:none") as pack:
        objects.add(pack)
    nodes = listed_nodes(objects, head.commit)
    registry = RemoteRegistry(Path(project.removeprefix("https://")), nodes)
    _fetch(registry, http, at, objects, [CONFIG_PATH, *matching(nodes, Config().entries)])
    if (entries := registry.config().entries) != Config().entries:
        _fetch(registry, http, at, objects, matching(nodes, entries))
    return registry


def _fetch(registry: RemoteRegistry, http: GitHttp, at: str, objects: Objects, paths: Iterable[str]) -> None:
    names = {node.name for path in paths if (node := registry.nodes.get(path)) and is_file(node)} - registry.contents.keys()
    if len(names) > _MOST_ENTRIES:
        raise OutsideError(f"{registry.root}: it has more than {_MOST_ENTRIES} entries", "clone it, and name the folder")
    if names:
        wanted = sorted(names)
        with http.fetch(at, wanted) as pack:
            objects.add(pack)
        for name, content in zip(wanted, objects.blobs(wanted, _SECONDS), strict=True):
            registry.contents[name] = content[: MAX_BYTES + 1]


def listed_nodes(objects: Objects, commit: str) -> dict[str, Node]:
    """Return what a commit holds, by path. Raises BadPack, ValueError."""
    listed = objects.run("ls-tree", "-r", "-z", "--full-tree", commit, seconds=_SECONDS)
    # Sizes are not known before the files are here.
    return dict(read_tree(b"\0".join(line.replace(b"\t", b" -\t", 1) for line in listed.split(b"\0"))))


def is_file(node: Node) -> bool:
    """Tell whether a node is a file that can be read: no link, no submodule."""
    return node.kind in (BlobKind.FILE, BlobKind.EXECUTABLE)


@contextmanager
def _outside(url: str) -> Iterator[None]:
    try:
        yield
    except UpstreamFailed as failed:
        raise OutsideError(f"{shown(url)} can't be read: {failed.detail}", "is it public, and is the address right?") from failed
    except (BadPack, NotOurRef, ValueError) as error:
        raise OutsideError(f"{shown(url)} can't be read: {error}", "run again") from error

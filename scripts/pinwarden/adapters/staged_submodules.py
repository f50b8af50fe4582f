"""Submodules: staged at the commits that are recorded, from hosts that are allowed, or said to be missing."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from urllib.parse import urljoin

from pinwarden.adapters.git_objects import BadPack, Objects
from pinwarden.adapters.staged_fetch import Access, Deadline, Fetcher, NotStaged
from pinwarden.rules.target import project_problem
from pinwarden.target import Side
from pinwarden.tree import BlobKind, Node, Tree, read_tree

_DEEPEST = 2
_MOST_SETTINGS = 1024 * 1024


class Submodules:
    """Fetches submodules into the store of their superproject. `unread` says which were not staged, and why."""

    def __init__(self, access: Access, store: Objects, deadline: Deadline, most: int) -> None:
        self._access = access
        self._store = store
        self._deadline = deadline
        self._most = most
        self._fetched: dict[tuple[str, str], str | None] = {}
        self.unread: dict[tuple[Side, str], str] = {}
        self.commits: dict[str, str] = {}
        """Commits by a name of ours, so that a ref can keep them."""

    def unread_on(self, side: Side) -> dict[str, str]:
        """Return what was not staged of one side, by path."""
        return {path: why for (where, path), why in self.unread.items() if where is side}

    def expanded(self, side: Side, tree: Tree, project: str) -> Tree:
        """Return `tree` with the files of its submodules below their paths; one that can't be had stays as it is."""
        return self._expanded(side, tree, "", project, 1)

    def _expanded(self, side: Side, tree: Tree, prefix: str, project: str, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        urls: Mapping[str, str | None] | None = None
        for path, node in tree.items():
            found[prefix + path] = node
            if node.kind is not BlobKind.SUBMODULE:
                continue
            try:
                urls = self._urls(tree, depth) if urls is None else urls
                url = self._checked(urls.get(path), project)
                self._fetch(url, node.name)
                inner = dict(read_tree(self._store.tree(node.name, self._deadline.left())))
            except (NotStaged, BadPack, ValueError) as error:
                self.unread[side, prefix + path] = f"a submodule that was not staged: {error}"
                continue
            del found[prefix + path]
            found |= self._expanded(side, inner, f"{prefix}{path}/", url, depth + 1)
        return found

    def _checked(self, written: str | None, project: str) -> str:
        """Return the address of a submodule as the rules for an upstream allow it. Raises NotStaged."""
        if written is None:
            raise NotStaged(".gitmodules names no address for it, or two")
        url = urljoin(f"{project}/", written) if written.startswith(("./", "../")) else written
        url = url.removesuffix("/").removesuffix(".git")
        if problem := project_problem(url, self._access.policy):
            raise NotStaged(problem)
        return url

    def _fetch(self, url: str, commit: str) -> None:
        key = (url, commit)
        if key not in self._fetched:
            if len(self._fetched) >= self._most:
                raise NotStaged(f"there are more submodules than {self._most}")
            self._fetched[key] = self._failure(url, commit)
        if failure := self._fetched[key]:
            raise NotStaged(failure)

    def _failure(self, url: str, commit: str) -> str | None:
        fetcher = Fetcher(self._access, url, self._store, self._deadline)
        try:
            fetcher.require_reachable(commit)
            fetcher.whole([commit])
        except NotStaged as error:
            return str(error)
        self.commits[str(len(self._fetched))] = commit
        return None

    def _urls(self, tree: Tree, depth: int) -> dict[str, str | None]:
        """Return the addresses in .gitmodules by path, None for a path that is named twice. Raises NotStaged and BadPack."""
        if depth > _DEEPEST:
            raise NotStaged(f"a submodule more than {_DEEPEST} levels deep")
        node = tree.get(".gitmodules")
        if node is None or node.kind is not BlobKind.FILE or node.size > _MOST_SETTINGS:
            raise NotStaged("there is no readable .gitmodules")
        content = next(self._store.blobs([node.name], self._deadline.left()))
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            # git's own reader; nothing in the file is applied, and includes are not followed.
            listed = self._store.run("config", "--no-includes", "--null", "--list", "--file", file.name, seconds=self._deadline.left())
        paths: dict[str, list[str]] = {}
        urls: dict[str, list[str]] = {}
        for setting in listed.decode(errors="surrogateescape").split("\0"):
            key, _, value = setting.partition("\n")
            section, _, rest = key.partition(".")
            name, _, field = rest.rpartition(".")
            if section == "submodule" and field in ("path", "url"):
                (paths if field == "path" else urls).setdefault(name, []).append(value)
        found: dict[str, str | None] = {}
        for name, values in paths.items():
            one = urls.get(name, [])
            for path in values:
                clear = len(values) == 1 and len(one) == 1 and path not in found
                found[path] = one[0] if clear else None
        return found

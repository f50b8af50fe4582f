"""What a host does with a repository: revisions, histories, differences, commits, refs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from support.github_twin.changes import Change, changes
from support.github_twin.objects import OID, Object, Store, TreeEntry


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or committed, as the commit says. `when` is in seconds since 1970."""

    name: str
    email: str
    when: int

    def line(self) -> str:
        return f"{self.name} <{self.email}> {self.when} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit object. `signature` is empty where there is none."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str
    signature: str


class Conflict(Exception):
    """A merge or a ref's move is impossible."""


class Git:
    """One bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder)

    def run(self, *arguments: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess[bytes]:
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        command = ["git", "-c", "safe.directory=*", f"--git-dir={self.folder}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=check, env=environment)

    def resolve(self, expression: str) -> Object | None:
        """Return the object that a revision such as `main`, an id, or `main:path` names."""
        revision, colon, path = expression.partition(":")
        found = self.store.read(revision) if OID.fullmatch(revision) else self._named(revision)
        if not colon or found is None:
            return found
        commit = self.commit(found.oid)
        return self.entry_object(commit.tree, path) if commit else None

    def entry(self, tree: str, path: str) -> TreeEntry | None:
        """Return the row of a tree at a path; None where there is none."""
        row: TreeEntry | None = TreeEntry("40000", "", tree)
        for part in filter(None, path.split("/")):
            rows = self.store.tree(row.oid) if row and row.kind == "tree" else []
            row = next((each for each in rows if each.name == part), None)
        return row

    def entry_object(self, tree: str, path: str) -> Object | None:
        row = self.entry(tree, path)
        return self.store.read(row.oid) if row else None

    def _named(self, name: str) -> Object | None:
        for prefix in ("", "refs/", "refs/tags/", "refs/heads/"):
            if (prefix + name == "HEAD" or (prefix + name).startswith("refs/")) and (oid := self.store.ref(prefix + name)):
                return self.store.read(oid)
        return None

    def commit(self, revision: str) -> Commit | None:
        """Return the commit that a revision leads to, through tags as well; None where it leads to none."""
        found = self.resolve(revision)
        while found is not None and found.kind == "tag":
            found = self.store.read(found.content[7:47].decode())
        return _parsed(found) if found is not None and found.kind == "commit" else None

    def touches(self, commit: Commit, path: str) -> bool:
        """Tell whether a commit differs at a path from all its parents."""
        here = self.entry(commit.tree, path)
        parents = [parent.tree for oid in commit.parents if (parent := self.commit(oid))]
        return all(self.entry(tree, path) != here for tree in parents) if parents else here is not None

    def branch(self, name: str) -> str | None:
        return self.store.ref(f"refs/heads/{name}")

    def history(self, oid: str, without: Iterable[str] = ()) -> list[Commit]:
        """Return the commits that `oid` leads to and those in `without` don't, newest first."""
        hidden = self._reachable(without)
        found, todo = {}, [oid]
        while todo:
            each = todo.pop()
            if each not in hidden and each not in found and (commit := self.commit(each)):
                found[each] = commit
                todo += commit.parents
        return _newest_first(found)

    def _reachable(self, oids: Iterable[str]) -> set[str]:
        seen: set[str] = set()
        todo = list(oids)
        while todo:
            each = todo.pop()
            if each not in seen and (commit := self.commit(each)):
                seen.add(each)
                todo += commit.parents
        return seen

    def merge_base(self, one: str, other: str) -> str | None:
        """Return a best common ancestor; None where the histories have nothing in common."""
        if one == other:
            return one
        common = self._reachable([one]) & self._reachable([other])
        parents = {parent for oid in common if (commit := self.commit(oid)) for parent in commit.parents}
        return min(common - parents, default=None)

    def compare(self, base: str, head: str) -> tuple[list[Commit], int]:
        """Return the commits by which `head` is ahead of `base`, oldest first, and by how many it is behind."""
        ahead, behind = self.history(head, [base]), self.history(base, [head])
        return ahead[::-1], len(behind)

    def changes(self, base: str | None, head: str) -> list[Change]:
        """List what changed between two commits; without a base all that `head` holds."""
        options = ("diff-tree", "-r", "-M", "--no-commit-id")
        ends = (base or _EMPTY_TREE, head)
        rows = self.run(*options, "-z", "--raw", "--numstat", *ends).stdout.decode(errors="replace")
        text = self.run("-c", "core.quotePath=false", *options, "-p", *ends).stdout.decode(errors="replace")
        return changes(rows, text)

    def edited(self, tree: str | None, edits: Mapping[str, tuple[str, str] | None]) -> str:
        """Write a tree like `tree` with files set (mode and id, by path) or removed (None); return its id."""
        rows = {row.name: row for row in self.store.tree(tree)} if tree else {}
        below: dict[str, dict[str, tuple[str, str] | None]] = {}
        for path, edit in edits.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(name, {})[rest] = edit
            elif edit is None:
                rows.pop(name, None)
            else:
                rows[name] = TreeEntry(edit[0].removeprefix("0"), name, edit[1])
        for name, inner in below.items():
            old = rows.get(name)
            new = self.edited(old.oid if old and old.kind == "tree" else None, inner)
            rows.pop(name, None)
            if self.store.tree(new):
                rows[name] = TreeEntry("40000", name, new)
        ordered = sorted(rows.values(), key=lambda row: row.name + ("/" if row.kind == "tree" else ""))
        content = b"".join(f"{row.mode} {row.name}".encode(errors="surrogateescape") + b"\0" + bytes.fromhex(row.oid) for row in ordered)
        return self.store.write("tree", content)

    def write_commit(self, tree: str, parents: Iterable[str], author: Person, committer: Person, message: str, *, signature: str = "") -> str:
        """Write a commit object; return its id."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {author.line()}", f"committer {committer.line()}"]
        if signature:
            lines.append("gpgsig " + signature.replace("\n", "\n "))
        return self.store.write("commit", "\n".join([*lines, "", message]).encode())

    def move(self, *moves: tuple[str, str | None, str | None]) -> None:
        """Move refs together: name, new id (None deletes), old id (None: must not exist). Raises Conflict."""
        zero = "0" * 40
        lines = "".join(f"delete {name} {old}\n" if new is None else f"update {name} {new} {old or zero}\n" for name, new, old in moves)
        done = self.run("update-ref", "--stdin", stdin=lines.encode(), check=False)
        if done.returncode:
            raise Conflict(done.stderr.decode(errors="replace").strip())

    def mergeable(self, base: str, head: str) -> bool:
        """Tell whether a merge would have no conflict."""
        return self.merge_base(base, head) == base or _mergeable(self.folder, base, head)

    def merged_tree(self, base: str, head: str) -> str:
        """Return the tree of a merge. Raises Conflict."""
        done = self.run("merge-tree", "--write-tree", base, head, check=False)
        if done.returncode:
            raise Conflict("Merge conflict")
        return done.stdout.decode().split()[0]


@lru_cache(maxsize=1024)
def _mergeable(folder: Path, base: str, head: str) -> bool:
    try:
        Git(folder).merged_tree(base, head)
    except Conflict:
        return False
    return True


_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_PERSON = re.compile(r"(.*?) ?<(.*?)> (-?[0-9]+) [+-][0-9]{4}\Z")


@lru_cache(maxsize=8192)
def _parsed(found: Object) -> Commit:
    head, _, message = found.content.decode(errors="replace").partition("\n\n")
    # A line that starts with a space continues the one before it.
    rows = [line.partition(" ")[::2] for line in head.replace("\n ", "\0").split("\n")]
    fields = {key: value.replace("\0", "\n") for key, value in rows}
    parents = tuple(value for key, value in rows if key == "parent")
    return Commit(found.oid, fields["tree"], parents, _person(fields["author"]), _person(fields["committer"]), message, fields.get("gpgsig", ""))


def _person(text: str) -> Person:
    match = _PERSON.match(text)
    return Person(match[1], match[2], int(match[3])) if match else Person(text, "", 0)


def _newest_first(commits: Mapping[str, Commit]) -> list[Commit]:
    """Order commits so that none comes before one that follows it; ties by date, then by id."""
    children = dict.fromkeys(commits, 0)
    for commit in commits.values():
        for parent in commit.parents:
            if parent in children:
                children[parent] += 1
    ready = [commit for oid, commit in commits.items() if not children[oid]]
    ordered = []
    while ready:
        ready.sort(key=lambda commit: (commit.committer.when, commit.oid))
        ordered.append(latest := ready.pop())
        for parent in latest.parents:
            if parent in children:
                children[parent] -= 1
                if not children[parent]:
                    ready.append(commits[parent])
    return ordered

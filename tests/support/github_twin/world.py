"""All that the twin holds: repositories, people, apps, tokens, and what happened."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.github_twin.answers import Refused
from support.github_twin.clock import Clock
from support.github_twin.git import Git, Person
from support.github_twin.merge_queue import leave
from support.github_twin.repositories import Activity, Pull, Repository
from support.github_twin.runs import dispatched, of_pull
from support.github_twin.tokens import ACTIONS_APP, ANONYMOUS, Kind, Token
from support.token_canary import CANARY

ZERO = "0" * 40
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\ntwin\n-----END PGP SIGNATURE-----"
"""Stands in commits that the host made and signed for a bot."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that workflows may be triggered by. What GITHUB_TOKEN does starts none, except by a dispatch."""

    name: str
    repository: str
    actor: str
    subject: str
    """A pull request's number, a ref, or a workflow's file."""
    action: str = ""
    starts_workflows: bool = True
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App. `public_key` in PEM verifies its JSON web tokens."""

    id: int
    slug: str
    permissions: Mapping[str, str]
    public_key: str = ""
    owner: str = "acme"
    suspended: bool = False
    """Whether the owner of the repositories has suspended the installation."""

    @property
    def login(self) -> str:
        return f"{self.slug}[bot]"

    @property
    def client_id(self) -> str:
        return f"Iv1.{self.id:016x}"


class World:
    """The state behind every answer. `root` holds the bare repositories as owner/name.git."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self.root = root
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.url = ""
        """Where the twin listens; empty until it does."""
        self.repositories: dict[int, Repository] = {}
        self.names: dict[str, int] = {}
        """Ids by full name in lower case; names that were left lead on until somebody takes them."""
        self.tokens: dict[str, Token] = {}
        self.apps = {ACTIONS_APP: App(ACTIONS_APP, "github-actions", {}, owner="github")}
        self.organizations: set[str] = set()
        self.accounts: dict[str, int] = {}
        """Ids of accounts by login in lower case, where they don't follow from the login: of renamed ones, and of logins taken again."""
        self.events: list[Event] = []
        self._last = 0

    def next_id(self) -> int:
        """Return an id that nothing else has."""
        self._last += 1
        return 1_000_000 + self._last

    def find(self, full_name: str) -> Repository | None:
        """Return the repository that has, or had, a name. One that lies in `root` need not be added first."""
        known = self.names.get(full_name.lower())
        if known is not None:
            return self.repositories[known]
        # Names are found whatever their case is.
        owner, _, name = full_name.partition("/")
        for folder in _named(self.root, owner):
            for found in _named(folder, f"{name}.git"):
                return self.add(f"{folder.name}/{found.name.removesuffix('.git')}")
        return None

    def add(self, full_name: str, files: Mapping[str, str | bytes] | None = None, *, branch: str = "main") -> Repository:
        """Add a repository: the one in `root`, or a new one with `files` in its first commit.

        A name that was renamed away can be taken again; the new repository has another id.
        """
        owner, _, name = full_name.partition("/")
        folder = self.root / f"{full_name}.git"
        if not folder.is_dir():
            command = ["git", "init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(folder)]
            subprocess.run(command, check=True, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"})
        number = zlib.crc32(full_name.lower().encode()) >> 2
        while number in self.repositories:
            number += 1
        repository = Repository(number, owner, name, Git(folder), self.clock.now)
        self.repositories[number] = repository
        self.names[full_name.lower()] = number
        if files is not None:
            self.push(repository, branch, files, message="first")
        return repository

    def fork(self, repository: Repository, owner: str) -> Repository:
        """Copy a repository to another owner, as a fork of it."""
        name = f"{owner}/{repository.name}"
        shutil.copytree(repository.git.folder, self.root / f"{name}.git")
        fork = self.add(name)
        fork.fork_of = repository.id
        return fork

    def rename(self, repository: Repository, full_name: str) -> None:
        """Give a repository another name or owner. The old name leads to it until it is taken again."""
        self.names[repository.full_name.lower()] = self.names[full_name.lower()] = repository.id
        folder = self.root / f"{full_name}.git"
        folder.parent.mkdir(exist_ok=True)
        shutil.move(repository.git.folder, folder)
        repository.owner, _, repository.name = full_name.partition("/")
        repository.git = Git(folder)

    def account_id(self, login: str) -> int:
        """Return the number of whoever has a login now."""
        return self.accounts.get(login.lower(), zlib.crc32(login.encode()) >> 2)

    def rename_owner(self, login: str, new: str) -> None:
        """Give an account another login, with all its repositories; its number stays, and the old login is free."""
        self.accounts[new.lower()] = self.account_id(login)
        self.take_login(login)
        if login in self.organizations:
            self.organizations.add(new)
        for folder in (self.root / login).glob("*.git"):
            self.find(f"{login}/{folder.stem}")
        for repository in [each for each in self.repositories.values() if each.owner == login]:
            self.rename(repository, f"{new}/{repository.name}")

    def take_login(self, login: str) -> None:
        """Let somebody else register a login that was left."""
        self.accounts[login.lower()] = self.next_id()

    def remove(self, repository: Repository) -> None:
        """Delete a repository, and every name that led to it."""
        shutil.rmtree(repository.git.folder)
        del self.repositories[repository.id]
        self.names = {name: number for name, number in self.names.items() if number != repository.id}

    def push(
        self,
        repository: Repository,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        message: str = "change",
        who: str = "ada",
        force_from: str | None = None,
    ) -> str:
        """Push one commit as a person does with git; return its id. `force_from` is a commit to build on in place of the branch's tip."""
        git = repository.git
        tip = git.branch(branch)
        parent = force_from or tip or (git.branch(repository.default_branch) if branch != repository.default_branch else None)
        edits = {
            path: None if text is None else ("100644", git.store.write("blob", text.encode() if isinstance(text, str) else text))
            for path, text in files.items()
        }
        old = git.commit(parent) if parent else None
        person = Person(who, f"{who}@people.example", self.clock.now)
        commit = git.write_commit(git.edited(old.tree if old else None, edits), [parent] if parent else [], person, person, message)
        with self.lock:
            self.move(repository, who, (f"refs/heads/{branch}", commit, tip))
        return commit

    def move(self, repository: Repository, actor: str, *moves: tuple[str, str | None, str | None], kind: str = "") -> None:
        """Move refs together (name, new, old) and note it. Raises Conflict where one is not where it should be."""
        repository.git.move(*moves)
        for ref, new, old in moves:
            if not ref.startswith("refs/heads/"):
                continue
            forced = bool(old and new) and repository.git.merge_base(old or "", new or "") != old
            happened = kind or ("branch_deletion" if new is None else "branch_creation" if old is None else "force_push" if forced else "push")
            activity = Activity(self.next_id(), ref, old or ZERO, new or ZERO, happened, actor, self.clock.now)
            repository.activities.insert(0, activity)
            target = repository if repository.fork_of is None else self.repositories[repository.fork_of]
            for pull in target.pulls.values():
                if pull.state == "open" and (pull.source or target) is repository and pull.head == ref.removeprefix("refs/heads/"):
                    self._head_moved(target, pull, new, actor)

    def _head_moved(self, repository: Repository, pull: Pull, new: str | None, actor: str) -> None:
        pull.updated = self.clock.now
        leave(self, repository, pull)
        if new is None:
            pull.state, pull.closed, pull.closed_by = "closed", self.clock.now, actor
            self.note("pull_request", repository, actor, str(pull.number), "closed")
        else:
            repository.head_sha(pull)
            self.note("pull_request", repository, actor, str(pull.number), "synchronize")

    def note(self, name: str, repository: Repository, actor: str, subject: str, action: str = "", *, payload: Mapping[str, object] | None = None) -> None:
        """Note what workflows could be triggered by."""
        starts = actor != self.apps[ACTIONS_APP].login or name.endswith("_dispatch")
        self.events.append(Event(name, repository.full_name, actor, subject, action, starts, payload or {}))
        if name == "workflow_dispatch":
            dispatched(self, repository, actor, subject, str((payload or {}).get("ref", "")))
        elif name == "pull_request" and action in ("opened", "synchronize", "reopened"):
            of_pull(self, repository, repository.pulls[int(subject)], actor)

    def token(
        self,
        kind: Kind,
        repositories: Iterable[Repository] | None = None,
        permissions: Mapping[str, str] | None = None,
        *,
        login: str = "ada",
        app_id: int | None = None,
        hourly: int | None = None,
    ) -> str:
        """Make a token; return its text. Without `repositories` it covers all."""
        prefix = {Kind.PERSONAL: "github_pat_"}.get(kind, "ghs_")
        if kind is Kind.ACTIONS:
            app_id = ACTIONS_APP
        elif kind is Kind.INSTALLATION and app_id is None:
            raise ValueError("an installation's token belongs to an app: app_id")
        if app_id is not None:
            login = self.apps[app_id].login
        self._last += 1
        text = f"{prefix}{self._last:036d}"
        covered = None if repositories is None else frozenset(repository.id for repository in repositories)
        limit = hourly if hourly is not None else 1000 if kind is Kind.ACTIONS else 5000
        expires = self.clock.now + 3600 if kind is Kind.INSTALLATION else None
        CANARY.plant(text)
        self.tokens[text] = Token(kind, login, app_id, dict(permissions or {}), covered, expires, limit)
        return text

    def who(self, secret: str) -> Token:
        """Return what a token's text stands for. Raises Refused where nothing."""
        if not secret:
            return ANONYMOUS
        token = self.tokens.get(secret)
        if token is None or (token.expires is not None and token.expires <= self.clock.now):
            raise Refused(401, "Bad credentials")
        return token


def _named(folder: Path, name: str) -> list[Path]:
    """Return the folder of a name, or those whose names differ in case alone."""
    exact = folder / name
    if name in ("", ".", "..") or "/" in name:
        return []
    if exact.is_dir():
        return [exact]
    return [each for each in folder.iterdir() if each.name.lower() == name.lower()] if folder.is_dir() else []

"""What every way of writing to a repository shares, in REST and in GraphQL: who commits, and which moves of refs are refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from support.github_twin.answers import Refused
from support.github_twin.git import Person
from support.github_twin.repositories import Repository
from support.github_twin.tokens import Kind, Token
from support.github_twin.world import SIGNATURE, World


class Writer(Protocol):
    """Somebody who writes to a repository."""

    @property
    def world(self) -> World: ...
    @property
    def token(self) -> Token: ...
    @property
    def repository(self) -> Repository: ...


def author_of(writer: Writer) -> Person:
    """Return the person that a commit of this writer names."""
    login = writer.token.login
    return Person(login, f"{writer.world.account_id(login)}+{login}@users.noreply.github.com", writer.world.clock.now)


def commit_as(
    writer: Writer,
    tree: str,
    parents: Iterable[str],
    message: str,
    *,
    author: Person | None = None,
    committer: Person | None = None,
    signature: str = "",
    sign: bool = False,
) -> str:
    """Write a commit; return its id. GitHub signs what a bot makes without naming a person, and what it makes itself (`sign`)."""
    bot = writer.token.kind in (Kind.ACTIONS, Kind.INSTALLATION) and author is None and committer is None
    if (sign or bot) and "signatures" not in writer.repository.lax:
        signature = SIGNATURE
        committer = Person("GitHub", "noreply@github.com", writer.world.clock.now)
    author = author or author_of(writer)
    return writer.repository.git.write_commit(tree, parents, author, committer or author, message, signature=signature)


def fast_forward(repository: Repository, old: str, new: str) -> bool:
    return repository.git.merge_base(old, new) == old


def check_move(writer: Writer, ref: str, new: str | None, old: str | None) -> None:
    """Refuse a move that a ruleset or a missing permission forbids, and one to nowhere. Raises Refused."""
    repository = writer.repository
    if new is not None and repository.git.commit(new) is None:
        raise Refused(422, "Object does not exist")
    if repository.refuses(ref, writer.token.login):
        what = "create ref due to creations" if old is None else "delete ref due to deletions" if new is None else "update ref due to updates"
        raise Refused(422, f"Repository rule violations found\n\nCannot {what} being restricted.\n\n")
    if new is not None and (path := _foreign_workflow(writer, new, old)):
        raise Refused(403, workflow_refusal(writer.token, path))


def workflow_refusal(token: Token, path: str) -> str:
    who = "a GitHub App" if token.kind in (Kind.ACTIONS, Kind.INSTALLATION) else "a Personal Access Token"
    return f"refusing to allow {who} to create or update workflow `{path}` without `workflows` permission"


def _foreign_workflow(writer: Writer, new: str, old: str | None) -> str | None:
    """Return a workflow that the move would bring and that neither the ref nor the default branch has; None if it may."""
    git = writer.repository.git
    if writer.token.may(writer.repository.id, "workflows", "write") or "workflow-files" in writer.repository.lax:
        return None
    commit = git.commit(new)
    assert commit is not None
    known: set[tuple[str, str]] = set()
    for oid in (old, git.branch(writer.repository.default_branch)):
        if oid and (other := git.commit(oid)):
            known |= _workflows(writer.repository, other.tree)
    return next((path for path, _ in sorted(_workflows(writer.repository, commit.tree) - known)), None)


def _workflows(repository: Repository, tree: str) -> set[tuple[str, str]]:
    row = repository.git.entry(tree, ".github/workflows")
    return {(f".github/workflows/{path}", each.oid) for path, each in repository.git.store.walk(row.oid)} if row else set()

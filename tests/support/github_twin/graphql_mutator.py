"""What all of GraphQL's mutations share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from support.github_twin.checks import at_commit
from support.github_twin.documents_repositories import from_node_id
from support.github_twin.git import Conflict
from support.github_twin.graphql_git import failed
from support.github_twin.graphql_objects import Objects
from support.github_twin.repositories import CheckRun, Pull, Repository
from support.github_twin.tokens import Token
from support.github_twin.world import World
from support.github_twin.writing import check_move

Json = Any


@dataclass(frozen=True, slots=True)
class Writing:
    world: World
    token: Token
    repository: Repository


class Mutator:
    """Finds what a mutation names, and who may change it."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.world = objects.world
        self.token = objects.token

    def writer(self, repository: Repository, *permissions: str) -> Writing:
        """Return who writes to a repository. Raises GraphQLError without one of the permissions."""
        if repository.archived:
            raise failed("FORBIDDEN", "Repository was archived so is read-only.")
        if not any(self.token.may(repository.id, permission, "write") for permission in permissions):
            raise failed("FORBIDDEN", self.token.refusal)
        return Writing(self.world, self.token, repository)

    def repository(self, text: str) -> Repository:
        number = text.removeprefix("R_")
        found = self.world.repositories.get(int(number)) if number.isdigit() else None
        if found is None or (found.private and not self.token.covers(found.id)):
            raise unknown(text)
        return found

    def pull(self, text: str) -> tuple[Repository, Pull]:
        for repository in self.world.repositories.values():
            for pull in repository.pulls.values():
                if f"PR_{pull.id}" == text:
                    return repository, pull
        raise unknown(text)

    def check(self, text: str) -> tuple[Repository, CheckRun]:
        for repository in self.world.repositories.values():
            for check in repository.checks.values():
                if f"CR_{check.id}" == text and (not repository.private or self.token.covers(repository.id)):
                    return repository, check
        raise unknown(text)

    def suite(self, text: str) -> tuple[Repository, list[CheckRun]]:
        """Return the check runs of a suite, newest first."""
        for repository in self.world.repositories.values():
            for check in repository.checks.values():
                if f"CS_{self.objects.documents.suite_id(check)}" == text and (not repository.private or self.token.covers(repository.id)):
                    return repository, at_commit(repository, check.head_sha, check.app_id)
        raise unknown(text)

    def ref(self, text: str) -> tuple[Repository, str, str]:
        """Return what a ref's id stands for: repository, full name, and where it is."""
        kind, parts = from_node_id(text)
        if kind == "REF" and len(parts) == 2:
            repository = self.repository(f"R_{parts[0]}")
            if old := repository.git.store.ref(parts[1]):
                return repository, parts[1], old
        raise unknown(text)

    def move(self, writer: Writing, *moves: tuple[str, str | None, str | None]) -> None:
        for name, new, old in moves:
            check_move(writer, name, new, old)
        try:
            self.world.move(writer.repository, self.token.login, *moves)
        except Conflict:
            raise failed("UNPROCESSABLE", "Reference update failed") from None


def unknown(text: str) -> GraphQLError:
    return failed("NOT_FOUND", f"Could not resolve to a node with the global id of '{text}'.")

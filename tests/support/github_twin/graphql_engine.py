"""Runs GraphQL documents on GitHub's published schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
)

from support.github_twin.answers import Answer, NotCovered
from support.github_twin.contract import Contract
from support.github_twin.documents_repositories import from_node_id
from support.github_twin.graphql_git import failed
from support.github_twin.graphql_mutations import COVERED, Mutations
from support.github_twin.graphql_objects import Objects
from support.github_twin.graphql_reading import Document, read, schema_of
from support.github_twin.limits import Limits
from support.github_twin.repositories import Repository
from support.github_twin.tokens import Token
from support.github_twin.world import World

Json = Any
MOST_NODES = 500_000


class Engine:
    """GitHub's schema with the twin behind it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    @property
    def schema(self) -> GraphQLSchema:
        """GitHub's schema, which is made when it is needed first."""
        return schema_of(self._contract)

    def read(self, body: Json) -> Document:
        """Parse and check a document, and reckon what it may cost."""
        return read(self.schema, body)

    def answer(self, objects: Objects, limits: Limits, body: Json, document: Document, *, most: int | None = None) -> Answer:
        """Run a document that was read, no more than `most` of its mutations. Raises NotCovered."""
        if document.parsed is None:
            return Answer(200, {"errors": [_error(problem) for problem in document.problems]})
        if document.nodes > MOST_NODES:
            message = f"This query requests up to {document.nodes:,} possible nodes which exceeds the maximum limit of {MOST_NODES:,}."
            return Answer(200, {"errors": [_error(failed("MAX_NODE_LIMIT_EXCEEDED", message))]})
        if lacking := [name for name in document.mutations if name not in COVERED]:
            raise NotCovered(f"mutation {lacking[0]}")
        root = _Root(objects, limits, document, iter(document.mutations[:most]))
        done = execute_sync(
            self.schema,
            document.parsed,
            root_value=root.query(),
            variable_values=body.get("variables") or {},
            operation_name=body.get("operationName"),
            field_resolver=root.field,
        )
        for problem in done.errors or ():
            if problem.original_error is not None and not isinstance(problem.original_error, GraphQLError):
                raise problem.original_error
        answer = {"data": done.data}
        return Answer(200, {**answer, "errors": [_error(problem) for problem in done.errors]} if done.errors else answer)


@dataclass(frozen=True, slots=True)
class _Root:
    """The entries to the graph, for one document."""

    objects: Objects
    limits: Limits
    document: Document
    left: Iterator[str]
    """The mutations that may still be carried out."""

    @property
    def world(self) -> World:
        return self.objects.world

    @property
    def token(self) -> Token:
        return self.objects.token

    def query(self) -> dict[str, Callable[..., Json]]:
        return {
            "repository": self.repository,
            "rateLimit": self.rate_limit,
            # Only here a bot's name has its suffix.
            "viewer": lambda _: self.objects.actor(self.token.login) | {"__typename": "User", "login": self.token.login},
            "node": lambda _, id: self.node(id),  # noqa: A006 - the schema's name
            "nodes": lambda _, ids: [self.node(each) for each in ids],
        }

    def field(self, source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Json:
        """Resolve any field: there is no default, so that what the twin lacks never looks like a null of GitHub's."""
        name = info.field_name
        if info.parent_type.name == "Mutation":
            if next(self.left, None) is None:
                raise failed("TIMEOUT", "Something went wrong while executing your query.")
            return Mutations(self.objects).resolve(name, given["input"])
        if not isinstance(source, Mapping) or name not in source:
            raise NotCovered(f"{info.parent_type.name}.{name}")
        value = source[name]
        return value(info, **given) if callable(value) else value

    def repository(self, _: object, owner: str, name: str, followRenames: bool = True) -> Json:  # noqa: N803 - the schema's
        found = self.world.find(f"{owner}/{name}")
        renamed = found is not None and found.full_name.lower() != f"{owner}/{name}".lower()
        if found is None or (found.private and not self.token.covers(found.id)) or (renamed and not followRenames):
            raise failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        if found.ip_allow_list:
            raise failed("FORBIDDEN", ip_refusal(found))
        return self.objects.repository(found)

    def rate_limit(self, _: object, dryRun: bool = False) -> Json:  # noqa: N803 - the schema's
        budget = self.limits.budget(self.token, "graphql")
        used = budget.used + self.document.cost
        return {
            "limit": self.token.hourly,
            "cost": self.document.cost,
            "used": used,
            "remaining": max(0, self.token.hourly - used),
            "resetAt": self.world.clock.text(budget.reset),
            "nodeCount": self.document.nodes,
        }

    def node(self, text: str) -> Json:
        mutations = Mutations(self.objects)
        kind = text.partition("_")[0]
        if kind == "R":
            return self.objects.repository(mutations.repository(text))
        if kind == "PR":
            return self.objects.pull(*mutations.pull(text))
        if kind == "CR":
            return self.objects.check(*mutations.check(text))
        if kind == "CS":
            return self.objects.suite(*mutations.suite(text))
        if kind == "REF":
            repository, name, _ = mutations.ref(text)
            return self.objects.ref(repository, name)
        if kind in ("C", "T", "B", "TAG"):
            parts = from_node_id(text)[1]
            repository = mutations.repository(f"R_{parts[0]}")
            return self.objects.object(repository, repository.git.store.read(parts[1]))
        raise failed("NOT_FOUND", f"Could not resolve to a node with the global id of '{text}'.")


def ip_refusal(repository: Repository) -> str:
    return (
        f"Although you appear to have the correct authorization credentials, the `{repository.owner}` organization has an IP allow list enabled,"
        " and your IP address is not permitted to access this resource."
    )


def partial(answer: Answer, document: Document, kept: int, message: str, kind: str) -> Answer:
    """Return an answer in which only the first aliases have data."""
    lost = document.aliases[kept:]
    content = dict(answer.document)
    content["data"] = {name: None if name in lost else value for name, value in (content.get("data") or {}).items()}
    content["errors"] = [*content.get("errors", ()), *({"type": kind, "path": [name], "message": message} for name in lost)]
    return Answer(200, content, answer.headers)


def _error(problem: GraphQLError) -> Json:
    kind = (problem.extensions or {}).get("type")
    formatted = dict(problem.formatted)
    formatted.pop("extensions", None)
    return {"type": kind, **formatted} if kind else formatted

"""Requests: what came over the wire, what it is for, and what is to be sent back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from support.github_twin.answers import Answer
from support.github_twin.contract import Contract, Operation
from support.github_twin.faults import Cut, Request, Slow
from support.github_twin.graphql_engine import Engine
from support.github_twin.graphql_reading import Document
from support.github_twin.tokens import Token
from support.github_twin.world import World

Json = Any


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came over the wire. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What to send, and how badly: no `answer` closes the connection without one."""

    request: Request
    answer: Answer | None
    delivery: Cut | Slow | None = None
    fault: str = ""


@dataclass(slots=True)
class Asked:
    """A request as far as it could be understood."""

    path: str
    query: Mapping[str, str]
    operation: Operation | None = None
    parameters: Mapping[str, str] | None = None
    body: Json = None
    malformed: bool = False
    document: Document | None = None

    def request(self, method: str, token: Token, received: int) -> Request:
        if self.document is not None:
            name = "mutation" if self.document.mutations else "query"
            return Request(method, "/graphql", name, "", token.kind, received, len(self.document.aliases), self.document.mutations)
        repository = ""
        if self.parameters and "repo" in self.parameters:
            repository = f"{self.parameters['owner']}/{self.parameters['repo']}"
        return Request(method, self.operation.route if self.operation else "", self.operation.name if self.operation else "", repository, token.kind, received)


def understood(world: World, contract: Contract, engine: Engine, incoming: Incoming) -> Asked:
    """Find out what a request is for. Nothing is refused yet."""
    url = urlsplit(incoming.target)
    asked = Asked(re.sub(r"\A/api(/v3)?(?=/)", "", url.path), dict(parse_qsl(url.query, keep_blank_values=True)))
    if incoming.body:
        try:
            asked.body = json.loads(incoming.body)
        except ValueError:
            asked.malformed = True
    if asked.path == "/graphql" and incoming.method == "POST":
        asked.document = engine.read(asked.body if isinstance(asked.body, dict) else {})
        return asked
    if by_id := re.match(r"/repositories/([0-9]+)(?=/|\Z)", asked.path):
        repository = world.repositories.get(int(by_id[1]))
        if repository is not None:
            asked.path = f"/repos/{repository.full_name}" + asked.path[by_id.end() :]
    found = contract.find(incoming.method, asked.path)
    if found is not None:
        asked.operation, encoded = found
        asked.parameters = {name: unquote(value) for name, value in encoded.items()}
    return asked

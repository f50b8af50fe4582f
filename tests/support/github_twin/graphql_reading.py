"""Documents of GraphQL before they run: parsed, checked against GitHub's schema, and reckoned."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)

from support.github_twin.contract import Contract

Json = Any


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document. `problems` are why it can't run; then the other fields may be empty."""

    parsed: DocumentNode | None
    problems: tuple[GraphQLError, ...] = ()
    aliases: tuple[str, ...] = ()
    """What the fields at the top are called in the answer."""
    mutations: tuple[str, ...] = ()
    requests: int = 0
    """Connections to fill, each as often as the connections around it may ask for it."""
    nodes: int = 0

    @property
    def cost(self) -> int:
        return max(1, round(self.requests / 100))


@cache
def schema_of(contract: Contract) -> GraphQLSchema:
    """Return GitHub's schema, made once a process."""
    schema = contract.graphql()
    for name, check in {"GitObjectID": _oid, "GitRefname": _refname, "Base64String": _base64, "DateTime": _time}.items():
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        scalar.coerce_input_value = check
        scalar.coerce_input_literal = lambda node, check=check: check(getattr(node, "value", None))
    return schema


def read(schema: GraphQLSchema, body: Json) -> Document:
    """Parse and check a document, and reckon what it may cost."""
    text, variables = body.get("query"), body.get("variables") or {}
    if not isinstance(text, str):
        return Document(None, (GraphQLError("A query attribute must be specified and must be a string."),))
    try:
        parsed = parse(text)
    except GraphQLError as problem:
        return Document(None, (problem,))
    if problems := validate(schema, parsed):
        return Document(None, tuple(problems))
    operations = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    wanted = body.get("operationName")
    chosen = next((node for node in operations if wanted is None or (node.name and node.name.value == wanted)), None)
    if chosen is None or (wanted is None and len(operations) > 1):
        return Document(None, (GraphQLError(f"No operation named {wanted}"),))
    fields = [node for node in chosen.selection_set.selections if isinstance(node, FieldNode)]
    names = tuple(node.name.value for node in fields) if chosen.operation.value == "mutation" else ()
    counter = _Counter(variables)
    visit(parsed, TypeInfoVisitor(info := TypeInfo(schema), counter.with_types(info)))
    aliases = tuple(node.alias.value if node.alias else node.name.value for node in fields)
    return Document(parsed, (), aliases, names, counter.requests, counter.nodes)


class _Counter(Visitor):
    """Counts connections and nodes by GitHub's published rule: each as often as the connections around it may ask for it."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self.variables = variables
        self.requests = 0
        self.nodes = 0
        self._sizes = [1]
        self._types: TypeInfo

    def with_types(self, types: TypeInfo) -> _Counter:
        self._types = types
        return self

    def enter_field(self, node: FieldNode, *_: object) -> None:
        kind = self._types.get_type()
        named = get_named_type(kind) if kind else None
        if named is not None and named.name.endswith("Connection"):
            size = max((self._number(argument.value) for argument in node.arguments or () if argument.name.value in ("first", "last")), default=0)
            self.requests += self._sizes[-1]
            self.nodes += self._sizes[-1] * size
            self._sizes.append(self._sizes[-1] * max(1, size))
        else:
            self._sizes.append(self._sizes[-1])

    def leave_field(self, *_: object) -> None:
        self._sizes.pop()

    def _number(self, value: Node) -> int:
        if isinstance(value, IntValueNode):
            return int(value.value)
        found = self.variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return found if isinstance(found, int) else 0


def _oid(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{40}", value):
        raise GraphQLError(f"Could not coerce value {value!r} to GitObjectID")
    return value


def _refname(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("refs/"):
        raise GraphQLError(f"Could not coerce value {value!r} to GitRefname")
    return value


def _time(value: Any) -> Any:
    try:
        aware = datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        aware = False
    if not aware:
        raise GraphQLError(f"Could not coerce value {value!r} to DateTime")
    return value


def _base64(value: Any) -> Any:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise GraphQLError("Could not coerce value to Base64String") from None
    return value

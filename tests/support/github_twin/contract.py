"""GitHub's published description of its REST API, as something to hold requests and answers against."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_ast_schema, parse
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Json = Any

_SPANS = ("path", "ref", "basehead")
"""Parameters that may hold slashes."""
_ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}, "documentation_url": {"type": "string"}}}

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", ValueError)
def _date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"[a-z][a-z0-9+.-]*:\S+\Z", value) is not None


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a value is not what the description says."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    method: str
    route: str
    """The path's template, such as /repos/{owner}/{repo}."""
    parameters: tuple[Json, ...] = ()
    request: Json = None
    request_required: bool = False
    answers: Mapping[str, Json] = field(default_factory=dict)
    described: bool = True
    """False for an operation of which only the name is known here."""


class Contract:
    """The operations that GitHub describes. Made once a process: `Contract.at(folder)`."""

    def __init__(self, folder: Path) -> None:
        document = json.loads((folder / "openapi.json").read_text())
        self._sdl = (folder / "schema.graphql").read_text()
        self.schemas: Mapping[str, Json] = document["schemas"]
        components = _absolute({"components": {"schemas": self.schemas}})
        self._registry: Registry[Any] = Registry().with_resource("urn:github", DRAFT202012.create_resource(components))
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}
        self._right: set[bytes] = set()
        self.operations = {
            name: Operation(name, each["method"], each["path"], tuple(each["parameters"]), each["request"], each["request_required"], each["answers"])
            for name, each in document["operations"].items()
        }
        # The comparison of two commits is described twice, once as one parameter and once as two.
        others = [Operation(name, method, path, described=False) for method, path, name in document["others"] if "..." not in path]
        routes = [(_pattern(operation.route), operation) for operation in (*self.operations.values(), *others)]
        # The most literal template first: /pulls/comments before /pulls/{pull_number}.
        self._routes = sorted(routes, key=lambda route: (-len(re.sub(r"{\w+}", "", route[1].route)), route[1].route))

    @staticmethod
    @cache
    def at(folder: Path) -> Contract:
        """Return the contract that `prepare` wrote into a folder."""
        return Contract(folder)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation behind a path, and the path's parameters; None where GitHub has none."""
        for pattern, operation in self._routes:
            if operation.method == method and (match := pattern.fullmatch(path)):
                return operation, match.groupdict()
        return None

    def check_request(self, operation: Operation, path: Mapping[str, str], query: Mapping[str, str], body: Json) -> list[Problem]:
        """List what is wrong with a request. `body` is None where there was none."""
        problems = []
        known = {each["name"]: each for each in operation.parameters}
        for name, each in known.items():
            given = path if each["in"] == "path" else query
            if name in given:
                problems += self._problems((operation.name, name), each["schema"], _typed(each["schema"], given[name]), name)
            elif each["required"] and each["in"] == "query":
                problems.append(Problem(name, "is missing"))
        problems += [Problem(name, "is no parameter of this operation") for name in query if name not in known or known[name]["in"] != "query"]
        if operation.request is None:
            return problems + ([Problem("", "this operation takes no body")] if body not in (None, {}) else [])
        if body is None:
            return problems + ([Problem("", "the body is missing")] if operation.request_required else [])
        return problems + self._problems((operation.name, "request"), operation.request, body)

    def check_answer(self, operation: Operation, status: int, document: Json) -> list[Problem]:
        """List what is wrong with an answer of ours. `document` is None where it has no body."""
        described = str(status) in operation.answers
        schema = operation.answers.get(str(status))
        if status >= 400:
            # Of errors GitHub describes only some, and one shape.
            return self._problems((operation.name, str(status)), schema or _ERROR, document)
        if not described:
            return [Problem("", f"GitHub describes no status {status} of {operation.name}")]
        if schema is None:
            return [] if document is None else [Problem("", "this answer has no body")]
        return self._problems((operation.name, str(status)), schema, document)

    def _problems(self, key: tuple[str, str], schema: Json, value: Json, name: str = "") -> list[Problem]:
        if isinstance(schema, dict) and schema.get("type") == "array" and "items" in schema and isinstance(value, list):
            # Item by item: most of a list was checked before.
            found = [problem for item in value for problem in self._problems((*key[:1], f"{key[1]} item"), schema["items"], item, name)]
            return found + self._problems((key[0], f"{key[1]} list"), {k: v for k, v in schema.items() if k != "items"}, value, name)
        digest = hashlib.sha256(json.dumps([key, value], sort_keys=True).encode()).digest()
        if digest in self._right:
            return []
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = Draft202012Validator(_absolute(schema), registry=self._registry, format_checker=FORMATS)
        problems = [Problem("/".join(filter(None, (name, *map(str, error.absolute_path)))), error.message[:200]) for error in validator.iter_errors(value)]
        if not problems:
            self._right.add(digest)
        return problems

    def graphql(self) -> GraphQLSchema:
        """Build GitHub's GraphQL schema, without resolvers. It takes a second or two."""
        return build_ast_schema(parse(self._sdl, no_location=True), assume_valid=True, assume_valid_sdl=True)


def _pattern(route: str) -> re.Pattern[str]:
    pattern = re.sub(r"\\{(\w+)\\}", lambda match: f"(?P<{match[1]}>{'.+' if match[1] in _SPANS else '[^/]+'})", re.escape(route))
    return re.compile(pattern)


def _typed(schema: Json, text: str) -> Json:
    """Read a parameter's text as what the schema wants."""
    kinds = schema.get("type")
    alternatives = [each.get("type") for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
    if "integer" in (kinds, *alternatives) and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if kinds == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _absolute(node: Json) -> Json:
    if isinstance(node, dict):
        return {key: f"urn:github{value}" if key == "$ref" and isinstance(value, str) else _absolute(value) for key, value in node.items()}
    return [_absolute(each) for each in node] if isinstance(node, list) else node

"""Fetch GitHub's published API descriptions and keep what the twin needs of them.

`npm pack` brings each package by its exact version; what came is compared with the integrity in `operations`. The result is
`openapi.json` (the operations used, as JSON Schema), `schema.graphql`, and, last, `complete`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.github_twin.operations import GRAPHQL, OPENAPI, OPERATIONS, Package, fingerprint

Json = Any

_PROSE = ("description", "title", "example", "examples", "externalDocs", "x-github", "deprecated", "default")
_BY_NAME = ("properties", "patternProperties")


class NotPrepared(Exception):
    """The descriptions could not be fetched, or are not what was expected."""


def prepare(target: Path) -> None:
    """Write the descriptions into the folder `target`. Raises NotPrepared."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "openapi.json").write_text(json.dumps(extract(json.loads(fetch(OPENAPI)), OPERATIONS), separators=(",", ":")))
    (target / "schema.graphql").write_bytes(fetch(GRAPHQL))
    (target / "complete").write_text(fingerprint() + "\n")


def main(target: str) -> None:
    """Prepare a folder, or end the process with what is wrong."""
    try:
        prepare(Path(target))
    except NotPrepared as problem:
        sys.exit(f"error: {problem}")


def fetch(package: Package) -> bytes:
    """Return the one file of the package that is used. Raises NotPrepared."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotPrepared("npm is not installed; Debian: apt-get install npm")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}", "--pack-destination", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        packed = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            raise NotPrepared(f"npm pack {package.name}@{package.version} failed: {done.stderr.strip()}")
        return unpacked(packed[0], package)


def unpacked(archive: Path, package: Package) -> bytes:
    """Return the wanted file of a packed package whose bytes are those that were expected. Raises NotPrepared."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise NotPrepared(f"{package.name}@{package.version} is not the package that was expected: {found}")
    with tarfile.open(archive) as tar:
        file = tar.extractfile(package.member)
        if file is None:
            raise NotPrepared(f"{package.name}@{package.version} has no file {package.member}")
        return file.read()


def extract(document: Json, wanted: frozenset[str]) -> Json:
    """Cut GitHub's OpenAPI document down to the wanted operations and the schemas that they lead to.

    The result: `operations` by id (method, path, parameters, request, answers), `schemas` as JSON Schema 2020-12, `others`:
    method, path and id of every other operation. Raises NotPrepared where an operation isn't described.
    """
    operations: dict[str, Json] = {}
    others = []
    for path, item in document["paths"].items():
        for method, described in item.items():
            if isinstance(described, dict) and "operationId" in described:
                name = described["operationId"]
                if name in wanted:
                    operations[name] = _operation(document, method.upper(), path, described)
                else:
                    others.append([method.upper(), path, name])
    if missing := sorted(wanted - operations.keys()):
        raise NotPrepared(f"GitHub describes no operation {', '.join(missing)}")
    schemas: dict[str, Json] = {}
    todo = set(_references(operations))
    while todo:
        name = todo.pop()
        schemas[name] = json_schema(document["components"]["schemas"][name])
        todo |= set(_references(schemas[name])) - schemas.keys()
    _close_all(operations, schemas)
    return {"operations": operations, "schemas": schemas, "others": others}


def _close_all(operations: Json, schemas: Json) -> None:
    merged = {name for schema in (*operations.values(), *schemas.values()) for name in _merged(schema)}
    for name, schema in schemas.items():
        if name not in merged and not name.endswith(("-error", "-error-simple")):
            close(schema)
    for operation in operations.values():
        close(operation["request"])
        for status, schema in operation["answers"].items():
            if status < "400":
                close(schema)
            elif schema and "oneOf" in schema:
                # Errors say more than what is described of them, such as their status, so that one may fit several shapes.
                schema["anyOf"] = schema.pop("oneOf")


def _operation(document: Json, method: str, path: str, described: Json) -> Json:
    parameters = [_resolved(document, parameter) for parameter in described.get("parameters", ())]
    body = _resolved(document, described.get("requestBody", {}))
    answers = {status: _resolved(document, answer) for status, answer in described["responses"].items()}
    return {
        "method": method,
        "path": path,
        "parameters": [
            {"name": p["name"], "in": p["in"], "required": p.get("required", False), "schema": json_schema(p["schema"])} for p in parameters if "schema" in p
        ],
        "request": _content(body),
        "request_required": bool(body) and body.get("required", False),
        "answers": {status: _content(answer) for status, answer in answers.items()},
    }


def _content(holder: Json) -> Json:
    """Return the schema of a body in JSON; None where none is described."""
    content = holder.get("content", {}).get("application/json") or next((value for kind, value in holder.get("content", {}).items() if "json" in kind), None)
    return json_schema(content["schema"]) if content else None


def _resolved(document: Json, node: Json) -> Json:
    while "$ref" in node:
        _, section, kind, name = node["$ref"].split("/", 3)
        node = document[section][kind][name]
    return node


def json_schema(node: Json, names: bool = False) -> Json:
    """Turn a schema of OpenAPI 3.0 into JSON Schema 2020-12, without prose. `names` says that the keys are names of properties."""
    if isinstance(node, list):
        return [json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {name: json_schema(value) for name, value in node.items()}
    kept = {key: json_schema(value, key in _BY_NAME) for key, value in node.items() if key not in (*_PROSE, "nullable")}
    for key in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(kept.get(key), bool):
            del kept[key]
    if node.get("nullable") is not True:
        return kept
    if isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
        if "enum" in kept and None not in kept["enum"]:
            kept["enum"] = [*kept["enum"], None]
    if any(key in kept for key in ("$ref", "allOf", "oneOf", "anyOf")):
        return {"anyOf": [kept, {"type": "null"}]}
    return kept


def close(schema: Json, open_here: bool = False) -> None:
    """Forbid properties that are not described: GitHub ignores them in requests, and in answers they would be invented.

    Schemas that are merged with others (allOf, and alternatives beside properties) stay open (`open_here`).
    """
    if isinstance(schema, list):
        for each in schema:
            close(each)
    if not isinstance(schema, dict):
        return
    alternatives = [key for key in ("allOf", "anyOf", "oneOf") if key in schema]
    if "properties" in schema and "additionalProperties" not in schema and "allOf" not in schema and not open_here:
        schema["additionalProperties"] = False
    for key in alternatives:
        for each in schema[key]:
            close(each, open_here=key == "allOf" or "properties" in schema)
    for key in _BY_NAME:
        for each in schema.get(key, {}).values():
            close(each)
    for key in ("items", "additionalProperties", "not"):
        close(schema.get(key))


def _references(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(name := node.get("$ref"), str):
            yield name.rpartition("/")[2]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _merged(node: Json) -> Iterator[str]:
    """Name the schemas that are merged with others somewhere."""
    if isinstance(node, list):
        for value in node:
            yield from _merged(value)
    if isinstance(node, Mapping):
        for key in ("allOf", "anyOf", "oneOf"):
            if key == "allOf" or "properties" in node:
                yield from (each["$ref"].rpartition("/")[2] for each in node.get(key, ()) if isinstance(each, dict) and "$ref" in each)
        for value in node.values():
            yield from _merged(value)

"""The schemas: sound in themselves, true to their examples, and wide enough for every shape that a real registry uses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pinwarden.adapters.registry_files import validator

SCHEMAS = sorted((Path(__file__).resolve().parents[2] / "schemas").glob("*.schema.json"))
COMMIT = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
SAMPLES: dict[str, Any] = {"str": "text", "bool": True, "int": 1, "float": 0.5, "seq": [], "map": {}, "null": None}


def schema_of(path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(path.read_bytes())
    return schema


def nested(path: str, value: Any) -> dict[str, Any]:
    """Return a document that holds `value` at a path such as `config.env[].example`; `*` is any key."""
    for step in reversed(path.split(".")):
        while step.endswith("[]"):
            step, value = step.removesuffix("[]"), [value]
        value = {"anything" if step == "*" else step: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_draft_2020_12_with_a_stable_id(path: Path) -> None:
    schema = schema_of(path)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["$id"] == f"urn:pinwarden:schema:{path.name.removesuffix('.schema.json')}"
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_examples_are_valid(path: Path) -> None:
    schema = schema_of(path)
    assert schema["examples"]
    for example in schema["examples"]:
        assert [error.message for error in Draft202012Validator(schema).iter_errors(example)] == []


@pytest.mark.parametrize(
    "commit",
    [None, "", 12, [COMMIT], COMMIT[:39], f"{COMMIT}0", COMMIT.upper(), "main", "g" * 40, f"{COMMIT}\n", f" {COMMIT[1:]}"],
    ids=repr,
)
def test_the_schema_alone_refuses_whatever_is_no_full_commit(commit: object) -> None:
    entry = {"name": "weather", "type": "server", "source": {"project": "https://github.com/example/weather", "commit": COMMIT}}
    assert validator("entry").is_valid(entry)
    assert not validator("entry").is_valid(entry | {"source": {"project": "https://github.com/example/weather", "commit": commit}})


@pytest.mark.parametrize("missing", ["commit", "project"])
def test_the_schema_alone_refuses_a_built_server_without_its_pin(missing: str) -> None:
    source = {"project": "https://github.com/example/weather", "commit": COMMIT}
    del source[missing]
    assert not validator("entry").is_valid({"name": "weather", "type": "server", "source": source})
    assert validator("entry").is_valid({"name": "weather", "type": "poci", "source": source})


@pytest.mark.parametrize("kind", [None, "", "Server", "sever", "servers", ["server"], {"server": True}, 1])
def test_the_schema_alone_refuses_an_unknown_type(kind: object) -> None:
    assert not validator("entry").is_valid({"name": "weather", "type": kind})


def test_every_shape_of_a_real_registry_is_accepted(registry_data: Path) -> None:
    entry = validator("entry")
    base = {"name": "weather", "type": "poci"}
    refused = []
    with (registry_data / "mcp-registry" / "key_paths.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        for counted in row["types"].split(","):
            sample = SAMPLES[counted.split(":")[0]]
            # These have forms of their own, each with its cases.
            if row["path"] in ("type", "remote.transport_type", "source.commit"):
                continue
            if not entry.is_valid(base | nested(row["path"], sample)):
                refused.append((row["path"], counted))
    assert refused == []
    assert len(rows) > 100


def test_every_entry_of_a_real_registry_is_accepted_as_the_usual_reader_reads_it(registry_data: Path) -> None:
    entry = validator("entry")
    paths = sorted(registry_data.glob("mcp-registry/servers/*/server.yaml"))
    refused = {path.parent.name: [error.message for error in entry.iter_errors(yaml.safe_load(path.read_bytes()))] for path in paths}
    assert {server: errors for server, errors in refused.items() if errors} == {}
    assert len(paths) == 328

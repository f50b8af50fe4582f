"""One file as an entry: real entries pass, every invalid one is refused once, on the line that a person would mend."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pinwarden.adapters.registry_files import validator
from pinwarden.document import Defect, Document, read
from pinwarden.finding import Position, Severity
from pinwarden.rules import RULES, Policy, rule_id
from pinwarden.validation import MOST_FINDINGS, check_entry, dotted, explain, refused

BASE = "name: weather\ntype: server\nsource:\n  project: https://github.com/example/weather\n  commit: 0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3\n"


def check(raw: bytes | str, server: str = "weather") -> list[tuple[str, int, Severity]]:
    content = raw if isinstance(raw, bytes) else raw.encode()
    return [(f.rule, f.line, f.severity) for f in check_entry(server, "server.yaml", content, validator("entry"), Policy()).findings]


def lines_of(text: str, dotted_path: str) -> set[int]:
    """The lines where the last key of a path stands, found by indentation alone; its parent's where it has none."""
    if not dotted_path:
        return {1}
    scopes: list[tuple[int, int]] = [(0, len(text.split("\n")))]
    parents: set[int] = {1}
    for depth, key in enumerate(dotted_path.split(".")):
        found = [
            (number, end)
            for start, end in scopes
            for number, line in enumerate(text.split("\n")[start:end], start)
            if re.match(rf"[ \t]{{{'0' if depth == 0 else '1,'}}}{re.escape(key)}:", line.rstrip("\r"))
        ]
        if not found:
            return parents
        parents = {number + 1 for number, _ in found}
        scopes = [(number + 1, end) for number, end in found]
    return parents


def invalid_cases(registry_data: Path) -> list[tuple[str, dict[str, Any], bytes]]:
    folders = sorted(path.parent for path in registry_data.glob("cases/invalid/*/expect.json"))
    assert folders
    return [(folder.name, json.loads((folder / "expect.json").read_bytes()), (folder / "server.yaml").read_bytes()) for folder in folders]


def test_every_real_entry_is_valid_and_warned_of_what_is_known(registry_data: Path) -> None:
    warnings: Counter[str] = Counter()
    errors = []
    paths = sorted(registry_data.glob("mcp-registry/servers/*/server.yaml"))
    for path in paths:
        for rule, line, severity in check(path.read_bytes(), path.parent.name):
            if severity is Severity.ERROR:
                errors.append((path.parent.name, rule, line))
            else:
                warnings[rule] += 1
    assert errors == []
    assert warnings == {"image-namespace": 25, "remote-has-source": 1}
    assert len(paths) == 328


def test_every_invalid_case_is_one_finding_of_its_rule(registry_data: Path) -> None:
    wrong = {}
    for name, expect, raw in invalid_cases(registry_data):
        severity = Severity.WARNING if expect["severity"] == "policy" else Severity.ERROR
        found = check(raw, expect["registry_name"])
        if [(rule, weight) for rule, _, weight in found] != [(expect["code"], severity)]:
            wrong[name] = found
    assert wrong == {}


def test_every_invalid_case_is_placed_on_the_line_of_its_path(registry_data: Path) -> None:
    wrong = {}
    for name, expect, raw in invalid_cases(registry_data):
        lines = lines_of(raw.decode("utf-8", "replace"), expect["path"])
        # Of two equal keys the second one is the one too many.
        wanted = {max(lines)} if expect["code"] == "duplicate-key" else {min(lines)}
        found = {line for _, line, _ in check(raw, expect["registry_name"])}
        if found != wanted:
            wrong[name] = (found, wanted)
    assert wrong == {}


def test_every_odd_but_valid_case_has_no_error(registry_data: Path) -> None:
    folders = sorted(path.parent for path in registry_data.glob("cases/valid-odd/*/expect.json"))
    found = {
        folder.name: check((folder / "server.yaml").read_bytes(), json.loads((folder / "expect.json").read_bytes())["registry_name"]) for folder in folders
    }
    assert folders
    assert {name: findings for name, findings in found.items() if any(severity is Severity.ERROR for _, _, severity in findings)} == {}


@pytest.mark.parametrize("server_and_rule", [(rule_id(rule), severity) for rule, severity in RULES], ids=lambda pair: pair[0])
def test_a_good_entry_breaks_no_rule(server_and_rule: tuple[str, Severity]) -> None:
    assert server_and_rule[0] not in {rule for rule, _, _ in check(BASE)}


def test_findings_come_in_the_order_of_lines() -> None:
    text = BASE.replace("0f3c", "main").replace("https:", "http:").replace("name: weather", "name: wether")
    assert [line for _, line, _ in check(text)] == [1, 4, 5]


def test_a_rule_speaks_where_the_schema_would_repeat_it() -> None:
    assert check(BASE.replace("0f3c", "main")) == [("commit-not-sha", 5, Severity.ERROR)]


def test_a_warning_hides_no_error_of_the_schema() -> None:
    assert {rule for rule, _, _ in check(BASE + "image: 12\n")} >= {"wrong-type"}


def test_different_mistakes_are_each_told() -> None:
    text = BASE + "  direktory: x\nlongLived: maybe\nrun:\n  user: 12\n"
    assert [(rule, line) for rule, line, _ in check(text)] == [("unknown-key", 6), ("wrong-type", 7), ("wrong-type", 9)]


def test_a_file_that_cannot_be_read_is_one_finding_at_its_defect() -> None:
    defect = Defect("not-a-file", Position(3, 4), "what", "how")
    checked = refused("weather", "servers/weather/server.yaml", defect)
    assert checked.entry is None
    assert [(f.server, f.path, f.line, f.column, f.rule, f.severity, f.message, f.hint) for f in checked.findings] == [
        ("weather", "servers/weather/server.yaml", 3, 4, "not-a-file", Severity.ERROR, "what", "how")
    ]


def test_a_checked_entry_keeps_its_document() -> None:
    checked = check_entry("weather", "server.yaml", BASE.encode(), validator("entry"), Policy())
    assert checked.entry is not None
    assert checked.entry.commit == "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
    assert checked.errors == ()
    assert isinstance(read(BASE.encode()), Document)


def first_error(schema: dict[str, Any], value: Any) -> ValidationError:
    error: ValidationError = next(Draft202012Validator(schema).iter_errors(value))
    return error


@pytest.mark.parametrize(
    ("schema", "value", "rule", "path", "words"),
    [
        ({"required": ["a"]}, {}, "a-missing", ("a",), "a is missing"),
        ({"properties": {"a": {"required": ["b"]}}}, {"a": {}}, "b-missing", ("a", "b"), "a.b is missing"),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, "unknown-key", ("b",), '"b" is not a known key'),
        ({"type": "object"}, [], "wrong-type", (), "the document is not object"),
        ({"items": {"type": ["string", "null"]}}, [1], "wrong-type", (0,), "[0] is not string or null"),
        ({"properties": {"a": {"enum": ["x", "y"]}}}, {"a": "z\n"}, "unknown-value", ("a",), 'a is "z\\n"'),
        ({"properties": {"a": {"minLength": 1}}}, {"a": ""}, "empty-value", ("a",), "a is empty or too short"),
        ({"properties": {"a": {"pattern": "^x$"}}}, {"a": "y"}, "wrong-format", ("a",), "a is not of the required form"),
        ({"properties": {"a": {"maximum": 3}}}, {"a": 4}, "wrong-format", ("a",), "a is not of the required form"),
    ],
)
def test_the_schemas_errors_in_plain_words(schema: dict[str, Any], value: Any, rule: str, path: tuple[str | int, ...], words: str) -> None:
    ((said, problem),) = explain(first_error(schema, value))
    assert (said, problem.path, problem.message) == (rule, path, words)
    assert problem.hint


def test_every_missing_and_every_unknown_key_is_told() -> None:
    schema = {"required": ["a", "b"], "properties": {"a": {}}, "additionalProperties": False}
    told = [(rule, problem.path) for error in Draft202012Validator(schema).iter_errors({"x": 1, "y": 2}) for rule, problem in explain(error)]
    assert set(told) == {("a-missing", ("a",)), ("b-missing", ("b",)), ("unknown-key", ("x",)), ("unknown-key", ("y",))}


@pytest.mark.parametrize(("path", "words"), [((), ""), (("a",), "a"), (("a", 0, "b", 1, 2), "a[0].b[1][2]"), ((0, "a"), "[0].a")])
def test_a_path_as_people_write_it(path: tuple[str | int, ...], words: str) -> None:
    assert dotted(path) == words


def test_a_file_with_thousands_of_mistakes_is_told_in_a_few_findings() -> None:
    keys = "".join(f"  key{number}: x\n" for number in range(5000))
    checked = check_entry("weather", "server.yaml", BASE.replace("source:\n", "source:\n" + keys).encode(), validator("entry"), Policy())
    assert len(checked.errors) == MOST_FINDINGS
    assert "and 4980 more findings in this file" in checked.errors[-1].message

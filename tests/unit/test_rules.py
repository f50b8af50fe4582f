"""Each rule against its case folders: exactly what is said, where, and which part of the check says it.

A case is a folder `tests/cases/rules/<rule-id>/<case>` with a `server.yaml` and an `expect.json`.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pinwarden.adapters.registry_files import validator
from pinwarden.document import Document, read
from pinwarden.entry import Entry
from pinwarden.finding import Severity
from pinwarden.rules import RULES, Policy, rule_id
from pinwarden.rules.online import ONLINE_RULES
from pinwarden.validation import check_entry

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "cases" / "rules"
CASES = sorted(path.parent for path in FOLDER.glob("*/*/expect.json"))
ENTRY = validator("entry")

ONLINE = {rule.__name__.replace("_", "-") for rule in ONLINE_RULES}
ELSEWHERE = {
    "file-size": "a file that large is made in test_document.py",
    "not-a-file": "a link, folder or pipe is made in test_validate_pins.py",
    "floating-build-input": "what is told of a Dockerfile has folders of its own, tests/cases/dockerfiles",
    "dockerfile-missing": "an upstream without a Dockerfile is made in test_label_image.py",
    "config-invalid": "the configuration's own cases are in test_config.py",
    "publishers-invalid": "a list's own cases are in test_publishers.py",
    "publishers-with-entries": "it is about a change, which test_validate_publishers.py makes",
    "wrong-format": "the rules say it better for every value that only its form refuses; test_validation.py holds the schema's own words",
}
"""Rules that no folder can hold, and where they are tested. Those that ask upstream have a table in test_online_rules.py."""


def case_id(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def expectation(case: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((case / "expect.json").read_bytes())
    return content


def ids_in_code() -> set[str]:
    """The id of every rule: the functions of RULES, the literals that reader and schema report, the keys that a schema requires."""
    ids = {rule_id(rule) for rule, _ in RULES} | ONLINE
    for path in (ROOT / "scripts" / "pinwarden").rglob("*.py"):
        # What an adapter calls Refused is an answer of GitHub's.
        reads = ("Defect",) if path.parent.name == "adapters" else ("Defect", "Refused", "self._refuse")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in reads:
                ids.update(literal(node.args[:1]))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding":
                ids.update(literal(node.args[4:5]))
            elif path.name == "validation.py" and isinstance(node, ast.Tuple):
                ids.update(name for name in literal(node.elts[:1]) if "-" in name)
    return ids | {f"{key}-missing" for key in required(json.loads((ROOT / "schemas" / "entry.schema.json").read_bytes()))}


def literal(nodes: list[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def required(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = schema.get("required", ())
        return {*(own if isinstance(own, list) else ()), *(key for part in schema.values() for key in required(part))}
    return {key for part in schema for key in required(part)} if isinstance(schema, list) else set()


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_case_gets_exactly_its_findings(case: Path) -> None:
    expect = expectation(case)
    checked = check_entry(expect["server"], "server.yaml", (case / "server.yaml").read_bytes(), ENTRY, Policy())
    found = [{"rule": f.rule, "line": f.line, "column": f.column, "severity": str(f.severity)} for f in checked.findings]
    assert found == expect["findings"]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_case_is_refused_by_the_part_it_names(case: Path) -> None:
    expect = expectation(case)
    document = read((case / "server.yaml").read_bytes())
    if not isinstance(document, Document):
        assert expect["refused_by"] == "reader"
        return
    entry = Entry.of(expect["server"], "server.yaml", document)
    refusing = {
        "schema": not ENTRY.is_valid(document.value),
        "rule": any(True for rule, severity in RULES if severity is Severity.ERROR for _ in rule(entry, Policy())),
    }
    assert expect["refused_by"] == (" and ".join(part for part, refuses in refusing.items() if refuses) or None)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_case_is_about_the_rule_it_stands_under(case: Path) -> None:
    expect = expectation(case)
    rules = [finding["rule"] for finding in expect["findings"]]
    assert case.parent.name in rules if rules else expect["refused_by"] is None


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_message_and_hint_are_one_printable_line(case: Path) -> None:
    expect = expectation(case)
    for finding in check_entry(expect["server"], "server.yaml", (case / "server.yaml").read_bytes(), ENTRY, Policy()).findings:
        for text in (finding.message, finding.hint):
            assert text.isprintable()
            assert text.strip()
            assert len(text) < 300


def test_every_rule_has_a_case_that_it_speaks_in() -> None:
    speaking = {case.parent.name for case in CASES if any(f["rule"] == case.parent.name for f in expectation(case)["findings"])}
    assert ids_in_code() - speaking == set(ELSEWHERE) | ONLINE


def test_every_case_folder_is_a_rule_with_cases() -> None:
    folders = {path.name for path in FOLDER.iterdir()}
    assert folders - ids_in_code() == set()
    assert {case.parent.name for case in CASES} == folders
    assert all(case.joinpath("expect.json").is_file() and case.joinpath("server.yaml").is_file() for case in FOLDER.glob("*/*"))


def test_every_rule_has_its_heading_in_the_manual_and_every_heading_its_rule() -> None:
    manual = (ROOT / "docs" / "validate-pins.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", manual, re.MULTILINE)
    assert sorted(headings) == sorted(ids_in_code())


def test_rules_have_distinct_names() -> None:
    ids = [rule_id(rule) for rule, _ in RULES]
    assert len(set(ids)) == len(ids)


def test_other_hosts_are_allowed_by_policy_alone() -> None:
    raw = (FOLDER / "project-host" / "foreign" / "server.yaml").read_bytes()
    assert [f.rule for f in check_entry("weather", "server.yaml", raw, ENTRY, Policy()).findings] == ["project-host"]
    assert check_entry("weather", "server.yaml", raw, ENTRY, Policy(frozenset({"evil.example"}))).findings == ()

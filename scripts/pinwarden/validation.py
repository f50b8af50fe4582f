"""Checks one file as an entry: the strict reader, then the schema, then the rules; each thing wrong is said once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pinwarden.document import Defect, Path, read
from pinwarden.entry import Entry
from pinwarden.finding import Finding, Severity
from pinwarden.rules import RULES, Policy, Problem, rule_id
from pinwarden.shown import quoted

MOST_FINDINGS = 20
"""What is told of one file, errors first: a hostile entry must not drown what is said of the others."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of one file: the entry where it could be read, and all that is wrong with it."""

    server: str
    path: str
    entry: Entry | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def check_entry(server: str, path: str, raw: bytes, validator: Draft202012Validator, policy: Policy) -> Checked:
    """Check the bytes of `path` as the entry of `server`. `validator` holds `entry.schema.json`."""
    document = read(raw)
    if isinstance(document, Defect):
        return refused(server, path, document)
    entry = Entry.of(server, path, document)
    findings = list(_rule_findings(entry, policy))
    said = {problem.path for _, severity, problem in findings if severity is Severity.ERROR}
    for error in validator.iter_errors(document.value):
        for rule, problem in explain(error):
            if problem.path not in said:
                said.add(problem.path)
                findings.append((rule, Severity.ERROR, problem))
    placed = [_finding(entry, *found) for found in findings]
    placed.sort(key=lambda f: (f.severity is not Severity.ERROR, f.line, f.column, f.rule))
    if len(placed) > MOST_FINDINGS:
        last = placed[MOST_FINDINGS - 1]
        more = f"{last.message} (and {len(placed) - MOST_FINDINGS} more findings in this file)"
        placed = [*placed[: MOST_FINDINGS - 1], replace(last, message=more)]
    return Checked(server, path, entry, tuple(sorted(placed, key=lambda f: (f.line, f.column, f.rule))))


def refused(server: str, path: str, defect: Defect) -> Checked:
    """Return the result for a file that can't be read as an entry at all."""
    finding = Finding(server, path, defect.at.line, defect.at.column, defect.rule, Severity.ERROR, defect.message, defect.hint)
    return Checked(server, path, None, (finding,))


def explain(error: ValidationError) -> list[tuple[str, Problem]]:
    """Turn a schema error into rule ids and problems in plain words; a missing key's path is its own."""
    path = tuple(str(step) if isinstance(step, str) else step for step in error.absolute_path)
    where = dotted(path) or "the document"
    value: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    match error.validator:
        case "required":
            missing = [key for key in value if key not in instance]
            return [(f"{key}-missing", Problem((*path, key), f"{dotted((*path, key))} is missing", "add it")) for key in missing]
        case "additionalProperties":
            known = set(schema["properties"])
            hint = f"known here: {', '.join(sorted(known))}"
            unknown = [key for key in instance if key not in known]
            return [("unknown-key", Problem((*path, key), f"{quoted(dotted((*path, key)))} is not a known key", hint)) for key in unknown]
        case "type":
            wanted = value if isinstance(value, str) else " or ".join(value)
            return [("wrong-type", Problem(path, f"{where} is not {wanted}", f"write {wanted} here; quote text that looks like a number"))]
        case "enum":
            allowed = ", ".join(map(str, value))
            return [("unknown-value", Problem(path, f"{where} is {quoted(str(instance))}", f"write one of: {allowed}"))]
        case "minLength":
            return [("empty-value", Problem(path, f"{where} is empty or too short", "give a value, or remove the key"))]
        case _:
            return [("wrong-format", Problem(path, f"{where} is not of the required form", f"see the schema: {error.validator} {quoted(str(value))}"))]


def dotted(path: Path) -> str:
    """Return a path in a document as people write it: `config.env[0].name`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _rule_findings(entry: Entry, policy: Policy) -> Iterator[tuple[str, Severity, Problem]]:
    for rule, severity in RULES:
        for problem in rule(entry, policy):
            yield rule_id(rule), severity, problem


def _finding(entry: Entry, rule: str, severity: Severity, problem: Problem) -> Finding:
    at = entry.document.position(problem.path)
    return Finding(entry.server, entry.path, at.line, at.column, rule, severity, problem.message, problem.hint)

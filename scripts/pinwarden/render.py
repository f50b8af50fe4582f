"""Findings in the four forms people and programs read: text, JSON, workflow annotations, SARIF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from pinwarden.finding import Finding, Severity
from pinwarden.shown import shown

DOCS = "https://github.com/pinwarden/pinwarden/blob/main/docs/validate-pins.md"
"""Where the rules are described; a rule's id is its anchor."""

_CONTROL = re.compile("[\x00-\x1f\x7f]")
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33"}


def as_text(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """One line per finding, `path:line:column: severity[rule]: message`, and the hint below it."""
    return "".join(f"{shown(f.path)}:{f.line}:{f.column}: {_label(f, colour)}: {f.message}\n    {f.hint}\n" for f in findings)


def counts(findings: Sequence[Finding]) -> str:
    """Say how many errors and warnings there are: `2 errors, 1 warning`."""
    errors = sum(f.severity is Severity.ERROR for f in findings)
    return f"{number(errors, 'error')}, {number(len(findings) - errors, 'warning')}"


def as_json(document: object) -> str:
    """One JSON document, ending with a newline."""
    return json.dumps(document, indent=2) + "\n"


def as_records(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as the JSON contract has them."""
    return [asdict(finding) for finding in findings]


def as_annotations(findings: Iterable[Finding], prefix: str = "") -> str:
    """Workflow commands that put each finding on its line of the pull request, errors first.

    GitHub shows the first ten errors and ten warnings of a step. `prefix` is the registry's folder in the workspace.
    """
    ordered = sorted(findings, key=lambda f: f.severity is not Severity.ERROR)
    return "".join(_annotation(finding, prefix) for finding in ordered)


def as_error_command(message: str, hint: str) -> str:
    """A workflow command that shows on the run's page why a command could not do its job."""
    return f"::error title=pinwarden::{_escaped(f'{message}. {hint}')}"


def as_sarif(findings: Sequence[Finding], prefix: str = "") -> str:
    """SARIF 2.1.0, as GitHub code scanning takes it. `prefix` is the registry's folder in the repository."""
    rules = sorted({finding.rule for finding in findings})
    run = {
        "tool": {"driver": {"name": "pinwarden", "informationUri": DOCS, "rules": [{"id": rule, "helpUri": f"{DOCS}#{rule}"} for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, rules.index(finding.rule), prefix) for finding in findings],
    }
    return as_json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def number(count: int, noun: str) -> str:
    """Return `1 entry`, `2 entries`, `2 days`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def _label(finding: Finding, colour: bool) -> str:
    label = f"{finding.severity}[{finding.rule}]"
    return f"\x1b[{_COLOURS[finding.severity]}m{label}\x1b[0m" if colour else label


def _annotation(finding: Finding, prefix: str) -> str:
    properties = {"file": prefix + finding.path, "line": finding.line, "col": finding.column, "title": finding.rule}
    listed = ",".join(f"{key}={_escaped(str(value), property_value=True)}" for key, value in properties.items())
    return f"::{finding.severity} {listed}::{_escaped(f'{finding.message}. {finding.hint}')}\n"


def _escaped(text: str, *, property_value: bool = False) -> str:
    """Escape for a workflow command, as the runner's own toolkit does."""
    text = _CONTROL.sub("?", text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))
    return text.replace(":", "%3A").replace(",", "%2C") if property_value else text


def _sarif_result(finding: Finding, index: int, prefix: str) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": f"{finding.message}. {finding.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(prefix + finding.path, errors="surrogateescape")},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
        "partialFingerprints": {"pinwarden/v1": f"{finding.path}:{finding.rule}"},
    }

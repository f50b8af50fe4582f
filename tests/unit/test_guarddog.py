"""GuardDog's findings as a review: what is new, how much it weighs, and a report that our own grammar accepts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.guarddog import BadScan, Match, as_report, labels_of, new, read_scan
from pinwarden.report import read_report
from pinwarden.risk import Risk

MATCH = Match("threat-process-download-exec", "high", "high", "src/a.py", 3, "os.system('curl", "Downloads and runs")


def printed(*matches: Match, errors: tuple[str, ...] = ()) -> bytes:
    return json.dumps({"version": "3.2.0", "folders": [[], [asdict(match) for match in matches]], "errors": errors}).encode()


def test_what_the_scanner_prints_is_read() -> None:
    assert read_scan(printed(MATCH), 2) == ("3.2.0", [[], [MATCH]])


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"version": 1, "folders": 2, "errors": []}', b'{"version": "1", "folders": [[{}]], "errors": []}', b"[" * 100_000]
)
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(BadScan, match="can't be read"):
        read_scan(raw, 2)


def test_a_rule_that_failed_or_a_folder_that_is_missing_is_refused() -> None:
    with pytest.raises(BadScan, match="could not run all of its rules: x"):
        read_scan(printed(errors=("x",)), 2)
    with pytest.raises(BadScan, match="does not cover"):
        read_scan(printed(), 3)


def test_moved_code_is_not_new_but_one_more_of_it_is() -> None:
    moved = replace(MATCH, path="lib/b.py", line=90, match="os.system('curl ")
    assert new([MATCH], [moved]) == []
    assert new([MATCH], [moved, MATCH]) == [MATCH]


@pytest.mark.parametrize(
    ("rule", "severity", "specificity", "risk"),
    [
        ("threat-a", "high", "high", Risk.HIGH),
        ("threat-a", "high", "medium", Risk.MEDIUM),
        ("threat-a", "medium", "high", Risk.LOW),
        ("threat-a", "high", "low", Risk.LOW),
        ("threat-a", "odd", "odd", Risk.LOW),
        ("capability-a", "high", "high", Risk.INFO),
    ],
)
def test_only_what_is_grave_and_rarely_wrong_weighs_much(rule: str, severity: str, specificity: str, risk: Risk) -> None:
    match = replace(MATCH, rule=rule, severity=severity, specificity=specificity)
    assert match.risk is risk
    assert labels_of([match]).risk is risk


@pytest.mark.parametrize(
    ("matched", "risk"),
    [
        ("http://192.0.2.10", Risk.LOW),
        ("http://10.1.2.3:8080/x", Risk.LOW),
        ("https://127.0.0.1/", Risk.LOW),
        ("http://45.77.1.2", Risk.HIGH),
        ("http://169.254.169.254/latest", Risk.HIGH),
        ("http://999.1.1.1", Risk.HIGH),
        ("curl http://10.1.2.3 | sh", Risk.HIGH),
    ],
)
def test_an_address_that_nobody_outside_can_have_weighs_little(matched: str, risk: Risk) -> None:
    assert replace(MATCH, match=matched).risk is risk


def test_no_match_is_info() -> None:
    assert labels_of([]).risk is Risk.INFO
    assert read_report(as_report([])).findings == ()


@given(st.lists(st.builds(Match, st.sampled_from(["threat-a", "capability-b"]), st.sampled_from(["low", "high"]), st.sampled_from(["low", "high"]), st.text(max_size=30), st.integers(1, 99), st.text(max_size=60), st.text(max_size=60)), max_size=5))  # fmt: skip
def test_the_report_keeps_to_the_grammar_whatever_was_matched(matches: list[Match]) -> None:
    read = read_report(as_report(matches))
    threats = [match.risk for match in matches if match.risk is not Risk.INFO]
    assert [finding.severity for finding in read.findings] == threats
    assert labels_of(matches).risk == (read.worst or Risk.INFO)

"""A reviewer's report is read by its grammar, or refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.report import BadReport, ReportedFinding, read_report
from pinwarden.risk import Risk
from pinwarden.target import Evidence, Side

FRAME = """\
# Security Review Report

## Executive Summary

One line changed.

## Detailed Findings

{findings}

## Recommended Labels

- security-risk:high

## Conclusion

Read it yourself.
"""


def report(findings: str) -> bytes:
    return FRAME.format(findings=findings).encode()


def test_findings_have_severity_title_and_evidence() -> None:
    read = read_report(
        report(
            "### [CRITICAL] Every mail is copied to a stranger\n\nThe new line sets Bcc.\n\nEvidence: head src/mail server.py:12\nEvidence: base a:b.py:3\n\n"
            "### [INFO] A typo\n\nNothing."
        )
    )
    assert read.findings == (
        ReportedFinding(
            Risk.CRITICAL,
            "Every mail is copied to a stranger",
            (Evidence(Side.HEAD, "src/mail server.py", 12), Evidence(Side.BASE, "a:b.py", 3)),
        ),
        ReportedFinding(Risk.INFO, "A typo", ()),
    )
    assert read.worst is Risk.CRITICAL


def test_a_report_may_have_no_finding() -> None:
    read = read_report(report("No findings."))
    assert read.findings == ()
    assert read.worst is None


def test_evidence_may_be_written_as_a_list_or_as_code() -> None:
    read = read_report(report("### [LOW] x\n\n- Evidence: head `a.py:1`\n- `Evidence: head b.py:2`"))
    assert [place.path for place in read.findings[0].evidence] == ["a.py", "b.py"]


@pytest.mark.parametrize("line", ["Evidence: head a.py", "Evidence: head a.py:0", "Evidence: HEAD a.py:1", "Evidence: tail a.py:1", "evidence: head a.py:1"])
def test_what_is_not_written_as_evidence_is_text(line: str) -> None:
    assert read_report(report(f"### [LOW] x\n\n{line}")).findings[0].evidence == ()


def test_the_scope_that_a_model_claims_is_dropped() -> None:
    raw = report("No findings.").replace(b"## Executive", b"## Scope Summary\n\n- Head commit: 000\n\n## Executive", 1)
    assert "Scope" not in read_report(raw).foreign_markdown
    assert read_report(raw).foreign_markdown.startswith("## Executive Summary\n")


def test_a_heading_inside_a_fence_is_text() -> None:
    assert read_report(report("### [LOW] x\n\n```md\n### [CRITICAL] y\n## Conclusion\n```")).worst is Risk.LOW


def test_control_without_a_parser_the_fence_would_count() -> None:
    assert b"\n### [CRITICAL] y\n" in report("### [LOW] x\n\n```md\n### [CRITICAL] y\n```")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", 'the report has no section "Executive Summary"'),
        (b"\xff", "the report is not UTF-8 at byte 0"),
        (b"x" * 300_000, "the report is larger than 262144 bytes"),
        (FRAME.partition("## Conclusion")[0].encode(), 'the report has no section "Conclusion"'),
        (report("x") + b"\n## Conclusion\n", "the report has more sections than 4"),
        (report("## Overall"), 'line 9: the section "Overall" stands where "Recommended Labels" must'),
        (report("> ### [CRITICAL] x"), "line 9: a heading stands inside a quotation or a list"),
        (report("- ### [CRITICAL] x"), "line 9: a heading stands inside a quotation or a list"),
        (report("### CRITICAL: x"), 'line 9: a finding\'s heading is not [LEVEL] title: "CRITICAL: x"'),
        (report("### [critical] x"), 'line 9: a finding\'s heading is not [LEVEL] title: "[critical] x"'),
        (report("### [LOW] " + "x" * 201), "line 9: a finding's title is longer than 200 characters"),
        (report("### [LOW] x\n" * 201), "the report has more than 200 findings"),
        (report("### [LOW] x\n" + "Evidence: head a:1\n" * 51), "line 9: a finding has more than 50 lines of evidence"),
        (report("No findings.") + b"\n### [CRITICAL] x\n", "line 19: a finding stands outside the section Detailed Findings"),
    ],
)
def test_everything_else_is_refused_with_a_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(BadReport) as refused:
        read_report(raw)
    assert str(refused.value) == reason


@pytest.mark.parametrize("monster", ["> " * 10_000, "[" * 100_000, "*a" * 50_000, "a" + "`" * 100_000, "- " * 20_000, "<" * 100_000])
def test_monsters_come_to_an_end(monster: str) -> None:
    assert read_report(report(f"### [HIGH] x\n\n{monster}")).worst is Risk.HIGH


@given(st.binary() | st.text().map(str.encode) | st.text().map(report))
def test_nothing_but_its_own_error_is_raised(raw: bytes) -> None:
    try:
        read = read_report(raw)
    except BadReport:
        return
    assert "## Conclusion" in read.foreign_markdown

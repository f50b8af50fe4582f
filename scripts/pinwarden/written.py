"""The two files that a reviewer writes, read together: what they say, and every reason why they can't be relied on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pinwarden.labels import BadLabels, Labels, read_labels
from pinwarden.report import BadReport, Report, ReportedFinding, read_report
from pinwarden.risk import Risk
from pinwarden.target import Evidence

Exists = Callable[[Evidence], bool]
"""Tells whether a line is there in what was staged, and may be named."""


def read_written(report: bytes | None, labels: bytes | None) -> tuple[Report | None, Labels | None, list[str]]:
    """Return what the files say, None for what is missing or follows no grammar, and what is wrong with them or between them."""
    reasons: list[str] = []
    given, read = _labels(labels, reasons), _report(report, reasons)
    if given and read and read.worst and read.worst.weight > given.risk.weight:
        reasons.append(f"the label says {given.risk}, a finding says {read.worst}")
    if given and read and given.risk.weight > max(risk.weight for risk in (Risk.LOW, read.worst) if risk):
        reasons.append(f"the label says {given.risk}, no finding says so")
    return read, given, reasons


def unproven(findings: Sequence[ReportedFinding], exists: Exists) -> list[str]:
    """Return the reason that there is where findings rest on nothing that exists."""
    if findings and not any(exists(place) for finding in findings for place in finding.evidence):
        return ["no line that the findings rest on exists"]
    return []


def _labels(raw: bytes | None, reasons: list[str]) -> Labels | None:
    if raw is None:
        return None
    try:
        return read_labels(raw)
    except BadLabels as error:
        reasons.append(str(error))
        return None


def _report(raw: bytes | None, reasons: list[str]) -> Report | None:
    if raw is None:
        return None
    try:
        return read_report(raw)
    except BadReport as error:
        reasons.append(f"the report: {error}")
        return None

"""The report that a reviewer writes: its grammar, read without believing a word of it.

    ## Executive Summary
    ## Detailed Findings
    ### [HIGH] a title
    text, and lines such as  Evidence: head src/server.py:12
    ## Recommended Labels
    ## Conclusion

Headings are what a Markdown parser takes for headings, so that one inside a code fence is text. A `## Scope Summary` may
stand in front and is dropped: mode, repository and commits are known better here than to a model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from pinwarden.risk import Risk, worst
from pinwarden.shown import quoted
from pinwarden.target import Evidence, Side

MOST_BYTES = 256 * 1024
MOST_FINDINGS = 200
MOST_EVIDENCE = 50
"""Lines of evidence that one finding may give."""
LONGEST_TITLE = 200

SECTIONS = ("Executive Summary", "Detailed Findings", "Recommended Labels", "Conclusion")
_SCOPE = "Scope Summary"
_FINDING = re.compile(r"\[(CRITICAL|HIGH|MEDIUM|LOW|INFO)\] (\S.*)")
_EVIDENCE = re.compile(r"Evidence: (base|head) (.+):([0-9]{1,9})")


class BadReport(Exception):
    """A report does not follow the grammar; the message is a reason that may be printed."""


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """What a reviewer claims. `severity` weighs whether the evidence holds or not."""

    severity: Risk
    title: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report that follows the grammar. `foreign_markdown` is its text, untrusted, without title and scope summary."""

    findings: tuple[ReportedFinding, ...]
    foreign_markdown: str

    @property
    def worst(self) -> Risk | None:
        """The severity of the worst finding, None where there is no finding."""
        return worst(finding.severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    line: int
    """Counted from 0."""
    end: int


def read_report(raw: bytes) -> Report:
    """Read a report. Raises BadReport."""
    if len(raw) > MOST_BYTES:
        raise BadReport(f"the report is larger than {MOST_BYTES} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadReport(f"the report is not UTF-8 at byte {error.start}") from None
    text = re.sub(r"\r\n?", "\n", text)
    lines = text.split("\n")
    headings = list(_headings(text))
    starts = {heading.text: heading.line for heading in _sections(headings)}
    findings = tuple(_findings(headings, lines, starts["Detailed Findings"], starts["Recommended Labels"]))
    return Report(findings, "\n".join(lines[starts["Executive Summary"] :]).strip("\n") + "\n")


def _headings(text: str) -> Iterator[_Heading]:
    # What stands inside a line is of no interest here, and finding out could be made slow.
    blocks = MarkdownIt("commonmark").disable("inline").parse(text)
    for token, content in itertools.pairwise(blocks):
        if token.type == "heading_open" and token.map:
            if token.level:
                raise BadReport(f"line {token.map[0] + 1}: a heading stands inside a quotation or a list")
            yield _Heading(int(token.tag[1:]), content.content, token.map[0], token.map[1])


def _sections(headings: Iterable[_Heading]) -> list[_Heading]:
    """Return the headings of the four sections; raise where they are not just these, once each, in order."""
    found = [heading for heading in headings if heading.level == 2]
    if found and found[0].text == _SCOPE:
        found = found[1:]
    for heading, expected in zip(found, SECTIONS, strict=False):
        if heading.text != expected:
            raise BadReport(f"line {heading.line + 1}: the section {quoted(heading.text)} stands where {quoted(expected)} must")
    if len(found) != len(SECTIONS):
        after = f"more sections than {len(SECTIONS)}" if len(found) > len(SECTIONS) else f"no section {quoted(SECTIONS[len(found)])}"
        raise BadReport(f"the report has {after}")
    return found


def _findings(headings: Iterable[_Heading], lines: list[str], start: int, end: int) -> Iterator[ReportedFinding]:
    """Yield the findings: headings of level 3 between the lines `start` and `end`, and nowhere else."""
    titled = [heading for heading in headings if heading.level == 3]
    for number, heading in enumerate(titled):
        match = _FINDING.fullmatch(heading.text)
        where = f"line {heading.line + 1}"
        if not start < heading.line < end:
            if match:
                raise BadReport(f"{where}: a finding stands outside the section Detailed Findings")
            continue
        if not match:
            raise BadReport(f"{where}: a finding's heading is not [LEVEL] title: {quoted(heading.text)}")
        if number >= MOST_FINDINGS:
            raise BadReport(f"the report has more than {MOST_FINDINGS} findings")
        if len(match[2]) > LONGEST_TITLE:
            raise BadReport(f"{where}: a finding's title is longer than {LONGEST_TITLE} characters")
        last = min([end, *(other.line for other in titled if other.line > heading.line)])
        evidence = tuple(_evidence(lines[heading.end : last]))
        if len(evidence) > MOST_EVIDENCE:
            raise BadReport(f"{where}: a finding has more than {MOST_EVIDENCE} lines of evidence")
        yield ReportedFinding(Risk(match[1].lower()), match[2], evidence)


def _evidence(lines: Iterable[str]) -> Iterator[Evidence]:
    for line in lines:
        match = _EVIDENCE.fullmatch(line.strip().removeprefix("- ").replace("`", ""))
        if match and int(match[3]) > 0:
            yield Evidence(Side(match[1]), match[2], int(match[3]))

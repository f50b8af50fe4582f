"""The check of entries with their upstreams asked: what files say, and what upstreams say, in one list."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from pinwarden import scan
from pinwarden.adapters import scanning
from pinwarden.config import Config
from pinwarden.finding import Finding, Severity
from pinwarden.online import judged
from pinwarden.validation import Checked


def check(entries: Iterable[Checked], config: Config, args: argparse.Namespace) -> tuple[list[Finding], bool]:
    """Return the findings of the entries' files and of their upstreams, by file and line, and whether some upstream could not be read.

    Only of valid entries is upstream asked. Raises OutsideError where git is missing, Misuse where the token or a mirror can't be used.
    """
    checked = list(entries)
    inquiry = scan.inquire(checked, config)
    with scanning.upstreams(scanning.mirrors(args), dates=True) as upstreams:
        answers = list(scanning.with_progress(upstreams.survey(inquiry.questions), len(inquiry.questions)))
    told = judged(answers, inquiry.entries, Severity.WARNING if args.changed_since is None else Severity.ERROR)
    findings = [*(finding for one in checked for finding in one.findings), *told.findings]
    return sorted(findings, key=lambda finding: (finding.path, finding.line, finding.column, finding.rule)), told.unread

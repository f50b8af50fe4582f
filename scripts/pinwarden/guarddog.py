"""GuardDog's findings as a review: what is new in head, written down as an agent would."""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.labels import Labels
from pinwarden.risk import Risk, worst
from pinwarden.shown import shown

_MOST_REPORTED = 150
_NUMBERED_URL = re.compile(r"https?://((?:\d{1,3}\.){3}\d{1,3})\S{0,100}", re.IGNORECASE)
_WEIGHTS = {"low": 0, "medium": 1, "high": 2}
_SCAN = {
    "rule": str,
    "severity": str,
    "specificity": str,
    "path": str,
    "line": int,
    "match": str,
    "message": str,
}


class BadScan(Exception):
    """What the scanner printed is not its form, or says that a rule failed; the message is a reason that may be printed."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a rule matched. `capability` rules say what code can do, the others what malware does."""

    rule: str
    severity: str
    specificity: str
    path: str
    line: int
    match: str
    message: str

    @property
    def risk(self) -> Risk:
        """How much the match weighs: much only where a rule is both grave and rarely wrong."""
        weight = _WEIGHTS.get(self.severity, 0) + _WEIGHTS.get(self.specificity, 0)
        if self.rule.startswith("capability"):
            return Risk.INFO
        if _stays_inside(self.match):
            return Risk.LOW
        return Risk.HIGH if weight == 4 else Risk.MEDIUM if weight == 3 and self.severity == "high" else Risk.LOW


def _stays_inside(match: str) -> bool:
    """Tell whether all that matched is a URL with an address that the internet doesn't route: private, loopback, documentation.

    A cloud gives out credentials at a link-local one, so these keep their weight.
    """
    if not (found := _NUMBERED_URL.fullmatch(match.strip())):
        return False
    try:
        address = ipaddress.ip_address(found[1])
    except ValueError:
        return False
    return not (address.is_global or address.is_link_local or address.is_multicast)


def read_scan(printed: bytes, folders: int) -> tuple[str, list[list[Match]]]:
    """Return GuardDog's version, and the matches of each folder. Raises BadScan."""
    try:
        scan: Any = json.loads(printed)
        version, errors = str(scan["version"])[:100], list(scan["errors"])
        found = [[Match(**{key: kind(match[key]) for key, kind in _SCAN.items()}) for match in matches] for matches in scan["folders"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadScan("GuardDog's answer can't be read") from error
    if errors:
        raise BadScan(f"GuardDog could not run all of its rules: {shown(str(errors[0]))}")
    if len(found) != folders:
        raise BadScan("GuardDog's answer does not cover all that it was given")
    return version, found


def new(base: Iterable[Match], head: Iterable[Match]) -> list[Match]:
    """Return the matches that head has more often than base, worst first; moved code is not new."""
    left = Counter((match.rule, " ".join(match.match.split())) for match in base)
    found = []
    for match in head:
        key = (match.rule, " ".join(match.match.split()))
        if left[key]:
            left[key] -= 1
        else:
            found.append(match)
    return sorted(found, key=lambda match: (-match.risk.weight, match.path, match.line, match.rule))


def as_report(matches: Sequence[Match]) -> bytes:
    """Return the report file for `matches`, in the grammar that every reviewer keeps to."""
    told = [match for match in matches if match.risk is not Risk.INFO][:_MOST_REPORTED]
    capabilities = sorted({match.rule.removeprefix("capability-") for match in matches if match.risk is Risk.INFO})
    lines = [
        "## Executive Summary",
        "",
        f"{len(told)} new matches of GuardDog's rules for malicious code. This is a pattern scan: nobody has read the change.",
        "",
    ]
    if capabilities:
        lines += [f"New in what the code can do: {', '.join(capabilities)}.", ""]
    lines += ["## Detailed Findings", ""]
    for match in told:
        lines += [f"### [{match.risk.upper()}] {_title(match)}", "", f"The rule {match.rule} matched:", "", f"    {shown(match.match)[:200]}", ""]
        if "\n" not in match.path and match.path.isprintable():
            lines += [f"Evidence: head {match.path}:{match.line}", ""]
    lines += [
        "## Recommended Labels",
        "",
        "GuardDog's own label; the surface may raise it.",
        "",
        *labels_of(matches).listed(),
        "",
        "## Conclusion",
        "",
        "Patterns are a hint, and their absence proves nothing.",
        "",
    ]
    return "\n".join(lines).encode("utf-8", "replace")


def labels_of(matches: Iterable[Match]) -> Labels:
    """Return the labels that `matches` deserve."""
    return Labels(worst(match.risk for match in matches) or Risk.INFO, blocked=False)


def _title(match: Match) -> str:
    return shown(match.message or match.rule)[:150].strip() or "a rule matched"

"""What is kept of a review after its report: the same without the reviewer's text; of other people's code level, counts, times and commits alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.render import as_json
from pinwarden.review import Outcome
from pinwarden.risk import Risk
from pinwarden.withheld import withheld

BRANCH = "pinwarden-audits"
FOLDER = "audits"
MOST_BYTES = 256 * 1024
"""Of one record. Of a longer one, and of what comes after the first MOST_TOGETHER, is kept what may be published of any review."""
MOST_TOGETHER = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One file on the branch of records. `about` is a line for its commit's message."""

    path: str
    content: bytes
    about: str


def counted(review: Mapping[str, Any]) -> str:
    """Return the number of findings by severity for people: `1 critical, 2 low`."""
    count = Counter(finding["severity"] for finding in review["findings"])
    return ", ".join(f"{count[risk]} {risk}" for risk in Risk if count[risk]) or "no findings"


def records_of(reviews: Sequence[Mapping[str, Any]], run: str, *, private: bool) -> list[Record]:
    """Return the records of reviews that follow the schema, as do the records. `run` is the number of the workflow's run, a full stop, its attempt."""
    records: list[Record] = []
    left = MOST_TOGETHER
    for review in reviews:
        content = _content(review)
        if private or len(content) > min(MOST_BYTES, left):
            content = _content(withheld(review))
        left -= len(content)
        risk = review["risk"] if review["outcome"] == Outcome.COMPLETE else "not complete"
        records.append(Record(path_of(review, run), content, f"{review['server']}: {risk} ({review['agent']})"))
    return records


def path_of(review: Mapping[str, Any], run: str) -> str:
    """Return where the record of a review belongs."""
    return f"{FOLDER}/{review['server']}/{review['head']}/{review['mode']}-{review['agent']}-{review['inputs_sha256'][:12]}-{run}.json"


def _content(review: Mapping[str, Any]) -> bytes:
    written = review["report"]
    report = {key: value for key, value in written.items() if key != "markdown"} if written else None
    return as_json({**review, "report": report}).encode()

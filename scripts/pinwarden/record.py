"""What is kept of a review after its report: the same without the reviewer's text, or, where its details are private, its public part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pinwarden.render import as_json
from pinwarden.review import Outcome
from pinwarden.risk import Risk

VERSION = 1
MOST_BYTES = 256 * 1024
"""Of one record; of a larger one the public part is kept."""
_TOLD = ("server", "mode", "project", "base", "head", "agent", "agent_version", "model", "inputs_sha256", "started", "finished", "outcome", "risk", "blocked")


def severities(review: Mapping[str, Any]) -> dict[str, int]:
    """Return how many findings a review has of each severity, worst first, those with none left out."""
    count = Counter(finding["severity"] for finding in review["findings"])
    return {str(risk): count[risk] for risk in Risk if count[risk]}


def counted(review: Mapping[str, Any]) -> str:
    """Return the number of findings by severity for people: `1 critical, 2 low`."""
    return ", ".join(f"{amount} {severity}" for severity, amount in severities(review).items()) or "no findings"


def public_part(review: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be known of a review of other people's code: level, counts, dates, agent, commits. No title, path or text."""
    return {"version": VERSION, **{key: review[key] for key in _TOLD}, "findings": {str(risk): severities(review).get(risk, 0) for risk in Risk}}


def record_of(review: Mapping[str, Any], *, private: bool) -> bytes:
    """Return the record of a review as it is written: JSON that follows the schema of reviews, or that of records where it is the public part."""
    written = review["report"]
    report = {key: value for key, value in written.items() if key != "markdown"} if written else None
    whole = as_json({**review, "report": report}).encode()
    return as_json(public_part(review)).encode() if private or len(whole) > MOST_BYTES else whole


def path_of(review: Mapping[str, Any], run: str) -> str:
    """Return where the record of a review belongs. `run` is the number of the workflow's run, a full stop, that of its attempt."""
    return f"audits/{review['server']}/{review['head']}/{review['mode']}-{review['agent']}-{review['inputs_sha256'][:12]}-{run}.json"


def title_of(review: Mapping[str, Any]) -> str:
    """Return a review in a few words for a commit's message."""
    return f"{review['server']}: {review['risk'] if review['outcome'] == Outcome.COMPLETE else 'not complete'} ({review['agent']})"

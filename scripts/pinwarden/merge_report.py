"""What is said of the merge gate's decisions: one comment on a pull request, a table in a terminal, a table on the page of a job, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pinwarden.merge_policy import Decided, Decision
from pinwarden.shown import shown
from pinwarden.surface.show import code_span

MARKER = "<!-- pinwarden:merge -->"


class Ending(StrEnum):
    """What a run did with a pull request that it decided to merge."""

    MERGED = "merged"
    QUEUED = "queued"
    """It is in the merge queue, and open until the queue merges it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one pull request. `ending` is None where this run neither merged nor queued it; `problem` where it is not known or not told."""

    number: int
    decided: Decided
    ending: Ending | None = None
    problem: str = ""


_SAYS = {
    Decision.MERGE: "It can be merged.",
    Decision.WAIT: "Not merged yet. It waits:",
    Decision.PERSON: "Not merged: a person decides.",
    Decision.NEVER: "Not merged by Pinwarden as it stands.",
}
_ENDED = {Ending.MERGED: "Merged.", Ending.QUEUED: "Put into the merge queue."}
"""True of the pull request whatever the queue makes of it: nothing is written when it does."""


def comment(decided: Decided, head: str) -> str:
    """Return the comment: decision, reasons, and the head that they are about. The same facts give the same text."""
    return f"{MARKER}\n**Pinwarden:** {_SAYS[decided.decision]}\n\n" + "".join(f"- {code_span(reason)}\n" for reason in decided.reasons) + f"\nFor `{head}`.\n"


def ended(ending: Ending, head: str) -> str:
    """Return what stands in the comment's place once it was merged or queued."""
    return f"{MARKER}\n**Pinwarden:** {_ENDED[ending]}\n\nFor `{head}`.\n"


def table(outcomes: Sequence[Outcome]) -> str:
    """Return what became of each for a terminal."""
    return "".join(f"#{one.number:<6} {_word(one):8} {shown(_why(one))}\n" for one in outcomes)


def job_summary(outcomes: Sequence[Outcome], note: str = "") -> str:
    """Return what became of each for the page of a job, below `note`."""
    lines = ["| pull request | decision | why |", "|---|---|---|"]
    for one in outcomes:
        why = code_span(_why(one)).replace("|", "\\|") if _why(one) else ""
        lines.append(f"| #{one.number} | {_word(one)} | {why} |")
    return "## Merges\n\n" + (f"{note}\n\n" if note else "") + ("\n".join(lines) + "\n" if outcomes else "No pull request moves a pin.\n")


def document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what became of each as JSON's values."""
    rows = [
        {
            "number": one.number,
            "decision": one.decided.decision,
            "reasons": list(one.decided.reasons),
            "merged": one.ending is Ending.MERGED,
            "queued": one.ending is Ending.QUEUED,
            "problem": one.problem,
        }
        for one in outcomes
    ]
    return {"pull_requests": rows}


def _word(one: Outcome) -> str:
    return str(one.ending or one.decided.decision)


def _why(one: Outcome) -> str:
    return "; ".join([*one.decided.reasons, *([one.problem] if one.problem else [])])

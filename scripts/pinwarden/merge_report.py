"""What is said of the merge gate's decisions: one comment on a pull request, a table in a terminal, a table on the page of a job."""

from __future__ import annotations

from collections.abc import Sequence

from pinwarden.merge_policy import Decided, Decision
from pinwarden.shown import shown
from pinwarden.surface.show import code_span

MARKER = "<!-- pinwarden:merge -->"
Row = tuple[int, Decided, bool, str]
"""A pull request's number, its decision, whether it was merged, and what went wrong, if anything did."""

_SAYS = {
    Decision.MERGE: "It can be merged.",
    Decision.WAIT: "Not merged yet. It waits:",
    Decision.PERSON: "Not merged: a person decides.",
    Decision.NEVER: "Not merged by Pinwarden as it stands.",
}


def comment(decided: Decided, head: str) -> str:
    """Return the comment: decision, reasons, and the head that they are about. The same facts give the same text."""
    return f"{MARKER}\n**Pinwarden:** {_SAYS[decided.decision]}\n\n" + "".join(f"- {code_span(reason)}\n" for reason in decided.reasons) + f"\nFor `{head}`.\n"


def table(rows: Sequence[Row]) -> str:
    """Return the decisions for a terminal."""
    return "".join(f"#{number:<6} {_word(decided, merged=merged):8} {shown(_why(decided, problem))}\n" for number, decided, merged, problem in rows)


def job_summary(rows: Sequence[Row]) -> str:
    """Return the decisions for the page of a job."""
    lines = ["| pull request | decision | why |", "|---|---|---|"]
    for number, decided, merged, problem in rows:
        why = code_span(_why(decided, problem)).replace("|", "\\|") if _why(decided, problem) else ""
        lines.append(f"| #{number} | {_word(decided, merged=merged)} | {why} |")
    return "## Merges\n\n" + ("\n".join(lines) + "\n" if rows else "No pull request moves a pin.\n")


def _word(decided: Decided, *, merged: bool) -> str:
    return "merged" if merged else str(decided.decision)


def _why(decided: Decided, problem: str) -> str:
    return "; ".join([*decided.reasons, *([problem] if problem else [])])

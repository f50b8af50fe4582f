"""What is said of the merge gate's decisions: what was merged, queued, or only could be are three different words, and foreign text stays text."""

from __future__ import annotations

import pytest

from pinwarden.merge_policy import Decided, Decision
from pinwarden.merge_report import MARKER, Ending, Outcome, comment, document, ended, job_summary, table

MERGE = Decided(Decision.MERGE)
HEAD = "a" * 40
ENDS = [(None, "merge"), (Ending.MERGED, "merged"), (Ending.QUEUED, "queued")]


@pytest.mark.parametrize(("ending", "word"), ENDS, ids=[word for _, word in ENDS])
def test_what_was_done_has_its_own_word(ending: Ending | None, word: str) -> None:
    outcomes = [Outcome(7, MERGE, ending)]
    assert table(outcomes).split() == ["#7", word]
    assert f"| #7 | {word} |  |" in job_summary(outcomes)
    (row,) = document(outcomes)["pull_requests"]
    assert row == {"number": 7, "decision": "merge", "reasons": [], "merged": word == "merged", "queued": word == "queued", "problem": ""}


def test_a_decision_has_its_reasons_and_its_problem() -> None:
    outcomes = [Outcome(7, Decided(Decision.WAIT, ("one", "two")), problem="three")]
    assert table(outcomes) == "#7      wait     one; two; three\n"
    assert "| #7 | wait | `one; two; three` |" in job_summary(outcomes)
    assert document(outcomes)["pull_requests"][0]["reasons"] == ["one", "two"]


def test_foreign_text_stays_in_its_cell_and_on_its_line() -> None:
    outcomes = [Outcome(7, Decided(Decision.PERSON, ("a | b\n::error::c",)))]
    assert table(outcomes).count("\n") == 1
    assert "a \\| b" in job_summary(outcomes)
    assert "\n::error" not in job_summary(outcomes) + comment(outcomes[0].decided, HEAD)


def test_a_note_stands_above_the_table_and_where_there_is_nothing() -> None:
    assert job_summary([], "It is off.") == "## Merges\n\nIt is off.\n\nNo pull request moves a pin.\n"
    assert job_summary([Outcome(7, MERGE)], "It is off.").startswith("## Merges\n\nIt is off.\n\n| pull request |")
    assert job_summary([]) == "## Merges\n\nNo pull request moves a pin.\n"


def test_the_comment_that_it_waits_and_what_takes_its_place() -> None:
    assert comment(Decided(Decision.WAIT, ("one",)), HEAD) == f"{MARKER}\n**Pinwarden:** Not merged yet. It waits:\n\n- `one`\n\nFor `{HEAD}`.\n"
    assert ended(Ending.MERGED, HEAD) == f"{MARKER}\n**Pinwarden:** Merged.\n\nFor `{HEAD}`.\n"
    assert ended(Ending.QUEUED, HEAD) == f"{MARKER}\n**Pinwarden:** Put into the merge queue.\n\nFor `{HEAD}`.\n"

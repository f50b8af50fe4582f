"""Each rule that asks upstream: what it says of which answer, where, and that it says nothing of a near miss."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from pinwarden.document import Document, read
from pinwarden.entry import Entry
from pinwarden.finding import Severity
from pinwarden.online import judged
from pinwarden.rules.online import ONLINE_RULES
from pinwarden.upstream import Answer, Answered, Failure, Question, RefKind, Relation, Tip, Unanswered

PIN, NEW = "a" * 40, "b" * 40
QUESTION = Question("weather", "https://github.com/example/weather", PIN, "src", "main", repository_id=7)
TEXT = f"name: weather\ntype: server\nsource:\n  project: https://github.com/example/weather\n  commit: {PIN}\n  branch: main\n"
FINE = Answered(Tip("refs/heads/main", RefKind.BRANCH, NEW), "main", Relation.AHEAD, pin_exists=True, repository_id=7, archived=False)
PROJECT, COMMIT, BRANCH = 4, 5, 6
"""Lines of TEXT."""


def tip(kind: RefKind, commit: str | None = NEW) -> Tip:
    return Tip("refs/x/main", kind, commit)


CASES: list[tuple[Answer, list[tuple[str, int]]]] = [
    (FINE, []),
    (replace(FINE, relation=Relation.SAME, tip=Tip("refs/heads/main", RefKind.BRANCH, PIN)), []),
    (replace(FINE, repository_id=None, archived=None, pin_exists=None), []),
    (replace(FINE, tip=tip(RefKind.RELEASE)), []),
    (replace(FINE, relation=Relation.DIVERGED), [("impostor-commit", COMMIT)]),
    (replace(FINE, relation=Relation.BEHIND), [("impostor-commit", COMMIT)]),
    (replace(FINE, tip=tip(RefKind.RELEASE), relation=Relation.BEHIND), [("impostor-commit", COMMIT)]),
    (replace(FINE, relation=Relation.PIN_UNKNOWN, pin_exists=None), [("commit-unknown", COMMIT)]),
    (replace(FINE, relation=Relation.DIVERGED, pin_exists=False), [("commit-unknown", COMMIT)]),
    (replace(FINE, repository_id=8), [("project-replaced", PROJECT)]),
    (replace(FINE, archived=True), [("project-archived", PROJECT)]),
    (replace(FINE, tip=tip(RefKind.BRANCH, None), relation=None), [("tracked-ref-gone", BRANCH)]),
    (replace(FINE, tip=tip(RefKind.TAG), relation=None), [("tracked-ref-not-branch", BRANCH)]),
    (replace(FINE, tip=tip(RefKind.COMMIT), relation=None), [("tracked-ref-not-branch", BRANCH)]),
    (replace(FINE, tip=tip(RefKind.PULL, None), relation=None), [("tracked-ref-not-branch", BRANCH)]),
    (Unanswered(Failure.GONE, "github.com answered 404"), [("project-gone", PROJECT)]),
    (Unanswered(Failure.MOVED, "https://github.com/other/weather"), [("project-moved", PROJECT)]),
    (Unanswered(Failure.ERROR, "github.com answered 500"), [("upstream-unread", PROJECT)]),
]


def entries() -> dict[str, Entry]:
    document = read(TEXT.encode())
    assert isinstance(document, Document)
    return {"weather": Entry.of("weather", "servers/weather/server.yaml", document)}


@pytest.mark.parametrize(("answer", "expected"), CASES)
@pytest.mark.parametrize("severity", Severity)
def test_an_answer_gets_exactly_its_findings(answer: Answer, expected: list[tuple[str, int]], severity: Severity) -> None:
    told = judged([(QUESTION, answer)], entries(), severity)
    assert [(finding.rule, finding.line) for finding in told.findings] == expected
    assert all(finding.severity is severity and finding.message.isprintable() and finding.hint for finding in told.findings)
    assert told.unread == (isinstance(answer, Unanswered) and answer.failure is Failure.ERROR)


def test_every_rule_speaks_in_a_case() -> None:
    assert {rule for _, expected in CASES for rule, _ in expected} == {rule.__name__.replace("_", "-") for rule in ONLINE_RULES}


def test_only_a_pin_that_the_tracked_branch_leads_to_passes() -> None:
    """Whatever else an upstream says: nothing is said of a pin exactly where a branch or release was proven to lead to it."""
    for kind, commit, relation, exists in product(RefKind, (None, NEW), (None, *Relation), (None, True, False)):
        answer = replace(FINE, tip=tip(kind, commit), relation=relation, pin_exists=exists)
        silent = not judged([(QUESTION, answer)], entries(), Severity.ERROR).findings
        proven = kind in (RefKind.BRANCH, RefKind.RELEASE) and relation in (Relation.SAME, Relation.AHEAD) and exists is not False and commit is not None
        assert silent == proven, answer

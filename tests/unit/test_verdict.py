"""Every answer an upstream can give has one verdict and one action."""

from __future__ import annotations

from itertools import product

import pytest

from pinwarden.config import Track
from pinwarden.upstream import Answer, Answered, DirectoryState, Failure, Question, RefKind, Relation, Tip, Unanswered
from pinwarden.verdict import Action, Verdict, judge

PIN, NEW = "a" * 40, "b" * 40
QUESTION = Question("weather", "https://github.com/example/weather", PIN, "src", "main")


def answered(kind: RefKind = RefKind.BRANCH, tip: str | None = NEW, relation: Relation | None = None, directory: DirectoryState | None = None) -> Answered:
    return Answered(Tip("refs/x/main", kind, tip), "main", relation, directory)


CASES: list[tuple[Answer, Verdict, Action]] = [
    (answered(tip=PIN, relation=Relation.SAME), Verdict.CURRENT, Action.NONE),
    (answered(relation=Relation.AHEAD, directory=DirectoryState.CHANGED), Verdict.MOVED, Action.OPEN),
    (answered(relation=Relation.AHEAD, directory=DirectoryState.UNCHANGED), Verdict.UNCHANGED_DIRECTORY, Action.NONE),
    (answered(relation=Relation.AHEAD, directory=DirectoryState.GONE), Verdict.DIRECTORY_GONE, Action.REPORT),
    (answered(relation=Relation.BEHIND), Verdict.REWOUND, Action.REPORT),
    (answered(relation=Relation.DIVERGED), Verdict.DIVERGED, Action.REPORT),
    (answered(relation=Relation.PIN_UNKNOWN), Verdict.UNREACHABLE, Action.REPORT),
    (answered(RefKind.RELEASE, relation=Relation.BEHIND), Verdict.CURRENT, Action.NONE),
    (answered(RefKind.TAG, PIN, Relation.SAME), Verdict.FROZEN_REF, Action.NONE),
    (answered(RefKind.TAG, NEW), Verdict.FROZEN_REF, Action.REPORT),
    (answered(RefKind.COMMIT, NEW), Verdict.FROZEN_REF, Action.NONE),
    (answered(RefKind.PULL, PIN, Relation.SAME), Verdict.PULL_REF, Action.REPORT),
    (answered(RefKind.PULL, None), Verdict.PULL_REF, Action.REPORT),
    (answered(tip=None), Verdict.REF_GONE, Action.REPORT),
    (answered(relation=None), Verdict.ERROR, Action.REPORT),
    (answered(relation=Relation.AHEAD), Verdict.ERROR, Action.REPORT),
    (Unanswered(Failure.GONE, "github.com answered 404"), Verdict.REPO_GONE, Action.REPORT),
    (Unanswered(Failure.MOVED, "https://github.com/other/weather"), Verdict.REPO_MOVED, Action.REPORT),
    (Unanswered(Failure.ERROR, "github.com answered 500"), Verdict.ERROR, Action.REPORT),
]


@pytest.mark.parametrize(("answer", "verdict", "action"), CASES)
def test_an_answer_has_its_verdict_and_its_action(answer: Answer, verdict: Verdict, action: Action) -> None:
    pin = judge(QUESTION, answer)
    assert (pin.verdict, pin.action) == (verdict, action)
    assert pin.reason


def test_only_a_proven_move_of_the_built_directory_is_ever_proposed() -> None:
    everything: list[Answer] = [
        Answered(Tip("refs/x/main", kind, tip), "main", relation, directory)
        for kind, tip, relation, directory in product(RefKind, (None, PIN, NEW), (None, *Relation), (None, *DirectoryState))
    ]
    proposed = [answer for answer in everything if judge(QUESTION, answer).new is not None]
    assert proposed
    for answer in proposed:
        assert isinstance(answer, Answered)
        assert answer.tip.kind in (RefKind.BRANCH, RefKind.RELEASE)
        assert (answer.relation, answer.directory) == (Relation.AHEAD, DirectoryState.CHANGED)


def test_a_missing_ref_is_told_with_what_upstream_has_instead() -> None:
    assert 'default branch is "main"' in judge(QUESTION, answered(tip=None)).reason


def test_no_release_at_all_is_told_as_such() -> None:
    following = Question("weather", QUESTION.project, PIN, None, None, Track.RELEASES)
    assert "no tag is a release" in judge(following, answered(RefKind.RELEASE, None)).reason

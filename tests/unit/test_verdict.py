"""Every answer an upstream can give has one verdict and one action."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from pinwarden.config import Track
from pinwarden.upstream import Answer, Answered, DirectoryState, Failure, Question, RefKind, Relation, Tip, Unanswered
from pinwarden.verdict import Action, Pin, Verdict, judge, unscanned

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


@pytest.mark.parametrize(
    ("recorded", "found", "verdict"),
    [
        pytest.param(7, 7, Verdict.MOVED, id="the same"),
        pytest.param(7, None, Verdict.MOVED, id="its host tells none"),
        pytest.param(None, 7, Verdict.MOVED, id="none is recorded"),
        pytest.param(7, 8, Verdict.REPO_REPLACED, id="another"),
    ],
)
def test_another_repository_under_the_same_name_is_never_proposed(recorded: int | None, found: int | None, verdict: Verdict) -> None:
    moved = answered(relation=Relation.AHEAD, directory=DirectoryState.CHANGED)
    pin = judge(replace(QUESTION, repository_id=recorded), replace(moved, repository_id=found))
    assert (pin.verdict, pin.action) == ((verdict, Action.OPEN) if verdict is Verdict.MOVED else (verdict, Action.REPORT))
    assert pin.new == (NEW if verdict is Verdict.MOVED else None)


@pytest.mark.parametrize(("answer", "verdict", "action"), CASES)
def test_that_a_repository_is_archived_is_told_where_nothing_else_is_to_be_told(answer: Answer, verdict: Verdict, action: Action) -> None:
    if isinstance(answer, Answered):
        quiet = verdict in (Verdict.CURRENT, Verdict.UNCHANGED_DIRECTORY)
        pin = judge(QUESTION, replace(answer, archived=True))
        assert (pin.verdict, pin.action) == ((Verdict.ARCHIVED, Action.REPORT) if quiet else (verdict, action))
        assert pin.new == (NEW if verdict is Verdict.MOVED else None)


def test_an_entry_about_which_nobody_was_asked_has_an_action_as_well() -> None:
    def pin(verdict: Verdict, action: Action) -> Pin:
        return Pin("weather", None, None, PIN, None, verdict, action, "why")

    for verdict, action in ((Verdict.NOT_PINNED, Action.NONE), (Verdict.ENTRY_INVALID, Action.REPORT), (Verdict.ERROR, Action.REPORT)):
        assert unscanned("weather", None, PIN, verdict, "why") == pin(verdict, action)


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (answered(RefKind.TAG, PIN), "names the pin; it is not expected to move"),
        (answered(RefKind.TAG, NEW), f"names {NEW}, not the pin: was it moved?"),
        (answered(relation=Relation.AHEAD, directory=DirectoryState.CHANGED), 'changed "src"'),
    ],
)
def test_a_reason_tells_what_was_seen(answer: Answer, part: str) -> None:
    assert part in judge(QUESTION, answer).reason


def test_without_a_directory_it_is_the_repository_that_changed() -> None:
    moved = answered(relation=Relation.AHEAD, directory=DirectoryState.CHANGED)
    assert judge(replace(QUESTION, directory=None), moved).reason.endswith("changed the repository")


def test_a_missing_ref_is_told_with_what_upstream_has_instead() -> None:
    gone = answered(tip=None)
    assert judge(QUESTION, gone).reason == 'there is no branch or tag "main"; upstream\'s default branch is "main"'
    assert judge(QUESTION, replace(gone, default_branch=None)).reason == 'there is no branch or tag "main"'


def test_an_empty_repository_is_told_as_such() -> None:
    assert "the repository is empty" in judge(replace(QUESTION, branch=None), answered(tip=None)).reason


def test_no_release_at_all_is_told_as_such() -> None:
    following = Question("weather", QUESTION.project, PIN, None, None, Track.RELEASES)
    assert "no tag is a release" in judge(following, answered(RefKind.RELEASE, None)).reason

"""The query is made of our own text; what entries say is in its variables. And no answer, however odd, is read as more than it says."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pinwarden.config import Track
from pinwarden.github_answer import read
from pinwarden.github_query import MOST_QUESTIONS, Asked, can_ask, grouped, write
from pinwarden.upstream import Answered, Failure, Question, Unanswered
from pinwarden.verdict import Verdict, judge

TEXT = st.text(st.characters(codec=None, categories=None) | st.sampled_from("\"'\\{}()$:@~^ \n\r/.-#"), max_size=40)
PINS = st.integers(0, 3).map(lambda number: f"{number:040x}")
OURS = re.compile(r"[A-Za-z0-9_{}():,!$. \n]+\Z")
PIN, NEW, OLD_TREE, NEW_TREE = "a" * 40, "b" * 40, "1" * 40, "2" * 40


def asked(number: int, branch: str | None = None, directory: str | None = None, pin: str = PIN) -> Question:
    return Question(f"s{number}", "https://github.com/up/tool", pin, directory, branch)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT | st.none(), TEXT | st.none(), PINS | TEXT), min_size=1, max_size=8))
def test_nothing_of_an_entry_is_in_the_text_of_the_query(entries: list[tuple[str, str, str | None, str | None, str]]) -> None:
    listed = [(owner, name, asked(number, branch, directory, pin)) for number, (owner, name, branch, directory, pin) in enumerate(entries)]
    batch = grouped(listed)
    text, variables = write(batch)
    assert OURS.match(text)
    declared = re.findall(r"\$(v[0-9]+):", text.partition("{")[0])
    assert sorted(declared) == sorted(variables)
    assert all(re.search(rf":\${name}\b", text.partition("{")[2]) for name in declared)
    assert json.loads(json.dumps(variables)) == variables
    assert sum(len(one.questions) for one in batch) == len(listed)


@given(TEXT | st.none(), TEXT | st.none(), PINS | TEXT)
def test_what_could_mean_something_else_in_an_expression_is_not_asked(branch: str | None, directory: str | None, pin: str) -> None:
    question = asked(0, branch, directory, pin)
    if can_ask(question):
        assert not branch or not re.search(r"[:^~?*\[\\\s\x00-\x1f]|\.\.|@\{", branch)
        assert not directory or directory.isprintable()
        assert re.fullmatch("[0-9a-f]{40}", pin)


def test_releases_are_not_asked() -> None:
    assert not can_ask(Question("s", "https://github.com/up/tool", PIN, None, None, Track.RELEASES))


def test_a_repository_with_very_many_pins_is_asked_about_in_parts() -> None:
    listed = [("Up", "Tool", asked(number)) for number in range(MOST_QUESTIONS)] + [("up", "tool", asked(MOST_QUESTIONS))]
    assert [len(one.questions) for one in grouped(listed)] == [MOST_QUESTIONS, 1]


def commit(oid: str, tree: str) -> dict[str, Any]:
    return {"__typename": "Commit", "oid": oid, "committedDate": "2025-01-01T00:00:00Z", "tree": {"oid": tree}, "signature": None}


def whole() -> dict[str, Any]:
    compared = {"status": "BEHIND", "behindBy": 3, "baseTarget": {"oid": NEW}, "headTarget": {"oid": PIN}}
    return {
        "databaseId": 7,
        "nameWithOwner": "Up/Tool",
        "isArchived": False,
        "defaultBranchRef": {"name": "main"},
        "h0": {"target": commit(NEW, NEW_TREE), "c0": compared},
        "n0_0": {"__typename": "Tree", "oid": NEW_TREE},
        "s0": {"oid": NEW},
        "p0": commit(PIN, OLD_TREE),
        "o0_0": {"__typename": "Tree", "oid": OLD_TREE},
    }


QUESTION = asked(0, directory="src")
BATCH = [Asked("up", "tool", (QUESTION,))]


def test_a_whole_answer_is_read() -> None:
    answer = read(BATCH, {"data": {"r0": whole()}}).answers[QUESTION]
    assert judge(QUESTION, answer).verdict is Verdict.MOVED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([PIN, NEW, "Commit", "Tree", "BEHIND", ""]), lambda inner: st.lists(inner, max_size=2)
)


@given(st.lists(st.sampled_from(sorted(whole())), min_size=1), st.sampled_from(["", "target", "oid", "c0", "__typename", "tree"]), JSON)
def test_an_answer_of_another_shape_is_left_to_git_and_never_a_move(names: list[str], inner: str, value: Any) -> None:
    node = whole()
    for name in names:
        part = node[name]
        if inner and isinstance(part, dict) and inner in part:
            part[inner] = value
        else:
            node[name] = value
    outcome = read(BATCH, {"data": {"r0": node}})
    assert len(outcome.answers) + len(outcome.elsewhere) + sum(len(one.questions) for one in outcome.again) == 1
    for answer in outcome.answers.values():
        if judge(QUESTION, answer).verdict is Verdict.MOVED:
            assert isinstance(answer, Answered)
            assert (answer.tip.commit, node["h0"]["c0"]["status"], node["s0"]["oid"]) == (NEW, "BEHIND", NEW)


ERRORS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"type": "NOT_FOUND", "path": ["r0"]}], "elsewhere"),
    ([{"type": "FORBIDDEN", "path": ["r0", "h0", "c0"]}], "elsewhere"),
    ([{"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["r0"]}], "again"),
    ([{"message": "Something went wrong", "path": ["r0", "h0"]}], "again"),
    ([{"message": "Something went wrong"}], "again"),
    ([{"type": "INTERNAL", "path": ["rateLimit"]}], "again"),
    ([{"type": "NOT_FOUND", "path": ["r1"]}], "answers"),
]


def test_an_error_decides_where_to_ask_next_and_outweighs_the_data_beside_it() -> None:
    for errors, where in ERRORS:
        outcome = read(BATCH, {"data": {"r0": whole()}, "errors": errors})
        assert [name for name in ("answers", "elsewhere", "again") if getattr(outcome, name)] == [where], errors


def test_null_without_an_error_is_git_s_and_a_missing_alias_is_asked_again() -> None:
    assert read(BATCH, {"data": {"r0": None}}).elsewhere == (QUESTION,)
    assert read(BATCH, {"data": {}}).again == tuple(BATCH)
    assert read(BATCH, {}).again == tuple(BATCH)


def test_another_name_is_a_move_and_not_an_answer_about_the_old_one() -> None:
    answer = read(BATCH, {"data": {"r0": whole() | {"nameWithOwner": "other/tool"}}}).answers[QUESTION]
    assert answer == Unanswered(Failure.MOVED, "https://github.com/other/tool")


def test_how_far_behind_a_pin_is() -> None:
    answer = read(BATCH, {"data": {"r0": whole()}}).answers[QUESTION]
    assert isinstance(answer, Answered)
    assert answer.behind == 3

"""The question which repositories have these names, and whatever may come back: an identity only where GitHub said one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.github_identity import read, write
from pinwarden.trust.subject import Identity, Silence, Unidentified
from support.github_twin.contract import Contract

NAMES = [("acme", "weather"), ("else", "time")]
NODE = {"databaseId": 7, "nameWithOwner": "acme/weather", "owner": {"login": "acme", "databaseId": 1234}}
OTHER = {"databaseId": 8, "nameWithOwner": "else/time", "owner": {"login": "else", "databaseId": 42}}


def test_names_travel_as_variables_alone() -> None:
    hostile = [('a"){x}', "b}\n#"), ("c", "d")]
    text, variables = write(hostile)
    assert variables == {"o0": 'a"){x}', "n0": "b}\n#", "o1": "c", "n1": "d"}
    assert text == write(NAMES)[0]


def test_the_question_is_one_that_github_understands(github_contract: Contract) -> None:
    assert validate(github_contract.graphql(), parse(write(NAMES)[0])) == []


def test_an_identity_is_numbers_and_the_name_of_now() -> None:
    moved = {**OTHER, "nameWithOwner": "new/clock", "owner": {"login": "new", "databaseId": 42}}
    told = read(NAMES, {"data": {"r0": NODE, "r1": moved}})
    assert told.identities == {NAMES[0]: Identity(7, 1234, "acme/weather"), NAMES[1]: Identity(8, 42, "new/clock")}
    assert told.again == ()
    identity = told.identities[NAMES[1]]
    assert isinstance(identity, Identity)
    assert identity.login == "new"


@pytest.mark.parametrize(
    ("kinds", "silence"),
    [(["NOT_FOUND"], Silence.GONE), (["FORBIDDEN"], Silence.UNREAD), (["NOT_FOUND", "FORBIDDEN"], Silence.UNREAD), (["INSUFFICIENT_SCOPES"], Silence.UNREAD)],
)
def test_an_error_is_about_its_repository_alone(kinds: list[str], silence: Silence) -> None:
    errors = [{"type": kind, "path": ["r0"], "message": "x"} for kind in kinds]
    told = read(NAMES, {"data": {"r0": None, "r1": OTHER}, "errors": errors})
    first = told.identities[NAMES[0]]
    assert isinstance(first, Unidentified)
    assert first.silence is silence
    assert told.identities[NAMES[1]] == Identity(8, 42, "else/time")


@pytest.mark.parametrize(
    "document",
    [
        {"data": {"r1": OTHER}},
        {"data": {"r0": None, "r1": OTHER}, "errors": [{"type": "TIMEOUT", "path": ["r0"]}]},
        {"data": {"r0": NODE, "r1": OTHER}, "errors": [{"path": ["r0", "owner"]}]},
        {"data": {"r0": NODE, "r1": OTHER}, "errors": [{"type": "NOT_FOUND", "path": ["r0"]}, {"type": "SOMETHING", "path": ["r0"]}]},
    ],
)
def test_what_was_not_answered_whole_is_asked_again(document: dict[str, Any]) -> None:
    told = read(NAMES, document)
    assert told.again == (NAMES[0],)
    assert list(told.identities) == [NAMES[1]]


def test_an_error_about_nothing_in_particular_is_about_all() -> None:
    assert read(NAMES, {"data": {"r0": NODE, "r1": OTHER}, "errors": [{"message": "x"}]}).again == tuple(NAMES)


@pytest.mark.parametrize(
    "node",
    [
        None,
        [],
        "acme",
        {},
        {**NODE, "databaseId": None},
        {**NODE, "databaseId": "7"},
        {**NODE, "databaseId": True},
        {**NODE, "databaseId": 7.0},
        {**NODE, "owner": None},
        {**NODE, "owner": {"login": "acme"}},
        {**NODE, "owner": {"login": "acme", "databaseId": None}},
        {**NODE, "owner": {"login": "mallory", "databaseId": 1234}},
        {**NODE, "nameWithOwner": None},
        {**NODE, "nameWithOwner": "acme"},
    ],
    ids=repr,
)
def test_a_shape_that_is_not_github_s_is_no_identity(node: object) -> None:
    first = read(NAMES, {"data": {"r0": node, "r1": OTHER}}).identities[NAMES[0]]
    assert isinstance(first, Unidentified)
    assert first.silence is Silence.UNREAD


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "errors", "r0", "r1", "path", "type", *NODE]), inner, max_size=5),
)


@given(st.dictionaries(st.sampled_from(["data", "errors"]), JSON))
def test_any_answer_is_sorted_out(document: dict[str, Any]) -> None:
    told = read(NAMES, document)
    assert {*told.identities, *told.again} == set(NAMES)
    assert len(told.identities) + len(told.again) == len(NAMES)
    assert json.dumps(document) is not None

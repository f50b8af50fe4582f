"""What a self-test's parts found, read as it was written, and put into one table."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.selftest import LIVE, BadResults, Proof, State, as_document, as_summary, as_table, collected, denied, held, read_proofs, unknown

NAMES = st.sampled_from(sorted(LIVE))
PROOFS = st.lists(st.builds(Proof, NAMES, st.sampled_from(State), st.text(max_size=300)))


@given(PROOFS)
def test_what_is_written_is_read(proofs: list[Proof]) -> None:
    assert read_proofs(as_document(proofs).encode()) == tuple(proofs)


@given(st.binary())
def test_any_other_file_is_refused_and_nothing_else_happens(content: bytes) -> None:
    with pytest.raises(BadResults):
        read_proofs(content)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"proofs": None},
        {"proofs": [1]},
        {"proofs": [{"id": "check-owner", "state": "holds"}]},
        {"proofs": [{"id": "check-owner", "state": "perhaps", "seen": ""}]},
        {"proofs": [{"id": "another", "state": "holds", "seen": ""}]},
        {"proofs": [{"id": ["check-owner"], "state": "holds", "seen": ""}]},
    ],
)
def test_what_is_no_proof_is_refused(document: object) -> None:
    with pytest.raises(BadResults):
        read_proofs(json.dumps(document).encode())


@given(PROOFS)
def test_every_assumption_has_one_row_and_nothing_is_better_than_it_was(proofs: list[Proof]) -> None:
    found = {proof.id: proof for proof in collected(proofs)}
    assert list(found) == list(LIVE)
    for name, proof in found.items():
        states = {each.state for each in proofs if each.id == name}
        worst = State.FAILS if State.FAILS in states else State.HOLDS if states == {State.HOLDS} else State.UNKNOWN
        assert proof.state is worst


def test_what_github_must_not_do() -> None:
    assert denied("check-owner", "no", done=False).state is State.HOLDS
    assert denied("check-owner", "", done=False).state is State.UNKNOWN
    assert denied("check-owner", "", done=True).state is State.FAILS
    assert denied("check-owner", "no", done=True).state is State.FAILS


@given(st.text())
def test_what_github_said_makes_no_table_no_markdown_and_no_command(said: str) -> None:
    proofs = [held("check-owner", so=True, seen=said), unknown("ref-lease", said)]
    lines = as_summary(proofs).splitlines()
    assert [line.count(" | ") for line in lines[-2:]] == [3, 3]
    assert [line.count("`") for line in lines[-2:]] == [4, 4]
    printed = as_table(proofs)
    assert printed.isprintable() or printed.count("\n") == len(printed.splitlines()) == 4
    assert "##[" not in printed
    assert not any(line.startswith("::") for line in printed.splitlines())

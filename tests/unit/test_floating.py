"""What a pin does not cover, against case folders: `tests/cases/dockerfiles/<case>` with a Dockerfile and what is told of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.dockerfile import instructions
from pinwarden.floating import floating_inputs

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "dockerfiles").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    found = [[one.line, one.says] for one in floating_inputs((case / "Dockerfile").read_text())]
    assert found == json.loads((case / "expect.json").read_text())


PIECES = (
    "FROM ",
    "RUN ",
    "ADD ",
    "ARG ",
    "COPY --from=",
    "a",
    "$",
    "${X:-",
    "}",
    "<<E\n",
    "E\n",
    "\\\n",
    "`\n",
    "# escape=`\n",
    "#",
    " ",
    "\n",
    "https://a.b/c",
    "curl ",
    "|sh",
    "\t",
    "\0",
    "é",
    "npm i",
)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=200))
def test_whatever_is_written_is_read_to_its_end(text: str) -> None:
    lines = text.count("\n") + 1
    numbers = [one.line for one in instructions(text)]
    assert numbers == sorted(set(numbers))
    assert all(1 <= one.line <= lines and "\n" not in one.says for one in floating_inputs(text))


@pytest.mark.parametrize("piece", ["npm ", "pip ", "-c", "--", "--mount=", "gpg ", "${A-", "$", "git -c ", "<<A ", "curl ", "apt-get -y ", "https://a", "\\\n"])
@pytest.mark.parametrize("word", ["RUN", "FROM", "ADD", "COPY"])
def test_a_hostile_file_ends_soon(piece: str, word: str) -> None:
    """Whatever takes longer than its length is told by the suite's own patience: these are 200 kB each."""
    for longest in (19_000, 200_000):
        assert len(floating_inputs(f"{word} " + piece * (longest // len(piece)))) <= longest

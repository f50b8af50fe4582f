"""Caller workflows as values: what a workflow uses of the toolkit, whoever wrote it, and a commit put in place of the zeros."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.caller_checks import caller_checks, callers_of, config_check
from pinwarden.callers import PLACEHOLDER, Use, filled, is_commit, uses_of
from pinwarden.document import Defect

COMMIT = "0123456789" * 4
PATH = ".github/workflows/x.yml"


def uses(text: str) -> list[tuple[str, str, str]]:
    """Return what a workflow uses: check, part, ref."""
    found = uses_of(PATH, text.encode())
    assert isinstance(found, tuple)
    assert {use.workflow for use in found} <= {PATH}
    return [(use.check, use.part, use.ref) for use in found]


@pytest.mark.parametrize(
    ("job", "found"),
    [
        ("uses: pinwarden/pinwarden/.github/workflows/page.yml@main", ("a", ".github/workflows/page.yml", "main")),
        ("name: Pins\n    steps:\n      - uses: pinwarden/pinwarden@v1 # now", ("Pins", "", "v1")),
        ("steps: [{uses: 'pinwarden/pinwarden/actions/bump-pins@x'}]", ("a", "actions/bump-pins", "x")),
        ('steps:\n      - "uses": "Pinwarden/PINWARDEN/actions/x@y"', ("a", "actions/x", "y")),
        ("steps:\n      - uses: actions/checkout@z\n        with: {repository: pinwarden/pinwarden, ref: main}", ("a", "checkout", "main")),
        ("steps:\n      - uses: actions/checkout@z\n        with: {repository: pinwarden/pinwarden}", ("a", "checkout", "")),
        ("steps:\n      - uses: pinwarden/pinwarden", ("a", "", "")),
        ("name: 7\n    steps:\n      - uses: pinwarden/pinwarden@1", ("a", "", "1")),
    ],
)
def test_what_a_job_uses(job: str, found: tuple[str, str, str]) -> None:
    assert uses(f"jobs:\n  a:\n    {job}\n") == [found]


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {}",
        "jobs: []",
        "jobs: {a: 7}",
        "jobs: {a: {steps: 7}}",
        "jobs: {a: {steps: [7, {uses: 7}, {run: uses: x}]}}".replace("{run: uses: x}", "{run: 'uses: pinwarden/pinwarden@x'}"),
        "[]",
        "x: 1",
        "jobs: {a: {steps: [{uses: pinwarden/other@x}, {uses: other/pinwarden@x}, {uses: ./pinwarden/pinwarden@x}]}}",
        "jobs:\n  a:\n    steps: [] # uses: pinwarden/pinwarden@main",
        "jobs: {a: {steps: [{uses: actions/checkout@z, with: {repository: x/y}}, {uses: actions/checkout@z, with: 7}]}}",
    ],
)
def test_what_uses_nothing(text: str) -> None:
    assert uses(text) == []


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_read_is_uses_or_a_defect(raw: bytes) -> None:
    assert isinstance(uses_of(PATH, raw), tuple | Defect)


@pytest.mark.parametrize(
    ("part", "verbs", "is_of"),
    [
        ("", ("", "validate"), True),
        ("actions/validate-pins", ("validate-pins",), True),
        (".github/workflows/validate.yml", ("validate",), True),
        ("actions/bump-pins", ("", "validate"), False),
    ],
)
def test_what_a_use_is_of(part: str, verbs: tuple[str, ...], is_of: bool) -> None:
    assert Use(PATH, "a", part, COMMIT).is_of(*verbs) is is_of


@pytest.mark.parametrize(
    ("text", "commit"),
    [(COMMIT, True), (PLACEHOLDER, False), (COMMIT[:-1], False), (COMMIT + "0", False), (COMMIT + "\n", False), ("A" * 40, False), ("", False)],
)
def test_a_commit_is_forty_digits_and_not_the_zeros(text: str, commit: bool) -> None:
    assert is_commit(text) is commit


def test_the_zeros_go_and_their_remark_with_them() -> None:
    text = f"uses: a/b@{PLACEHOLDER} # put the release's commit here\nref: \"{PLACEHOLDER}\" # put the release's commit here\nx: {PLACEHOLDER}\n"
    assert filled(text, COMMIT) == f'uses: a/b@{COMMIT}\nref: "{COMMIT}"\nx: {COMMIT}\n'


def told(workflows: dict[str, bytes | None]) -> dict[str, tuple[bool | None, str]]:
    return {check.name: (check.ok, check.hint) for check in caller_checks(callers_of(workflows), "main")}


FULL = "every workflow names a full commit of Pinwarden"


@pytest.mark.parametrize(
    "raw",
    [None, b"# pinwarden/pinwarden\na: &a", b"PinWarden/Pinwarden: \xff", b"x" * 300_000 + b"pinwarden/pinwarden"],
    ids=["none", "anchor", "bytes", "large"],
)
def test_a_workflow_that_can_t_be_read_is_not_taken_for_pinned(raw: bytes | None) -> None:
    good = f"jobs: {{a: {{steps: [{{uses: pinwarden/pinwarden@{COMMIT}}}]}}}}".encode()
    assert told({PATH: good})[FULL] == (True, "")
    ok, hint = told({PATH: good, ".github/workflows/y.yml": raw})[FULL]
    assert ok is False
    assert ".github/workflows/y.yml" in hint


def test_others_workflows_may_be_as_they_like() -> None:
    good = f"jobs: {{a: {{steps: [{{uses: pinwarden/pinwarden@{COMMIT}}}]}}}}".encode()
    assert told({PATH: good, "y": b"a: &a 1\nb: *a\n", "z": b"uses: &x"})[FULL] == (True, "")


def test_nothing_is_no_use() -> None:
    assert {ok for ok, _ in told({}).values()} == {True, False}
    assert [name for name, (ok, _) in told({}).items() if ok] == ["all of them name the same commit"]


def test_a_configuration_is_valid_or_says_why() -> None:
    assert config_check("").ok is True
    assert config_check("x:1: no").hint == "x:1: no; mend .github/pinwarden.yml on the default branch"

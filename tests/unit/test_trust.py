"""Who publishes an entry: each rule against its case folders, each refusal with the control that without its rule the entry would pass.

A case is a folder `tests/cases/trust/<rule>/<case>` with a `server.yaml`, what was answered, and the level that it comes to.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from pinwarden.adapters.registry_files import validator
from pinwarden.publishers import read_publishers
from pinwarden.rules import Policy as EntryPolicy
from pinwarden.trust.case import Case, Level, Pin, Proof, State, case_of
from pinwarden.trust.policies import OF_ROWS, POLICIES, Policy, first_refusal
from pinwarden.trust.standing import Standing, as_document, counted, standing, table
from pinwarden.trust.subject import Identity, Silence, Subject, Unidentified, subject_of
from pinwarden.upstream import Answer, Answered, Failure, Question, RefKind, Relation, Tip, Unanswered
from pinwarden.validation import check_entry

FOLDER = Path(__file__).resolve().parents[1] / "cases" / "trust"
CASES = sorted(path.parent for path in FOLDER.glob("*/*/expect.json"))
DAY = date(2026, 11, 25)
PUBLISHERS = read_publishers((FOLDER / "publishers.yml").read_bytes(), validator("publishers"), "publishers.yml")
ENTRY = validator("entry")


def case_id(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def rule_of(policy: Policy) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(policy).__name__).lower()


def loaded(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def identity_of(told: dict[str, Any] | None) -> Identity | Unidentified | None:
    if told is None:
        return None
    return Unidentified(Silence(told["silence"]), told["detail"]) if "silence" in told else Identity(**told)


def answer_of(told: dict[str, Any]) -> Answer:
    if "failure" in told:
        return Unanswered(Failure(told["failure"]), told["detail"])
    relation = Relation(told["relation"]) if told["relation"] else None
    return Answered(Tip(told["ref"], RefKind(told["kind"]), told["tip"]), "main", relation, pin_exists=told["pin_exists"])


def case_in(folder: Path) -> Case:
    checked = check_entry("weather", "servers/weather/server.yaml", (folder / "server.yaml").read_bytes(), ENTRY, EntryPolicy())
    answers = loaded(folder / "answers.json")
    case = case_of(subject_of(checked), identity_of(answers["identity"]), PUBLISHERS, DAY)
    entry = checked.entry
    if answers["pin"] and entry and entry.project and entry.commit:
        question = Question("weather", entry.project, entry.commit, None, entry.branch)
        case = replace(case, pin=Pin(question, answer_of(answers["pin"])))
    return replace(case, proof=Proof(answers["proof"]) if answers["proof"] else None)


@pytest.mark.parametrize("folder", CASES, ids=case_id)
def test_a_case_gets_its_level(folder: Path) -> None:
    one = standing(case_in(folder))
    found = {"level": one.level, "state": one.state, "publisher": one.publisher and one.publisher.id, "method": one.method, "checked": one.checked}
    assert found == loaded(folder / "expect.json")
    assert all(sentence and sentence.isprintable() for sentence in one.why)


@pytest.mark.parametrize("folder", [folder for folder in CASES if loaded(folder / "expect.json")["level"] == "community"], ids=case_id)
def test_it_is_the_rule_of_its_folder_that_refuses_it(folder: Path) -> None:
    case = case_in(folder)
    alone = next(policy for policy in POLICIES if rule_of(policy) == folder.parent.name)
    refusal = alone.verify(case)
    assert refusal is not None
    assert refusal == first_refusal(case)
    assert refusal.state == loaded(folder / "expect.json")["state"]


STOPPED_LATER = {
    "valid/claims-trust": "named",
    "valid/errors": "named",
    "domain-held/file-gone": "all-answered",
    "named/pulled-image-of-nobody": "covered",
    "name-unchanged/transferred": "same-id",
    "name-unchanged/transferred-to-nobody": "same-id",
    "pin-reachable/repository-gone": "all-answered",
}
"""Cases that would not pass without the rule of their folder either, and the rule that would stop them then."""


@pytest.mark.parametrize("folder", [folder for folder in CASES if loaded(folder / "expect.json")["level"] == "community"], ids=case_id)
def test_without_that_rule_it_would_pass(folder: Path) -> None:
    case = case_in(folder)
    stopping = [rule_of(policy) for policy in POLICIES if rule_of(policy) != folder.parent.name and policy.verify(case)]
    assert stopping[:1] == ([STOPPED_LATER[case_id(folder)]] if case_id(folder) in STOPPED_LATER else [])


def test_every_rule_has_a_refusal_and_a_near_miss_and_every_folder_is_a_rule() -> None:
    told = {(folder.parent.name, loaded(folder / "expect.json")["level"]) for folder in CASES}
    assert told == set(product(map(rule_of, POLICIES), ("known", "community")))
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(map(rule_of, POLICIES))
    assert POLICIES[: len(OF_ROWS)] == OF_ROWS


def test_every_state_is_reached() -> None:
    assert {loaded(folder / "expect.json")["state"] for folder in CASES} == set(State)


IDENTITIES = [
    None,
    *(Unidentified(silence, "x") for silence in Silence),
    *(Identity(7, owner, name) for owner in (1234, 42) for name in ("acme/weather", "b/c")),
]
TIPS = [Tip("refs/heads/main", kind, commit) for kind in RefKind for commit in ("b" * 40, None)]
ANSWERS: list[Answer | None] = [
    None,
    *(Unanswered(failure, "x") for failure in Failure),
    *(Answered(tip, "main", relation, pin_exists=exists) for tip in TIPS for relation in (None, *Relation) for exists in (None, True, False)),
]


def test_only_what_was_proven_is_known() -> None:
    """Whatever else is answered: known exactly where ids and name are the row's, and a branch or the pin's own tag leads to it."""
    folder = FOLDER / "name-unchanged" / "same"
    start = case_in(folder)
    assert start.pin is not None
    for identity, answer in product(IDENTITIES, ANSWERS):
        case = replace(case_of(start.subject, identity, PUBLISHERS, DAY), pin=Pin(start.pin.question, answer) if answer else None)
        led = isinstance(answer, Answered) and answer.pin_exists is not False and answer.tip.commit is not None
        if isinstance(answer, Answered):
            branch = answer.tip.kind in (RefKind.BRANCH, RefKind.RELEASE) and answer.relation in (Relation.SAME, Relation.AHEAD)
            led = led and (branch or (answer.tip.kind is RefKind.TAG and answer.relation is Relation.SAME))
        proven = identity == Identity(7, 1234, "acme/weather") and led
        one = standing(case)
        assert (one.level is Level.KNOWN) == proven, (identity, answer)
        assert (one.publisher is None) == (one.level is Level.COMMUNITY) == (one.method is None) == (one.checked is None)


def test_whoever_is_not_listed_is_never_known() -> None:
    for identity, answer in product(IDENTITIES, ANSWERS):
        case = case_of(case_in(FOLDER / "name-unchanged" / "same").subject, identity, (), DAY)
        pin = Pin(Question("weather", "https://github.com/acme/weather", "a" * 40, None, None), answer) if answer else None
        assert standing(replace(case, pin=pin)).level is Level.COMMUNITY


def test_the_words_say_who_and_how_and_that_it_is_not_about_safety() -> None:
    assert standing(case_in(FOLDER / "name-unchanged" / "same")).sentence == (
        "Known publisher: Acme Inc. - source belongs to github.com/acme (checked 2026-11-25). This is about identity, not safety."
    )
    assert standing(case_in(FOLDER / "named" / "nobody")).sentence == (
        "Community maintained - publisher identity not checked by this registry. Many good servers are."
    )


def test_what_is_to_be_mended_is_named() -> None:
    def why(name: str) -> str:
        return "; ".join(standing(case_in(FOLDER / name)).why)

    assert "the owner is the same; write that address in the entry" in why("name-unchanged/renamed")
    assert "the owner is the same; write that address in the entry, and acme-labs in the row" in why("name-unchanged/owner-renamed")
    assert "another owner's (id 555, not 1234)" in why("name-unchanged/transferred")
    assert "its id is 42, not 1234" in why("same-id/owner-taken")
    assert "write its login acme-labs in the row" in why("named/owner-renamed-and-entry-mended")
    assert "upstream was not asked" in why("all-answered/pin-never-asked")
    assert "a fork of https://github.com/else/weather" in why("pin-reachable/fork-that-says-so")


def test_the_document_is_the_contract() -> None:
    one = standing(case_in(FOLDER / "name-unchanged" / "same"))
    (server,) = as_document([one], "2026-11-25T09:00:00Z")["servers"]
    assert list(server) == [field.name for field in fields(Standing)]
    assert server["publisher"] == {"id": "acme", "name": "Acme Inc.", "url": "https://acme.example"}


def test_the_table_leaves_out_what_no_row_names_and_shows_no_foreign_character() -> None:
    known, nobody = (standing(case_in(FOLDER / name)) for name in ("name-unchanged/same", "named/nobody"))
    assert known.publisher is not None
    odd = replace(known, server="o\u202edd\n", publisher=replace(known.publisher, name="\x1b[1mAcm\u0435"))
    shown = table([known, nobody, odd])
    assert shown.count("\n") == 3
    assert shown.replace("\n", "").isprintable()
    assert shown.isascii()
    assert table([nobody]) == ""
    assert table([replace(nobody, state=State.UNCHECKED)]) == "", "where a host is silent, hundreds that nobody listed are not told of"
    assert counted([known, nobody, odd]) == "3 entries: 2 known; 1 community (1 unlisted)"


@pytest.mark.parametrize(
    "url", [None, "", "https://", "https:///x", "https://a", "https://[::1]/", "https://-a.example/", "//acme.example/", "https://acme..example/"]
)
def test_an_odd_remote_has_no_host(url: str | None) -> None:
    assert Subject("weather", remote=url).remote_host is None


LETTERS = st.sampled_from([*"ab.-:/@\\?#%[]{} \t\n\u0430\u3002", "acme.example", "https://", "http://", "evil.example", ":443", "//", "@", "%2e"])


@given(st.lists(LETTERS, max_size=8).map("".join) | st.lists(LETTERS, max_size=8).map(lambda parts: "https://" + "".join(parts)) | st.text(max_size=30))
def test_a_remote_has_a_host_only_where_every_reader_finds_the_same(url: str) -> None:
    host = Subject("weather", remote=url).remote_host
    if host is not None:
        assert host.isascii()
        assert host == host.lower()
        assert urlsplit(url).hostname == host
        assert parse_url(url).host == host
        assert urlsplit(url).scheme == "https"
        assert urlsplit(url).port in (None, 443)
        assert "@" not in urlsplit(url).netloc


def test_ids_and_pin_are_of_one_repository() -> None:
    case = case_in(FOLDER / "name-unchanged" / "same")
    assert case.pin is not None
    assert isinstance(case.pin.answer, Answered)
    for number, state in ((7, State.CURRENT), (8, State.UNCHECKED)):
        pin = Pin(case.pin.question, replace(case.pin.answer, repository_id=number))
        assert standing(replace(case, pin=pin)).state is state

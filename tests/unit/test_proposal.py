"""What becomes of each pin's pull request, and the block that tells the next run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.brief import Brief, UpstreamCommit, body, title, with_newer
from pinwarden.config import Bump
from pinwarden.evidence import MARKER, Evidence, as_block, read_block
from pinwarden.proposal import Pull, Standing, decided, quota
from pinwarden.verdict import Action, Pin, Verdict

OLD, NEW, NEWER, HEAD, OTHER = ("a" * 40, "b" * 40, "c" * 40, "d" * 40, "e" * 40)
PIN = Pin("mail", "https://github.com/ada/mail", "refs/heads/main", OLD, NEW, Verdict.MOVED, Action.OPEN, "moved ahead")
EVIDENCE = Evidence("mail", "https://github.com/ada/mail", "refs/heads/main", OLD, NEW, "moved", HEAD)
DAY = 86_400
NOW = 100 * DAY


def standing(evidence: Evidence | None = EVIDENCE, *, head: str | None = HEAD, age: int = 10, reviewed: bool = False, made: bool = False) -> Standing:
    return Standing(head, made, NOW - age * DAY, Pull(7, "PR_7", "", evidence, reviewed))


def one(pin: Pin, found: Standing | None, *, refresh: bool = False, bump: Bump = Bump()) -> Pin:  # noqa: B008  # immutable
    (planned,) = decided([pin], {"mail": found} if found else {}, bump, NOW, refresh=refresh)
    return planned


class TestDecided:
    def test_nothing_there_opens(self) -> None:
        assert one(PIN, None) == PIN

    def test_the_same_commit_is_proposed_already(self) -> None:
        assert one(PIN, standing()).action is Action.NONE

    def test_a_newer_commit_moves_an_old_pull_request(self) -> None:
        planned = one(replace(PIN, new=NEWER), standing(age=3))
        assert (planned.action, "updates #7" in planned.reason) == (Action.UPDATE, True)

    @pytest.mark.parametrize(("age", "reviewed", "says"), [(2, False, "younger than 3 days"), (30, True, "a person reviewed it")])
    def test_a_young_or_reviewed_one_keeps_its_commit_unless_refreshed(self, age: int, reviewed: bool, says: str) -> None:
        found = standing(age=age, reviewed=reviewed)
        planned = one(replace(PIN, new=NEWER), found)
        assert (planned.action, says in planned.reason) == (Action.LEAVE, True)
        assert one(replace(PIN, new=NEWER), found, refresh=True).action is Action.UPDATE

    def test_one_for_a_pin_that_changed_meanwhile_is_made_anew_however_young(self) -> None:
        assert one(replace(PIN, old=OTHER), standing(age=0)).action is Action.UPDATE

    def test_a_branch_with_a_persons_commit_is_left_alone(self) -> None:
        for pin in (PIN, replace(PIN, new=NEWER), replace(PIN, new=None, verdict=Verdict.CURRENT, action=Action.NONE)):
            assert one(pin, standing(head=OTHER)).action is Action.LEAVE
        assert one(PIN, Standing(OTHER)).action is Action.LEAVE

    def test_a_run_that_was_cut_off_is_finished_at_once(self) -> None:
        assert one(PIN, Standing(OTHER, made_by_tool=True)).action is Action.OPEN
        assert one(replace(PIN, new=NEWER), standing(head=OTHER, made=True, age=0)).action is Action.UPDATE

    def test_a_commit_that_a_person_rejected_is_not_proposed_again_but_the_next_is(self) -> None:
        found = Standing(rejected={NEW: 5})
        planned = one(PIN, found)
        assert (planned.action, "#5" in planned.reason) == (Action.LEAVE, True)
        assert one(replace(PIN, new=NEWER), found).action is Action.OPEN

    @pytest.mark.parametrize(
        "verdict", [Verdict.CURRENT, Verdict.UNCHANGED_DIRECTORY, Verdict.DIVERGED, Verdict.REWOUND, Verdict.REF_GONE, Verdict.UNREACHABLE]
    )
    def test_an_obsolete_one_is_closed_with_the_reason(self, verdict: Verdict) -> None:
        planned = one(replace(PIN, new=None, verdict=verdict, action=Action.REPORT, reason="because"), standing())
        assert (planned.action, planned.reason) == (Action.CLOSE, "because; #7 is obsolete")

    @pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.ENTRY_INVALID, Verdict.REPO_GONE, Verdict.REPO_MOVED])
    def test_what_is_not_known_closes_nothing(self, verdict: Verdict) -> None:
        assert one(replace(PIN, new=None, verdict=verdict, action=Action.REPORT), standing()).action is Action.LEAVE

    def test_one_of_an_entry_that_is_gone_is_closed(self) -> None:
        (planned,) = decided([], {"mail": standing()}, Bump(), NOW)
        assert (planned.server, planned.action) == ("mail", Action.CLOSE)

    def test_held_is_held_and_takes_no_place(self) -> None:
        bump = Bump(max_new_per_run=1, hold=frozenset({"a"}))
        plan = quota(decided([replace(PIN, server="a"), replace(PIN, server="b")], {}, bump, NOW), {}, bump)
        assert [pin.action for pin in plan] == [Action.HOLD, Action.OPEN]


@given(st.integers(0, 6), st.integers(0, 5), st.none() | st.integers(0, 5), st.integers(0, 6), st.integers(0, 6))
def test_never_more_than_the_limits_are_opened_and_the_rest_is_deferred(
    count: int, configured: int, given_limit: int | None, most_open: int, already: int
) -> None:
    pins = [replace(PIN, server=f"s{number}") for number in range(count)]
    standings = {f"o{number}": standing() for number in range(already)}
    plan = quota(pins, standings, Bump(max_new_per_run=configured, max_open=most_open), given_limit)
    limit = min(configured if given_limit is None else given_limit, max(0, most_open - already))
    assert [pin.action for pin in plan].count(Action.OPEN) == min(count, limit)
    assert [pin.action for pin in plan].count(Action.DEFER) == max(0, count - limit)


def test_what_was_deferred_comes_first_the_next_time() -> None:
    pins = [replace(PIN, server=server) for server in "abc"]
    bump = Bump(max_new_per_run=1)
    last: dict[str, Standing] = {}
    opened = []
    for number in range(1, 4):
        (chosen,) = (pin.server for pin in quota(pins, last, bump) if pin.action is Action.OPEN)
        opened.append(chosen)
        last[chosen] = Standing(last_number=number)
    assert opened == ["a", "b", "c"]


TEXTS = st.text(max_size=60)


class TestEvidence:
    @given(
        st.builds(
            Evidence, TEXTS, TEXTS, TEXTS, st.just(OLD), st.just(NEW), TEXTS, st.just(HEAD), st.none() | st.integers(1, 2**40), st.none() | st.just(NEWER)
        )
    )
    def test_what_is_written_is_read(self, evidence: Evidence) -> None:
        assert read_block(f"before\n\n{as_block(evidence)}\nafter") == evidence

    @pytest.mark.parametrize(
        "text",
        [
            "",
            MARKER,
            f"{as_block(EVIDENCE)}\n{as_block(EVIDENCE)}",
            as_block(EVIDENCE).replace('"version": 1', '"version": 2'),
            as_block(EVIDENCE).replace(HEAD, "main"),
            as_block(EVIDENCE).replace('"mail"', "7"),
            as_block(EVIDENCE).replace('"ref"', '"more": 1, "ref"'),
            f"{MARKER}\n```json\n[]\n```",
            f"{MARKER}\n```json\n{'[' * 5000}\n```",
        ],
    )  # fmt: skip
    def test_anything_else_is_no_evidence(self, text: str) -> None:
        assert read_block(text) is None

    @given(st.text())
    def test_no_text_raises(self, text: str) -> None:
        assert read_block(f"{MARKER}\n```json\n{text}\n```") is None or True


class TestBody:
    @given(st.lists(st.builds(UpstreamCommit, st.just(NEW), TEXTS, TEXTS), max_size=4), st.lists(TEXTS, max_size=4))
    def test_foreign_text_does_nothing_and_the_evidence_stays_readable(self, commits: list[UpstreamCommit], files: list[str]) -> None:
        from markdown_it import MarkdownIt

        text = body(EVIDENCE, Brief(len(commits), tuple(commits), tuple(files), tuple(files), reasons=tuple(files)))
        assert read_block(text) == EVIDENCE
        for block in MarkdownIt("commonmark", {"html": True}).parse(text.partition("<details>")[0]):
            for token in block.children or ():
                assert token.type not in ("image", "html_inline")
                assert token.type != "link_open" or str(token.attrs["href"]).startswith("https://github.com/ada/mail")
                assert token.type != "text" or "@" not in token.content

    def test_it_is_cut_before_its_evidence(self) -> None:
        text = body(
            EVIDENCE, Brief(90_000, tuple(UpstreamCommit(NEW, "a" * 150, "s" * 150) for _ in range(30)), files=("f" * 200,) * 200, reasons=("r" * 4000,) * 30)
        )
        assert len(text) < 65_000
        assert read_block(text) == EVIDENCE

    def test_a_newer_commit_is_named_once_and_renamed(self) -> None:
        text = body(EVIDENCE, Brief())
        first = replace(EVIDENCE, newer=NEWER)
        second = replace(EVIDENCE, newer=OTHER)
        again = with_newer(with_newer(text, first), second)
        assert again == with_newer(text, second)
        assert read_block(again) == second
        assert again.count("meanwhile moved on") == 1

    def test_the_title_is_names_that_passed_the_rules(self) -> None:
        assert title(EVIDENCE) == f"Bump mail to {NEW[:12]}"

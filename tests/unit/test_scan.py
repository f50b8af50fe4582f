"""From entries to questions, and from answers to edits: nothing is asked of an entry that is wrong, nothing uncertain is proposed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinwarden.adapters.registry_files import validator
from pinwarden.config import Bump, Config, Track
from pinwarden.entry import Entry
from pinwarden.rules import Policy
from pinwarden.scan import Edit, counted, edits, inquire, table
from pinwarden.upstream import Question
from pinwarden.validation import Checked, check_entry
from pinwarden.verdict import Action, Pin, Verdict

PROJECT = "https://github.com/example/weather"
OLD, NEW = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3", "fedcba9876543210fedcba9876543210fedcba98"
TEXT = f"name: weather\ntype: server\nsource:\n  project: {PROJECT}\n  commit: {OLD}\n  branch: main\n  directory: src\n"
REMOTE = f"name: weather\ntype: remote\nremote:\n  url: https://example.com\n  transport_type: sse\nsource:\n  project: {PROJECT}\n"
MOVED = Pin("weather", PROJECT, "refs/heads/main", OLD, NEW, Verdict.MOVED, Action.OPEN, "main moved ahead")
CURRENT = replace(MOVED, new=None, verdict=Verdict.CURRENT, action=Action.NONE)


def checked(text: str = TEXT, server: str = "weather") -> Checked:
    return check_entry(server, f"servers/{server}/server.yaml", text.encode(), validator("entry"), Policy())


def again(entry: Entry, raw: bytes) -> Checked:
    return check_entry(entry.server, entry.path, raw, validator("entry"), Policy())


def entry_of(text: str = TEXT) -> Entry:
    entry = checked(text).entry
    assert entry is not None
    return entry


def test_a_pinned_entry_is_asked_about() -> None:
    one = checked()
    inquiry = inquire([one], Config())
    assert inquiry.questions == (Question("weather", PROJECT, OLD, "src", "main", Track.BRANCH, None),)
    assert (inquiry.unasked, inquiry.entries) == ((), {"weather": one.entry})


def test_a_question_has_what_its_server_follows_and_the_id_that_was_known() -> None:
    config = Config(bump=Bump(track_by_server={"weather": Track.RELEASES}))
    (question,) = inquire([checked()], config, {"weather": 7, "other": 8}).questions
    assert (question.track, question.repository_id) == (Track.RELEASES, 7)


def test_an_entry_with_errors_is_reported_with_the_first_and_the_others_are_asked_about() -> None:
    short = TEXT.replace(OLD, OLD[:7]).replace("name: weather", "name: short")
    inquiry = inquire([checked(short, "short"), Checked("torn", "servers/torn/server.yaml", None, ()), checked()], Config())
    assert [question.server for question in inquiry.questions] == ["weather"]
    assert list(inquiry.entries) == ["weather"]
    first, second = inquiry.unasked
    assert (first.server, first.project, first.old, first.verdict, first.action) == ("short", PROJECT, OLD[:7], Verdict.ENTRY_INVALID, Action.REPORT)
    assert first.reason.startswith("servers/short/server.yaml:5: ")
    assert first.reason.endswith(" [commit-length]")
    assert (second.project, second.old, second.verdict) == (None, None, Verdict.ENTRY_INVALID)


@pytest.mark.parametrize(("source", "unasked"), [(f"source:\n  project: {PROJECT}\n", 1), (f"source:\n  project: {PROJECT}\n  commit: {OLD}\n", 1), ("", 0)])
def test_what_is_not_built_is_not_asked_about_and_told_of_where_it_names_an_upstream(source: str, unasked: int) -> None:
    inquiry = inquire([checked(REMOTE.partition("source:")[0] + source)], Config())
    assert inquiry.questions == ()
    assert list(inquiry.entries) == ["weather"]
    assert [(pin.project, pin.verdict, pin.action) for pin in inquiry.unasked] == [(PROJECT, Verdict.NOT_PINNED, Action.NONE)] * unasked


def test_a_proposed_pin_comes_with_its_edit_and_others_with_none() -> None:
    after = TEXT.replace(OLD, NEW)
    pins, made = edits([CURRENT, MOVED], {"weather": entry_of()}, again)
    assert pins == [CURRENT, MOVED]
    assert made == [Edit("weather", "servers/weather/server.yaml", TEXT, after)]
    assert f"-  commit: {OLD}\n+  commit: {NEW}\n" in made[0].diff
    assert made[0].diff.startswith("--- a/servers/weather/server.yaml\n")


def test_a_pin_that_can_not_be_edited_is_reported_and_the_next_is_edited() -> None:
    escaped = entry_of(TEXT.replace(OLD, f'"\\x30{OLD[1:]}"'))
    pins, made = edits([replace(MOVED, server="escaped"), MOVED], {"escaped": escaped, "weather": entry_of()}, again)
    assert (pins[0].new, pins[0].verdict, pins[0].action) == (None, Verdict.ENTRY_INVALID, Action.REPORT)
    assert pins[0].reason == "the pin is written with escape sequences"
    assert pins[1] == MOVED
    assert [edit.server for edit in made] == ["weather"]


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(lambda entry, raw: again(entry, raw.replace(b"type: server", b"type: x")), id="not valid any more"),
        pytest.param(lambda entry, raw: replace(again(entry, raw), entry=None), id="not read"),
        pytest.param(lambda entry, raw: again(entry, TEXT.encode()), id="another pin than the new one"),
    ],
)
def test_what_would_not_be_a_valid_entry_with_the_new_pin_is_not_proposed(check: object) -> None:
    pins, made = edits([MOVED, MOVED], {"weather": entry_of()}, check)  # type: ignore[arg-type]
    assert made == []
    assert [(pin.new, pin.verdict, pin.action) for pin in pins] == [(None, Verdict.ENTRY_INVALID, Action.REPORT)] * 2
    assert pins[0].reason.startswith("with the new pin the entry is not valid: ")


def test_verdicts_are_counted_the_most_frequent_first() -> None:
    assert counted([CURRENT, MOVED, MOVED]) == "2 moved, 1 current"


def test_the_table_leaves_out_what_is_current() -> None:
    gone = Pin("a\x1bb", PROJECT, None, OLD, None, Verdict.REPO_GONE, Action.REPORT, "it is gone")
    assert table([CURRENT]) == table([]) == ""
    assert table([CURRENT, MOVED, gone, replace(gone, old=None)]) == (
        "SERVER    VERDICT    ACTION  MOVE                         REASON\n"
        f"weather   moved      open    {OLD[:12]} → {NEW[:12]}  main moved ahead\n"
        f"a\\u001bb  repo-gone  report  {OLD[:12]}                 it is gone\n"
        "a\\u001bb  repo-gone  report                               it is gone\n"
    )

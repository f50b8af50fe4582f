"""What a change to a registry asks to be reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.adapters.registry_files import validator
from pinwarden.change import Changed, Place, changed, target_of, todays_share
from pinwarden.rules import Policy
from pinwarden.target import Mode
from pinwarden.validation import Checked, check_entry

OLD, NEW, OTHER = "a1" * 20, "b2" * 20, "c3" * 20
VALID = validator("entry")
SOURCE = {"project": "https://github.com/up/weather", "commit": OLD, "branch": "main", "directory": "server", "dockerfile": "Dockerfile", "buildTarget": "app"}


def entry(
    server: str = "weather",
    *,
    kind: str = "server",
    image: str = "mcp/weather",
    title: str = "Weather",
    source: Mapping[str, str | None] = {},
    commit: str = OLD,
    project: str = SOURCE["project"],
) -> Checked:
    lines = [f"name: {server}", f"type: {kind}", f"image: {image}", "about:", f"  title: {title}"]
    kept = {key: value for key, value in (SOURCE | {"commit": commit, "project": project} | dict(source)).items() if value}
    if kept and kind == "server":
        lines += ["source:", *(f'  {key}: "{value}"' for key, value in kept.items())]
    return check_entry(server, f"servers/{server}/server.yaml", "\n".join(lines).encode() + b"\n", VALID, Policy())


def asked(after: Checked, before: Checked | None = None, removed: Checked | None = None) -> Changed:
    tip = {before.path: before.entry} if before and before.entry else {}
    gone = {removed.path: removed.entry} if removed and removed.entry else {}
    return changed([after], tip, gone)


def test_a_new_entry_is_read_whole() -> None:
    (target,) = asked(entry()).targets
    assert (target.mode, target.base, target.head, target.directory) == (Mode.FULL, None, OLD, "server")


def test_of_a_moved_pin_the_change_is_read() -> None:
    change = asked(entry(commit=NEW), entry())
    (target,) = change.targets
    assert (target.mode, target.base, target.head) == (Mode.DIFFERENTIAL, OLD, NEW)
    assert change.places == {"weather": Place("servers/weather/server.yaml", 8)}


def test_other_words_about_a_server_are_not_read() -> None:
    assert asked(entry(title="Weather, better"), entry()).targets == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [("project", "https://github.com/up/other"), ("branch", "next"), ("directory", "elsewhere"), ("dockerfile", "Dockerfile.x"), ("buildTarget", "y")]
    + [(key, None) for key in ("branch", "directory", "dockerfile", "buildTarget")],
)
@pytest.mark.parametrize("commit", [OLD, NEW])
def test_another_source_is_read_whole(key: str, value: str | None, commit: str) -> None:
    (target,) = asked(entry(source={"commit": commit, key: value}), entry()).targets
    assert target.mode is Mode.FULL


def test_another_image_is_read_whole() -> None:
    (target,) = asked(entry(image="mcp/other"), entry()).targets
    assert target.mode is Mode.FULL


def test_what_becomes_a_server_is_read_whole() -> None:
    remote = check_entry("weather", "servers/weather/server.yaml", b"name: weather\ntype: remote\nremote:\n  url: https://x.example\n", VALID, Policy())
    (target,) = asked(entry(), remote).targets
    assert target.mode is Mode.FULL


def test_what_is_not_built_has_nothing_to_read() -> None:
    remote = check_entry("weather", "servers/weather/server.yaml", b"name: weather\ntype: remote\nremote:\n  url: https://x.example\n", VALID, Policy())
    assert asked(remote, entry()).targets == ()


def test_a_pin_is_compared_with_the_one_that_it_replaces_now() -> None:
    """The branch to merge into went on since the change was made."""
    (target,) = asked(entry(commit=NEW), entry(commit=OTHER)).targets
    assert (target.base, target.head) == (OTHER, NEW)
    assert asked(entry(commit=NEW), entry(commit=NEW)).targets == ()


def test_a_renamed_entry_is_compared_with_what_it_was() -> None:
    (target,) = asked(entry("forecast", commit=NEW), removed=entry()).targets
    assert (target.server, target.mode, target.base) == ("forecast", Mode.DIFFERENTIAL, OLD)
    assert asked(entry("forecast"), removed=entry()).targets == ()


def test_of_several_that_went_the_one_with_the_same_source_is_what_it_was() -> None:
    others = (entry("aaa", source={"directory": "other"}), entry("bbb", project="https://github.com/up/other"), entry("ccc", commit=OTHER))
    gone = {one.path: one.entry for one in others if one.entry}
    (target,) = changed([entry("forecast", commit=NEW)], {}, gone).targets
    assert (target.mode, target.base) == (Mode.DIFFERENTIAL, OTHER)


def test_a_rename_to_another_upstream_is_a_new_entry() -> None:
    (target,) = asked(entry("forecast", project="https://github.com/up/other"), removed=entry()).targets
    assert target.mode is Mode.FULL


def test_an_entry_that_is_not_valid_is_told_and_not_reviewed() -> None:
    change = changed([entry(commit="main"), entry("forecast")], {}, {})
    assert [target.server for target in change.targets] == ["forecast"]
    assert [(finding.rule, finding.line) for finding in change.findings] == [("commit-not-sha", 8)]


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 2**32)), st.integers(1, 60), st.integers(0, 40_000))
def test_everybody_has_one_turn_in_a_period(number: Mapping[str, int], days: int, start: int) -> None:
    turns = [server for day in range(start, start + days) for server in todays_share(sorted(number), day, days, number)]
    assert sorted(turns) == sorted(number)


def test_nobodys_turn_moves_when_another_comes() -> None:
    number = {"a": 7, "b": 12, "c": 30}
    assert todays_share("abc", 7, 10, number) == todays_share("a", 7, 10, number) == ["a"]


def test_the_same_change_gives_the_same_plan_in_any_order() -> None:
    one, two = entry("a"), entry("b")
    assert changed([one, two], {}, {}) == changed([two, one], {}, {})
    assert replace(changed([one], {}, {}), findings=()) == changed([one], {}, {})


def test_what_is_no_built_server_with_a_pin_has_nothing_to_read() -> None:
    """A source that is written down and not built from is no target, whatever else it says."""
    whole = entry().entry
    assert whole
    assert target_of(whole, None)
    for less in (replace(whole, type=None), replace(whole, type="remote"), replace(whole, project=None), replace(whole, commit=None)):
        assert target_of(less, None) is None

"""A registry's configuration: every key optional, anything unknown refused on its line."""

from __future__ import annotations

from typing import Any

import pytest

from pinwarden.adapters.registry_files import validator
from pinwarden.config import Bump, Config, Level, Merge, Track, config_finding, read_config
from pinwarden.errors import Misuse
from pinwarden.finding import Severity
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.rules import Policy

CONFIG = validator("config")


def config(text: str) -> Config:
    return read_config(text.encode(), CONFIG)


@pytest.mark.parametrize("raw", [None, b"", b"\n", b"# nothing yet\n", b"{}\n", b"bump: {}\n"])
def test_a_registry_needs_no_configuration(raw: bytes | None) -> None:
    assert read_config(raw, CONFIG) == Config(entries="servers/*/server.yaml", policy=Policy(frozenset({"github.com"})), bump=Bump())


def test_defaults_are_those_that_the_schema_tells() -> None:
    schema: Any = CONFIG.schema
    properties = schema["properties"]
    bump = properties["bump"]["properties"]
    assert Config().entries == properties["entries"]["default"]
    assert sorted(Config().policy.allowed_hosts) == properties["allowed-hosts"]["default"]
    assert (Bump().max_new_per_run, sorted(Bump().hold), str(Bump().track_all)) == (
        bump["max-new-per-run"]["default"],
        bump["hold"]["default"],
        bump["track"]["default"],
    )


def test_every_key_is_read() -> None:
    found = config(
        "entries: catalog/*/entry.yml\n"
        "allowed-hosts: [github.com, git.example.com]\n"
        "bump:\n  max-new-per-run: 3\n  hold: [weather, time]\n  track: {docs: releases, time: branch}\n"
    )
    assert found.entries == "catalog/*/entry.yml"
    assert found.policy == Policy(frozenset({"github.com", "git.example.com"}))
    assert (found.bump.max_new_per_run, found.bump.hold) == (3, frozenset({"weather", "time"}))
    assert [found.bump.track(server) for server in ("docs", "time", "weather")] == [Track.RELEASES, Track.BRANCH, Track.BRANCH]


def test_what_may_be_merged_is_off_until_it_is_turned_on() -> None:
    schema: Any = CONFIG.schema
    told = schema["properties"]["merge"]["properties"]
    merge = config("").merge
    assert (merge.enabled, str(merge.maximum_risk), merge.minimum_age_days) == tuple(
        told[key]["default"] for key in ("enabled", "maximum-risk", "minimum-age-days")
    )
    assert (sorted(merge.trust, reverse=True), sorted(merge.never)) == (told["trust"]["default"], told["never"]["default"])
    assert merge.only is None
    whole = "merge: {enabled: true, maximum-risk: medium, trust: [known], only: [a], never: [b], agents: [claude], minimum-age-days: 0}\n"
    assert config(whole).merge == Merge(
        enabled=True,
        maximum_risk=Risk.MEDIUM,
        trust=frozenset({Level.KNOWN}),
        only=frozenset({"a"}),
        never=frozenset({"b"}),
        agents=(Agent.CLAUDE,),
        minimum_age_days=0,
    )


@pytest.mark.parametrize("text", ["maximum-risk: critical", "trust: []", "agents: []", "enabled: 'yes'", "minimum-age-days: -1", "approve: true"])
def test_what_may_be_merged_is_not_guessed(text: str) -> None:
    with pytest.raises(Misuse):
        config(f"merge: {{{text}}}\n")


def test_one_word_says_what_every_pin_follows() -> None:
    assert config("bump: {track: releases}\n").bump.track("anything") is Track.RELEASES


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\nallowed-host: [github.com]\n", 2, "not a known key"),
        ("bump:\n  hold: []\n  cadence: nightly\n", 3, "not a known key"),
        ("allowed-hosts: github.com\n", 1, "is not array"),
        ("allowed-hosts: []\n", 1, "required form"),
        ("allowed-hosts: [GitHub.com]\n", 1, "required form"),
        ("allowed-hosts: ['https://github.com']\n", 1, "required form"),
        ("allowed-hosts:\n  - github.com\n  - '*'\n", 3, "required form"),
        ("entries: /etc/*/server.yaml\n", 1, "required form"),
        ("entries: servers/**\n", 1, "required form"),
        ("entries: 'servers/*/server.yaml; id'\n", 1, "required form"),
        ("bump:\n  max-new-per-run: -1\n", 2, "required form"),
        ("bump:\n  max-new-per-run: '3'\n", 2, "is not integer"),
        ("bump:\n  hold: weather\n", 2, "is not array"),
        ("bump:\n  track: tags\n", 2, '"tags"'),
        ("bump:\n  track: {weather: tags}\n", 2, '"tags"'),
        ("bump:\n  track: [releases]\n", 2, "is not object"),
        ("- allowed-hosts\n", 1, "is not object"),
        ("a: b: c\n", 1, "not YAML"),
        ("bump: {}\nbump: {}\n", 2, "second time"),
        ("bump: &b {}\n", 1, "anchor"),
        ("bump:\n  hold: *held\n", 2, "alias"),
        ("allowed-hosts: [git\x00hub.com]\n", 1, "NUL"),
    ],
)
def test_what_is_not_allowed_is_refused_on_its_line(text: str, line: int, words: str) -> None:
    finding = config_finding(text.encode(), CONFIG)
    assert finding is not None
    assert (finding.server, finding.path, finding.line, finding.rule, finding.severity) == ("", ".github/pinwarden.yml", line, "config-invalid", Severity.ERROR)
    assert words in finding.message
    with pytest.raises(Misuse) as raised:
        config(text)
    assert raised.value.message == f".github/pinwarden.yml:{line}: {finding.message}"
    assert raised.value.hint == finding.hint
    assert raised.value.exit_code == 2


def test_a_valid_configuration_has_no_finding() -> None:
    assert config_finding(b"allowed-hosts: [github.com]\n", CONFIG) is None
    assert config_finding(b"", CONFIG) is None


def test_the_message_says_where_the_configuration_is_from() -> None:
    with pytest.raises(Misuse, match=r"\Apinwarden\.yml at 0f3c2a9:1: "):
        read_config(b"x: 1\n", CONFIG, "pinwarden.yml at 0f3c2a9")

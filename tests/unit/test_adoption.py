"""What adopt writes, as values: the configuration, where entries are, what is said of each file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pinwarden import menu
from pinwarden.adoption import PUBLISHERS, Placed, State, config_text, entries_glob, files
from pinwarden.adoption_guide import guide
from pinwarden.callers import OPTIONAL, RECOMMENDED
from pinwarden.config import CONFIG_PATH, Config, matching, read_config
from pinwarden.publishers import read_publishers
from pinwarden.rules import Policy

ROOT = Path(__file__).resolve().parents[2]


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / f"{name}.schema.json").read_bytes()))


HOSTS = st.frozensets(st.sampled_from(["github.com", "gitlab.com", "git.example.org", "a-b.example"]), min_size=1)
ENTRIES = st.sampled_from([Config().entries, "catalog/*/server.yaml", "*/server.yml", "a/*/b/*/server.yaml"])
PLACES = st.sampled_from([Config().publishers, ".github/known.yml"])


@given(ENTRIES, HOSTS, PLACES)
def test_a_configuration_says_what_it_was_made_from_and_nothing_else(entries: str, hosts: frozenset[str], publishers: str) -> None:
    config = Config(entries=entries, policy=Policy(hosts), publishers=publishers)
    assert read_config(config_text(config).encode(), schema("config")) == config


def test_every_line_of_the_configuration_that_is_a_comment_may_be_taken_out_of_it() -> None:
    """What is commented out is the default: with all of it in, the configuration is the same."""
    text = re.sub(r"^# ?(?=( *[a-z-]+:( |$)))", "", config_text(Config()), flags=re.MULTILINE)
    assert "  enabled: false" in text
    assert read_config(text.encode(), schema("config")) == Config()


def test_the_list_of_publishers_is_valid_and_empty() -> None:
    assert read_publishers(PUBLISHERS.encode(), schema("publishers"), "publishers.yml") == ()


def test_files_are_those_that_were_asked_for() -> None:
    made = files({"a": "x@" + "0" * 40}, "1" * 40, Config(publishers=".github/known.yml"))
    assert made == {
        ".github/workflows/a.yml": "x@" + "1" * 40,
        CONFIG_PATH: config_text(Config(publishers=".github/known.yml")),
        ".github/known.yml": PUBLISHERS,
    }


@pytest.mark.parametrize(
    ("paths", "glob"),
    [
        (["servers/a/server.yaml", "servers/b/server.yaml"], "servers/*/server.yaml"),
        (["a/server.yaml"], "*/server.yaml"),
        (["x/one/server.yaml", "y/two/server.yaml"], "*/*/server.yaml"),
        (["x/a/one/server.yaml", "x/b/one/server.yaml"], "x/*/*/server.yaml"),
        (["x/a/server.yaml", "x/server.yaml"], None),
        (["x/a/server.yaml", "x/b/server.yml"], None),
        (["server.yaml"], None),
    ],
)
def test_one_pattern_tells_where_all_entries_are(paths: list[str], glob: str | None) -> None:
    assert entries_glob(paths) == glob


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda parts: "/".join([*parts, "server.yaml"])), min_size=1, max_size=6))
def test_the_pattern_means_every_one_of_them(paths: list[str]) -> None:
    glob = entries_glob(paths)
    assert glob is None or matching(paths, glob) == paths


@pytest.mark.parametrize(
    ("state", "ok"), [(State.WRITTEN, True), (State.MISSING, True), (State.THERE, True), (State.DIFFERS, False), (State.NOT_A_FILE, False)]
)
def test_what_stands_there_is_well_only_where_it_is_what_is_to_be(state: State, ok: bool) -> None:
    placed = Placed("a", "new\n", state, "old\n")
    assert (placed.ok, placed.check().ok) == (ok, ok)
    assert next(placed.lines()) == f"{state.value}: a"


def test_a_difference_is_shown_and_bounded() -> None:
    lines = list(Placed("a", "new\n", State.DIFFERS, "".join(f"{number}\x1b{'x' * 500}\n" for number in range(100))).lines())
    assert len(lines) == 43
    assert lines[-2].endswith("lines more")
    assert not any("\x1b" in line or len(line) > 260 for line in lines)


def test_the_guide_names_every_setting_and_the_workflows_that_are_left() -> None:
    text = guide(RECOMMENDED)
    for words in (
        menu.GENERAL,
        menu.ENVIRONMENTS,
        menu.RULESETS,
        menu.VARIABLES,
        menu.APPS,
        menu.APP_KEY,
        menu.CLIENT_ID,
        "pinwarden-audits",
        "security-review",
    ):
        assert words in text
    assert all(f"  {name} " in text for name in OPTIONAL)
    assert "  audit " not in guide((*RECOMMENDED, "audit"))


def test_the_app_s_permissions_are_those_that_the_workflows_take() -> None:
    taken: dict[str, str] = {}
    for path in [*(ROOT / "examples/workflows").iterdir(), *(ROOT / ".github/workflows").iterdir()]:
        for name, level in re.findall(r"permission-([a-z-]+): (read|write)", path.read_text()):
            taken[name.replace("-", "_")] = max(level, taken.get(name.replace("-", "_"), ""))
    assert taken == dict(menu.APP_PERMISSIONS)

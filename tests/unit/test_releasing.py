"""What a release is made of, and what is next for one, in every state that the repository may be found in."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pinwarden.errors import Misuse
from releasing import plan
from releasing.plan import Reading, Step, Tagged
from unit.test_boundaries import crossings

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW, MADE = "a" * 40, "b" * 40, "c" * 40
V = Version("1.2.0")
NAMES = {part: f"ghcr.io/acme/pinwarden-{part}" for part in plan.PARTS}
DIGEST = "sha256:" + "d" * 64
TOLD = {part: f"{name}@{DIGEST}" for part, name in NAMES.items()}


def reading(tags: dict[str, str] | None = None, *, head: str = NEW, tagged: Tagged | None = None, released: bool = False) -> Reading:
    return Reading("main", head, tags or {}, tagged, released)


def test_it_touches_nothing() -> None:
    assert list(crossings((ROOT / ".ci/releasing/plan.py").read_text())) == []


@pytest.mark.parametrize("text", ["0.1.0", "1.0.0", "10.20.30"])
def test_a_version(text: str) -> None:
    assert str(plan.version_of(text)) == text


@pytest.mark.parametrize("text", ["", "1", "1.2", "v1.2.3", "1.2.3.4", "1.2.3rc1", "1.2.3+x", "01.2.3", "1.2.3\n", " 1.2.3", "1.2.٣", "1.2.3; id"])
def test_no_version(text: str) -> None:
    with pytest.raises(Misuse, match="is no version"):
        plan.version_of(text)


class TestNext:
    def test_the_first_release_of_all(self) -> None:
        assert plan.next_step(V, NEW, reading()) is Step.COMMIT

    @pytest.mark.parametrize("tag", ["v1.1.9", "1.1.9", "v0.9.0", "v1", "v2", "nightly"])
    def test_a_newer_version_than_all(self, tag: str) -> None:
        assert plan.next_step(V, NEW, reading({tag: OLD})) is Step.COMMIT

    @pytest.mark.parametrize("tag", ["v1.2.1", "v1.10.0", "v2.0.0", "1.3.0", "v1.3.0rc1"])
    def test_an_older_version_is_refused(self, tag: str) -> None:
        with pytest.raises(Misuse, match="is not newer than"):
            plan.next_step(V, NEW, reading({tag: OLD}))

    def test_a_branch_that_moved_is_refused(self) -> None:
        with pytest.raises(Misuse, match="main is at aaaaaaaaaaaa by now, and this run is about bbbbbbbbbbbb"):
            plan.next_step(V, NEW, reading(head=OLD))

    def test_a_tag_of_somebody_s_is_not_replaced(self) -> None:
        for released, head in product((True, False), (OLD, NEW)):
            with pytest.raises(Misuse, match=r"the tag v1\.2\.0 leads to aaaaaaaaaaaa, which no release made"):
                plan.next_step(V, NEW, reading({"v1.2.0": OLD}, head=head, tagged=Tagged(OLD, ours=False), released=released))

    def test_a_release_without_its_tag_is_refused(self) -> None:
        with pytest.raises(Misuse, match="and no such tag"):
            plan.next_step(V, NEW, reading(released=True))

    @pytest.mark.parametrize("head", [OLD, NEW])
    def test_what_was_begun_is_finished_wherever_the_branch_is(self, head: str) -> None:
        ours = Tagged(MADE, ours=True)
        assert plan.next_step(V, NEW, reading({"v1.2.0": MADE}, head=head, tagged=ours)) is Step.MAJOR
        assert plan.next_step(V, NEW, reading({"v1.2.0": MADE, "v1": OLD}, head=head, tagged=ours)) is Step.MAJOR
        assert plan.next_step(V, NEW, reading({"v1.2.0": MADE, "v1": MADE}, head=head, tagged=ours)) is Step.PUBLISH
        assert plan.next_step(V, NEW, reading({"v1.2.0": MADE, "v1": MADE}, head=head, tagged=ours, released=True)) is Step.NONE

    def test_the_major_s_tag_never_goes_back(self) -> None:
        tags = {"v1.2.0": MADE, "v1.3.0": NEW, "v1": NEW, "v2.0.0": OLD}
        assert plan.next_step(V, NEW, reading(tags, tagged=Tagged(MADE, ours=True))) is Step.PUBLISH

    @given(st.dictionaries(st.sampled_from(["v1.1.0", "v1.2.0", "v1.3.0", "v1", "v2.0.0"]), st.sampled_from([OLD, NEW, MADE])), st.booleans(), st.booleans())
    def test_it_ends_after_three_steps_and_moves_no_version_s_tag(self, tags: dict[str, str], ours: bool, released: bool) -> None:
        start = {name: commit for name, commit in tags.items() if name != "v1"}
        for done in range(4):
            tagged = Tagged(tags["v1.2.0"], ours=ours) if "v1.2.0" in tags else None
            try:
                step = plan.next_step(V, NEW, reading(tags, tagged=tagged, released=released))
            except Misuse:
                assert done == 0
                return
            match step:
                case Step.COMMIT:
                    assert "v1.2.0" not in tags
                    tags, ours = tags | {"v1.2.0": MADE}, True
                case Step.MAJOR:
                    tags = tags | {"v1": tags["v1.2.0"]}
                case Step.PUBLISH:
                    released = True
                case _:
                    break
        else:
            pytest.fail("a fourth step")
        assert released
        assert {name: commit for name, commit in tags.items() if name in start} == start


CHANGES = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-25

### Added

- One thing.

```text
## [9.9.9] - 2026-01-01
```

## [1.1.0] - 2026-10-01

- Another.
"""


class TestChangelog:
    def test_a_section_is_told_whole(self) -> None:
        assert plan.section(CHANGES, V) == "### Added\n\n- One thing.\n\n```text\n## [9.9.9] - 2026-01-01\n```"
        assert plan.section(CHANGES, Version("1.1.0")) == "- Another."

    @pytest.mark.parametrize("changed", [("1.2.0", "1.2.1"), (" - 2026-11-25", ""), ("## [1.2.0]", "## 1.2.0")])
    def test_no_section(self, changed: tuple[str, str]) -> None:
        with pytest.raises(Misuse, match=r"CHANGELOG\.md says nothing of 1\.2\.0") as error:
            plan.section(CHANGES.replace(*changed), V)
        assert "## [1.2.0] - <year>-<month>-<day>" in error.value.hint

    def test_an_empty_section_and_one_in_code_are_none(self) -> None:
        with pytest.raises(Misuse, match="says nothing of 9"):
            plan.section(CHANGES, Version("9.9.9"))
        with pytest.raises(Misuse, match=r"says nothing of 1\.0\.0"):
            plan.section(CHANGES + "\n## [1.0.0] - 2026-01-01\n\n", Version("1.0.0"))

    def test_what_has_no_version_yet_is_told(self) -> None:
        with pytest.raises(Misuse, match="changes under Unreleased"):
            plan.section(CHANGES.replace("## [Unreleased]\n", "## [Unreleased]\n\n- New.\n"), V)

    @given(st.text())
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        with suppress(Misuse):
            assert plan.section(text, V)

    def test_our_own_changelog_is_read(self) -> None:
        with pytest.raises(Misuse, match=r"changes under Unreleased|says nothing of"):
            plan.section((ROOT / plan.CHANGELOG).read_text(), Version("9999.0.0"))


class TestImages:
    OWN = (ROOT / plan.IMAGES).read_text()

    def test_all_but_claude_s_are_published_and_the_branch_names_no_digest(self) -> None:
        assert plan.local_names(self.OWN).keys() == json.loads(self.OWN).keys() - {"claude"}

    def test_a_list_with_digests_is_a_release_s(self) -> None:
        with pytest.raises(Misuse, match="does not say what codex is called"):
            plan.local_names(plan.with_digests(self.OWN, TOLD))

    def test_a_name_in_the_owner_s_packages(self) -> None:
        assert plan.published_name("ghcr.io", "Acme-Inc", "pinwarden/agent-codex") == "ghcr.io/acme-inc/pinwarden-agent-codex"

    def test_digests_take_the_place_of_names(self) -> None:
        made = json.loads(plan.with_digests(self.OWN, TOLD))
        assert made == {"claude": "pinwarden/agent-claude", **TOLD}
        assert plan.with_digests(self.OWN, {}) == self.OWN, "only what changes changes"

    def test_what_was_told_is_taken_as_it_must_be(self) -> None:
        assert plan.checked(TOLD, NAMES) == TOLD

    @pytest.mark.parametrize(
        "told",
        [
            {},
            {part: TOLD[part] for part in ("codex", "proxy")},
            TOLD | {"claude": TOLD["proxy"]},
            TOLD | {"proxy": TOLD["codex"]},
            TOLD | {"proxy": NAMES["proxy"]},
            TOLD | {"proxy": f"{NAMES['proxy']}:1@{DIGEST}"},
            TOLD | {"proxy": f"{NAMES['proxy']}@sha256:{'D' * 64}"},
            TOLD | {"proxy": f"{TOLD['proxy']}\n"},
            TOLD | {"proxy": "--help"},
        ],
    )
    def test_anything_else_is_refused(self, told: dict[str, str]) -> None:
        with pytest.raises(Misuse):
            plan.checked(told, NAMES)

    def test_the_commit_says_what_it_was_built_from(self) -> None:
        assert plan.message(V, NEW, TOLD).split("\n")[0] == plan.headline(V) == "Release v1.2.0"
        assert f"from {NEW}, this commit's parent" in plan.message(V, NEW, TOLD)

    def test_notes_name_the_commit_and_what_is_published(self) -> None:
        told = plan.notes("- One thing.", V, MADE, plan.with_digests(self.OWN, TOLD), "https://github.com/acme/p/blob/v1.2.0/docs/releasing.md")
        assert told.startswith("- One thing.\n")
        assert f"`@{MADE} # v1.2.0`" in told
        assert all(f"- `{reference}`" in told for reference in TOLD.values())
        assert "claude" not in told


def test_who_signs() -> None:
    signer = "https://github.com/acme/pinwarden/.github/workflows/release.yml@refs/heads/main"
    assert plan.identity("https://github.com", "acme/pinwarden", "refs/heads/main") == signer
    assert (ROOT / plan.WORKFLOW).is_file()

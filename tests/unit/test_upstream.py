"""What is asked of an upstream, and which of its refs a pin follows."""

from __future__ import annotations

import pytest

from pinwarden.config import Track
from pinwarden.errors import Misuse
from pinwarden.upstream import Mirror, Question, Ref, RefKind, Tip, read_at, tip_of, wanted_prefixes

ONE, TWO, THREE = ("1" * 40, "2" * 40, "3" * 40)


def question(branch: str | None = None, track: Track = Track.BRANCH) -> Question:
    return Question("weather", "https://github.com/example/weather", "a" * 40, None, branch, track)


def refs(**commits: str) -> dict[str, Ref]:
    return {name: Ref(name, commit) for name, commit in commits.items()}


def test_without_a_branch_the_default_branch_is_followed_under_its_own_name() -> None:
    upstream = {"HEAD": Ref("HEAD", ONE, "refs/heads/trunk"), **refs(**{"refs/heads/trunk": ONE})}
    assert tip_of(question(), upstream) == Tip("refs/heads/trunk", RefKind.BRANCH, ONE)


def test_an_empty_repository_has_no_tip() -> None:
    assert tip_of(question(), {}) == Tip("HEAD", RefKind.BRANCH, None)


def test_a_branch_goes_before_a_tag_of_the_same_name() -> None:
    both = refs(**{"refs/tags/v1": ONE, "refs/heads/v1": TWO})
    assert tip_of(question("v1"), both) == Tip("refs/heads/v1", RefKind.BRANCH, TWO)


@pytest.mark.parametrize(
    ("branch", "tip"),
    [
        ("v1", Tip("refs/tags/v1", RefKind.TAG, ONE)),
        ("refs/tags/v1", Tip("refs/tags/v1", RefKind.TAG, ONE)),
        ("refs/heads/dev", Tip("refs/heads/dev", RefKind.BRANCH, TWO)),
        ("refs/pull/7/merge", Tip("refs/pull/7/merge", RefKind.PULL, THREE)),
        ("pull/7/merge", Tip("refs/pull/7/merge", RefKind.PULL, THREE)),
        ("refs/pull/9/head", Tip("refs/pull/9/head", RefKind.PULL, None)),
        ("b" * 40, Tip("b" * 40, RefKind.COMMIT, "b" * 40)),
        ("v", Tip("refs/heads/v", RefKind.BRANCH, None)),
    ],
)
def test_each_kind_of_tracked_ref_is_known_for_what_it_is(branch: str, tip: Tip) -> None:
    upstream = refs(**{"refs/tags/v1": ONE, "refs/heads/dev": TWO, "refs/pull/7/merge": THREE, "refs/heads/v12": THREE})
    assert tip_of(question(branch), upstream) == tip


def test_releases_are_followed_by_version_and_not_by_the_branch_field() -> None:
    upstream = refs(**{"refs/tags/v1.9.0": ONE, "refs/tags/v1.10.0": TWO, "refs/heads/main": THREE})
    assert tip_of(question("main", Track.RELEASES), upstream) == Tip("refs/tags/v1.10.0", RefKind.RELEASE, TWO)


def test_no_more_refs_are_asked_for_than_the_pins_of_a_repository_need() -> None:
    asked = wanted_prefixes([question(), question("main"), question("refs/pull/7/merge"), question("b" * 40)])
    assert asked == ["HEAD", "refs/heads/main", "refs/pull/7/merge", "refs/tags/main"]
    assert wanted_prefixes([question(track=Track.RELEASES)]) == ["HEAD", "refs/tags/"]


def test_names_on_github_ignore_case_and_elsewhere_they_do_not() -> None:
    def named(project: str) -> str:
        return Question("a", project, ONE, None, None).repository

    assert named("https://github.com/Acme/Tool") == named("https://github.com/acme/tool")
    assert named("https://git.example/Acme/Tool") != named("https://git.example/acme/tool")


def test_the_longest_fitting_mirror_is_read() -> None:
    mirrors = [Mirror.parse("https://github.com/=http://127.0.0.1:1/"), Mirror.parse("https://github.com/acme/=http://127.0.0.1:2/")]
    assert read_at("https://github.com/acme/tool", mirrors) == "http://127.0.0.1:2/tool"
    assert read_at("https://github.com/other/tool", mirrors) == "http://127.0.0.1:1/other/tool"
    assert read_at("https://gitlab.com/acme/tool", mirrors) == "https://gitlab.com/acme/tool"


@pytest.mark.parametrize("text", ["", "https://github.com/", "https://github.com=http://x/", "https://github.com/=/srv/git/", "ssh://a/=http://b/"])
def test_what_is_not_a_mirror_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Misuse) as refused:
        Mirror.parse(text)
    assert "FROM=TO" in refused.value.hint

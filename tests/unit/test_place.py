"""What a pasted URL means, whatever it is: a place, or a reason; a place that was written down is read again."""

from __future__ import annotations

import string
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.errors import Misuse
from pinwarden.place import Place, place, prefixes, split
from pinwarden.upstream import Ref

COMMIT = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
PROJECT = "https://github.com/example/weather"

WORDS = st.text(string.ascii_letters + string.digits + "._- +@%~é", min_size=1, max_size=12)
PARTS = WORDS.filter(lambda part: part.strip(".") and not part.endswith(".lock"))
# A ref's first part that is a word of its own elsewhere says something else, and so does a whole commit.
REFS = st.lists(PARTS, min_size=1, max_size=4).filter(lambda parts: parts[0] not in ("refs", "HEAD", "pull"))
PATHS = st.lists(PARTS, max_size=4)


def refs(*names: str) -> dict[str, Ref]:
    return {name: Ref(name, COMMIT) for name in ("HEAD", *names)}


def written(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


@given(
    st.text()
    | st.text(string.printable)
    | st.builds("https://github.com/{}".format, st.text(string.printable))
    | st.from_regex(r"(https?|ssh|git)?:?/{0,3}[ -~]{0,60}")
)
def test_any_text_is_a_place_or_a_reason(text: str) -> None:
    with suppress(Misuse):
        found = place(text)
        assert found.project.startswith("https://")
        assert "@" not in found.project.partition("//")[2].partition("/")[0]
        assert not any(character < " " or character == "\x7f" for part in found.rest for character in part)
        assert not {"", ".", ".."} & set(found.rest)
        with suppress(Misuse):
            split(found, refs("refs/heads/main", "refs/tags/v1"))
        assert all("\n" not in prefix and "\0" not in prefix for prefix in prefixes(found))


@pytest.mark.parametrize(
    "form", [f"{PROJECT}/tree/", f"{PROJECT}/blob/", "https://gitlab.com/example/weather/-/tree/", "https://codeberg.org/example/weather/src/branch/"]
)
@given(ref=REFS, path=PATHS, tail=st.sampled_from(["", "/", "//", "?a=b", "#c", "/?a#b"]))
def test_a_ref_and_a_path_are_told_apart_by_upstreams_refs(form: str, ref: list[str], path: list[str], tail: str) -> None:
    found = place(form + written(*ref, *path) + tail)
    name = f"refs/heads/{'/'.join(ref)}"
    assert split(found, refs(name)) == (name, "/".join(path))
    assert any(name.startswith(prefix) for prefix in prefixes(found))


@given(path=PATHS, commit=st.text("0123456789abcdef", min_size=40, max_size=40))
def test_a_commit_needs_no_ref(path: list[str], commit: str) -> None:
    for form in (f"{PROJECT}/tree/{commit}", f"{PROJECT}/src/commit/{commit}", f"{PROJECT}/tree/{commit.upper()}"):
        assert place(f"{form}/{written(*path)}") == Place(PROJECT, tuple(path), commit)


@given(ref=REFS, path=PATHS)
def test_a_ref_written_out_in_full(ref: list[str], path: list[str]) -> None:
    found = place(f"{PROJECT}/tree/refs/heads/{written(*ref, *path)}")
    name = f"refs/heads/{'/'.join(ref)}"
    assert split(found, refs(name)) == (name, "/".join(path))
    assert any(name.startswith(prefix) for prefix in prefixes(found))


def test_a_branch_goes_before_a_tag_and_the_longer_name_is_no_other() -> None:
    found = place(f"{PROJECT}/tree/a/b/c")
    assert split(found, refs("refs/heads/a", "refs/tags/a/b")) == ("refs/heads/a", "b/c")
    assert split(found, refs("refs/tags/a/b")) == ("refs/tags/a/b", "c")
    # Part of a name is another name.
    with pytest.raises(Misuse):
        split(place(f"{PROJECT}/tree/main"), refs("refs/heads/main2", "refs/heads/mai"))


@pytest.mark.parametrize("url", ["git@github.com:example/weather", "ssh://git@github.com/example/weather.git", "git+ssh://git@github.com/example/weather.git"])
def test_ssh_is_read_over_https(url: str) -> None:
    assert place(url) == Place(PROJECT)


def test_a_folder_named_like_a_separator_is_a_folder() -> None:
    assert split(place(f"{PROJECT}/tree/main/-/merge_requests"), refs("refs/heads/main")) == ("refs/heads/main", "-/merge_requests")
    assert place("https://github.com/example/tree/tree/main").project == "https://github.com/example/tree"

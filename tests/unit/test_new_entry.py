"""The text of a new entry: what was put in comes out, for every reader, in the form of the others."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.config import Config
from pinwarden.document import Document, read
from pinwarden.errors import Misuse
from pinwarden.new_entry import NewEntry, as_yaml, entry_path, name_problem
from pinwarden.plain_text import plain, plain_problem

COMMIT = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
FOREIGN = st.text(max_size=300) | st.text(string.printable, max_size=80) | st.text("-:#{}[]&*!|>'\"%@`,?\\~ \n\tae0123.", max_size=40)
COMMITS = st.text("0123456789abcdef", min_size=40, max_size=40) | st.text("0123456789e", min_size=40, max_size=40)


def entry(**changed: str | None) -> NewEntry:
    given_: dict[str, str | None] = {"name": "weather", "title": "Weather", "description": "Tells the weather.", "category": "weather", "branch": None}
    given_ |= {"project": "https://github.com/example/weather", "commit": COMMIT, "directory": "", "dockerfile": "Dockerfile", **changed}
    return NewEntry(**given_)  # type: ignore[arg-type]  # every key is a field


@given(FOREIGN, st.integers(min_value=2, max_value=100))
def test_plain_text_is_one_bounded_line_that_shows(text: str, limit: int) -> None:
    line = plain(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert line.isprintable()
    assert not any("\ud800" <= character <= "\udfff" or character in "\u200b\u202e\ufeff" for character in line)
    assert plain(line, limit) == line
    assert (plain_problem(line, limit) is None) == bool(line)


@given(title=FOREIGN, description=FOREIGN, category=FOREIGN, commit=COMMITS, branch=st.none() | st.text(string.ascii_letters + "/._-#'\"", min_size=1))
def test_every_reader_gets_what_was_put_in(title: str, description: str, category: str, commit: str, branch: str | None) -> None:
    made = entry(title=plain(title, 60), description=plain(description, 200), category=plain(category, 40), commit=commit, branch=branch)
    text = as_yaml(made)
    document = read(text.encode())
    assert isinstance(document, Document), document
    about = {key: value for key, value in (("title", made.title), ("description", made.description)) if value}
    wanted = {
        ("meta", "category"): made.category,
        ("source", "commit"): commit,
        ("source", "branch"): branch,
        **{("about", key): value for key, value in about.items()},
    }
    for path, value in wanted.items():
        assert document.scalar(path) == value
        assert value is None or document.is_string(path)
    assert document.value == yaml.safe_load(text)
    assert list(yaml.safe_load(text)) == ["name", "image", "type", "meta", "about", "source"]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert len(text.splitlines()) <= 20


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Tells the weather", "  title: Tells the weather"),
        ("1.0", '  title: "1.0"'),
        ("0o17", '  title: "0o17"'),
        ("yes", '  title: "yes"'),
        ("Time: now", '  title: "Time: now"'),
        ('Say "hi": now', "  title: 'Say \"hi\": now'"),
        ('It\'s: "it"', "  title: 'It''s: \"it\"'"),
        ("It's: so", '  title: "It\'s: so"'),
        ("25 °C, `as` said", "  title: 25 °C, `as` said"),
        ("Größe and 気象", "  title: Größe and 気象"),
    ],
)
def test_quotes_are_those_of_the_others(said: str, line: str) -> None:
    assert line in as_yaml(entry(title=said)).splitlines()


def test_a_commit_that_looks_like_a_number_is_quoted() -> None:
    assert f'  commit: "{"1" * 40}"' in as_yaml(entry(commit="1" * 40))
    assert f"  commit: {COMMIT}" in as_yaml(entry())


@pytest.mark.parametrize("name", ["weather", "a", "time-2", "a.b_c"])
def test_names(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["", "Weather", "-a", "a-", "a--b", "a/b", "..", ".git", "a b", "ä", "a\n", "a" * 65])
def test_names_that_no_image_can_have(name: str) -> None:
    assert name_problem(name)


def test_where_an_entry_goes() -> None:
    assert entry_path(Config(), "weather") == "servers/weather/server.yaml"
    for pattern in ("**/server.yaml", "servers/*.yaml", "*/*/server.yaml", "servers/weather/server.yaml", "a[bc]/*/server.yaml"):
        with pytest.raises(Misuse, match="leaves open"):
            entry_path(Config(entries=pattern), "weather")

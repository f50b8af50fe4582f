"""What upstream's own files say of a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.detected import LONGEST_DESCRIPTION, LONGEST_TITLE, Detected, Role, detected, is_dockerfile, named, role_of, titled


def readme(text: str) -> Detected:
    return detected({Role.README: text.encode()})


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# Weather MCP Server", "Weather"),
        ("# mcp-server-tembo", "Tembo"),
        ("Star Atlas\n==========", "Star Atlas"),
        ("# [Weather](https://example.com) ![logo](x.png) 🌤️", "Weather"),
        ("# `weather` for **cities**", "Weather for Cities"),
        ("\ufeff# Weather\r\n", "Weather"),
        ("# Weather\0", None),
        ("# MCP Server", None),
        ("## Install", None),
        ("no heading at all", None),
        ("> # quoted", None),
        ("```\n# code\n```", None),
        ("<h1>HTML is not read</h1>", None),
    ],
)
def test_titles(heading: str, title: str | None) -> None:
    assert readme(f"{heading}\n").title == title


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# T\n\n[![build](a)](b) [![x](c)](d)\n\nTells the weather of places. And more.\n", "Tells the weather of places."),
        ("# T\n\n[Docs](a) | [Chat](b)\n\nTells *the*\nweather `now`!\n", "Tells the weather now!"),
        ("# T\n\n> A quotation that is long enough.\n\n- a list of many words here\n", None),
        ("Version 1.2 tells the weather. Yes.", "Version 1.2 tells the weather."),
    ],
)
def test_sentences(text: str, sentence: str | None) -> None:
    assert readme(text).description == sentence


def test_metadata_goes_before_the_readme_and_npm_before_python() -> None:
    files = {Role.README: b"Tells the weather of places.", Role.PYTHON: b'[project]\ndescription = "From Python"\nlicense = "MIT"\n'}
    assert detected(files) == Detected(None, "From Python", "MIT")
    assert detected({**files, Role.NPM: b'{"description": "From npm", "license": "ISC"}'}) == Detected(None, "From npm", "ISC")
    assert detected({**files, Role.LICENCE: b"\n\n   # Apache License\nVersion 2.0"}).licence == "Apache License"


@given(st.dictionaries(st.sampled_from(list(Role)), st.binary(max_size=200) | st.text(max_size=200).map(str.encode)))
def test_any_bytes_come_to_bounded_lines(files: dict[Role, bytes]) -> None:
    found = detected(files)
    for text, limit in ((found.title, LONGEST_TITLE), (found.description, LONGEST_DESCRIPTION), (found.licence, LONGEST_TITLE)):
        assert text is None or (0 < len(text) <= limit and text.isprintable())


@given(st.text())
def test_titles_are_bounded(text: str) -> None:
    assert len(titled(text)) <= LONGEST_TITLE
    assert not set(titled(text).casefold().split()) & {"mcp", "server"}


@pytest.mark.parametrize(
    ("project", "directory", "name"),
    [
        ("https://github.com/example/weather-mcp", "", "weather-mcp"),
        ("https://github.com/Example/Weather_MCP", "", "weather-mcp"),
        ("https://github.com/example/servers", "src/time", "time"),
        ("https://github.com/example/weather", "packages/server", "weather"),
        ("https://github.com/example/servers", "src", "example-servers"),
        ("https://github.com/example/---", "", "example"),
    ],
)
def test_names(project: str, directory: str, name: str) -> None:
    assert named(project, directory) == name


def test_which_files_are_read() -> None:
    assert [role_of(name) for name in ("README.md", "readme", "LICENSE", "LICENCE.txt", "COPYING", "package.json")] == [
        *[Role.README] * 2, *[Role.LICENCE] * 3, Role.NPM,
    ]  # fmt: skip
    assert role_of("readme.py") is role_of("licensing.md") is role_of("Package.json") is None
    assert all(map(is_dockerfile, ("Dockerfile", "Dockerfile.slim", "slim.Dockerfile", "Containerfile")))
    assert not any(map(is_dockerfile, ("Dockerfile~", "mydockerfile", "docker-compose.yml", ".dockerignore")))

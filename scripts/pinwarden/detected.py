"""What an upstream's own files say of a server: title, description, licence. All of it is foreign text, and nobody's claim but theirs."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pinwarden.plain_text import plain

MOST_BYTES = 64 * 1024
"""What is looked at of one file; metadata that is longer is not read, since a part of it means nothing."""
LONGEST_TITLE = 60
LONGEST_DESCRIPTION = 200
_SENTENCE = re.compile(r".+?[.!?](?=\s|\Z)")
_LEAST_WORDS = 4
"""Paragraphs of fewer words are badges and links to other pages."""
_SMALL = frozenset({"and", "for"})
_SAID_BY_THE_CATALOG = frozenset({"mcp", "server", "servers"})
_README = re.compile(r"readme(\.md|\.markdown|\.txt)?\Z", re.IGNORECASE)
_LICENCE = re.compile(r"(licen[cs]e|copying|unlicense)([-.][a-z0-9.-]+)?\Z", re.IGNORECASE)
_DOCKERFILE = re.compile(r"(.+\.)?(dockerfile|containerfile)(\..+)?\Z", re.IGNORECASE)


class Role(StrEnum):
    """What a file is read for."""

    README = "readme"
    NPM = "package.json"
    PYTHON = "pyproject.toml"
    LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class Detected:
    """Plain text; None where nothing was found."""

    title: str | None = None
    description: str | None = None
    licence: str | None = None


def role_of(name: str) -> Role | None:
    """Return what the file `name` of a server's folder is read for."""
    if name in (Role.NPM, Role.PYTHON):
        return Role(name)
    if _README.match(name):
        return Role.README
    return Role.LICENCE if _LICENCE.match(name) else None


def is_dockerfile(name: str) -> bool:
    """Tell whether a file of this name says how an image is built."""
    return bool(_DOCKERFILE.match(name))


def detected(files: Mapping[Role, bytes]) -> Detected:
    """Read the files of one folder. Whatever can't be read is taken for absent."""
    title, sentence = _readme(_text(files.get(Role.README, b"")))
    npm = _mapping(json.loads, files.get(Role.NPM, b""))
    python = _mapping(lambda raw: tomllib.loads(raw.decode()), files.get(Role.PYTHON, b"")).get("project")
    said = [npm, python if isinstance(python, dict) else {}]
    descriptions = (plain(one["description"], LONGEST_DESCRIPTION) for one in said if isinstance(one.get("description"), str))
    licences = (plain(one["license"], LONGEST_TITLE) for one in said if isinstance(one.get("license"), str))
    first_line = next((line for line in _text(files.get(Role.LICENCE, b"")).split("\n") if line.strip(" \t\r#=-")), "")
    return Detected(
        titled(title) or None,
        next(filter(None, descriptions), None) or sentence or None,
        plain(first_line.strip("# "), LONGEST_TITLE) or next(filter(None, licences), None),
    )


def titled(text: str) -> str:
    """Return a title as catalogs want it: words with a capital, and without those that say that it is an MCP server; empty where nothing is left."""
    words = [word for word in re.split(r"[\s_]+|(?<=\w)-(?=\w)", plain(text, 4 * LONGEST_TITLE)) if word and word.casefold() not in _SAID_BY_THE_CATALOG]
    while words and not any(map(str.isalnum, words[-1])):
        words.pop()
    whole = " ".join(word if word in _SMALL else word[0].upper() + word[1:] for word in words)
    return plain(whole, LONGEST_TITLE) if any(map(str.isalnum, whole)) else ""


def named(project: str, directory: str) -> str:
    """Return a name for the entry: that of the folder, or of the repository where the folder's says nothing. Empty where neither can be one."""
    empty = {"src", "server", "servers", "mcp", "mcp-server", "app", "packages", "docker", "python", "typescript", "node"}
    for part in (*reversed(directory.split("/")), project.rpartition("/")[2]):
        slug = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:60].strip("-")
        if slug and slug not in empty:
            return slug
    return re.sub(r"[^a-z0-9]+", "-", "-".join(project.split("/")[-2:]).lower()).strip("-")[:60].strip("-")


def _text(raw: bytes) -> str:
    """Return the start of a file as text; empty for what is none."""
    return "" if b"\0" in raw else raw[:MOST_BYTES].decode("utf-8-sig", errors="replace")


def _readme(text: str) -> tuple[str, str]:
    """Return the first heading of a README, and the first sentence of the first paragraph that is one."""
    heading = sentence = ""
    tokens = MarkdownIt("commonmark").parse(text)
    for before, token in pairwise(tokens):
        if token.type != "inline" or before.level:
            continue
        said = plain(_words(token), 2_000)
        if before.type == "heading_open" and before.tag == "h1" and not heading:
            heading = said
        elif before.type == "paragraph_open" and not sentence and len(said.split()) >= _LEAST_WORDS:
            found = _SENTENCE.match(said)
            sentence = plain(found[0] if found else said, LONGEST_DESCRIPTION)
    return heading, sentence


def _words(token: Token) -> str:
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or ()
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )


def _mapping(read: Callable[[bytes], object], raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_BYTES:
        return {}
    try:
        found = read(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

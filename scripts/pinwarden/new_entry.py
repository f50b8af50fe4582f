"""The text of a new entry, in the form that catalogs have theirs: two blanks, lists indented, double quotes where quotes are needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from pinwarden.config import Config
from pinwarden.errors import Misuse
from pinwarden.nodes import EntryResolver
from pinwarden.shown import quoted

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*\Z")
_LONGEST_NAME = 64
DOCKERFILE = "Dockerfile"
"""What is built where an entry names no other; its `dockerfile` is left out then."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What an entry is made of. `branch` is None for upstream's default branch, `directory` empty for the whole repository."""

    name: str
    title: str
    description: str
    category: str
    project: str
    branch: str | None
    commit: str
    directory: str
    dockerfile: str


class _Dumper(yaml.SafeDumper):
    """Writes as prettier does. Text that any reader of YAML could take for something else is quoted: it shares its resolver with our reader."""

    yaml_implicit_resolvers = EntryResolver.yaml_implicit_resolvers

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # PyYAML's own signature
        super().increase_indent(flow, False)  # noqa: FBT003

    def choose_scalar_style(self) -> Any:
        style = super().choose_scalar_style()
        text = self.event.value if isinstance(self.event, yaml.ScalarEvent) else ""
        return '"' if style == "'" and '"' not in text else style


def as_yaml(entry: NewEntry) -> str:
    """Return the file of an entry."""
    about = {"title": entry.title, "description": entry.description or None}
    source = {
        "project": entry.project,
        "branch": entry.branch,
        "commit": entry.commit,
        "directory": entry.directory or None,
        "dockerfile": None if entry.dockerfile == DOCKERFILE else entry.dockerfile,
    }
    document = {
        "name": entry.name,
        "image": f"mcp/{entry.name}",
        "type": "server",
        "meta": {"category": entry.category, "tags": list(dict.fromkeys([entry.name, entry.category]))},
        "about": {key: value for key, value in about.items() if value},
        "source": {key: value for key, value in source.items() if value},
    }
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf")))


def name_problem(name: str) -> str | None:
    """Say why an entry, and its image, can't have this name; None where they can."""
    if _NAME.match(name) and len(name) <= _LONGEST_NAME:
        return None
    return f"{quoted(name)} can't be the name of an image: lower case letters and digits, with - _ or . between them, at most {_LONGEST_NAME}"


def entry_path(config: Config, name: str) -> str:
    """Return where the entry `name` belongs by the pattern that `config` has for entries. Raises Misuse where that leaves it open."""
    before, star, after = config.entries.rpartition("/*/")
    if not star or re.search(r"[*?\[]", before + after):
        raise Misuse(f"entries is {quoted(config.entries)}, which leaves open where a new entry goes", "write the entry by hand, or name one folder of entries")
    return f"{before}/{name}/{after}"

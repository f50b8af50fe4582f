"""Which repositories have these names, as one GraphQL query, and its answer: GitHub's numbers of repositories and owners.

Names travel as the values of variables. Source: GitHub's GraphQL schema (Repository, RepositoryOwner).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.github_answer import SETTLED, errors_by_alias
from pinwarden.trust.subject import Identity, Silence, Unidentified

Json = Any
Name = tuple[str, str]
"""Owner and name."""

_FRAGMENT = "fragment identity on Repository{databaseId nameWithOwner owner{login ...on User{databaseId} ...on Organization{databaseId}}}"


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer means: of every name asked either its identity, or that it is to be asked again."""

    identities: Mapping[Name, Identity | Unidentified]
    again: tuple[Name, ...]


def write(names: Sequence[Name]) -> tuple[str, dict[str, str]]:
    """Return the text of a query about `names`, and its variables. Alias `r<n>` is `names[n]`."""
    declared = ",".join(f"$o{number}:String!,$n{number}:String!" for number in range(len(names)))
    aliases = "\n".join(f"r{number}:repository(owner:$o{number},name:$n{number}){{...identity}}" for number in range(len(names)))
    variables = {f"{letter}{number}": part for number, name in enumerate(names) for letter, part in zip("on", name, strict=True)}
    return f"query({declared}){{\nrateLimit{{cost remaining resetAt}}\n{aliases}\n}}\n{_FRAGMENT}\n", variables


def read(names: Sequence[Name], document: Mapping[str, Json]) -> Told:
    """Sort out an answer to the query about `names`. A shape that is not GitHub's is no identity."""
    found = document.get("data")
    data: Mapping[str, Json] = found if isinstance(found, dict) else {}
    kinds = errors_by_alias(document.get("errors"))
    identities: dict[Name, Identity | Unidentified] = {}
    again: list[Name] = []
    for number, name in enumerate(names):
        alias = f"r{number}"
        wrong = kinds.get(alias, set()) | kinds.get("", set())
        if wrong - SETTLED or (alias not in data and not wrong):
            again.append(name)
        elif wrong == {"NOT_FOUND"}:
            identities[name] = Unidentified(Silence.GONE, "GitHub finds no such repository")
        elif wrong:
            identities[name] = Unidentified(Silence.UNREAD, "its owner does not let this token read it")
        else:
            identities[name] = _identity(data[alias])
    return Told(identities, tuple(again))


def _identity(node: Json) -> Identity | Unidentified:
    try:
        number, owner, full_name, login = node["databaseId"], node["owner"]["databaseId"], node["nameWithOwner"], node["owner"]["login"]
    except (KeyError, TypeError):
        number = owner = full_name = login = None
    whole = type(number) is int and type(owner) is int and isinstance(full_name, str) and isinstance(login, str)
    if not whole or not full_name.lower().startswith(f"{login.lower()}/"):
        return Unidentified(Silence.UNREAD, "the answer is not of the form that GitHub describes")
    return Identity(number, owner, full_name)

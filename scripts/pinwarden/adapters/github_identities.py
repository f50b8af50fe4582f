"""Asks GitHub which repositories and owners are behind names, fifty a query."""

from __future__ import annotations

from collections.abc import Iterable

from pinwarden.adapters.github_graphql import GitHubGraphql, Limited, Refused, TooMuch
from pinwarden.adapters.github_upstreams import BATCH
from pinwarden.github_identity import Name, read, write
from pinwarden.trust.subject import Identity, Silence, Unidentified

_ASKED_AT_MOST = 2
"""How often a name is asked for: of a partial answer the rest once more."""

Told = dict[Name, Identity | Unidentified]


def identities(graphql: GitHubGraphql, names: Iterable[Name], *, batch: int = BATCH) -> Told:
    """Return of every name its identity, or why there is none. Raises OutsideError where the token is wrong."""
    wanted = sorted(set(names))
    told: Told = {}
    silent = ""
    for _ in range(_ASKED_AT_MOST):
        again: list[Name] = []
        for start in range(0, len(wanted), batch):
            part = wanted[start : start + batch]
            if silent:
                break
            try:
                answer = read(part, graphql.ask(*write(part)))
            except (TooMuch, Refused, Limited) as error:
                # So small a query is refused for no fault of its own: the others would meet the same.
                silent = str(error)
                break
            told |= answer.identities
            again += answer.again
        wanted = again
    missing = Unidentified(Silence.UNREAD, silent or "GitHub did not answer for it")
    return {name: told.get(name, missing) for name in set(names)}

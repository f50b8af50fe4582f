"""Asks GitHub which repositories and owners are behind names, fifty a query."""

from __future__ import annotations

from collections.abc import Collection

from pinwarden.adapters.github_graphql import GitHubGraphql, Limited, Refused, TooMuch
from pinwarden.adapters.github_upstreams import BATCH
from pinwarden.github_identity import Name, read, write
from pinwarden.trust.subject import Identity, Silence, Unidentified

_ASKED_AT_MOST = 2
"""How often a name is asked for: of a partial answer the rest once more."""

Told = dict[Name, Identity | Unidentified]


def identities(graphql: GitHubGraphql, names: Collection[Name], *, batch: int = BATCH) -> Told:
    """Return of every name its identity, or why there is none. Raises OutsideError where the token is wrong."""
    wanted = sorted(set(names))
    told: Told = {}
    broken, silent = 0, ""
    for _ in range(_ASKED_AT_MOST):
        again: list[Name] = []
        for start in range(0, len(wanted), batch):
            part = wanted[start : start + batch]
            if silent:
                break
            try:
                answer = read(part, graphql.ask(*write(part)))
            except TooMuch as error:
                # So small a query takes no time: it was bad luck, once.
                broken += 1
                silent = str(error) if broken > 1 else ""
                again += part
            except (Refused, Limited) as error:
                silent = str(error)
            else:
                told |= answer.identities
                again += answer.again
        wanted = again
    missing = Unidentified(Silence.UNREAD, silent or "GitHub did not answer for it")
    return {name: told.get(name, missing) for name in set(names)}

"""Who asks: the kinds of tokens, what each may do, and how GitHub says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ACTIONS_APP = 15368
"""The id of the app that every workflow job's GITHUB_TOKEN belongs to."""
_LEVELS = ("none", "read", "write", "admin")


class Kind(StrEnum):
    """What a request was authorised with."""

    ANONYMOUS = "anonymous"
    ACTIONS = "GITHUB_TOKEN"
    INSTALLATION = "installation"
    PERSONAL = "personal"
    JWT = "app JWT"


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `repositories` are ids; None stands for all. `permissions` are GitHub's names with `read`, `write` or `admin`."""

    kind: Kind
    login: str
    app_id: int | None = None
    permissions: Mapping[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = frozenset()
    expires: int | None = None
    hourly: int = 5000

    def covers(self, repository_id: int) -> bool:
        return self.repositories is None or repository_id in self.repositories

    def may(self, repository_id: int, permission: str, level: str) -> bool:
        """Tell whether the token may do something that needs `permission` at `level` in a repository."""
        held = "read" if permission == "metadata" and self.kind is not Kind.ANONYMOUS else self.permissions.get(permission, "none")
        return self.covers(repository_id) and _LEVELS.index(held) >= _LEVELS.index(level)

    @property
    def budget(self) -> str:
        """Whose limits its requests count against: jobs of one repository share theirs, and so do tokens of one installation or person."""
        of = sorted(self.repositories or ()) if self.kind is Kind.ACTIONS else ""
        return f"{self.kind} {self.login} {of}"

    @property
    def refusal(self) -> str:
        """What GitHub says where a permission is missing."""
        match self.kind:
            case Kind.ACTIONS | Kind.INSTALLATION:
                return "Resource not accessible by integration"
            case Kind.PERSONAL:
                return "Resource not accessible by personal access token"
            case Kind.JWT:
                return "A JSON web token could not be decoded"
            case Kind.ANONYMOUS:
                return "Requires authentication"


ANONYMOUS = Token(Kind.ANONYMOUS, "", hourly=60)

"""What a repository's owner sets for it beside its git objects: environments, secrets, variables, Actions, rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Json = Any


@dataclass(slots=True)
class Environment:
    """An environment. Without `patterns`, (kind, name) of branches and tags, every branch may use it, or every protected one."""

    patterns: list[tuple[str, str]] | None = None
    protected: bool = False
    secrets: list[str] = field(default_factory=list)
    id: int = 1


@dataclass(slots=True)
class Settings:
    """The settings of a new repository, until a test changes them."""

    environments: dict[str, Environment] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    shared_secrets: list[str] = field(default_factory=list)
    """Names of its organisation's secrets that it gets."""
    variables: dict[str, str] = field(default_factory=dict)
    shared_variables: dict[str, str] = field(default_factory=dict)
    actions: bool = True
    allowed_actions: str = "all"
    sha_pinning_required: bool = False
    github_owned_allowed: bool = True
    patterns_allowed: list[str] = field(default_factory=list)
    default_workflow_permissions: str = "read"
    rules: list[tuple[str, Json]] = field(default_factory=list)
    """Active rules of rulesets, each for the branches of a pattern: `type` and, where it has some, `parameters`."""

    def rules_for(self, branch: str) -> list[Json]:
        """Return the rules for a branch, whether or not there is one."""
        return [rule for pattern, rule in self.rules if fnmatchcase(branch, pattern)]


def required_checks(*checks: tuple[str, int | None]) -> Json:
    """Return the rule that requires checks, each a name and the id of the App that it must come from."""
    rows = [{"context": name} | ({} if app is None else {"integration_id": app}) for name, app in checks]
    return {"type": "required_status_checks", "parameters": {"required_status_checks": rows, "strict_required_status_checks_policy": False}}

"""A registry's settings on GitHub as values, read from GitHub's answers. What an answer does not tell is never taken for a setting.

Source of the answers' shapes: GitHub's published description of its REST API. Readers raise KeyError, TypeError or ValueError at
any other shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Json = Any
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
ACTIONS_APP = 15368
"""The id of the app that the token of every workflow's job belongs to. Source: the `app` of any check run that a workflow made."""

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Unread:
    """A setting that could not be read. `permission` is what the token needs for it, empty where that would not help."""

    reason: str
    permission: str = ""

    @property
    def hint(self) -> str:
        return f"{self.reason}; the token needs {self.permission}" if self.permission else self.reason


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that a ruleset requires; `app` is the id of the App that it must come from, None for anybody."""

    context: str
    app: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The active rules for one branch, of all rulesets together."""

    kinds: frozenset[str] = frozenset()
    checks: tuple[RequiredCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Branches:
    """Which branches and tags may use an environment. `patterns` are (kind, name); None stands for no such list."""

    protected: bool
    patterns: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True)
class ActionsPolicy:
    """What may run. `allowed` is all, local_only or selected; `pinned` is None where this GitHub has no such setting."""

    enabled: bool
    allowed: str = "all"
    pinned: bool | None = None
    github_owned: bool = True
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """What a job's token may do without being told."""

    default: str
    may_create_pull_requests: bool


@dataclass(frozen=True, slots=True)
class Installation:
    """An App that is installed at the registry's owner. `suspended` is False where that is not told."""

    app: int
    client_id: str
    slug: str
    permissions: Mapping[str, str]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """The registry: its default branch, and the files there that matter. What is no small text, as a workflow or configuration must be, is None or unread."""

    name: str
    branch: str
    organization: bool
    workflows: Mapping[str, bytes | None]
    config: bytes | Unread | None
    heads: tuple[str, ...] = ()
    """Heads of the last pull requests, the newest first."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that was read. An environment that does not exist is None."""

    repository: Repository
    rules: Rules | Unread
    audit_rules: Rules | Unread
    environments: Mapping[str, Branches | Unread | None]
    environment_secrets: Mapping[str, frozenset[str] | Unread]
    shared_secrets: frozenset[str] | Unread
    """Names of the secrets that every workflow gets: the repository's and its organisation's."""
    variables: Mapping[str, str] | Unread
    actions: ActionsPolicy | Unread
    tokens: TokenPolicy | Unread
    installations: tuple[Installation, ...] | Unread


def rules_of(rows: Iterable[Json]) -> Rules:
    """Read the rows of `repos/get-branch-rules`."""
    kinds, checks = set(), []
    for row in rows:
        kinds.add(_text(row["type"]))
        if row["type"] == "required_status_checks":
            for each in row["parameters"]["required_status_checks"]:
                app = each.get("integration_id")
                checks.append(RequiredCheck(_text(each["context"]), None if app is None else _number(app)))
    return Rules(frozenset(kinds), tuple(checks))


def has_own_branches(document: Json) -> bool:
    """Tell from `repos/get-environment` whether the environment has a list of its own of branches and tags."""
    policy = document["deployment_branch_policy"]
    return policy is not None and _flag(policy["custom_branch_policies"])


def branches_of(document: Json, rows: Iterable[Json] | None) -> Branches:
    """Read `repos/get-environment`, and the rows of `repos/list-deployment-branch-policies` where there is such a list."""
    policy = document["deployment_branch_policy"]
    patterns = None if rows is None else tuple((_text(row.get("type", "branch")), _text(row["name"])) for row in rows)
    return Branches(policy is not None and _flag(policy["protected_branches"]), patterns)


def secrets_of(rows: Iterable[Json]) -> frozenset[str]:
    """Read the names of secrets; GitHub never shows more of them."""
    return frozenset(_text(row["name"]) for row in rows)


def variables_of(rows: Iterable[Json]) -> dict[str, str]:
    """Read variables by name."""
    return {_text(row["name"]): _text(row["value"]) for row in rows}


def actions_of(document: Json, selected: Json | None) -> ActionsPolicy:
    """Read `actions/get-github-actions-permissions-repository`, and `actions/get-allowed-actions-repository` where actions are selected."""
    allowed = _text(document["allowed_actions"]) if _flag(document["enabled"]) else "local_only"
    pinned = document.get("sha_pinning_required")
    policy = ActionsPolicy(document["enabled"], allowed, None if pinned is None else _flag(pinned))
    if selected is None:
        return policy
    patterns = tuple(_text(each) for each in selected.get("patterns_allowed", ()))
    return ActionsPolicy(policy.enabled, allowed, policy.pinned, _flag(selected.get("github_owned_allowed", False)), patterns)


def tokens_of(document: Json) -> TokenPolicy:
    """Read `actions/get-github-actions-default-workflow-permissions-repository`."""
    return TokenPolicy(_text(document["default_workflow_permissions"]), _flag(document["can_approve_pull_request_reviews"]))


def installations_of(rows: Iterable[Json]) -> tuple[Installation, ...]:
    """Read the rows of `orgs/list-app-installations`."""
    return tuple(
        Installation(
            _number(row["app_id"]),
            _text(row.get("client_id", "")),
            _text(row["app_slug"]),
            {_text(name): _text(level) for name, level in row["permissions"].items()},
            row["suspended_at"] is not None,
        )
        for row in rows
    )


def checking_apps_of(rows: Iterable[Json]) -> tuple[Installation, ...]:
    """Read which Apps made the check runs in the rows of `checks/list-for-ref`; the one of all workflows' jobs is none."""
    apps = [row["app"] for row in rows if row["app"] is not None and row["app"]["id"] != ACTIONS_APP]
    return installations_of({"suspended_at": None, **app, "app_id": app["id"], "app_slug": app["slug"]} for app in apps)


def repository_of(document: Json) -> Repository:
    """Read the answer to the query about the repository's own files."""
    name = _text(document["nameWithOwner"])
    tree = document["workflows"]
    rows = tree.get("entries", ()) if tree is not None else ()
    paths = {f".github/workflows/{_text(row['name'])}": row for row in rows if _text(row["name"]).endswith((".yml", ".yaml"))}
    return Repository(
        name,
        _text(document["defaultBranchRef"]["name"]),
        document["owner"]["__typename"] == "Organization",
        {path: _content(row["object"]) for path, row in paths.items()},
        _config(document["config"]),
        tuple(_commit(row["headRefOid"]) for row in reversed(document["pullRequests"]["nodes"])),
    )


def _config(blob: Json) -> bytes | Unread | None:
    return None if blob is None else _content(blob) or Unread("it is no small text file")


def _content(blob: Json) -> bytes | None:
    if not isinstance(blob, dict) or blob.get("isTruncated") is not False or not isinstance(blob.get("text"), str):
        return None
    return str(blob["text"]).encode(errors="replace")


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _commit(value: Json) -> str:
    if not _COMMIT.match(_text(value)):
        raise ValueError("not a commit")
    return str(value)


def _number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a number")
    return value


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a flag")
    return value

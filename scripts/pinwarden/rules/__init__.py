"""The pin rules that a schema can't say, or can't say clearly. One rule, one function, one case folder.

A rule's id is its function's name with hyphens. It yields what is wrong with one entry and nothing else: no rule reads
a file, asks the network, or repeats another's finding. `RULES` is the list; adding a rule is adding a function to it.
"""

from __future__ import annotations

from pinwarden.finding import Severity
from pinwarden.rules import commit, directory, identity, upstream
from pinwarden.rules.rule import Policy, Problem, Rule, rule_id

__all__ = ["RULES", "Policy", "Problem", "Rule", "rule_id"]

_ERRORS: tuple[Rule, ...] = (
    identity.name_not_folder,
    identity.name_characters,
    identity.type_unknown,
    identity.trust_claimed,
    identity.server_has_remote,
    commit.commit_missing,
    commit.commit_not_string,
    commit.commit_length,
    commit.commit_uppercase,
    commit.commit_not_sha,
    commit.trailing_whitespace,
    upstream.project_missing,
    upstream.project_not_url,
    upstream.project_scheme,
    upstream.project_userinfo,
    upstream.project_port,
    upstream.project_host,
    upstream.project_query,
    upstream.project_path,
    upstream.branch_not_ref,
    directory.directory_traversal,
    directory.directory_absolute,
    directory.directory_separator,
    directory.directory_git,
    directory.directory_characters,
)
# Real registries do these on purpose: they are shown, and refuse nothing.
_WARNINGS: tuple[Rule, ...] = (identity.remote_has_source, identity.image_namespace)

RULES: tuple[tuple[Rule, Severity], ...] = (
    *((rule, Severity.ERROR) for rule in _ERRORS),
    *((rule, Severity.WARNING) for rule in _WARNINGS),
)

"""What of GitHub's published API descriptions is used: which packages, and which operations the twin answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package at an exact version. `integrity` is npm's own: sha512 of the packed file, in base64."""

    name: str
    version: str
    integrity: str
    member: str
    """The one file of it that is used."""


OPENAPI = Package(
    "@octokit/openapi",
    "23.0.2",
    "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
    "package/generated/api.github.com.json",
)
GRAPHQL = Package(
    "@octokit/graphql-schema",
    "15.26.1",
    "sha512-RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
    "package/schema.graphql",
)

OPERATIONS = frozenset(
    [
        "actions/create-workflow-dispatch",
        "actions/get-allowed-actions-repository",
        "actions/get-github-actions-default-workflow-permissions-repository",
        "actions/get-github-actions-permissions-repository",
        "actions/list-environment-secrets",
        "actions/list-jobs-for-workflow-run",
        "actions/list-repo-organization-secrets",
        "actions/list-repo-organization-variables",
        "actions/list-repo-secrets",
        "actions/list-repo-variables",
        "actions/list-workflow-runs-for-repo",
        "apps/create-installation-access-token",
        "apps/get-authenticated",
        "apps/get-repo-installation",
        "checks/create",
        "checks/get",
        "checks/list-annotations",
        "checks/list-for-ref",
        "checks/list-suites-for-ref",
        "checks/update",
        "git/create-blob",
        "git/create-commit",
        "git/create-ref",
        "git/create-tree",
        "git/delete-ref",
        "git/get-blob",
        "git/get-commit",
        "git/get-ref",
        "git/get-tree",
        "git/list-matching-refs",
        "git/update-ref",
        "issues/add-labels",
        "issues/create-comment",
        "issues/create-label",
        "issues/delete-comment",
        "issues/get",
        "issues/get-comment",
        "issues/get-label",
        "issues/list-comments",
        "issues/list-labels-for-repo",
        "issues/list-labels-on-issue",
        "issues/remove-label",
        "issues/set-labels",
        "issues/update-comment",
        "meta/root",
        "orgs/list-app-installations",
        "pulls/check-if-merged",
        "pulls/create",
        "pulls/create-review",
        "pulls/get",
        "pulls/list",
        "pulls/list-commits",
        "pulls/list-files",
        "pulls/list-reviews",
        "pulls/merge",
        "pulls/remove-requested-reviewers",
        "pulls/request-reviewers",
        "pulls/update",
        "rate-limit/get",
        "repos/compare-commits-with-basehead",
        "repos/create-commit-status",
        "repos/create-dispatch-event",
        "repos/create-or-update-file-contents",
        "repos/create-release",
        "repos/get",
        "repos/get-branch",
        "repos/get-branch-rules",
        "repos/get-collaborator-permission-level",
        "repos/get-combined-status-for-ref",
        "repos/get-commit",
        "repos/get-content",
        "repos/get-environment",
        "repos/get-release-by-tag",
        "repos/list-activities",
        "repos/list-branches",
        "repos/list-commit-statuses-for-ref",
        "repos/list-commits",
        "repos/list-deployment-branch-policies",
        "repos/update",
        "users/get-authenticated",
        "users/get-by-username",
    ]
)
"""Every other operation that GitHub describes is answered with 501 and its name."""


def fingerprint() -> str:
    """Return a text that changes with anything here, and with how it is extracted: what was made for another one is out of date."""
    how = Path(__file__).with_name("prepare.py").read_text()
    return hashlib.sha256(repr((OPENAPI, GRAPHQL, sorted(OPERATIONS), how)).encode()).hexdigest()

"""What a repository holds, without ids and times: two ways to the same end give the same snapshot."""

from __future__ import annotations

import re
from typing import Any

from support.github_twin.repositories import Pull, Repository

_OID = re.compile(r"\b[0-9a-f]{40}\b")


def snapshot(repository: Repository) -> dict[str, Any]:
    """Return branches and tags with their commits' trees and messages, releases, pull requests with all that people see of them, checks and statuses.

    A commit's id depends on when it was made, so wherever one of the repository's commits is named, its tree is named instead.
    """
    return {
        "branches": {_text(repository, name): _line(repository, oid) for name, oid in repository.git.store.refs("refs/heads/").items()},
        "tags": {name: _line(repository, oid) for name, oid in repository.git.store.refs("refs/tags/").items()},
        "releases": {tag: (release.name, _text(repository, release.body), release.draft) for tag, release in repository.releases.items()},
        "pulls": {number: _pull(repository, pull) for number, pull in repository.pulls.items()},
        "labels": sorted(label["name"] for label in repository.labels.values()),
        "checks": sorted(
            (check.app_id, check.name, _tree(repository, check.head_sha), check.status, check.conclusion or "", _text(repository, check.summary))
            for check in repository.checks.values()
        ),
        "statuses": [(_tree(repository, status.sha), status.context, status.state) for status in repository.statuses],
    }


def _line(repository: Repository, oid: str) -> list[tuple[str, str, str]]:
    """Return tree, message and author of every commit that leads to `oid`, newest first."""
    return [(commit.tree, _text(repository, commit.message), commit.author.name) for commit in repository.git.history(oid)]


def _pull(repository: Repository, pull: Pull) -> dict[str, Any]:
    return {
        "title": pull.title,
        "body": _text(repository, pull.body),
        "state": "merged" if pull.merged is not None else pull.state,
        "draft": pull.draft,
        "head": (pull.source.full_name if pull.source else "", pull.head, _tree(repository, repository.head_sha(pull))),
        "base": (pull.base, _tree(repository, repository.base_sha(pull))),
        "by": (pull.user, pull.closed_by, pull.merged_by),
        "labels": sorted(pull.labels),
        "comments": [(comment.user, _text(repository, comment.body)) for comment in pull.comments],
        "reviews": [(review.user, review.state, _text(repository, review.body)) for review in pull.reviews],
        "reviewers": sorted(pull.reviewers + pull.teams),
    }


def _tree(repository: Repository, oid: str) -> str:
    commit = repository.git.commit(oid)
    return f"tree {commit.tree}" if commit else oid


def _text(repository: Repository, text: str | None) -> str:
    return _OID.sub(lambda match: _tree(repository, match[0]), text or "")

"""GitHub's JSON shapes of apps, check runs, statuses and activity."""

from __future__ import annotations

import zlib
from typing import Any

from support.github_twin.checks import suite_state
from support.github_twin.clock import stamp
from support.github_twin.documents_repositories import RepositoryDocuments
from support.github_twin.repositories import Activity, CheckRun, Repository, Status
from support.github_twin.world import App

Json = Any


class CheckDocuments(RepositoryDocuments):
    """Makes the documents of checks."""

    def app(self, app: App) -> Json:
        url = f"{self.world.url}/apps/{app.slug}"
        return {
            "id": app.id,
            "client_id": app.client_id,
            "slug": app.slug,
            "node_id": f"A_{app.id}",
            "owner": self.user(app.owner),
            "name": app.slug,
            "description": "",
            "external_url": url,
            "html_url": url,
            "created_at": stamp(0),
            "updated_at": stamp(0),
            "permissions": dict(app.permissions),
            "events": [],
        }

    def installation(self, app: App, owner: str) -> Json:
        url = f"{self.world.url}/app/installations/{app.id}"
        account = self.user(owner)
        document = {
            "id": app.id,
            "account": account,
            "repository_selection": "selected",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": f"{self.world.url}/installation/repositories",
            "html_url": url,
            "app_id": app.id,
            "client_id": app.client_id,
            "target_id": account["id"],
            "target_type": account["type"],
            "permissions": dict(app.permissions),
            "events": [],
            "created_at": stamp(0),
            "updated_at": stamp(0),
            "app_slug": app.slug,
            "suspended_at": stamp(0) if app.suspended else None,
        }
        return self.full("installation", document)

    def check(self, repository: Repository, check: CheckRun) -> Json:
        url = self.api(repository, "check-runs", check.id)
        html = self.html(repository, "runs", check.id)
        output = {"title": check.title, "summary": check.summary, "text": check.text}
        return {
            "id": check.id,
            "node_id": f"CR_{check.id}",
            "name": check.name,
            "head_sha": check.head_sha,
            "external_id": check.external_id,
            "url": url,
            "html_url": html,
            "details_url": check.details_url or html,
            "status": check.status,
            "conclusion": check.conclusion,
            "started_at": check.started,
            "completed_at": check.completed,
            "output": {**output, "annotations_count": len(check.annotations), "annotations_url": f"{url}/annotations"},
            "check_suite": {"id": self.suite_id(check)},
            "app": self.app(self.world.apps[check.app_id]),
            "pull_requests": self._pulls_at(repository, check.head_sha),
        }

    def suite_id(self, check: CheckRun) -> int:
        return zlib.crc32(f"{check.app_id} {check.head_sha}".encode()) >> 2

    def _pulls_at(self, repository: Repository, sha: str) -> Json:
        return [
            {
                "id": pull.id,
                "number": pull.number,
                "url": self.api(repository, "pulls", pull.number),
                "head": {"ref": pull.head, "sha": sha, "repo": self._short(pull.source or repository)},
                "base": {"ref": pull.base, "sha": repository.base_sha(pull), "repo": self._short(repository)},
            }
            for pull in repository.pulls.values()
            if pull.state == "open" and repository.head_sha(pull) == sha
        ]

    def _short(self, repository: Repository) -> Json:
        return {"id": repository.id, "url": self.api(repository), "name": repository.name}

    def suite(self, repository: Repository, checks: list[CheckRun]) -> Json:
        """Make a suite of the check runs of one app at one commit."""
        first = checks[0]
        commit = repository.git.commit(first.head_sha)
        assert commit is not None
        person = {"name": commit.author.name, "email": commit.author.email}
        status, conclusion = suite_state(checks)
        document = {
            "id": self.suite_id(first),
            "node_id": f"CS_{self.suite_id(first)}",
            "head_sha": first.head_sha,
            "url": self.api(repository, "check-suites", self.suite_id(first)),
            "status": status,
            "conclusion": conclusion,
            "app": self.app(self.world.apps[first.app_id]),
            "repository": self.repository(repository, "minimal-repository"),
            "head_commit": {
                "id": commit.oid,
                "tree_id": commit.tree,
                "message": commit.message,
                "timestamp": stamp(commit.committer.when),
                "author": person,
                "committer": person,
            },
            "latest_check_runs_count": len(checks),
        }
        return self.full("check-suite", document)

    def status(self, repository: Repository, status: Status, *, whole: bool) -> Json:
        document = {
            "id": status.id,
            "node_id": f"SC_{status.id}",
            "url": self.api(repository, "statuses", status.sha),
            "avatar_url": None,
            "state": status.state,
            "context": status.context,
            "description": status.description,
            "target_url": status.target_url,
            "created_at": stamp(status.created),
            "updated_at": stamp(status.created),
        }
        return document | ({"creator": self.user(status.user)} if whole else {})

    def activity(self, activity: Activity) -> Json:
        document = {"id": activity.id, "node_id": f"PA_{activity.id}", "before": activity.before, "after": activity.after, "ref": activity.ref}
        return document | {"timestamp": stamp(activity.when), "activity_type": activity.kind, "actor": self.user(activity.actor)}

"""GraphQL's objects of check runs and their suites."""

from __future__ import annotations

from typing import Any

from support.github_twin.answers import NotCovered
from support.github_twin.checks import at_commit, latest, suite_state, suites
from support.github_twin.git import Commit
from support.github_twin.graphql_git import GitObjects, failed
from support.github_twin.repositories import CheckRun, Repository
from support.github_twin.world import App

Json = Any


class CheckObjects(GitObjects):
    """Makes the objects of checks."""

    __slots__ = ()

    def check_suites(self, repository: Repository, commit: Commit, given: dict[str, Any]) -> Json:
        self._may_read(repository)
        wanted = given.get("filterBy") or {}
        found = sorted(suites(repository, commit.oid, wanted.get("appId"), wanted.get("checkName")), key=lambda checks: checks[-1].id)
        return self.connection(found, lambda checks: self.suite(repository, checks), given, "checkSuites")

    def _may_read(self, repository: Repository) -> None:
        if repository.private and not self.token.may(repository.id, "checks", "read"):
            raise failed("FORBIDDEN", self.token.refusal)

    def suite(self, repository: Repository, checks: list[CheckRun]) -> Json:
        """Make a suite of the check runs of one app at one commit, newest first."""
        number = self.documents.suite_id(checks[0])
        status, conclusion = suite_state(checks)
        return {
            "__typename": "CheckSuite",
            "id": f"CS_{number}",
            "databaseId": number,
            "app": self._app(self.world.apps[checks[0].app_id]),
            "status": status.upper(),
            "conclusion": conclusion and conclusion.upper(),
            "commit": lambda _: self.object(repository, repository.git.store.read(checks[0].head_sha)),
            "repository": lambda _: self.repository(repository),
            "checkRuns": lambda _, **given: self._runs(repository, checks, given),
        }

    def _app(self, app: App) -> Json:
        return {"__typename": "App", "id": f"A_{app.id}", "databaseId": app.id, "slug": app.slug, "name": app.slug}

    def _runs(self, repository: Repository, checks: list[CheckRun], given: dict[str, Any]) -> Json:
        wanted = given.get("filterBy") or {}
        if "checkType" not in wanted:
            raise NotCovered("CheckSuite.checkRuns without checkType, whose default is published nowhere")
        statuses = wanted.get("statuses") or ([wanted["status"]] if wanted.get("status") else None)
        conclusions = wanted.get("conclusions")
        found = [
            check
            for check in (latest(checks) if wanted["checkType"] == "LATEST" else checks)
            if wanted.get("checkName", check.name) == check.name
            and wanted.get("appId", check.app_id) == check.app_id
            and (statuses is None or check.status.upper() in statuses)
            and (conclusions is None or (check.conclusion or "").upper() in conclusions)
        ]
        return self.connection(found, lambda check: self.check(repository, check), given, "checkRuns")

    def check(self, repository: Repository, check: CheckRun) -> Json:
        self._may_read(repository)
        url = self.documents.html(repository, "runs", check.id)
        return {
            "__typename": "CheckRun",
            "id": f"CR_{check.id}",
            "databaseId": check.id,
            "name": check.name,
            "status": check.status.upper(),
            "conclusion": check.conclusion and check.conclusion.upper(),
            "title": check.title,
            "summary": check.summary,
            "text": check.text,
            "externalId": check.external_id,
            "detailsUrl": check.details_url or url,
            "url": url,
            "permalink": url,
            "startedAt": check.started,
            "completedAt": check.completed,
            "repository": lambda _: self.repository(repository),
            "checkSuite": lambda _: self.suite(repository, at_commit(repository, check.head_sha, check.app_id)),
            "annotations": lambda _, **given: self.connection(check.annotations, lambda row: self._annotation(repository, check, row), given, "annotations"),
        }

    def _annotation(self, repository: Repository, check: CheckRun, row: Json) -> Json:
        return {
            "__typename": "CheckAnnotation",
            "path": row["path"],
            "annotationLevel": row["annotation_level"].upper(),
            "message": row["message"],
            "title": row.get("title"),
            "rawDetails": row.get("raw_details"),
            "blobUrl": self.documents.html(repository, "blob", check.head_sha, row["path"]),
            "location": {
                "start": {"line": row["start_line"], "column": row.get("start_column")},
                "end": {"line": row["end_line"], "column": row.get("end_column")},
            },
        }

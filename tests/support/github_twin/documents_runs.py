"""GitHub's JSON shapes of workflow runs and their jobs."""

from __future__ import annotations

import zlib
from typing import Any

from support.github_twin.clock import stamp
from support.github_twin.documents_repositories import RepositoryDocuments
from support.github_twin.repositories import Repository, WorkflowRun

Json = Any


class RunDocuments(RepositoryDocuments):
    """Makes the documents of workflow runs."""

    def workflow_run(self, repository: Repository, run: WorkflowRun) -> Json:
        url, workflow = self.api(repository, "actions/runs", run.id), zlib.crc32(run.path.encode())
        document = {
            "id": run.id,
            "node_id": f"WFR_{run.id}",
            "name": run.path,
            "head_branch": run.branch,
            "head_sha": run.sha,
            "path": run.path,
            "run_number": 1,
            "event": run.event,
            "status": "completed",
            "conclusion": run.conclusion,
            "workflow_id": workflow,
            "workflow_url": self.api(repository, "actions/workflows", workflow),
            "url": url,
            "html_url": self.html(repository, "actions/runs", run.id),
            "pull_requests": [],
            "created_at": stamp(run.created),
            "updated_at": stamp(run.created),
            "actor": self.user(run.actor),
            "repository": self.repository(repository, "minimal-repository"),
            "head_repository": self.repository(repository, "minimal-repository"),
            "display_title": run.path,
        }
        return self.full("workflow-run", document)

    def job(self, repository: Repository, run: WorkflowRun, name: str) -> Json:
        conclusion, number = run.jobs[name], zlib.crc32(f"{run.id} {name}".encode())
        ran = conclusion == "success"
        step = {"name": "Set up job", "status": "completed", "conclusion": "success", "number": 1}
        document = {
            "id": number,
            "node_id": f"J_{number}",
            "run_id": run.id,
            "run_url": self.api(repository, "actions/runs", run.id),
            "head_sha": run.sha,
            "head_branch": run.branch,
            "name": name,
            "url": self.api(repository, "actions/jobs", number),
            "html_url": self.html(repository, "actions/runs", run.id, "job", number),
            "check_run_url": self.api(repository, "check-runs", number),
            "status": "completed",
            "conclusion": conclusion,
            "created_at": stamp(run.created),
            "started_at": stamp(run.created),
            "completed_at": stamp(run.created),
            "labels": ["ubuntu-latest"],
            "steps": [step] if ran else [],
        }
        return self.full("job", document)

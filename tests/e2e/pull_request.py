"""A pull request to a registry, as the runner and the API show it to a workflow."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.act import Act, Run, commit_all
from support.github_api import GitHubApi

REPOSITORY = "harbour/registry"
BASE = "b" * 40
TOKEN = "ghs_token-of-the-test-run"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request to a registry: the files it leaves, and the API that knows the commit it is based on."""

    act: Act
    api: GitHubApi
    workspace: Path

    def write(self, path: str, text: str) -> None:
        """Add or replace a file of the pull request."""
        file = self.workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def base_has(self, files: Mapping[str, str]) -> None:
        """Set the files that the API finds at the base."""
        self.api.commits[REPOSITORY, BASE] = {path: text.encode() for path, text in files.items()}

    def move_registry(self, folder: str) -> None:
        """Move the registry from the root of the repository to `folder`."""
        for name in (".github", "servers"):
            shutil.move(self.workspace / name, self.workspace / folder / name)

    def validate(self, workflow: str, *, job: str = "", env: Mapping[str, str] | None = None) -> Run:
        """Run a workflow, given as text, on the pull request; `env` overrides what the runner tells its steps."""
        self.write(".github/workflows/under-test.yml", workflow)
        commit_all(self.workspace)
        payload = {
            "action": "synchronize",
            "number": 7,
            "pull_request": {"number": 7, "base": {"ref": "main", "sha": BASE}, "head": {"ref": "change", "sha": "c" * 40}},
            "repository": {"full_name": REPOSITORY},
        }
        told = {"GITHUB_API_URL": self.api.url, "GITHUB_REPOSITORY": REPOSITORY, **(env or {})}
        return self.act.run(self.workspace, ".github/workflows/under-test.yml", "pull_request", payload, env=told, token=TOKEN, job=job)

"""Fixtures of the tests that run actions and workflows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.pull_request import PullRequest
from support.act import ROOT, Act
from support.github_api import GitHubApi, serve


@pytest.fixture(scope="session")
def act(tmp_path_factory: pytest.TempPathFactory) -> Act:
    prepared = Act.prepare(tmp_path_factory.mktemp("act"))
    if prepared is None:
        pytest.skip("act is not installed: pip install -r tests/requirements.txt")
    return prepared


@pytest.fixture
def api() -> Iterator[GitHubApi]:
    with serve() as running:
        yield running


@pytest.fixture
def pull_request(act: Act, api: GitHubApi, tmp_path: Path) -> PullRequest:
    """A pull request to a copy of the example registry that changes nothing."""
    workspace = tmp_path / "workspace"
    shutil.copytree(ROOT / "examples" / "registry", workspace)
    opened = PullRequest(act, api, workspace)
    opened.base_has({".github/pinwarden.yml": (workspace / ".github" / "pinwarden.yml").read_text()})
    return opened

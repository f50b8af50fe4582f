"""The nightly workflow, run twice against a whole GitHub: pull requests the first time, nothing the second."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integration.test_bump_pull_requests import World
from support.act import ROOT, Act, Run, commit_all
from support.github_twin.twin import GitHubTwin

pytestmark = pytest.mark.act


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> World:
    (tmp_path / "checkouts").mkdir()
    return World(github_twin, tmp_path / "checkouts")


def nightly(act: Act, world: World, ref: str = "refs/heads/main") -> Run:
    workspace = world.checkout()
    target = workspace / ".github" / "workflows" / "nightly.yml"
    target.parent.mkdir()
    shutil.copy(ROOT / "examples/workflows/nightly.yml", target)
    commit_all(workspace)
    url = world.twin.url
    env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "acme/registry", "PINWARDEN_MIRROR": f"https://github.com/={url}/"}
    payload = {"ref": ref, "repository": {"full_name": "acme/registry", "default_branch": "main"}}
    return act.run(workspace, ".github/workflows/nightly.yml", "workflow_dispatch", payload, env=env, token=world.token)


def test_twice(act: Act, world: World) -> None:
    first = nightly(act, world)
    assert first.succeeded, first.log
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]
    assert "moved" in first.summary
    assert world.token not in first.log
    before, writes = world.twin.snapshot(world.registry), world.twin.writes
    second = nightly(act, world)
    assert second.succeeded, second.log
    assert (world.twin.snapshot(world.registry), world.twin.writes) == (before, writes)

"""The nightly workflow, run twice against a whole GitHub: reviewed pull requests the first time, nothing the second."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from integration.test_bump_pull_requests import World
from support.act import ROOT, Act, Run, commit_all
from support.github_twin.repositories import Pull
from support.github_twin.twin import GitHubTwin

pytestmark = [pytest.mark.act, pytest.mark.engine]

ALL = "security-review"


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> World:
    (tmp_path / "checkouts").mkdir()
    made = World(github_twin, tmp_path / "checkouts")
    made.token = github_twin.actions_token(made.registry, contents="write", pull_requests="write", checks="write")
    return made


def nightly(act: Act, world: World) -> Run:
    workspace = world.checkout()
    target = workspace / ".github" / "workflows" / "nightly.yml"
    target.parent.mkdir()
    shutil.copy(ROOT / "examples/workflows/nightly.yml", target)
    commit_all(workspace)
    url = world.twin.url
    env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "acme/registry", "GITHUB_REF": "refs/heads/main"}
    env |= {"PINWARDEN_MIRROR": f"https://github.com/={url}/", "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker"))}
    env |= {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    payload = {"ref": "refs/heads/main", "repository": {"full_name": "acme/registry", "default_branch": "main", "visibility": "public"}}
    return act.run(workspace, ".github/workflows/nightly.yml", "workflow_dispatch", payload, env=env, token=world.token)


def checks(world: World, pull: Pull) -> dict[str, str | None]:
    return {check.name: check.conclusion for check in world.registry.checks.values() if check.head_sha == world.registry.head_sha(pull)}


def test_twice(act: Act, world: World) -> None:
    first = nightly(act, world)
    assert first.succeeded, first.log
    assert set(first.jobs) == {"scan", "propose", "plan", "review", "report", "record"}
    assert sorted(world.pulls) == ["pinwarden/a", "pinwarden/b"]
    assert "moved" in first.summary
    assert world.token not in first.log
    # GuardDog, in the sandbox and without a key, is who reviews where nobody else is configured.
    for branch, pull in world.pulls.items():
        assert checks(world, pull) == {f"{ALL}/guarddog/{branch.removeprefix('pinwarden/')}": "success", ALL: "success"}
        assert len(pull.comments) == 1
    assert world.registry.git.branch("pinwarden-audits")
    before, writes = world.twin.snapshot(world.registry), world.twin.writes
    second = nightly(act, world)
    assert second.succeeded, second.log
    assert set(second.jobs) == {"scan", "propose"}
    assert (world.twin.snapshot(world.registry), world.twin.writes) == (before, writes)

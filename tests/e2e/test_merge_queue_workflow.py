"""The merge queue's workflow: it holds no key, and asks the default branch's review to set the check of the queue's commit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pinwarden.adapters import planning
from pinwarden.wish import Wish
from support.act import ROOT, Act, commit_all
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld, set_environment

pytestmark = pytest.mark.act


def test_a_queue_s_commit_gets_its_check(act: Act, github_twin: GitHubTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = ReviewWorld(github_twin, {"weather": ({"server.py": "x = 1\n"}, {"server.py": "x = 2\n"})})
    github_twin.world.push(world.registry, "main", {".github/workflows/review.yml": (ROOT / "examples/workflows/review.yml").read_text()})
    pull = world.pull(world.moved("weather"))
    commit = world.queued(pull)
    target = tmp_path / "workspace/.github/workflows/merge-queue.yml"
    target.parent.mkdir(parents=True)
    shutil.copy(ROOT / "examples/workflows/merge-queue.yml", target)
    commit_all(tmp_path / "workspace")
    (group,) = (event.subject for event in github_twin.events if event.name == "merge_group")
    payload = {"merge_group": {"head_ref": group, "head_sha": commit, "base_ref": "refs/heads/main"}, "repository": {"default_branch": "main"}}
    env = {"GITHUB_API_URL": github_twin.url, "GITHUB_REPOSITORY": "acme/registry"}
    token = github_twin.actions_token(world.registry, actions="write")
    run = act.run(tmp_path / "workspace", ".github/workflows/merge-queue.yml", "merge_group", payload, env=env, token=token)
    assert run.succeeded, run.log
    (dispatched,) = (event for event in github_twin.events if event.name == "workflow_dispatch")
    inputs = dispatched.payload["inputs"]
    assert inputs == {"pull-request": str(pull.number), "head-sha": commit}
    set_environment(monkeypatch, world.environment("workflow_dispatch"))
    planning.of_pull_request(pull.number, commit, "", Wish(), world.calls)
    assert set(world.states(commit).values()) == {"queued"}

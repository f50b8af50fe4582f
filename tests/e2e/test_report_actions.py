"""The actions report-status and record-reviews, run after each other over what was downloaded."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from support.act import COMMIT, SLUG, Act, Run, commit_all
from support.github_twin.twin import GitHubTwin
from support.reviewed import Reviewed, review

pytestmark = pytest.mark.act

WORKFLOW = f"""
on: workflow_dispatch
jobs:
  report:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - id: report
        uses: {SLUG}/actions/report-status@{COMMIT}
        with:
          reviews: reviews
          plan: plan.json
          plan-sha256: HASH
      - id: record
        uses: {SLUG}/actions/record-reviews@{COMMIT}
        with:
          reviews: reviews
          plan: plan.json
          plan-sha256: HASH
"""


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> Reviewed:
    return Reviewed(github_twin, tmp_path / "made", servers=["mail"], gate=False)


def run(act: Act, world: Reviewed, *, digest: str = "") -> Run:
    workspace = world.folder.parent / "workspace"
    (workspace / ".github/workflows").mkdir(parents=True)
    shutil.copytree(world.reviews, workspace / "reviews")
    plan = json.dumps(world.plan).encode()
    (workspace / "plan.json").write_bytes(plan)
    (workspace / ".github/workflows/report.yml").write_text(WORKFLOW.replace("HASH", digest or hashlib.sha256(plan).hexdigest()))
    commit_all(workspace)
    env = {"GITHUB_API_URL": world.twin.url, "GITHUB_SERVER_URL": world.twin.url, "GITHUB_REPOSITORY": "acme/registry"}
    event = {"repository": {"full_name": "acme/registry"}}
    done = act.run(workspace, ".github/workflows/report.yml", "workflow_dispatch", event, env=env, token=world.token)
    assert world.token not in done.log
    return done


def test_a_block_is_said_by_the_check_and_not_by_the_job(act: Act, world: Reviewed) -> None:
    world.leave(review("mail", "critical"))
    done = run(act, world)
    assert done.succeeded, done.log
    assert done.outputs["report.report"] == {"conclusion": "failure", "title": "critical risk"}
    assert world.came_to() == {"mail": "failure", "": "failure"}
    assert world.pull.labels == ["security-risk:critical"]
    assert "imitated by any workflow" in world.pull.comments[0].body
    listed = world.registry.git.run("ls-tree", "-r", "--name-only", "pinwarden-audits").stdout.decode().splitlines()
    assert [path.split("/")[:2] for path in listed] == [["README.md"], ["audits", "mail"]]
    assert list(Path(done.outputs["report.record"]["path"]).parts)[-1] == "pinwarden-records"


def test_another_plan_than_the_one_that_was_made_fails_the_job_and_completes_nothing(act: Act, world: Reviewed) -> None:
    world.leave(review("mail", "low"))
    done = run(act, world, digest="0" * 64)
    assert done.jobs == {"report": "failure"}, done.log
    assert world.came_to() == {"mail": None, "": None}


def test_what_github_refuses_fails_the_job(act: Act, world: Reviewed) -> None:
    world.leave(review("mail", "low"))
    world.token = world.twin.actions_token(world.registry, checks="write", pull_requests="read")
    done = run(act, world)
    assert done.jobs == {"report": "failure"}, done.log
    assert world.came_to() == {"mail": "success", "": "failure"}

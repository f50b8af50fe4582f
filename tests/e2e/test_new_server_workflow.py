"""The example workflow that asks for a URL, run against a whole GitHub: one pull request, from a job that reads no upstream."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integration.test_bump_pull_requests import World, text_on
from support.act import ROOT, Act, Run, commit_all
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

pytestmark = pytest.mark.act


@pytest.fixture
def world(github_twin: GitHubTwin, tmp_path: Path) -> World:
    (tmp_path / "checkouts").mkdir()
    return World(github_twin, tmp_path / "checkouts")


def dispatched(act: Act, world: World, inputs: dict[str, str], ref: str = "refs/heads/main") -> Run:
    workspace = world.checkout()
    target = workspace / ".github" / "workflows" / "new-server.yml"
    target.parent.mkdir()
    shutil.copy(ROOT / "examples/workflows/new-server.yml", target)
    commit_all(workspace)
    url = world.twin.url
    env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "acme/registry", "PINWARDEN_MIRROR": f"https://github.com/={url}/"}
    payload = {"ref": ref, "repository": {"full_name": "acme/registry", "default_branch": "main"}, "inputs": inputs}
    return act.run(workspace, ".github/workflows/new-server.yml", "workflow_dispatch", payload, env=env, token=world.token)


def test_a_url_becomes_a_pull_request(act: Act, world: World) -> None:
    files = {
        "src/time/Dockerfile": "FROM scratch\n",
        "src/time/README.md": "# Time MCP Server\n\n$(touch owned) ${{ secrets.GITHUB_TOKEN }}::error::tells the time of day.\n",
    }
    ids = build(Path(world.twin.root), [Upstream("up/time", [Commit("only", files)], branches={"main": "only"})])["up/time"]
    # What a person types is text, whatever it would mean to a shell.
    inputs = {"url": "https://github.com/up/time/tree/main/src/time", "category": "$(id) `id` \"quoted\" 'so'", "title": "", "name": "time"}
    run = dispatched(act, world, inputs)
    assert run.succeeded, run.log
    (pull,) = world.registry.pulls.values()
    assert pull.head == "pinwarden-new/time"
    text = text_on(world.registry, pull.head, "time")
    assert ids["only"] in text
    assert "$(id) `id`" in text
    assert "uid=" not in text + run.log
    assert "  title: Time\n" in text
    assert "  directory: src/time\n" in text
    assert world.token not in f"{run.log}{text}{pull.body}"


@pytest.mark.parametrize("url", ["https://github.com/up/a/pull/1", "--propose=/etc/passwd", "--help"])
def test_what_is_no_place_stops_the_first_job(act: Act, world: World, url: str) -> None:
    run = dispatched(act, world, {"url": url, "category": "x"})
    assert not run.succeeded
    assert "propose" not in run.jobs
    assert any(annotation.level == "error" for annotation in run.annotations)
    assert not world.registry.pulls
    assert world.twin.writes == 0


def test_from_another_branch_nothing_is_done(act: Act, world: World) -> None:
    run = dispatched(act, world, {"url": "https://github.com/up/a", "category": "x"}, ref="refs/heads/mine")
    assert not world.registry.pulls
    assert "write" not in run.jobs

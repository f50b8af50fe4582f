"""The resolve-trust action against a whole GitHub, in the workflow that people copy and alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integration.test_resolve_trust import World, made
from support.act import COMMIT, ROOT, SLUG, Act, Run, commit_all
from support.github_twin.twin import GitHubTwin

pytestmark = pytest.mark.act

CALLER = f"""
on: workflow_dispatch
jobs:
  trust:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - id: levels
        uses: {SLUG}/actions/resolve-trust@{COMMIT}
      - if: ${{{{ !cancelled() && steps.levels.outputs.trust }}}}
        env:
          TRUST: ${{{{ steps.levels.outputs.trust }}}}
        run: cat "$TRUST"
"""


@pytest.fixture
def world(tmp_path: Path, github_twin: GitHubTwin) -> World:
    return made(tmp_path, github_twin)


def run(act: Act, world: World, workflow: str, event: str = "workflow_dispatch") -> Run:
    world.save()
    target = world.root / ".github" / "workflows" / "trust.yml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(workflow)
    commit_all(world.root)
    url = world.twin.url
    hosts = {"GITHUB_API_URL": url, "GITHUB_GRAPHQL_URL": f"{url}/graphql", "GITHUB_SERVER_URL": url}
    env = {**hosts, "GITHUB_REPOSITORY": "acme-registry/registry", "PINWARDEN_MIRROR": f"https://github.com/={url}/"}
    payload = {"repository": {"full_name": "acme-registry/registry"}, "number": 7, "pull_request": {"number": 7, "base": {"ref": "main", "sha": "b" * 40}}}
    return act.run(world.root, ".github/workflows/trust.yml", event, payload, env=env, token=world.token)


def test_the_workflow_that_people_copy(act: Act, world: World) -> None:
    done = run(act, world, (ROOT / "examples" / "workflows" / "trust.yml").read_text())
    assert done.succeeded, done.log
    assert "2 entries: 1 known; 1 community (1 unlisted)" in done.log
    assert world.token not in done.log


def test_what_needs_a_person_fails_the_step_and_leaves_the_file(act: Act, world: World) -> None:
    world.twin.world.rename(world.twin.repository("acme/tool"), "acme/tool-mcp")
    done = run(act, world, CALLER)
    assert done.jobs == {"trust": "failure"}, done.log
    assert "warning: tool: moved: the repository is called acme/tool-mcp now" in done.log
    file = Path(done.outputs["trust.levels"]["trust"])
    assert file.name.startswith("trust.")
    assert '"level": "community"' in done.log
    assert '"state": "moved"' in done.log


def test_a_list_that_is_not_valid_fails_the_step_and_leaves_none(act: Act, world: World) -> None:
    world.row["owners"][0]["id"] = "acme"
    done = run(act, world, CALLER)
    assert done.jobs == {"trust": "failure"}, done.log
    assert not done.outputs.get("trust.levels", {}).get("trust")
    assert any("publishers[0].owners[0].id is not integer" in annotation.message for annotation in done.annotations)


def test_a_pull_request_is_not_judged_by_its_own_list(act: Act, world: World) -> None:
    done = run(act, world, CALLER.replace("workflow_dispatch", "pull_request"), "pull_request")
    assert done.jobs == {"trust": "failure"}, done.log
    assert any("judged by its own list" in annotation.message for annotation in done.annotations)
    shutil.copy(world.root / "publishers.yml", world.root / "base.yml")
    named = CALLER.replace("workflow_dispatch", "pull_request").replace("      - if:", "        with:\n          publishers: base.yml\n      - if:")
    assert run(act, world, named, "pull_request").succeeded

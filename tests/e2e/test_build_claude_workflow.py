"""The workflow with which a registry builds the image of Claude Code for itself: the real build, and a push to a real registry server."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinwarden.adapters import engine
from support.act import ROOT, Act, Run, commit_all
from support.oci_registry import OciRegistry

pytestmark = [pytest.mark.act, pytest.mark.engine, pytest.mark.image_tools]
WORKFLOW = ".github/workflows/build-claude.yml"
TOKEN = "ghs_token-of-the-test-run"
HASH = "$2b$04$RZ/Mjv59p9Dv475jaxqLzuwvCV6jj9lMIhOh4RvR/EWGcCZaO5NIW"
IMAGE = "acme/pinwarden-agent-claude"


@pytest.fixture
def images(tmp_path: Path) -> Iterator[OciRegistry]:
    (tmp_path / "images").mkdir()
    with OciRegistry(tmp_path / "images", HASH) as running:
        yield running


@pytest.fixture
def toolkit(act: Act, tmp_path: Path) -> Path:
    """What the workflow checks out, with the fetched packages where the images of these tests were built from them: no test fetches any."""
    folder = tmp_path / "toolkit"
    shutil.copytree(act.toolkit, folder)
    (folder / "out" / "agents").mkdir(parents=True)
    # Its parts, not the folder: through a link to that, make would empty the environment that runs this test, wherever it is taken for old.
    venv = folder / "out" / "venv"
    venv.mkdir()
    for part in (ROOT / "out" / "venv").iterdir():
        if part.name != "complete":
            (venv / part.name).symlink_to(part)
    (venv / "complete").touch()
    made = ROOT / "out" / "agents" / "claude"
    assert made.is_dir(), "no packages were fetched here: make agent-images"
    shutil.copytree(made, folder / "out" / "agents" / "claude", copy_function=os.link)
    (folder / "out" / "agents" / "claude" / "version").unlink()
    shutil.copyfile(made / "version", folder / "out" / "agents" / "claude" / "version")
    return folder


def build(act: Act, images: OciRegistry, toolkit: Path, root: Path, *, branch: str = "main", token: str = TOKEN) -> Run:
    workspace = root / "workspace"
    (workspace / WORKFLOW).parent.mkdir(parents=True)
    # The one word that is exchanged: where the registry is.
    text, exchanged = re.subn(r"ghcr\.io", images.host, (ROOT / "examples/workflows/build-claude.yml").read_text())
    assert exchanged == 1
    (workspace / WORKFLOW).write_text(text)
    commit_all(workspace)
    (root / "docker").mkdir()
    env = {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    # Another base where the tests' engine has no registry to pull from, as .ci/run and `make engine` do it.
    base = "pinwarden/base" if engine.docker("image", "ls", "--quiet", "pinwarden/base") else ""
    env |= {"DOCKER_CONFIG": str(root / "docker"), "DOCKER_BUILDKIT": "0", "BASE": base, "TOOLKIT": str(toolkit), "GITHUB_REPOSITORY": "Acme/registry"}
    env |= {"GITHUB_RUN_ID": "77"}
    payload = {"ref": f"refs/heads/{branch}", "repository": {"full_name": "Acme/registry", "default_branch": "main"}}
    return act.run(workspace, WORKFLOW, "workflow_dispatch", payload, env=env, token=token)


def test_the_image_is_built_and_pushed(act: Act, images: OciRegistry, toolkit: Path, tmp_path: Path) -> None:
    run = build(act, images, toolkit, tmp_path)
    assert run.succeeded, run.log
    [(tag, digest)] = images.digests(IMAGE).items()
    named = f"{images.host}/{IMAGE}"
    assert run.summary == f"claude={named}@{digest}\n"
    pushed = engine.image_id(f"{named}@{digest}")
    engine.docker("image", "rm", f"{named}:{tag}")
    assert pushed == engine.image_id("pinwarden/agent-claude")
    assert TOKEN not in run.log
    assert json.loads((tmp_path / "docker" / "config.json").read_text()) == {"auths": {}}


def test_a_token_that_may_not_push_fails_the_job(act: Act, images: OciRegistry, toolkit: Path, tmp_path: Path) -> None:
    run = build(act, images, toolkit, tmp_path, token="ghs_another")
    assert {step.name: step.result for step in run.steps}["Push"] == "failure", run.log
    assert (run.jobs, run.summary, images.digests(IMAGE)) == ({"build": "failure"}, "", {})


def test_another_branch_builds_nothing(act: Act, images: OciRegistry, toolkit: Path, tmp_path: Path) -> None:
    run = build(act, images, toolkit, tmp_path, branch="change")
    assert (run.steps, images.digests(IMAGE)) == ((), {})

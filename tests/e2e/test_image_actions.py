"""The actions around an image: labelled from its pin, verified after it was published, by the real cosign."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.act import COMMIT, SLUG, Act, Run, commit_all
from support.git_server import GitServer
from support.image_registry import REVISION, ImageRegistry, Keys
from support.registries import write_config, write_entry
from support.upstreams import Commit, Upstream, build

pytestmark = pytest.mark.act

PROJECT = "https://github.com/example/weather"
CALLER = f"""
on: workflow_dispatch
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - run: echo "$TOOLS" >> "$GITHUB_PATH"
      - id: label
        uses: {SLUG}/actions/label-image@{COMMIT}
        with:
          server: weather
      - id: verify
        uses: {SLUG}/actions/verify-image@{COMMIT}
        with:
          server: weather
          image: IMAGE
          key: KEY
          labels-only: LABELS_ONLY
"""


class Published:
    def __init__(self, root: Path, act: Act, server: GitServer, images: ImageRegistry, programs: Path) -> None:
        self.act, self.server, self.images, self.programs = act, server, images, programs
        self.pin = build(server.root, [Upstream("example/weather", [Commit("first", {"Dockerfile": "FROM busybox\n"})])])["example/weather"]["first"]
        self.workspace = root / "workspace"
        write_entry(self.workspace, "weather", self.pin, project=PROJECT)
        write_config(self.workspace, "signature: {transparency-log: ignored}\n")
        self.keys = Keys(root, "ours", programs)
        (self.workspace / "ours.pub").write_bytes(self.keys.public.read_bytes())
        self.digest = images.build("mcp/weather", "1", revision=self.pin)

    def run(self, *, key: str = "ours.pub", labels_only: str = "false", tools: str | None = None) -> Run:
        caller = CALLER.replace("IMAGE", f"{self.images.host}/mcp/weather:1").replace("KEY", key).replace("LABELS_ONLY", labels_only)
        workflow = self.workspace / ".github" / "workflows" / "under-test.yml"
        workflow.parent.mkdir(parents=True, exist_ok=True)
        workflow.write_text(caller)
        commit_all(self.workspace)
        env = {"PINWARDEN_MIRROR": f"https://github.com/={self.server.url}/", "TOOLS": tools or str(self.programs)}
        return self.act.run(self.workspace, ".github/workflows/under-test.yml", "workflow_dispatch", {}, env=env)


@pytest.fixture
def published(tmp_path: Path, act: Act, image_tools: Path) -> Iterator[Published]:
    (tmp_path / "upstreams").mkdir()
    with GitServer(tmp_path / "upstreams") as server, ImageRegistry(tmp_path, image_tools) as images:
        yield Published(tmp_path, act, server, images, image_tools)


def test_an_image_that_is_signed_as_built_from_the_pin(published: Published) -> None:
    published.images.sign("mcp/weather", published.digest, {REVISION: published.pin}, published.keys, beside=True)
    run = published.run()
    assert run.succeeded, run.log
    label, verify = run.outputs["image.label"], run.outputs["image.verify"]
    assert f"{REVISION}={published.pin}" in [row[0] for row in csv.reader(label["labels"].splitlines())]
    assert (label["context"], label["file"], label["revision"]) == (f"{PROJECT}.git#{published.pin}", "Dockerfile", published.pin)
    assert verify == {"ok": "true", "digest": published.digest, "image": f"{published.images.host}/mcp/weather@{published.digest}"}
    [annotation] = run.annotations
    assert (annotation.level, annotation.file) == ("warning", "servers/weather/server.yaml")
    assert 'the image "busybox" has no digest' in annotation.message


def test_an_image_that_is_not_signed_fails_the_step(published: Published) -> None:
    run = published.run()
    assert run.jobs == {"image": "failure"}, run.log
    verify = run.outputs["image.verify"]
    assert (verify["ok"], verify["digest"], verify.get("image", "")) == ("false", published.digest, "")
    assert ["weather: not-signed: " in annotation.message for annotation in run.annotations if annotation.level == "error"] == [True]
    assert published.run(key="", labels_only="true").succeeded


def test_without_cosign_nothing_is_said_of_the_image(published: Published) -> None:
    published.images.sign("mcp/weather", published.digest, {REVISION: published.pin}, published.keys, beside=True)
    run = published.run(tools="/nowhere")
    assert run.jobs == {"image": "failure"}, run.log
    assert not run.outputs["image.verify"].get("ok")
    assert ["cosign-missing" in annotation.message for annotation in run.annotations if annotation.level == "error"] == [True]

"""The workflow that releases, whole: real builds, a real registry server, a real cosign, and the tests' GitHub.

What lies beyond this machine has something in its place: Sigstore's services (a key of the test's; who signs is a signed annotation,
see the stand-in of cosign-installer), the runner for arm64 (small images that are labelled arm64), the program that lists what is in an
image, what GitHub keeps of attestations, and GitHub. `.ci/run` of the copy that is released says that it was run, and does no more: it
is what runs this test.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conftest import IMAGE_TOOLS
from pinwarden.adapters import engine
from releasing import plan
from support.act import ROOT, Act, Run, commit_all
from support.github_twin.snapshot import snapshot
from support.github_twin.twin import GitHubTwin
from support.image_archive import image_archive
from support.image_registry import Keys
from support.oci_registry import OciRegistry

pytestmark = [pytest.mark.act, pytest.mark.engine, pytest.mark.image_tools]
NAME = "Acme/pinwarden"
TOKEN = "ghs_token-of-the-test-run"
HASH = "$2b$04$RZ/Mjv59p9Dv475jaxqLzuwvCV6jj9lMIhOh4RvR/EWGcCZaO5NIW"
SIGNER = f"https://github.com/{NAME}/.github/workflows/release.yml@refs/heads/main"
TESTED = '#!/bin/sh\necho tested >> "$SHARED_ARTIFACTS/tested"\n'


def said(run: Run) -> str:
    """Return errors and what was printed: where pip leaves a line open before an error, that is no annotation."""
    return "\n".join([*(one.message for one in run.annotations), run.log])


def named(part: str) -> str:
    return "acme/pinwarden-proxy" if part == "proxy" else f"acme/pinwarden-agent-{part}"


@dataclass
class Maintainer:
    """The project in a state of its own, and a maintainer who releases it."""

    act: Act
    twin: GitHubTwin
    images: OciRegistry
    root: Path
    runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workspace, self.artifacts, self.keys = self.root / "workspace", self.root / "artifacts", self.root / "keys"
        shutil.copytree(self.act.toolkit, self.workspace)
        self.write(".ci/run", TESTED)
        self.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-11-25\n\n- The first.\n")
        # What is exchanged: where the registry is; that the jobs which log in there do it one after the other, on this one machine; and that
        # Codex is not built, whose 900 MB would take most of this test's minutes.
        text, exchanged = re.subn(r"ghcr\.io", self.images.host, (self.workspace / plan.WORKFLOW).read_text())
        text, slowed = re.subn(r"(    strategy:\n)(      matrix:\n        part: .*\n    runs-on)", r"\1      max-parallel: 1\n\2", text)
        text, spared = re.subn(r"part: \[codex, (guarddog, proxy\]\n        platform:)", r"part: [\1", text)
        assert (exchanged, slowed, spared) == (1, 1, 1)
        self.write(plan.WORKFLOW, text)
        commit_all(self.workspace)
        bare = self.twin.root / f"{NAME}.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", "--no-local", str(self.workspace), str(bare)], check=True, capture_output=True)
        self.repository = self.twin.add(NAME)
        self.twin.world.tokens[TOKEN] = self.twin.token(self.twin.actions_token(self.repository, contents="write"))
        self.keys.mkdir()
        (self.keys / "cosign").symlink_to(IMAGE_TOOLS / "cosign")
        Keys(self.keys, "signer", IMAGE_TOOLS)
        (self.root / "docker").mkdir()
        self._bring_what_was_fetched()

    def write(self, name: str, text: str) -> None:
        (self.workspace / name).write_text(text)

    def _bring_what_was_fetched(self) -> None:
        """Lay GuardDog's packages where its image was built from them: no test fetches any. Git ignores the folder, not the link."""
        out = self.root / "out"
        (out / "agents").mkdir(parents=True)
        (out / "venv").mkdir()
        for part in (ROOT / "out" / "venv").iterdir():
            if part.name != "complete":
                (out / "venv" / part.name).symlink_to(part)
        marks = [out / "venv" / "complete"]
        made = ROOT / "out" / "agents" / "guarddog"
        assert made.is_dir(), "no packages were fetched here: make agent-images"
        shutil.copytree(made, out / "agents" / "guarddog", copy_function=os.link)
        marks.append(out / "agents" / "guarddog" / "version")
        marks[-1].unlink()
        shutil.copyfile(made / "version", marks[-1])
        marks[0].touch()
        for mark in marks:
            # The runner's copies of the sources are newer than anything here, and make goes by that.
            os.utime(mark, (2**32, 2**32))
        (self.workspace / "out").symlink_to(out)

    def release(self, version: str = "1.0.0", *, branch: str = "main", token: str = TOKEN) -> Run:
        """Dispatch the workflow; what another run left of artifacts is another run's."""
        shutil.rmtree(self.artifacts, ignore_errors=True)
        for part, platform in (("codex", "amd64"), *((part, "arm64") for part in plan.PARTS)):
            packed = self.artifacts / f"{part}-{platform}"
            packed.mkdir(parents=True)
            (packed / "image.tar").write_bytes(image_archive(f"pinwarden-release/{part}:{platform}", platform=platform, content=part.encode()))
            (packed / "contents.spdx.json").write_text(json.dumps({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": f"{part}, {platform}"}))
        base = "pinwarden/base" if engine.docker("image", "ls", "--quiet", "pinwarden/base") else ""
        env = {variable: os.environ[variable] for variable in ("DOCKER_HOST",) if variable in os.environ}
        env |= {"DOCKER_CONFIG": str(self.root / "docker"), "DOCKER_BUILDKIT": "0", "BASE": base, "GITHUB_REPOSITORY": NAME, "GITHUB_RUN_ID": "77"}
        env |= {"GITHUB_API_URL": self.twin.url, "GITHUB_GRAPHQL_URL": f"{self.twin.url}/graphql", "SHARED_COSIGN": str(self.keys)}
        env |= {"SHARED_ARTIFACTS": str(self.artifacts), "SHARED_ATTESTATIONS": str(self.root / "attestations")}
        payload = {"ref": f"refs/heads/{branch}", "inputs": {"version": version}, "repository": {"full_name": NAME, "default_branch": "main"}}
        run = self.act.run(self.workspace, plan.WORKFLOW, "workflow_dispatch", payload, env=env, token=token, matrix="platform:amd64")
        assert TOKEN not in run.log
        self.runs.append(run)
        return run

    @property
    def tested(self) -> bool:
        return (self.artifacts / "tested").exists()

    def tag(self, name: str) -> str | None:
        return self.repository.git.store.ref(f"refs/tags/{name}")

    def pushed(self) -> dict[str, dict[str, str]]:
        return {part: self.images.digests(named(part)) for part in plan.PARTS}

    def state(self) -> dict[str, Any]:
        return {**snapshot(self.repository), "pushed": self.pushed()}

    def verified(self, reference: str, signer: str = SIGNER) -> bool:
        """Ask the real cosign whether a digest is signed by who releases."""
        reader = self.root / "reader"
        reader.mkdir()
        (reader / "config.json").write_text(json.dumps({"auths": {self.images.host: {"auth": base64.b64encode(f"token:{TOKEN}".encode()).decode()}}}))
        demanded = [f"--key={self.keys / 'signer.pub'}", "--insecure-ignore-tlog=true", f"--annotations=identity={signer}"]
        environment = {"PATH": os.defpath, "HOME": str(self.root), "DOCKER_CONFIG": str(reader)}
        done = subprocess.run([IMAGE_TOOLS / "cosign", "verify", *demanded, reference], env=environment, capture_output=True, check=False)
        shutil.rmtree(reader)
        return done.returncode == 0


@pytest.fixture
def maintainer(act: Act, github_twin: GitHubTwin, tmp_path: Path) -> Iterator[Maintainer]:
    (tmp_path / "images").mkdir()
    with OciRegistry(tmp_path / "images", HASH) as images:
        yield Maintainer(act, github_twin, images, tmp_path)
        left = engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
        for name in left:
            if name.startswith((f"{images.host}/", "pinwarden-release/")):
                engine.docker("image", "rm", name)


def test_a_release_from_its_dispatch_to_its_end(maintainer: Maintainer) -> None:
    run = maintainer.release()
    assert run.succeeded, said(run)
    assert maintainer.tested
    made = maintainer.tag("v1.0.0")
    assert made is not None
    assert maintainer.tag("v1") == made
    listed = json.loads(maintainer.repository.git.run("cat-file", "blob", f"{made}:{plan.IMAGES}").stdout)
    assert listed.keys() == {"claude", *plan.PARTS}
    assert listed["claude"] == "pinwarden/agent-claude"
    for part in plan.PARTS:
        tags, reference = maintainer.images.digests(named(part)), listed[part]
        assert reference == f"{maintainer.images.host}/{named(part)}@{tags['77-1']}"
        assert maintainer.verified(reference)
        assert not maintainer.verified(reference, SIGNER.replace("heads/main", "heads/change")), "the control"
        assert not maintainer.verified(f"{reference.partition('@')[0]}@{tags['77-1-amd64']}"), "the control"
    attested = [json.loads(path.read_text()) for path in (maintainer.root / "attestations").iterdir()]
    digests = {subject["digest"]["sha256"] for statement in attested for subject in statement["subject"]}
    assert digests == {digest.removeprefix("sha256:") for tags in maintainer.pushed().values() for tag, digest in tags.items() if tag.startswith("77-1")}
    kinds = sorted(statement["predicateType"] for statement in attested)
    assert kinds == [*["https://slsa.dev/provenance/v1"] * 3, *["https://spdx.dev/Document/v2.3"] * 6]
    assert (maintainer.repository.releases["v1.0.0"].body or "").startswith("- The first.\n")
    assert json.loads((maintainer.root / "docker" / "config.json").read_text()) == {"auths": {}}

    # The same version again: refused before anything is built, and nothing is changed.
    before = maintainer.state()
    again = maintainer.release()
    assert again.jobs == {"check": "failure"}, again.log
    assert "1.0.0 is released, and a release never changes" in said(again)
    assert maintainer.state() == before

    # As a run leaves it that is killed before the last step: another one does what is left, and builds nothing.
    del maintainer.repository.releases["v1.0.0"]
    rest = maintainer.release()
    assert rest.jobs == {"check": "success", "release": "success"}, rest.log
    assert maintainer.state() == before


def test_a_version_that_the_changelog_lacks_is_refused_before_anything_is_built(maintainer: Maintainer) -> None:
    before = maintainer.state()
    run = maintainer.release("1.0.1")
    assert run.jobs == {"check": "failure"}, run.log
    assert "CHANGELOG.md says nothing of 1.0.1" in said(run)
    assert (maintainer.state(), maintainer.tested) == (before, False)
    assert maintainer.pushed() == {part: {} for part in plan.PARTS}


def test_another_branch_releases_nothing(maintainer: Maintainer) -> None:
    assert maintainer.release(branch="change").steps == ()
    assert maintainer.tag("v1.0.0") is None


def test_a_version_is_no_shell(maintainer: Maintainer) -> None:
    run = maintainer.release('1.0.0"; touch "$SHARED_ARTIFACTS/tested')
    assert run.jobs == {"check": "failure"}, run.log
    assert not maintainer.tested

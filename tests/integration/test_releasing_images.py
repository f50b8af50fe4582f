"""Images of a release: pushed to a real registry server, signed and verified by a real cosign, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import IMAGE_TOOLS
from pinwarden.adapters import engine
from pinwarden.errors import OutsideError
from releasing import images
from releasing.plan import PLATFORMS, identity
from support.image_archive import image_archive
from support.image_registry import Keys
from support.oci_registry import OciRegistry

pytestmark = [pytest.mark.engine, pytest.mark.image_tools]
ROOT = Path(__file__).resolve().parents[2]
TOKEN = "ghs_token-of-the-test-run"
HASH = "$2b$04$RZ/Mjv59p9Dv475jaxqLzuwvCV6jj9lMIhOh4RvR/EWGcCZaO5NIW"
REF = "refs/heads/main"
SIGNER = identity("https://github.com", "acme/pinwarden", REF)


@dataclass
class Job:
    """A job that publishes: what was handed to it, a registry that it is logged in to, and cosign with a key in place of Sigstore."""

    registry: OciRegistry
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.registry.host}/acme/pinwarden-proxy"

    def hand_on(self, platform: str, *names: str, labelled: str = "") -> None:
        target = self.folder / f"proxy-{platform}" / "image.tar"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(image_archive(*(names or [images.packed_name("proxy", platform)]), platform=labelled or platform, content=os.urandom(8)))

    def push(self) -> dict[str, str]:
        return images.push("proxy", self.folder, self.name, "77-1")

    def pushed(self) -> dict[str, str]:
        return self.registry.digests("acme/pinwarden-proxy")


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    for name in ("images", "keys", "docker", "handed"):
        (tmp_path / name).mkdir()
    (tmp_path / "keys" / "cosign").symlink_to(IMAGE_TOOLS / "cosign")
    Keys(tmp_path / "keys", "signer", IMAGE_TOOLS)
    standin = ROOT / "tests/support/standins/cosign-installer/bin"
    for variable, value in {
        "DOCKER_CONFIG": str(tmp_path / "docker"),
        "SHARED_COSIGN": str(tmp_path / "keys"),
        "PATH": f"{standin}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "acme/pinwarden",
        "GITHUB_REF": REF,
    }.items():
        monkeypatch.setenv(variable, value)
    with OciRegistry(tmp_path / "images", HASH) as registry:
        subprocess.run(["docker", "login", registry.host, "--username", "token", "--password-stdin"], input=TOKEN.encode(), check=True, capture_output=True)
        made = Job(registry, tmp_path / "handed")
        for platform in PLATFORMS:
            made.hand_on(platform)
        yield made
        engine.docker("logout", registry.host)
        for name in engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split():
            if name.startswith((f"{registry.host}/", "pinwarden-release/", "pinwarden-other/")):
                engine.docker("image", "rm", name)


def test_an_index_of_both_platforms_is_pushed_signed_and_verified(job: Job) -> None:
    digests = job.push()
    assert job.pushed() == {"77-1": digests["index"], "77-1-amd64": digests["amd64"], "77-1-arm64": digests["arm64"]}
    reference = f"{job.name}@{digests['index']}"
    with pytest.raises(OutsideError, match="cosign verify"):
        images.verify(reference, SIGNER)
    images.sign(reference)
    images.verify(reference, SIGNER)
    listed = engine.docker("image", "ls", "--quiet", job.name) + engine.docker("image", "ls", "--quiet", "pinwarden-release/proxy")
    assert listed == "", "nothing is left in the engine"


@pytest.mark.parametrize("ref", ["refs/heads/change", "refs/tags/v1.0.0", "refs/pull/7/merge"])
def test_who_signs_from_elsewhere_is_refused(job: Job, monkeypatch: pytest.MonkeyPatch, ref: str) -> None:
    reference = f"{job.name}@{job.push()['index']}"
    monkeypatch.setenv("GITHUB_REF", ref)
    images.sign(reference)
    with pytest.raises(OutsideError, match="cosign verify") as error:
        images.verify(reference, SIGNER)
    assert error.value.hint.startswith("nothing was tagged")
    images.verify(reference, identity("https://github.com", "acme/pinwarden", ref))


def test_one_platform_alone_is_refused_though_it_is_signed(job: Job) -> None:
    reference = f"{job.name}@{job.push()['arm64']}"
    images.sign(reference)
    with pytest.raises(OutsideError, match="is for one platform"):
        images.verify(reference, SIGNER)


def test_another_digest_than_the_signed_one_is_refused(job: Job) -> None:
    images.sign(f"{job.name}@{job.push()['index']}")
    job.hand_on("amd64")
    with pytest.raises(OutsideError, match="cosign verify"):
        images.verify(f"{job.name}@{job.push()['index']}", SIGNER)


@pytest.mark.parametrize("names", [("pinwarden-other/proxy:amd64",), ("pinwarden-release/proxy:amd64", "pinwarden-other/proxy:amd64")])
def test_an_archive_that_would_give_another_name_is_not_loaded(job: Job, names: tuple[str, ...]) -> None:
    job.hand_on("amd64", *names)
    with pytest.raises(OutsideError, match="does not hold pinwarden-release/proxy:amd64 alone"):
        job.push()
    assert engine.docker("image", "ls", "--quiet", "pinwarden-other/proxy") == ""
    assert job.pushed() == {}


def test_an_image_for_another_platform_is_not_pushed(job: Job) -> None:
    job.hand_on("amd64", labelled="s390x")
    with pytest.raises(OutsideError, match="pinwarden-release/proxy:amd64 is for linux/s390x"):
        job.push()
    assert job.pushed() == {}


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_an_archive_that_is_none_is_told(job: Job, content: bytes | None) -> None:
    archive = job.folder / "proxy-amd64" / "image.tar"
    archive.unlink()
    if content is not None:
        archive.write_bytes(content)
    with pytest.raises(OutsideError, match="can't be read as an image"):
        job.push()


def test_a_registry_that_refuses_is_told(job: Job) -> None:
    engine.docker("logout", job.registry.host)
    with pytest.raises(OutsideError, match="docker push") as error:
        job.push()
    assert "run again" in error.value.hint
    assert job.pushed() == {}


def test_what_is_packed_is_what_is_pushed(job: Job, tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(image_archive("pinwarden-other/proxy:1", platform="amd64"))
    engine.docker("load", "--input", str(tmp_path / "a.tar"))
    images.pack("proxy", "pinwarden-other/proxy:1", "amd64", job.folder / "proxy-amd64")
    assert json.loads(engine.docker("image", "inspect", images.packed_name("proxy", "amd64")))[0]["Architecture"] == "amd64"
    assert job.push().keys() == {"amd64", "arm64", "index"}
    with pytest.raises(OutsideError, match="is for linux/amd64"):
        images.pack("proxy", "pinwarden-other/proxy:1", "arm64", tmp_path / "elsewhere")

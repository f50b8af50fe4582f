"""verify-image against a real registry server: images of a real engine, signatures of a real cosign, each mismatch and its control."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Authority
from support.commands import run_command
from support.image_registry import REVISION, SIGNATURES, ImageRegistry, Keys, TransparencyLog
from support.registries import write_config, write_entry

PIN, OTHER = "a1" * 20, "b2" * 20


@dataclass(frozen=True, slots=True)
class Published:
    """A registry of entries, a registry of images, and who signs."""

    images: ImageRegistry
    entries: Path
    keys: Keys
    strangers: Keys
    log: TransparencyLog
    programs: Path
    names: Iterator[str] = field(default_factory=lambda: (f"mcp/server-{number}" for number in range(10_000)))

    def name(self) -> str:
        """Return a repository that no other test has."""
        return next(self.names)

    def build(self, *, revision: str | None = PIN, **more: str) -> tuple[str, str]:
        """Build an image; return its repository and digest."""
        name = self.name()
        return name, self.images.build(name, "1", revision=revision, content=name, **more)

    def signed(self, *, revision: str | None = PIN, says: Mapping[str, str] | None = None) -> tuple[str, str]:
        """Build an image and sign it, as built from the pin where nothing else is said."""
        name, digest = self.build(revision=revision)
        self.sign(name, digest, says)
        return name, digest

    def sign(self, name: str, digest: str, says: Mapping[str, str] | None = None, *, keys: Keys | None = None) -> None:
        self.images.sign(name, digest, {REVISION: PIN} if says is None else says, keys or self.keys)

    def verify(
        self, name: str, *arguments: str | Path, config: str | None = None, tag: str = "1", path: str | None = None, **variables: str
    ) -> tuple[int, dict[str, Any]]:
        """Verify an image as published under a tag; without arguments with the key, and no look at the log."""
        write_entry(self.entries, "weather", PIN)
        write_config(self.entries, f"signature: {{repository: '{self.images.host}/{SIGNATURES}', transparency-log: ignored}}\n" if config is None else config)
        given = arguments or (f"--key={self.keys.public}",)
        image = f"--image={self.images.host}/{name}:{tag}"
        where = f"{self.programs}:{os.environ['PATH']}" if path is None else path
        done = run_command("verify_image", "--registry", self.entries, "--server=weather", image, "--format=json", *given, given={"PATH": where, **variables})
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, image_tools: Path) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("images")
    keys, strangers = Keys(folder, "ours", image_tools), Keys(folder, "theirs", image_tools)
    with ImageRegistry(folder, image_tools) as images:
        yield Published(images, folder / "entries", keys, strangers, TransparencyLog(folder), image_tools)


def reasons(document: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    assert document["ok"] == (not document["reasons"])
    assert bool(document["proven"]) == document["ok"]
    return [(reason["reason"], reason["platform"]) for reason in document["reasons"]]


def test_an_image_that_is_what_was_pinned(published: Published) -> None:
    name, digest = published.signed()
    code, document = published.verify(name)
    assert (code, reasons(document), document["digest"]) == (0, [], digest)
    assert document["platforms"] == [{"platform": "linux/amd64", "digest": digest, "revision": PIN}]
    assert document["signature"]["claims"] == [{"digest": digest, "name": f"{published.images.host}/{name}", "revision": PIN}]
    assert any("built from the pin" in sentence for sentence in document["not_proven"])


class TestLabels:
    def test_of_another_commit_though_signed_for_the_pin(self, published: Published) -> None:
        name, _ = published.signed(revision=OTHER)
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("label-mismatch", "linux/amd64")])

    @pytest.mark.parametrize(
        ("revision", "reason"),
        [(None, "label-missing"), ("", "label-not-commit"), (PIN.upper(), "label-not-commit"), (PIN[:12], "label-not-commit"), (OTHER, "label-mismatch")],
    )
    def test_that_say_no_pin(self, published: Published, revision: str | None, reason: str) -> None:
        name, _ = published.build(revision=revision)
        code, document = published.verify(name, "--labels-only")
        assert (code, reasons(document)) == (1, [(reason, "linux/amd64")])

    def test_alone_pass_where_no_signature_is_asked_for_and_prove_nothing_of_who_wrote_them(self, published: Published) -> None:
        name, _ = published.build()
        code, document = published.verify(name, "--labels-only", path=os.defpath)
        assert (code, reasons(document), document["signature"]) == (0, [], None)
        assert any("anybody who can push" in sentence for sentence in document["not_proven"])


class TestSignature:
    def test_missing(self, published: Published) -> None:
        name, _ = published.build()
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("not-signed", None)])

    def test_kept_in_a_repository_that_nobody_named(self, published: Published) -> None:
        name, _ = published.signed()
        ignored = "signature: {transparency-log: ignored}\n"
        assert reasons(published.verify(name, config=ignored)[1]) == [("not-signed", None)]
        assert published.verify(name, config=ignored, COSIGN_REPOSITORY=f"{published.images.host}/{SIGNATURES}")[0] == 0

    def test_kept_beside_the_image(self, published: Published) -> None:
        name, digest = published.build()
        published.images.sign(name, digest, {REVISION: PIN}, published.keys, beside=True)
        assert published.verify(name, config="signature: {transparency-log: ignored}\n")[0] == 0

    def test_of_another_key(self, published: Published) -> None:
        name, digest = published.build()
        published.sign(name, digest, keys=published.strangers)
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("wrong-key", None)])
        assert published.verify(name, f"--key={published.strangers.public}")[0] == 0

    def test_of_a_stranger_beside_ours_changes_nothing(self, published: Published) -> None:
        name, digest = published.signed()
        published.sign(name, digest, {REVISION: OTHER}, keys=published.strangers)
        code, document = published.verify(name)
        assert (code, reasons(document), len(document["signature"]["claims"])) == (0, [], 1)

    def test_that_says_no_revision(self, published: Published) -> None:
        name, digest = published.signed(says={})
        assert reasons(published.verify(name)[1]) == [("annotation-missing", None)]
        published.sign(name, digest)
        assert published.verify(name)[0] == 0

    def test_that_says_another_revision(self, published: Published) -> None:
        name, _ = published.signed(says={REVISION: OTHER})
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("annotation-mismatch", None)])

    def test_beside_one_of_ours_that_contradicts_it(self, published: Published) -> None:
        name, digest = published.signed()
        assert published.verify(name)[0] == 0
        published.sign(name, digest, {REVISION: OTHER})
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("annotation-mismatch", None)])

    def test_of_the_same_digest_under_another_name(self, published: Published) -> None:
        name, digest = published.signed()
        other = published.name()
        assert published.images.copy(name, "1", other) == digest
        code, document = published.verify(other)
        assert (code, reasons(document)) == (1, [("signed-other-name", None)])
        published.sign(other, digest)
        assert published.verify(other)[0] == 0
        assert published.verify(name)[0] == 0

    def test_copied_from_another_image(self, published: Published) -> None:
        _, signed = published.signed()
        name, digest = published.build()
        published.images.copy_signature(signed, digest)
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("signed-other-digest", None)])

    def test_of_what_the_tag_named_before_it_moved(self, published: Published) -> None:
        name, digest = published.signed()
        published.images.build(name, "1", revision=PIN, content="something else")
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [("not-signed", None)])
        assert published.verify(name, tag=f"1@{digest}")[0] == 0

    def test_can_not_be_looked_at_without_cosign(self, published: Published) -> None:
        name, _ = published.signed()
        code, document = published.verify(name, path=os.defpath)
        assert (code, reasons(document)) == (3, [("cosign-missing", None)])
        assert document["platforms"][0]["revision"] == PIN


class TestLog:
    def config(self, published: Published) -> str:
        return f"signature: {{repository: '{published.images.host}/{SIGNATURES}'}}\n"

    def test_must_know_the_signature(self, published: Published) -> None:
        name, digest = published.signed()
        own = {"SIGSTORE_REKOR_PUBLIC_KEY": str(published.log.public)}
        code, document = published.verify(name, config=self.config(published), **own)
        assert (code, reasons(document)) == (1, [("not-logged", None)])
        published.images.log(digest, published.keys, published.log)
        code, document = published.verify(name, config=self.config(published), **own)
        assert (code, reasons(document)) == (0, [])
        assert "SIGSTORE_REKOR_PUBLIC_KEY" in document["signature"]["log"]

    def test_of_a_stranger_is_none(self, published: Published, tmp_path: Path) -> None:
        name, digest = published.signed()
        published.images.log(digest, published.keys, TransparencyLog(tmp_path))
        code, document = published.verify(name, config=self.config(published), SIGSTORE_REKOR_PUBLIC_KEY=str(published.log.public))
        assert (code, reasons(document)) == (1, [("not-logged", None)])

    def test_whose_keys_can_not_be_fetched_is_no_verdict(self, published: Published, tmp_path: Path) -> None:
        name, _ = published.signed()
        code, document = published.verify(name, config=self.config(published), HOME=str(tmp_path), HTTPS_PROXY="http://127.0.0.1:9")
        assert (code, reasons(document)) == (3, [("cosign-failed", None)])


class TestPlatforms:
    def two(self, published: Published, first: str | None = PIN, second: str | None = PIN) -> tuple[str, str, str]:
        name = published.name()
        amd = published.images.build(name, "amd64", revision=first, content=f"{name} amd64")
        arm = published.images.build(name, "arm64", revision=second, content=f"{name} arm64", architecture="arm64")
        return name, amd, arm

    def index(self, published: Published, name: str, *children: tuple[str, str]) -> str:
        return published.images.index(name, "1", children)

    def test_that_agree_with_only_the_index_signed(self, published: Published) -> None:
        name, amd, arm = self.two(published)
        digest = self.index(published, name, (amd, "linux/amd64"), (arm, "linux/arm64"))
        published.sign(name, digest)
        code, document = published.verify(name)
        assert (code, reasons(document), document["digest"]) == (0, [], digest)
        assert [(one["platform"], one["digest"]) for one in document["platforms"]] == [("linux/amd64", amd), ("linux/arm64", arm)]
        # A platform's own digest has no signature of its own.
        assert reasons(published.verify(name, tag=f"1@{arm}")[1]) == [("not-signed", None)]

    def test_that_were_signed_one_by_one_as_well(self, published: Published) -> None:
        name, amd, arm = self.two(published)
        digest = self.index(published, name, (amd, "linux/amd64"), (arm, "linux/arm64"))
        published.images.sign(name, digest, {REVISION: PIN}, published.keys, "--recursive")
        assert published.verify(name)[0] == 0
        assert published.verify(name, tag=f"1@{arm}")[0] == 0

    @pytest.mark.parametrize(("second", "reason"), [(OTHER, "label-mismatch"), (None, "label-missing")])
    def test_of_which_one_is_built_from_something_else(self, published: Published, second: str | None, reason: str) -> None:
        name, amd, arm = self.two(published, PIN, second)
        published.sign(name, self.index(published, name, (amd, "linux/amd64"), (arm, "linux/arm64")))
        code, document = published.verify(name)
        assert (code, reasons(document)) == (1, [(reason, "linux/arm64")])

    def test_beside_a_builder_s_attestations(self, published: Published) -> None:
        name, amd, arm = self.two(published, PIN, None)
        published.sign(name, self.index(published, name, (amd, "linux/amd64"), (arm, "unknown/unknown")))
        code, document = published.verify(name)
        assert (code, reasons(document), len(document["platforms"])) == (0, [], 1)

    def test_called_unknown_but_no_attestation(self, published: Published) -> None:
        name, amd, arm = self.two(published, PIN, None)
        body = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [
                {"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "digest": digest, "size": 1, "platform": platform}
                for digest, platform in ((amd, {"os": "linux", "architecture": "amd64"}), (arm, {"os": "unknown", "architecture": "unknown"}))
            ],
        }
        published.images.put_manifest(name, "1", body)
        code, document = published.verify(name, "--labels-only")
        assert (code, reasons(document)) == (1, [("label-missing", "unknown/unknown")])

    def test_none_at_all(self, published: Published) -> None:
        name, amd, _ = self.two(published)
        self.index(published, name, (amd, "unknown/unknown"))
        code, document = published.verify(name, "--labels-only")
        assert (code, reasons(document)) == (1, [("no-platforms", None)])

    def test_cost_one_head_and_two_requests_each(self, published: Published) -> None:
        name, amd, arm = self.two(published)
        digest = self.index(published, name, (amd, "linux/amd64"), (arm, "linux/arm64"))
        before = len(published.images.asked)
        assert published.verify(name, "--labels-only")[0] == 0
        asked = published.images.asked[before:]
        assert asked[:2] == [f"HEAD /v2/{name}/manifests/1", f"GET /v2/{name}/manifests/{digest}"]
        assert sorted(line.split("/")[-2] for line in asked[2:]) == ["blobs", "blobs", "manifests", "manifests"]


def test_an_image_that_is_not_there(published: Published) -> None:
    name, _ = published.build()
    for tag, name_ in (("2", name), ("1", published.name())):
        code, document = published.verify(name_, tag=tag)
        assert (code, reasons(document)) == (1, [("image-missing", None)])


def test_the_key_that_the_registry_commits(published: Published) -> None:
    name, _ = published.signed()
    (published.entries / "keys").mkdir(parents=True, exist_ok=True)
    key = published.entries / "keys" / "images.pub"
    section = f"repository: '{published.images.host}/{SIGNATURES}', transparency-log: ignored"
    for keys, code in ((published.keys, 0), (published.strangers, 1)):
        key.write_bytes(keys.public.read_bytes())
        assert published.verify(name, "--format=json", config=f"signature: {{key: keys/images.pub, {section}}}\n")[0] == code


class TestIdentity:
    WHO, ISSUER = "https://github.com/acme/registry/.github/workflows/publish.yml@refs/heads/main", "https://token.example.com"

    def config(self, published: Published, identity: str = WHO, issuer: str = ISSUER) -> str:
        section = f"repository: '{published.images.host}/{SIGNATURES}', transparency-log: ignored"
        return f"signature: {{identity: '{identity}', issuer: '{issuer}', {section}}}\n"

    def verify(self, published: Published, name: str, authority: Authority, config: str) -> tuple[int, list[tuple[str, str | None]]]:
        code, document = published.verify(name, "--format=json", config=config, **authority.variables)
        return code, reasons(document)

    def signed(self, published: Published, authority: Authority) -> str:
        name, digest = published.build()
        certificate = authority.certify(published.keys.public, self.WHO, self.ISSUER)
        flags = f"--certificate={certificate}", f"--certificate-chain={authority.root}"
        published.images.sign(name, digest, {REVISION: PIN}, published.keys, *flags, given=authority.variables)
        return name

    def test_that_an_authority_certified(self, published: Published, tmp_path: Path) -> None:
        authority = Authority(tmp_path)
        name = self.signed(published, authority)
        assert self.verify(published, name, authority, self.config(published)) == (0, [])

    @pytest.mark.parametrize("other", [{"identity": WHO.replace("main", "mine")}, {"identity": ".*"}, {"issuer": "https://elsewhere.example.com"}])
    def test_that_is_another_s(self, published: Published, tmp_path: Path, other: dict[str, str]) -> None:
        authority = Authority(tmp_path)
        name = self.signed(published, authority)
        assert self.verify(published, name, authority, self.config(published, **other)) == (1, [("wrong-identity", None)])

    def test_that_a_stranger_certified(self, published: Published, tmp_path: Path) -> None:
        for folder in ("ours", "theirs"):
            (tmp_path / folder).mkdir()
        name = self.signed(published, Authority(tmp_path / "theirs"))
        code, told = self.verify(published, name, Authority(tmp_path / "ours"), self.config(published))
        assert (code, told) == (1, [("signature-refused", None)])

    def test_is_not_proven_by_a_key_s_signature(self, published: Published, tmp_path: Path) -> None:
        name, _ = published.signed()
        code, told = self.verify(published, name, Authority(tmp_path), self.config(published))
        assert (code, told) == (1, [("signature-refused", None)])

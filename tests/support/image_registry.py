"""A real registry server on loopback, images that a real engine built, signatures that a real cosign made.

with ImageRegistry(folder, programs) as registry:
    digest = registry.build("mcp/weather", "1", revision="0f3c…")
    registry.sign("mcp/weather", digest, {"org.opencontainers.image.revision": "0f3c…"})
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support.oci_registry import OciRegistry

REVISION = "org.opencontainers.image.revision"
SIGNATURES = "mcp/signatures"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_TYPES = f"{INDEX}, {MANIFEST}, application/vnd.oci.image.manifest.v1+json"
_BUNDLE = "dev.sigstore.cosign/bundle"


class Keys:
    """A pair of keys in a folder: `<name>.key`, which cosign signs with, and `<name>.pub`."""

    def __init__(self, folder: Path, name: str, programs: Path) -> None:
        self.private, self.public = folder / f"{name}.key", folder / f"{name}.pub"
        subprocess.run(
            [programs / "cosign", "generate-key-pair", f"--output-key-prefix={name}"],
            cwd=folder,
            env=_environment(programs, folder),
            check=True,
            capture_output=True,
        )


class TransparencyLog:
    """Signs what goes into signatures' bundles, as Rekor does; the key is this log's own, `public` is its file."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key()
        self.public = folder / "log.pub"
        self.public.write_bytes(public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        self._id = hashlib.sha256(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    def bundle(self, payload: bytes, signature: str, signer: bytes) -> str:
        """Return the bundle for a signature (base64) of `payload`, whose public key is `signer` (PEM)."""
        entry = {
            "apiVersion": "0.0.1",
            "kind": "hashedrekord",
            "spec": {
                "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}},
                "signature": {"content": signature, "publicKey": {"content": base64.b64encode(signer).decode()}},
            },
        }
        logged = {"body": base64.b64encode(_plain(entry)).decode(), "integratedTime": 1_700_000_000, "logIndex": 7, "logID": self._id}
        promise = self._key.sign(_plain(logged), ec.ECDSA(hashes.SHA256()))
        return json.dumps({"SignedEntryTimestamp": base64.b64encode(promise).decode(), "Payload": logged})


class ImageRegistry(OciRegistry):
    """A registry server that is filled with images and signatures."""

    def __init__(self, folder: Path, programs: Path) -> None:
        super().__init__(folder)
        self._programs = programs

    @property
    def url(self) -> str:
        return f"http://{self.host}/v2"

    def build(self, repository: str, tag: str, *, revision: str | None, content: str = "", architecture: str = "amd64") -> str:
        """Build an image in the engine, push it, and return its manifest's digest."""
        context = self.root / "context"
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text("FROM scratch\nCOPY content /content\n")
        (context / "content").write_text(content or repository)
        name = f"{self.host}/{repository}:{tag}"
        label = [f"--label={REVISION}={revision}"] if revision is not None else []
        # The classic builder needs no plugin beside the client.
        docker = {**os.environ, "DOCKER_BUILDKIT": "0"}
        for arguments in (["build", "--quiet", f"--platform=linux/{architecture}", *label, "--tag", name, str(context)], ["push", "--quiet", name]):
            subprocess.run(["docker", *arguments], env=docker, check=True, capture_output=True)
        subprocess.run(["docker", "image", "rm", "--force", name], env=docker, check=True, capture_output=True)
        return self.digest(repository, tag)

    def digest(self, repository: str, tag: str) -> str:
        """Return what a tag names."""
        answer = requests.head(f"{self.url}/{repository}/manifests/{tag}", headers={"Accept": _TYPES}, timeout=10)
        answer.raise_for_status()
        return answer.headers["Docker-Content-Digest"]

    def manifest(self, repository: str, tag: str) -> dict[str, Any]:
        """Return the manifest or index that a tag or digest names."""
        answer = requests.get(f"{self.url}/{repository}/manifests/{tag}", headers={"Accept": _TYPES}, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def blob(self, repository: str, digest: str) -> bytes:
        """Return a blob."""
        return requests.get(f"{self.url}/{repository}/blobs/{digest}", timeout=10).content

    def put_manifest(self, repository: str, tag: str, manifest: Mapping[str, Any]) -> str:
        """Store a manifest or index, and return its digest."""
        body = json.dumps(manifest)
        answer = requests.put(f"{self.url}/{repository}/manifests/{tag}", data=body, headers={"Content-Type": manifest["mediaType"]}, timeout=10)
        answer.raise_for_status()
        return answer.headers["Docker-Content-Digest"]

    def put_blob(self, repository: str, content: bytes) -> str:
        """Store a blob, and return its digest."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        begun = requests.post(f"{self.url}/{repository}/blobs/uploads/", timeout=10)
        requests.put(begun.headers["Location"], params={"digest": digest}, data=content, timeout=10).raise_for_status()
        return digest

    def index(self, repository: str, tag: str, children: Sequence[tuple[str, str]]) -> str:
        """Store an index of (digest, platform) pairs, and return its digest. `unknown/unknown` is a builder's attestation."""
        listed = []
        for digest, platform in children:
            operating_system, architecture = platform.split("/")
            child: dict[str, Any] = {"mediaType": MANIFEST, "digest": digest, "size": len(self._raw(repository, digest))}
            child["platform"] = {"os": operating_system, "architecture": architecture}
            if platform == "unknown/unknown":
                child["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
            listed.append(child)
        return self.put_manifest(repository, tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed})

    def copy(self, repository: str, tag: str, target: str) -> str:
        """Store an image, all of whose parts are copied, under another repository."""
        manifest = self.manifest(repository, tag)
        for part in (manifest["config"], *manifest["layers"]):
            self.put_blob(target, self.blob(repository, part["digest"]))
        body = self._raw(repository, tag)
        answer = requests.put(f"{self.url}/{target}/manifests/{tag}", data=body, headers={"Content-Type": manifest["mediaType"]}, timeout=10)
        answer.raise_for_status()
        return answer.headers["Docker-Content-Digest"]

    def sign(
        self,
        repository: str,
        digest: str,
        annotations: Mapping[str, str],
        keys: Keys,
        *flags: str,
        beside: bool = False,
        given: Mapping[str, str] | None = None,
    ) -> None:
        """Sign a digest under the name of a repository; the signature goes to SIGNATURES, or `beside` the image. `given` is more of cosign's environment."""
        said = [f"--annotations={key}={value}" for key, value in annotations.items()]
        command = ["sign", f"--key={keys.private}", "--yes", "--tlog-upload=false", *said, *flags]
        variables = {} if beside else {"COSIGN_REPOSITORY": f"{self.host}/{SIGNATURES}"}
        subprocess.run(
            [self._programs / "cosign", *command, f"{self.host}/{repository}@{digest}"],
            env=_environment(self._programs, self.root) | variables | dict(given or {}),
            check=True,
            capture_output=True,
        )

    def log(self, digest: str, keys: Keys, log: TransparencyLog) -> None:
        """Put the word of a transparency log beside every signature of a digest."""
        tag = f"{digest.replace(':', '-')}.sig"
        manifest = self.manifest(SIGNATURES, tag)
        for layer in manifest["layers"]:
            payload = self.blob(SIGNATURES, layer["digest"])
            layer["annotations"][_BUNDLE] = log.bundle(payload, layer["annotations"]["dev.cosignproject.cosign/signature"], keys.public.read_bytes())
        self.put_manifest(SIGNATURES, tag, manifest)

    def copy_signature(self, digest: str, target: str) -> None:
        """Lay the signature of one digest where that of another is looked for."""
        self.put_manifest(SIGNATURES, f"{target.replace(':', '-')}.sig", self.manifest(SIGNATURES, f"{digest.replace(':', '-')}.sig"))

    def _raw(self, repository: str, tag: str) -> bytes:
        return requests.get(f"{self.url}/{repository}/manifests/{tag}", headers={"Accept": _TYPES}, timeout=10).content


def _environment(programs: Path, folder: Path) -> dict[str, str]:
    return {"PATH": f"{programs}:{os.defpath}", "HOME": str(folder), "COSIGN_PASSWORD": ""}


def _plain(value: object) -> bytes:
    """Return JSON in the one form that is signed: sorted, without blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

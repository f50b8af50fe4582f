"""The real cosign, as a child process: which signatures of an image it accepts, and what was signed.

It is given a digest, a key or an identity, and of this process's environment what it needs to reach a registry and the
log's keys. What it prints is read within bounds and judged by the core; that it ended well is not enough.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pinwarden.adapters.docker_credentials import config_text
from pinwarden.config import Signing
from pinwarden.errors import Misuse
from pinwarden.image_check import Claim, Code, Reason, Signature, read_claims, refused
from pinwarden.image_reference import BadReference, Reference
from pinwarden.shown import shown

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "DOCKER_CONFIG", "TUF_ROOT", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE")
_KEPT_FOR_TRUST = ("SIGSTORE_", "SSL_CERT_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_SECONDS = 120
_MOST_PRINTED = 1024 * 1024
_MOST_KEY_BYTES = 64 * 1024
_PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*\Z")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who must have signed: the holder of a key, else an identity as its issuer told it. `key` is the key's bytes."""

    said: str
    """The signer for a person."""
    key: bytes | None = None
    identity: str = ""
    issuer: str = ""
    logged: bool = True
    """Whether the signature must be in the transparency log."""
    repository: str | None = None
    """Where signatures are kept, None for beside the image."""
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def log_key(self) -> str | None:
        """Whose key the log is checked with, None where it is not checked."""
        own = "SIGSTORE_REKOR_PUBLIC_KEY" in self.variables
        return ("the key in SIGSTORE_REKOR_PUBLIC_KEY" if own else "Sigstore's key") if self.logged else None


def signer(key: Path | None, root: Path, signing: Signing) -> Signer:
    """Return who must have signed: the holder of `key`, else whom the configuration of the registry at `root` names. Raises Misuse."""
    repository = os.environ.get("COSIGN_REPOSITORY") or signing.repository
    if repository:
        try:
            Reference.parse(repository)
        except BadReference as error:
            raise Misuse(f"COSIGN_REPOSITORY or signature.repository: {error}", "write [registry/]repository") from error
    if key is None and signing.identity and signing.issuer:
        said = f"{shown(signing.identity)}, as {shown(signing.issuer)} tells,"
        return Signer(said, identity=signing.identity, issuer=signing.issuer, logged=signing.logged, repository=repository)
    if key is None and signing.key is None:
        raise Misuse("nobody is named who must have signed", "name a key with --key, or signature in the configuration; --labels-only asks for no signature")
    path = key or root / str(signing.key)
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_KEY_BYTES + 1)
    except OSError as error:
        raise Misuse(f"{shown(str(path))}: {error.strerror}", "name the file of a public key; an address of one is not taken") from error
    if len(content) > _MOST_KEY_BYTES or not _PEM.match(content):
        raise Misuse(f"{shown(str(path))} is not one public key", "cosign generate-key-pair writes one to cosign.pub")
    return Signer(f"the holder of the key {shown(path.name)}", content, logged=signing.logged, repository=repository)


def verify(image: Reference, signer: Signer) -> tuple[tuple[Claim, ...], Reason | None]:
    """Return what was signed of `image`, which has a digest, or the reason for which no signature is accepted."""
    with tempfile.TemporaryDirectory(prefix="pinwarden-") as scratch, tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as told:
        try:
            done = subprocess.run(
                ["cosign", "verify", *_arguments(signer, Path(scratch)), str(image)],
                env=_environment(signer, Path(scratch)),
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=told,
                timeout=_SECONDS,
                check=False,
            )
        except (FileNotFoundError, PermissionError):
            return (), Reason(Code.COSIGN_MISSING, "cosign is not installed, so no signature was looked at")
        except subprocess.TimeoutExpired:
            return (), Reason(Code.COSIGN_FAILED, f"cosign took longer than {_SECONDS} s")
        printed.seek(0)
        told.seek(0)
        out, err = printed.read(_MOST_PRINTED + 1), told.read(_MOST_PRINTED).decode("utf-8", "replace")
    if done.returncode:
        return (), refused(err)
    if len(out) > _MOST_PRINTED:
        return (), Reason(Code.SIGNATURE_UNREADABLE, "what cosign prints is too long to be read")
    claims = read_claims(out)
    return ((), claims) if isinstance(claims, Reason) else (tuple(claims), None)


def signature(signer: Signer, claims: tuple[Claim, ...]) -> Signature:
    """Return how a signature was checked, for the result."""
    return Signature(signer.said, signer.log_key, claims)


def _arguments(signer: Signer, scratch: Path) -> list[str]:
    # The older form of signatures, whatever this cosign's default is: the newer keeps no annotation where it can be compared.
    # Offline: what a signature brings of the log is checked with the log's key; the log itself is not searched.
    arguments = ["--new-bundle-format=false", "--offline=true", "--check-claims=true", "--output=json"]
    if not signer.logged:
        arguments.append("--insecure-ignore-tlog=true")
    if signer.key is None:
        return [*arguments, f"--certificate-identity={signer.identity}", f"--certificate-oidc-issuer={signer.issuer}"]
    # A copy under a name of ours: cosign takes a name with a scheme for a place to ask.
    key = scratch / "cosign.pub"
    key.write_bytes(signer.key)
    return [*arguments, f"--key={key}"]


def _environment(signer: Signer, scratch: Path) -> dict[str, str]:
    kept = {key: value for key, value in signer.variables.items() if key in _KEPT or key.startswith(_KEPT_FOR_TRUST)}
    if signer.repository:
        kept["COSIGN_REPOSITORY"] = signer.repository
    if (text := config_text(signer.variables)) is not None:
        folder = scratch / "docker"
        folder.mkdir(mode=0o700)
        (folder / "config.json").write_text(text)
        kept["DOCKER_CONFIG"] = str(folder)
    return kept

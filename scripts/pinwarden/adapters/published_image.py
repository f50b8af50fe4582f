"""A published image, looked at: one digest, the labels of every platform, the signature."""

from __future__ import annotations

from collections.abc import Iterator

from pinwarden.adapters import cosign
from pinwarden.adapters.cosign import Signer
from pinwarden.adapters.docker_credentials import credential
from pinwarden.adapters.oci import NoSuchImage, OciRegistry, RegistryFailed
from pinwarden.image import BadImage, Manifest, Platform, read_config, read_manifest
from pinwarden.image_check import Code, Reason, Verified, judge_claims, judge_labels
from pinwarden.image_reference import Reference


def verify(image: Reference, pin: str, signer: Signer | None) -> Verified:
    """Compare an image with its pin; without a signer the labels alone. Whatever a registry does ends in reasons.

    Raises Misuse where docker's configuration can't be read.
    """
    digest: str | None = None
    platforms: list[Platform] = []
    reasons: list[Reason] = []
    with OciRegistry(image, credential(image)) as registry:
        try:
            # Once: whoever moves the tag meanwhile can't have one image's labels looked at and another's signature.
            digest = registry.resolve()
            for platform in _platforms(registry, digest):
                platforms.append(platform)  # noqa: PERF402  # those that were read before a failure are told as well
        except NoSuchImage as error:
            reasons.append(Reason(Code.IMAGE_MISSING, f"{error}: {image}"))
        except BadImage as error:
            reasons.append(Reason(Code.IMAGE_UNREADABLE, str(error)))
        except RegistryFailed as error:
            reasons.append(Reason(Code.REGISTRY_FAILED, str(error)))
    if platforms or not reasons:
        reasons += judge_labels(pin, platforms)
    if signer is None or digest is None or any(reason.code is Code.REGISTRY_FAILED for reason in reasons):
        return Verified(str(image), digest, pin, platforms, cosign.signature(signer, ()) if signer else None, reasons)
    claims, refusal = cosign.verify(image.at(digest), signer)
    reasons += [refusal] if refusal else judge_claims(pin, image.at(digest), claims)
    return Verified(str(image), digest, pin, platforms, cosign.signature(signer, claims), reasons)


def _platforms(registry: OciRegistry, digest: str) -> Iterator[Platform]:
    """Yield what each platform's configuration says, an image without an index being one of its own."""
    top = read_manifest(registry.manifest(digest))
    if isinstance(top, Manifest):
        yield read_config(registry.blob(top.config), digest)
        return
    manifests: dict[str, Manifest] = {}
    for child in top:
        if child.attestation:
            continue
        if child.digest not in manifests:
            manifest = read_manifest(registry.manifest(child.digest))
            if not isinstance(manifest, Manifest):
                raise BadImage("its index lists another index")
            manifests[child.digest] = manifest
        yield read_config(registry.blob(manifests[child.digest].config), child.digest, child.platform)

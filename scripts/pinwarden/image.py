"""What a registry stores of an image: an index of platforms, a manifest for each, a configuration with the labels.

Source: the OCI image specification 1.1 and Docker's schema 2. What two clients could read differently is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pinwarden.image_reference import DIGEST
from pinwarden.shown import quoted

REVISION = "org.opencontainers.image.revision"
MOST_PLATFORMS = 64
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
ACCEPT = ", ".join((*_INDEXES, *_MANIFESTS))
_LONGEST_NAME = 64


class BadImage(Exception):
    """What a registry gave is no image that can be checked; the message may be printed."""


@dataclass(frozen=True, slots=True)
class Child:
    """One manifest of an index. `platform` is os/architecture[/variant], empty where the index does not tell."""

    digest: str
    platform: str
    attestation: bool
    """Whether it is a builder's statement about another one, which nothing can run."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One platform's image: the digest of its configuration."""

    config: str


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform of an image, and what its label says the source was; None where there is no such label."""

    platform: str
    digest: str
    revision: str | None


def read_manifest(body: bytes) -> tuple[Child, ...] | Manifest:
    """Return an index's children, or a manifest. Raises BadImage."""
    document = _object(body)
    media = member(document, "mediaType")
    is_index, is_manifest = member(document, "manifests") is not None, any(member(document, key) is not None for key in ("config", "layers"))
    # Such a document is one image to one client and another to the next.
    if is_index == is_manifest or (media is not None and media not in (_INDEXES if is_index else _MANIFESTS)):
        raise BadImage("what the registry gives is neither an index nor an image's manifest")
    if is_manifest:
        return Manifest(_digest(member(document, "config")))
    listed = member(document, "manifests")
    if not isinstance(listed, list) or len(listed) > MOST_PLATFORMS:
        raise BadImage(f"its index lists no platforms, or more than {MOST_PLATFORMS}")
    return tuple(_child(item) for item in listed)


def read_config(body: bytes, digest: str, platform: str = "") -> Platform:
    """Return the platform that a configuration describes. `platform` is what the index called it. Raises BadImage."""
    document = _object(body)
    config = member(document, "config")
    labels = member(config, "Labels") if isinstance(config, dict) else None
    if not isinstance(config, dict | None) or not isinstance(labels, dict | None):
        raise BadImage("its configuration has labels that are none")
    revision = (labels or {}).get(REVISION)
    if not isinstance(revision, str | None):
        raise BadImage(f"its label {REVISION} is not text")
    return Platform(platform or _platform(document) or "unknown", digest, revision)


def member(parent: Mapping[str, Any], key: str) -> Any:
    """Return a member of a JSON object, None where it is missing or null. Raises BadImage where docker could read another one.

    Go's decoder takes keys in any case, and the last of several.
    """
    alike = [name for name in parent if name.casefold() == key.casefold()]
    if len(alike) > 1 or (alike and alike != [key]):
        raise BadImage(f"{quoted(key)} is spelled in more than one way")
    return parent.get(key)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of pairs, for json.loads. Raises ValueError where a key comes twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key comes twice")
    return made


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise BadImage("what the registry gives is not plain JSON") from error
    if not isinstance(document, dict):
        raise BadImage("what the registry gives is not an object")
    return document


def _child(item: object) -> Child:
    if not isinstance(item, dict):
        raise BadImage("its index lists something that is no manifest")
    described = member(item, "platform")
    platform = _platform(described) if isinstance(described, dict) else ""
    annotations = member(item, "annotations")
    attests = isinstance(annotations, dict) and annotations.get("vnd.docker.reference.type") == "attestation-manifest"
    # Both signs: an image that is only called an attestation, or only of no platform, is looked at like any other.
    return Child(_digest(item), platform, attestation=attests and platform == "unknown/unknown")


def _digest(descriptor: object) -> str:
    digest = member(descriptor, "digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str) or not DIGEST.match(digest):
        raise BadImage("it refers to a part without a sha256 digest")
    return digest


def _platform(described: Mapping[str, Any]) -> str:
    parts = [member(described, key) for key in ("os", "architecture", "variant")]
    return "/".join(part[:_LONGEST_NAME] for part in parts if isinstance(part, str) and part)

"""Whether a published image is what the registry pinned: its labels, and what was signed of it. Every mismatch has a reason of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pinwarden.image import REVISION, Platform, unique
from pinwarden.image_reference import BadReference, Reference
from pinwarden.shown import one_line, quoted, shown

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_MOST_CLAIMS = 100
_TYPE = "cosign container image signature"


class Code(StrEnum):
    """Why an image is not verified. docs/verify-image.md has a paragraph for each."""

    IMAGE_MISSING = "image-missing"
    IMAGE_UNREADABLE = "image-unreadable"
    NO_PLATFORMS = "no-platforms"
    LABEL_MISSING = "label-missing"
    LABEL_NOT_COMMIT = "label-not-commit"
    LABEL_MISMATCH = "label-mismatch"
    NOT_SIGNED = "not-signed"
    WRONG_KEY = "wrong-key"
    WRONG_IDENTITY = "wrong-identity"
    NOT_LOGGED = "not-logged"
    SIGNED_OTHER_DIGEST = "signed-other-digest"
    SIGNED_OTHER_NAME = "signed-other-name"
    ANNOTATION_MISSING = "annotation-missing"
    ANNOTATION_MISMATCH = "annotation-mismatch"
    SIGNATURE_REFUSED = "signature-refused"
    SIGNATURE_UNREADABLE = "signature-unreadable"
    REGISTRY_FAILED = "registry-failed"
    COSIGN_MISSING = "cosign-missing"
    COSIGN_FAILED = "cosign-failed"


OUTSIDE = frozenset({Code.REGISTRY_FAILED, Code.COSIGN_MISSING, Code.COSIGN_FAILED})
"""Reasons that say nothing about the image: it could not be looked at."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why an image is not verified; `platform` where it is about one."""

    code: Code
    message: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What the holder of a key signed: this digest goes by this name, and was built from this revision."""

    digest: str
    name: str
    revision: str | None


def judge_labels(pin: str, platforms: Sequence[Platform]) -> list[Reason]:
    """Compare the label of every platform with the pin."""
    if not platforms:
        return [Reason(Code.NO_PLATFORMS, "its index lists nothing that can be run")]
    return [reason for platform in platforms if (reason := _label(pin, platform))]


def _label(pin: str, one: Platform) -> Reason | None:
    where = shown(one.platform)
    if one.revision is None:
        return Reason(Code.LABEL_MISSING, f"{where} has no label {REVISION}", where)
    if not _COMMIT.match(one.revision):
        return Reason(Code.LABEL_NOT_COMMIT, f"{where} is labelled {quoted(one.revision)}, which is no full commit", where)
    return Reason(Code.LABEL_MISMATCH, f"{where} is labelled {one.revision}, the pin is {pin}", where) if one.revision != pin else None


def read_claims(printed: bytes) -> list[Claim] | Reason:
    """Read what `cosign verify` prints of the signatures that it accepted."""
    try:
        listed: Any = json.loads(printed, object_pairs_hook=unique)
        claims = [_claim(item) for item in listed]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Reason(Code.SIGNATURE_UNREADABLE, "cosign accepts a signature, but what it prints of it can't be read")
    if not claims or len(claims) > _MOST_CLAIMS:
        return Reason(Code.SIGNATURE_UNREADABLE, f"cosign tells of {len(claims)} signatures, from 1 to {_MOST_CLAIMS} were expected")
    return claims


def _claim(item: Any) -> Claim:
    critical, optional = item["critical"], {} if item["optional"] is None else item["optional"]
    digest, name, revision = critical["image"]["docker-manifest-digest"], critical["identity"]["docker-reference"], optional.get(REVISION)
    if critical["type"] != _TYPE or not isinstance(digest, str) or not isinstance(name, str) or not isinstance(revision, str | None):
        raise ValueError("not a claim about an image")
    return Claim(digest, name, revision)


def judge_claims(pin: str, image: Reference, claims: Sequence[Claim]) -> list[Reason]:
    """Compare what was signed with the pin. `image` has the digest that was looked at.

    One claim must hold in all its parts, and none may contradict: a digest holds the label, so it has one revision.
    """
    here = [claim for claim in claims if claim.digest == image.digest]
    if not here:
        return [Reason(Code.SIGNED_OTHER_DIGEST, f"what was signed is {quoted(claims[0].digest)}, not {image.digest}")]
    reasons = []
    named = [claim for claim in here if _same_name(claim.name, image)]
    if not named:
        reasons.append(Reason(Code.SIGNED_OTHER_NAME, f"it was signed as {quoted(here[0].name)}, not as {image.name}"))
    others = sorted({claim.revision for claim in here if claim.revision not in (None, pin)}, key=str)
    reasons += [Reason(Code.ANNOTATION_MISMATCH, f"it was signed as built from {quoted(str(other))}, the pin is {pin}") for other in others[:3]]
    if not others and not any(claim.revision == pin for claim in named or here):
        reasons.append(Reason(Code.ANNOTATION_MISSING, f"the signature does not say {REVISION}={pin}"))
    return reasons


def _same_name(name: str, image: Reference) -> bool:
    try:
        return Reference.parse(name).name == image.name
    except BadReference:
        return False


# What cosign 2 says on its way out, by what it means. An answer that is not here is no less a refusal.
_SAYS: tuple[tuple[str, Code, str], ...] = (
    (r"tuf:|dial tcp|no such host|connection refused|i/o timeout|UNAUTHORIZED|TOOMANYREQUESTS", Code.COSIGN_FAILED, "cosign could not find out"),
    (r"no signatures found", Code.NOT_SIGNED, "no signature was found; are they kept in another repository?"),
    (r"invalid or missing digest in claim", Code.SIGNED_OTHER_DIGEST, "a signature lies beside it that was made of another image"),
    (r"none of the expected identities matched", Code.WRONG_IDENTITY, "it was signed by somebody else than the identity that is expected"),
    (
        r"offline verification failed|log public key not found|transparency log|tlog|bundle",
        Code.NOT_LOGGED,
        "its signature is not proven to be in the log",
    ),
    (r"invalid signature|could not verify", Code.WRONG_KEY, "no signature of it was made with the key"),
)


def refused(stderr: str) -> Reason:
    """Return the reason for which cosign accepted no signature, from what it wrote."""
    told = [line for line in stderr.splitlines() if line.strip() and not line.startswith(("WARNING:", "error during command"))]
    words = " ".join(told).removeprefix("Error: ")
    for pattern, code, meaning in _SAYS:
        if re.search(pattern, words):
            return Reason(code, f"{meaning} (cosign: {quoted(words)})")
    return Reason(Code.SIGNATURE_REFUSED, f"cosign accepts no signature: {quoted(words)}")


@dataclass(frozen=True, slots=True)
class Signature:
    """How a signature was checked. `by` says whom it binds, `log_key` whose key the transparency log was checked with, None where it was not.

    `claims` is what was signed, empty where no signature was accepted.
    """

    by: str
    log_key: str | None
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of an image. `signature` is None where none was asked for."""

    image: str
    digest: str | None
    pin: str
    platforms: Sequence[Platform]
    signature: Signature | None
    reasons: Sequence[Reason]

    @property
    def ok(self) -> bool:
        return not self.reasons

    def record(self) -> dict[str, Any]:
        """Return the document of --format json."""
        return {
            "image": self.image,
            "digest": self.digest,
            "pin": self.pin,
            "platforms": [{"platform": one.platform, "digest": one.digest, "revision": one.revision} for one in self.platforms],
            "signature": self.signature
            and {
                "by": self.signature.by,
                "log": f"verified offline with {self.signature.log_key}" if self.signature.log_key and self.signature.claims else "not checked",
                "claims": [{"digest": claim.digest, "name": claim.name, "revision": claim.revision} for claim in self.signature.claims],
            },
            "ok": self.ok,
            "reasons": [{"reason": reason.code, "platform": reason.platform, "message": reason.message} for reason in self.reasons],
            "proven": list(self.proven()),
            "not_proven": list(self.not_proven()),
        }

    def proven(self) -> Iterable[str]:
        """Say what holds, where all of it does."""
        if self.ok:
            yield f"every platform of {self.digest} is labelled with the pin"
            if self.signature:
                yield f"{self.signature.by} signed this digest under this name as built from the pin"
                if self.signature.log_key:
                    yield f"the signature is in the transparency log, by the word of {self.signature.log_key}"

    def not_proven(self) -> Iterable[str]:
        """Say what does not follow, whatever was found."""
        if not self.signature:
            yield "who labelled it: anybody who can push can write a label, and no signature was asked for"
        elif not self.signature.log_key:
            yield "that the signature was ever public: the transparency log was not looked at"
        yield "that it was built from the pin: that needs provenance of a builder that is trusted, or a rebuild"
        yield "that the tag still names this digest: run the digest"


def text(verified: Verified) -> str:
    """Return the result for a person."""
    lines = [f"{shown(verified.image)} {verified.digest or ''}".rstrip()]
    lines += [f"  {shown(one.platform)}: {quoted(one.revision) if one.revision is not None else 'no label'}" for one in verified.platforms]
    lines += [f"  not verified [{reason.code}]: {one_line(reason.message)}" for reason in verified.reasons]
    lines += [f"  proven: {sentence}" for sentence in verified.proven()]
    lines += [f"  not proven: {sentence}" for sentence in verified.not_proven()]
    return "\n".join(lines)

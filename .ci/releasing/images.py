"""Images of a release, through docker and cosign: packed where they are built, pushed and signed by another job, verified by a third."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

from pinwarden.adapters import engine
from pinwarden.errors import OutsideError
from pinwarden.image_reference import DIGEST, Reference, is_loopback
from pinwarden.shown import quoted, shown
from releasing.plan import ISSUER, PLATFORMS

_SECONDS = 900
_MOST_BYTES = 1024 * 1024


def packed_name(part: str, platform: str) -> str:
    """Return what an image is called on its way from job to job: a name that no other image has."""
    return f"pinwarden-release/{part}:{platform}"


def pack(part: str, name: str, platform: str, folder: Path) -> None:
    """Write the engine's image `name` to `image.tar` in `folder`. Raises OutsideError."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = packed_name(part, platform)
    _docker("tag", name, packed)
    _check_platform(packed, platform)
    _docker("save", "--output", str(folder / "image.tar"), packed)


def push(part: str, folder: Path, name: str, tag: str) -> dict[str, str]:
    """Push what lies in `folder/<part>-<platform>/image.tar`, and an index of it as `name:tag`. Return the digests, by platform and `index`.

    Nothing of the images is run. Raises OutsideError.
    """
    digests = {}
    for platform in PLATFORMS:
        archive, packed = folder / f"{part}-{platform}" / "image.tar", packed_name(part, platform)
        if _names_in(archive) != [packed]:
            raise OutsideError(f"{archive} does not hold {packed} alone", "it is not what the job that builds hands on; run again")
        _docker("load", "--quiet", "--input", str(archive))
        _check_platform(packed, platform)
        pushed = f"{name}:{tag}-{platform}"
        _docker("tag", packed, pushed)
        _docker("push", "--quiet", pushed)
        found = json.loads(_docker("image", "inspect", "--format", "{{json .RepoDigests}}", pushed))
        digests[platform] = ", ".join(reference.partition("@")[2] for reference in found if reference.startswith(f"{name}@"))
        _docker("image", "rm", pushed, packed)
    _docker("manifest", "create", *_plainly(name), f"{name}:{tag}", *(f"{name}@{digests[platform]}" for platform in PLATFORMS))
    digests["index"] = _docker("manifest", "push", "--purge", *_plainly(name), f"{name}:{tag}").strip()
    if bad := [digest for digest in digests.values() if not DIGEST.match(digest)]:
        raise OutsideError(f"docker told {quoted(bad[0][:100])} and no digest of {name}", "another version of docker prints another thing; look at its log")
    return digests


def sign(reference: str) -> None:
    """Sign an image by its digest, as who this job is. Raises OutsideError."""
    _cosign("sign", "--yes", reference)


def verify(reference: str, identity: str) -> None:
    """Hold an image against its digest, its signer and its platforms. Raises OutsideError where anything is not as it must be."""
    _cosign("verify", f"--certificate-identity={identity}", f"--certificate-oidc-issuer={ISSUER}", reference)
    index = json.loads(_docker("manifest", "inspect", *_plainly(reference), reference))
    platforms = [each.get("platform", {}) for each in index.get("manifests", ())]
    found = sorted(f"{each.get('os')}/{each.get('architecture')}" for each in platforms)
    if found != [f"linux/{platform}" for platform in PLATFORMS]:
        raise OutsideError(f"{reference} is for {shown(', '.join(found)) or 'one platform'}", "an index of both platforms is wanted; run again")


def _plainly(name: str) -> list[str]:
    """Return what `docker manifest` wants to be told of a registry on this machine, which docker itself talks to without TLS."""
    return ["--insecure"] if is_loopback(Reference.parse(name).hostname) else []


def _check_platform(name: str, platform: str) -> None:
    found = _docker("image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", name).strip()
    if found != f"linux/{platform}":
        raise OutsideError(f"{name} is for {shown(found)}", f"it must be built on a runner with linux/{platform}")


def _names_in(archive: Path) -> list[str]:
    """Return the names that loading an archive would give to images."""
    try:
        with tarfile.open(archive) as packed:
            file = packed.extractfile("manifest.json")
            listed = json.loads(file.read(_MOST_BYTES)) if file else []
            return [name for image in listed for name in image["RepoTags"]]
    except (OSError, KeyError, TypeError, ValueError, tarfile.TarError) as error:
        raise OutsideError(
            f"{archive} can't be read as an image ({type(error).__name__})", "the job that builds did not hand it on whole; run again"
        ) from error


def _docker(*arguments: str) -> str:
    try:
        return engine.docker(*arguments, seconds=_SECONDS)
    except OutsideError as error:
        raise OutsideError(error.message, "nothing was tagged; see to that, and run again") from error


def _cosign(*arguments: str) -> None:
    """Run cosign, which tells on stderr what it does. Its environment is the step's: a runner lets it prove there who this job is."""
    try:
        done = subprocess.run(["cosign", *arguments], stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), timeout=_SECONDS, check=False)
    except FileNotFoundError as error:
        raise OutsideError("there is no cosign command", "the workflow installs it") from error
    except subprocess.TimeoutExpired as error:
        raise OutsideError(f"cosign {arguments[0]} took longer than {_SECONDS} s", "nothing was tagged; run again") from error
    if done.returncode:
        raise OutsideError(f"cosign {arguments[0]} {arguments[-1]}: it failed, and says above why", "nothing was tagged; see to that, and run again")

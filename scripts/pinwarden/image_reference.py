"""The name of an image, as docker reads it: registry, repository, tag, digest. Source: distribution's reference grammar."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from pinwarden.shown import quoted

DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?\Z")
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
_HUB = "docker.io"
_HUB_NAMES = frozenset({_HUB, "index.docker.io", "registry-1.docker.io"})
_LONGEST = 255


class BadReference(ValueError):
    """A text that names no image; the message says why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image. `host` is `docker.io` for all names of Docker Hub, with its port where it has one."""

    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference; short names are Docker Hub's. Raises BadReference."""
        named, at, digest = text.partition("@")
        if at and not DIGEST.match(digest):
            raise BadReference(f"{quoted(digest)} is not a sha256 digest")
        first, slash, rest = named.partition("/")
        # As docker decides it: without one of these signs the first part is a namespace of Docker Hub.
        host, path = (first.lower(), rest) if slash and (re.search(r"[.:]", first) or first.lower() == "localhost") else (_HUB, named)
        repository, colon, tag = path.partition(":")
        if host in _HUB_NAMES:
            host, repository = _HUB, repository if "/" in repository else f"library/{repository}"
        if not _HOST.match(host) or not _REPOSITORY.match(repository) or len(named) > _LONGEST or (colon and not _TAG.match(tag)):
            raise BadReference(f"{quoted(text)} is not the name of an image")
        return cls(host, repository, tag or None, digest or None)

    @property
    def name(self) -> str:
        """What is the same for every tag and digest."""
        return f"{self.host}/{self.repository}"

    @property
    def hostname(self) -> str:
        """The host without its port, and without the brackets of an IPv6 address."""
        return self.host.rpartition("]")[0].removeprefix("[") if "]" in self.host else self.host.partition(":")[0]

    def at(self, digest: str) -> Reference:
        """Return the same image at a digest, without a tag."""
        return replace(self, tag=None, digest=digest)

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def is_loopback(hostname: str) -> bool:
    """Tell whether a host is this machine under a name that nobody else can give it."""
    if hostname == "localhost":
        return True
    address = _address(hostname)
    return address is not None and address.is_loopback


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet's: not of this machine, a private network or a cloud's metadata service."""
    parsed = _address(address)
    return parsed is not None and parsed.is_global and not parsed.is_multicast


def is_address(hostname: str) -> bool:
    """Tell whether a host is written as an IP address. Names such as `2130706433`, which some resolvers take for one, are told as well."""
    return _address(hostname) is not None or not re.search(r"[g-wyz]", hostname.lower())


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # An IPv4 address in the clothes of IPv6 is still that address.
    return getattr(parsed, "ipv4_mapped", None) or parsed

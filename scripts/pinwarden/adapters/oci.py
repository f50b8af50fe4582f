"""Reading an image from its registry over HTTP: no docker, no layer, few requests. Source: the OCI distribution specification 1.1.

A registry is untrusted. What is asked for by digest is hashed again, bodies are bounded, and a registry decides neither who
gets a credential nor which machine of a private network is asked: a token comes from a host that is known to be the
registry's, a redirect is followed for blobs alone, to the internet alone, and without any credential.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3
from requests.utils import parse_dict_header

from pinwarden.adapters.docker_credentials import Credential
from pinwarden.adapters.http_answers import Body, CountingAdapter, PatientRetry, plain_session, reason
from pinwarden.adapters.public_only import NotPublic, PublicOnly
from pinwarden.git_protocol import BadAnswer
from pinwarden.image import ACCEPT, BadImage
from pinwarden.image_reference import DIGEST, Reference, is_address, is_loopback, is_public
from pinwarden.shown import quoted, shown

_HUB_API = "registry-1.docker.io"
# Where a token may come from besides the registry's own host.
_TOKEN_HOSTS: Mapping[str, str] = {_HUB_API: "auth.docker.io", "registry.gitlab.com": "gitlab.com"}
_MOST_REDIRECTS = 3
_MOST_TOKEN_BYTES = 256 * 1024


class RegistryFailed(Exception):
    """The registry could not be asked, so that nothing is known; the message may be printed."""


class NoSuchImage(Exception):
    """The registry has no such image."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost. Times in seconds."""

    connect: float = 10
    read: float = 20
    whole: float = 60
    """For one body."""
    image: float = 300
    """For all that is asked about an image; the last question may end later."""
    body_bytes: int = 4 * 1024 * 1024
    """What the specification wants a registry to take for a manifest; a configuration gets no more."""
    tries: int = 3
    wait: float = 0.5
    longest_wait: int = 20


class OciRegistry:
    """A client for one image's repository. Raises RegistryFailed, NoSuchImage and BadImage."""

    def __init__(self, image: Reference, credential: Credential | None = None, limits: Limits = Limits()) -> None:  # immutable
        self._image = image
        self._limits = limits
        self._end = time.monotonic() + limits.image
        self._credential = credential
        self._authorization: str | None = None
        self._host = _HUB_API if image.host == "docker.io" else image.host
        self._hostname = _HUB_API if image.host == "docker.io" else image.hostname
        # Nobody on the way can read or change what never leaves this machine.
        self._local = is_loopback(image.hostname)
        self._base = f"{'http' if self._local else 'https'}://{self._host}/v2/{image.repository}"
        retry = PatientRetry.reading(limits.tries - 1, limits.wait, limits.longest_wait)
        # The registry itself was named by the user or the entry, wherever it is; what it points to was not.
        self._own = plain_session(CountingAdapter(max_retries=retry))
        self._elsewhere = self._own if self._local else plain_session(PublicOnly(max_retries=retry))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._own.close()
        self._elsewhere.close()

    def resolve(self) -> str:
        """Return the digest that the image's tag names now, from a HEAD, which counts as no pull at Docker Hub."""
        if self._image.digest:
            return self._image.digest
        with self._asked("HEAD", f"manifests/{self._image.tag or 'latest'}") as answer:
            digest = answer.headers.get("Docker-Content-Digest", "")
        if not DIGEST.match(digest):
            raise RegistryFailed(f"{self._host} does not tell the digest of a tag")
        return digest

    def manifest(self, digest: str) -> bytes:
        """Return the index or manifest with this digest."""
        return self._content(f"manifests/{digest}", digest, redirected=False)

    def blob(self, digest: str) -> bytes:
        """Return the blob with this digest."""
        return self._content(f"blobs/{digest}", digest, redirected=True)

    def _content(self, path: str, digest: str, *, redirected: bool) -> bytes:
        with self._asked("GET", path, redirected=redirected) as answer:
            content = self._body(answer, self._limits.body_bytes)
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise BadImage(f"{self._host} gives other bytes than those of {digest}")
        return content

    @contextmanager
    def _asked(self, method: str, path: str, *, redirected: bool = False) -> Iterator[requests.Response]:
        """Ask the registry, once more with a credential where it wants one, and follow a blob's redirects."""
        if time.monotonic() > self._end:
            raise RegistryFailed(f"{self._host} takes longer than {self._limits.image:g} s")
        url = f"{self._base}/{path}"
        with self._told():
            answer = self._send(method, url, self._own)
            if answer.status_code == 401 and self._authorization is None:
                answer.close()
                self._authorization = self._authorize(answer.headers.get("WWW-Authenticate", ""))
                answer = self._send(method, url, self._own)
            hops = 0
            while redirected and answer.is_redirect and hops < _MOST_REDIRECTS:
                answer.close()
                url, hops = self._checked(url, answer.headers["Location"]), hops + 1
                answer = self._send(method, url, self._elsewhere, credential=False)
            with answer:
                self._check(answer)
                yield answer

    def _send(self, method: str, url: str, session: requests.Session, *, credential: bool = True) -> requests.Response:
        headers = {"Accept": ACCEPT if "/manifests/" in url else "*/*", "Accept-Encoding": "identity", "User-Agent": "pinwarden"}
        if credential and self._authorization:
            headers["Authorization"] = self._authorization
        return session.request(method, url, headers=headers, timeout=(self._limits.connect, self._limits.read), allow_redirects=False, stream=True)

    def _authorize(self, challenge: str) -> str:
        """Return what to send in Authorization: a token of this repository alone, or the user's password where the registry wants it itself."""
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic" and self._credential:
            return self._credential.basic()
        if scheme.lower() != "bearer":
            raise RegistryFailed(f"{self._host} wants a credential, and docker's configuration has none for it")
        told = parse_dict_header(rest)  # type: ignore[no-untyped-call]
        realm = self._realm(str(told.get("realm") or ""))
        # The scope is ours: a registry must not be given more than was wanted.
        wanted = {"service": str(told.get("service") or ""), "scope": f"repository:{self._image.repository}:pull"}
        headers = {"Authorization": self._credential.basic()} if self._credential else {}
        session = self._own if urlsplit(realm).hostname == self._hostname else self._elsewhere
        with session.get(
            realm, params=wanted, headers=headers, timeout=(self._limits.connect, self._limits.read), allow_redirects=False, stream=True
        ) as answer:
            self._check(answer)
            return f"Bearer {_token(self._body(answer, _MOST_TOKEN_BYTES))}"

    def _realm(self, realm: str) -> str:
        parts = _split(realm)
        known = parts is not None and parts.hostname in (self._hostname, _TOKEN_HOSTS.get(self._host))
        if parts is None or not known or parts.scheme != ("http" if self._local else "https") or "@" in parts.netloc or parts.query or parts.fragment:
            raise RegistryFailed(f"{self._host} sends for its token to {quoted(realm)}, which is not known to be its own: nothing was asked there")
        return realm

    def _checked(self, asked: str, location: str) -> str:
        """Return the address that a blob's redirect leads to. Raises RegistryFailed for one that is not followed."""
        try:
            url = urljoin(asked, location)
        except ValueError:
            url = location
        parts = _split(url)
        host = (parts and parts.hostname) or ""
        here = self._local and is_loopback(host)
        # What a name leads to is seen when connected, but not where a proxy connects.
        away = not is_loopback(host) and (is_public(host) or not is_address(host))
        if parts is None or "@" in parts.netloc or not ((here and parts.scheme == "http") or (parts.scheme == "https" and (here or away))):
            raise RegistryFailed(f"{self._host} redirects to {quoted(url)}, which is not followed")
        return url

    def _check(self, answer: requests.Response) -> None:
        status = answer.status_code
        if status == 200:
            return
        if status == 404:
            raise NoSuchImage(f"{self._host} has no such image")
        if status in (401, 403):
            raise RegistryFailed(f"{self._host} does not let it be read ({status}): it is private, or not there")
        if answer.is_redirect:
            raise RegistryFailed(f"{self._host} redirects to {quoted(answer.headers['Location'])}, which is not followed")
        raise RegistryFailed(f"{self._host} answered {status}" + (": too many pulls, log in with docker login" if status == 429 else ""))

    def _body(self, answer: requests.Response, most: int) -> bytes:
        return Body(answer.raw, most, self._limits.whole).read(most + 1)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BadAnswer as error:
            raise BadImage(f"{self._host}: {error}") from error
        except NotPublic as error:
            raise RegistryFailed(f"{self._host} points elsewhere, and {shown(str(error))}") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise RegistryFailed(f"{self._host}: {reason(error)}") from error


def _split(url: str) -> SplitResult | None:
    """Return the parts of an absolute URL, None for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # it is read, and may be refused, only when asked for
    except ValueError:
        return None
    return parts if url.isascii() and url.isprintable() and "\\" not in url and parts.hostname else None


def _token(body: bytes) -> str:
    try:
        told = json.loads(body)
        token = told.get("token") or told["access_token"]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise RegistryFailed("the registry's token can't be read") from error
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token:
        raise RegistryFailed("the registry's token has characters that no token has")
    return token

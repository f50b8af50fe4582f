"""The proxy's settings, read once from its environment and from the file with the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from proxy.budget import Limits
from proxy.policy import Provider, Rules

UPSTREAMS = {Provider.ANTHROPIC: "https://api.anthropic.com", Provider.OPENAI: "https://api.openai.com"}
MOST_PARALLEL = 8
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_SECRET = re.compile(r"[!-~]{16,512}")


class BadSettings(Exception):
    """The proxy can't start so; the message names the setting and never its value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one run's proxy works. Its text has no secret in it."""

    rules: Rules
    limits: Limits
    upstream: str
    """Without a slash at the end."""
    socket: Path
    first_byte_seconds: float
    """How long the provider may take to begin an answer; a long thought without a stream takes minutes."""
    idle_seconds: float
    """How long an answer may stand still."""
    client_token: str = field(repr=False)
    key: str = field(repr=False)

    @property
    def credential(self) -> dict[str, str]:
        """The field of the head that the provider knows the key by."""
        return {"x-api-key": self.key} if self.rules.provider is Provider.ANTHROPIC else {"authorization": f"Bearer {self.key}"}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read PINWARDEN_* and the key file. Raises BadSettings."""
    given = {name.removeprefix("PINWARDEN_"): value for name, value in environment.items() if name.startswith("PINWARDEN_")}
    provider = next((known for known in Provider if known == given.get("PROVIDER")), None)
    if provider is None:
        raise BadSettings("PINWARDEN_PROVIDER must be anthropic or openai")
    models = frozenset(filter(None, (model.strip() for model in given.get("MODELS", "").split(","))))
    if not models or not all(map(_MODEL.fullmatch, models)):
        raise BadSettings("PINWARDEN_MODELS must name the models that may be asked, with commas between")
    token = given.get("CLIENT_TOKEN", "")
    if not _SECRET.fullmatch(token):
        raise BadSettings("PINWARDEN_CLIENT_TOKEN must be 16 to 512 visible ASCII characters, made for this run alone")
    key = _key(Path(given.get("KEY_FILE") or "/run/secrets/provider-key"))
    if token in key or key in token:
        raise BadSettings("PINWARDEN_CLIENT_TOKEN must have nothing to do with the provider's key")
    return Settings(
        rules=Rules(provider, models, _amount(given, "MOST_OUTPUT_TOKENS", 32_000)),
        limits=Limits(
            requests=_amount(given, "MOST_REQUESTS", 400),
            tokens=_amount(given, "MOST_TOKENS", 4_000_000),
            bytes=_amount(given, "MOST_BYTES", 256 * 1024 * 1024),
            parallel=MOST_PARALLEL,
        ),
        upstream=_upstream(given.get("UPSTREAM") or UPSTREAMS[provider]),
        socket=Path(given.get("SOCKET") or "/run/proxy/proxy.sock"),
        first_byte_seconds=_amount(given, "FIRST_BYTE_SECONDS", 600),
        idle_seconds=_amount(given, "IDLE_SECONDS", 180),
        client_token=token,
        key=key,
    )


def _key(path: Path) -> str:
    try:
        key = path.read_bytes().strip()
    except OSError:
        raise BadSettings("PINWARDEN_KEY_FILE names no file that can be read") from None
    # The bytes decide: an error of a decoder would carry them.
    if not re.fullmatch(_SECRET.pattern.encode(), key):
        raise BadSettings("the file that PINWARDEN_KEY_FILE names must hold one key of 16 to 512 visible ASCII characters")
    return key.decode("ascii")


def _amount(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name) or str(default)
    if not re.fullmatch(r"[1-9][0-9]{0,14}", value):
        raise BadSettings(f"PINWARDEN_{name} must be a whole number above zero")
    return int(value)


def _upstream(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = parts.scheme in ("http", "https") and parts.hostname and port != 0 and "@" not in parts.netloc and not parts.query and not parts.fragment
    if not plain or not re.fullmatch(r"[!-~]+", url):
        raise BadSettings("PINWARDEN_UPSTREAM must be an http or https address without user, query and fragment")
    return url.rstrip("/")

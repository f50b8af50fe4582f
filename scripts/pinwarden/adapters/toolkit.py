"""The toolkit's own files: which version of it this is, as far as a review depends on it, and which commit."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

from pinwarden.reviewer import Agent

_ROOT = Path(__file__).resolve().parents[3]
_PARTS = ("scripts/pinwarden", "scripts/requirements.txt", "actions/run-review/sandbox", "schemas")


def fingerprint() -> str:
    """Return a text that changes with anything that a review depends on: prompt, rules, grammar, images, policy. Reads about two megabytes."""
    digest = hashlib.sha256()
    for part in _PARTS:
        start = _ROOT / part
        files = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        for path in files:
            digest.update(f"{path.relative_to(_ROOT).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def commit() -> str | None:
    """Return the commit that this toolkit is, where it is a git checkout of its own in which nothing was changed; None for anything else."""
    top, head, changes = (_git(*words) for words in (("rev-parse", "--show-toplevel"), ("rev-parse", "--verify", "HEAD^{commit}"), ("status", "--porcelain")))
    if top is None or head is None or changes != "" or Path(top).resolve() != _ROOT:
        return None
    return head


def is_release() -> bool:
    """Tell whether this toolkit names the sandbox's images by digest, as a release does alone; Claude Code's is everybody's own."""
    images = json.loads((_ROOT / "actions/run-review/sandbox/images.json").read_bytes())
    return all("@sha256:" in image for part, image in images.items() if part != Agent.CLAUDE)


def _git(*arguments: str) -> str | None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", "-C", str(_ROOT), "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    return os.fsdecode(done.stdout).rstrip("\n") if done.returncode == 0 else None

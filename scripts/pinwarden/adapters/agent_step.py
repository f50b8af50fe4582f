"""The step that runs an agent: the only one with a key, and the key is gone when it ends."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from pinwarden.adapters import engine, processes, provider_key, sandboxed
from pinwarden.adapters.clock import now
from pinwarden.agents import REVIEWERS
from pinwarden.errors import Misuse, OutsideError
from pinwarden.review import Run
from pinwarden.reviewer import Agent
from pinwarden.sandbox import LATER, PROVIDERS, Sandbox, images_of
from pinwarden.shown import quoted
from pinwarden.steps import RAN, ran_document

_VERSION_LABEL = "org.opencontainers.image.version"
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)
# What the proxy takes; it says so itself, but only once everything was started.
_KEY = re.compile(r"[!-~]{16,512}")
_URL = re.compile(r"https?://[!-~]+")
_GRACE = 3600
"""Seconds for which an output may wait to be collected, beyond the agent's deadline."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent is run with. `key` is the provider's, empty for an agent that needs none; `later` where another process collects."""

    agent: Agent
    model: str | None
    seconds: float
    key: str = field(repr=False)
    later: bool
    images: str = ""
    upstream: str = ""


def take_keys(environ: MutableMapping[str, str] = os.environ) -> dict[str, str]:
    """Take the providers' keys out of the environment, so that no process started from here on gets one; return them by variable."""
    return {provider.key_variable: environ.pop(provider.key_variable, "") for provider in PROVIDERS.values()}


def wanted(agent: str, model: str | None, seconds: float, keys: Mapping[str, str], *, later: bool) -> Wanted:
    """Return how to run `agent`, with images and gateway as the environment names them. Raises Misuse where it can't be run."""
    reader = Agent(agent)
    images, upstream = os.environ.get("PINWARDEN_IMAGES", ""), os.environ.get("PINWARDEN_PROVIDER_URL", "")
    provider = PROVIDERS.get(reader)
    if provider is None:
        if model:
            raise Misuse(f"{reader} asks no model", "leave --model out")
        return Wanted(reader, None, seconds, "", later, images)
    key = keys.get(provider.key_variable, "").strip()
    if not key:
        raise Misuse(f"{provider.key_variable} is not set", f"{reader} needs its provider's key in the environment; guarddog needs none")
    if not _KEY.fullmatch(key):
        raise Misuse(f"{provider.key_variable} is no key", "a key is one word of 16 to 512 visible characters")
    if upstream and not _URL.fullmatch(upstream):
        raise Misuse("PINWARDEN_PROVIDER_URL is no http or https address", "unset it, or name the gateway's base URL")
    models = REVIEWERS[reader].models
    if model and model not in models:
        raise Misuse(f"{reader} may not ask {quoted(model)}", f"models are {', '.join(models)}")
    return Wanted(reader, model or models[0], seconds, key, later, images, upstream)


def prepare(wanted: Wanted) -> dict[str, str]:
    """Sweep what killed runs left, and return the ids of the images, pulled where they are missing. Raises Misuse and OutsideError.

    Made before the clock of a review starts.
    """
    engine.versions()
    sandboxed.sweep(time.time())
    references = images_of(json.loads((engine.SANDBOX / "images.json").read_text()), wanted.images)
    parts = {"agent": wanted.agent.value} | ({"proxy": "proxy"} if wanted.agent in PROVIDERS else {})
    return {part: engine.image_id(references[name]) for part, name in parts.items()}


def run_agent(wanted: Wanted, images: dict[str, str], folder: Path, tell: sandboxed.Tell) -> str:
    """Run the agent over what was staged in `folder`, write down how it went, and return the Compose project that holds its output.

    Whatever fails is written down as a reason; the project is empty then.
    """
    started = now()
    provider = PROVIDERS.get(wanted.agent)
    mark = processes.mark()
    sandbox = Sandbox(
        run=secrets.token_hex(6),
        owner=mark,
        holder=LATER if wanted.later else mark,
        until=int(time.time() + wanted.seconds + _GRACE),
        inputs=str((folder / "in").resolve()),
        agent_image=images["agent"],
        proxy_image=images.get("proxy"),
        provider=provider,
        model=wanted.model or "",
        client_token=secrets.token_urlsafe(32) if provider else "",
        upstream=wanted.upstream,
        budget=REVIEWERS[wanted.agent].budget,
        seconds=wanted.seconds,
    )
    run = Run(
        wanted.agent,
        None,
        started,
        started,
        model=wanted.model,
        images=images,
        prompt_sha256=hashlib.sha256((folder / "in" / "prompt.md").read_bytes()).hexdigest(),
    )
    project = ""
    try:
        _require_something(folder / "in" / "repository")
        run = replace(run, agent_version=engine.image_label(images["agent"], _VERSION_LABEL))
        with provider_key.key_file(sandbox.run, wanted.key) if provider else nullcontext() as key_file:
            failures, spent = sandboxed.run(replace(sandbox, key_file=str(key_file or "")), folder, wanted.seconds, tell)
        run = replace(run, failures=tuple(failures), usage=spent.usage() if provider else {})
        project = sandbox.project
    except OutsideError as error:
        run = replace(run, failures=(f"the sandbox failed: {error.message}",))
    (folder / RAN).write_text(json.dumps(ran_document(project or None, replace(run, finished=now())), indent=2) + "\n")
    return project


def _require_something(repository: Path) -> None:
    if all(path.name == ".git" for path in repository.iterdir()):
        raise OutsideError("there is nothing to read, so no agent was started", "the review says why nothing could be staged")


def become(command: Sequence[str]) -> None:
    """Go on as another program. The memory that a process starts with shows its first environment for as long as it lives, keys included."""
    sys.stdout.flush()
    # Until the new program can clear up after itself, an interruption waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    os.execv(command[0], list(command))  # noqa: S606  # no shell is wanted

"""Starts the shipped sandbox with a probe in the agent's place, and a key that is worth nothing."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import time
from pathlib import Path

from pinwarden.adapters import engine, processes, sandboxed
from pinwarden.adapters.provider_key import key_file
from pinwarden.agents import REVIEWERS
from pinwarden.doctor import Check, sandbox_checks
from pinwarden.errors import OutsideError
from pinwarden.reviewer import Agent
from pinwarden.sandbox import PROVIDERS, Sandbox, images_of

_SECONDS = 60
_UNTIL = 600


def checks(file: Path = sandboxed.COMPOSE_FILE) -> list[Check]:
    """Return what was found of engine, Compose, images and the agent's container. Nothing is left behind."""
    found = []
    try:
        versions = engine.versions()
        found.append(Check("engine and Compose", ok=True, hint=f"engine {versions['engine']}, Compose {versions['compose']}"))
    except OutsideError as error:
        return [Check("engine and Compose", ok=False, hint=f"{error.message}; {error.hint}")]
    sandboxed.sweep(time.time())
    can = engine.docker("info", "--format", "{{.MemoryLimit}} {{.PidsLimit}} {{.CPUCfsQuota}}").split()
    found.append(Check("memory, processes and processor can be limited", can == ["true"] * 3, f"docker info says {' '.join(can)}"))
    references = images_of(json.loads((engine.SANDBOX / "images.json").read_text()), os.environ.get("PINWARDEN_IMAGES", ""))
    images: dict[str, str] = {}
    missing: dict[str, str] = {}
    for part, reference in sorted(references.items()):
        try:
            images[part] = engine.image_id(reference)
        except OutsideError as error:
            missing[part] = f"{error.message}; {error.hint}"
    agents = [part for part in images if part != "proxy"]
    found.append(Check("the proxy's image", "proxy" in images, images.get("proxy") or missing["proxy"]))
    found.append(Check("an agent's image", bool(agents), ", ".join(f"{part} {images[part]}" for part in agents) or "; ".join(missing.values())))
    if "proxy" not in images:
        return found
    key = f"key-of-nobody-{secrets.token_hex(8)}"
    try:
        return [*found, *sandbox_checks(_probed(images["proxy"], key, file), key)]
    except OutsideError as error:
        return [*found, Check("the sandbox starts", ok=False, hint=error.message)]


def _probed(image: str, key: str, compose: Path) -> bytes:
    """Return what the probe printed. The proxy's image stands in for an agent's: it is there in any case, and has a Python."""
    mark, provider = processes.mark(), PROVIDERS[Agent.CLAUDE]
    run = secrets.token_hex(6)
    with tempfile.TemporaryDirectory(prefix="pinwarden-") as folder, key_file(run, key) as file:
        inputs = Path(folder) / "in"
        inputs.mkdir()
        inputs.chmod(0o777)
        sandbox = Sandbox(
            run=run,
            owner=mark,
            holder=mark,
            until=int(time.time()) + _UNTIL,
            inputs=str(inputs),
            agent_image=image,
            proxy_image=image,
            provider=provider,
            model=REVIEWERS[Agent.CLAUDE].models[0],
            client_token=secrets.token_urlsafe(32),
            key_file=str(file),
        )
        sandboxed.run(sandbox, Path(folder), _SECONDS, lambda _: None, (compose, engine.SANDBOX / "probe.yaml"))
        sandboxed.remove(sandbox.project)
        return (Path(folder) / "agent.log").read_bytes()

"""Runs an attack as the agent of the shipped Compose stack, or of the same stack with one protection taken out of its file."""

from __future__ import annotations

import inspect
import ipaddress
import itertools
import json
import secrets
import shutil
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from pinwarden.adapters import engine, processes, sandboxed
from pinwarden.adapters.collection import Collected
from pinwarden.adapters.provider_key import key_file
from pinwarden.agents import REVIEWERS
from pinwarden.ledger import Spent
from pinwarden.reviewer import Agent, Budget
from pinwarden.sandbox import PROVIDERS, Sandbox

KEY = "sk-canary-7f3d9b51c04e4a6f8e2d"
MODEL = "claude-opus-5-5"
PRELUDE = Path(__file__).with_name("prelude.py").read_text()

Compose = dict[str, Any]
Removal = Callable[[Compose], None]
"""Takes one protection out of the shipped file."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one run. `observed` is what the attack itself said."""

    failures: list[str]
    spent: Spent
    collected: Collected
    observed: dict[str, Any]
    log: bytes
    seconds: float
    folder: Path


@dataclass(slots=True)
class Sandboxes:
    """Runs attacks, each in a folder of its own below `root`."""

    root: Path
    upstream: str
    agent_image: str
    proxy_image: str
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def attack(
        self,
        script: Callable[..., None] | str,
        *,
        without: Removal | None = None,
        proxy: bool = False,
        seconds: float = 60,
        budget: Budget = Budget(),  # noqa: B008  # immutable
        given: Mapping[str, Any] | None = None,
        files: Mapping[str, bytes] | None = None,
        look: Callable[[Sandbox], None] | None = None,
        agent: Agent = Agent.CLAUDE,
    ) -> Seen:
        """Run `script`, a function that uses prelude.py alone, with the arguments `given`; `look` is called before the output is taken."""
        folder = self.root / f"run-{next(self.numbers)}"
        repository = folder / "in" / "repository"
        repository.mkdir(parents=True)
        (folder / "in" / "base").mkdir()
        (folder / "in" / "prompt.md").write_text("Review it.\n")
        for path, content in (files or {}).items():
            (repository / path).parent.mkdir(parents=True, exist_ok=True)
            (repository / path).write_bytes(content)
        (repository / "attack.py").write_text(PRELUDE + _body(script, given or {}))
        # As far as modes go anybody may write here: only a mount that is read-only refuses.
        for place in (folder / "in", repository, *(path for path in repository.rglob("*") if path.is_dir())):
            place.chmod(0o777)
        mark = processes.mark()
        sandbox = Sandbox(secrets.token_hex(6), mark, mark, int(time.time()) + 600, str(folder / "in"), self.agent_image)
        started = time.monotonic()
        try:
            if proxy:
                with key_file(sandbox.run, KEY) as key:
                    failures, spent = self._run(self._with_proxy(sandbox, agent, key, budget), folder, seconds, without)
            else:
                failures, spent = self._run(sandbox, folder, seconds, without)
            if look:
                look(sandbox)
            collected = sandboxed.collect(sandbox.project)
        finally:
            sandboxed.remove(sandbox.project)
        log = (folder / "agent.log").read_bytes()
        said = [line for line in log.split(b"\n") if line.startswith(b"OBSERVED ")]
        observed: dict[str, Any] = {}
        for line in said:
            observed |= json.loads(line.removeprefix(b"OBSERVED "))
        return Seen(failures, spent, collected, observed, log, time.monotonic() - started, folder)

    def _with_proxy(self, sandbox: Sandbox, agent: Agent, key: Path, budget: Budget) -> Sandbox:
        return replace(
            sandbox,
            proxy_image=self.proxy_image,
            provider=PROVIDERS[agent],
            model=REVIEWERS[agent].models[0],
            client_token=secrets.token_urlsafe(32),
            key_file=str(key),
            upstream=self.upstream,
            budget=budget,
        )

    def _run(self, sandbox: Sandbox, folder: Path, seconds: float, without: Removal | None) -> tuple[list[str], Spent]:
        file = sandboxed.COMPOSE_FILE
        if without:
            shipped = yaml.safe_load(file.read_text())
            before = json.dumps(shipped)
            without(shipped)
            assert json.dumps(shipped) != before, "the control takes nothing away"
            file = folder / "compose.yaml"
            file.write_text(yaml.safe_dump(shipped))
        return sandboxed.run(sandbox, folder, seconds, lambda _: None, (file,))


def bridge_address() -> str:
    """Return this machine's address on the engine's own bridge, which every other network of the engine reaches as well."""
    settings = json.loads(engine.docker("network", "inspect", "bridge", "--format", "{{json (index .IPAM.Config 0)}}"))
    return settings.get("Gateway") or str(next(ipaddress.ip_network(settings["Subnet"]).hosts()))


def _body(script: Callable[..., None] | str, given: Mapping[str, Any]) -> str:
    if isinstance(script, str):
        return script
    return f"\n\n{textwrap.dedent(inspect.getsource(script))}\n{script.__name__}(**{dict(given)!r})\n"


def network(compose: Compose) -> None:
    """Give the agent the network that it doesn't have, with a resolver."""
    agent = compose["services"]["agent"]
    del agent["network_mode"]
    agent["networks"] = ["egress"]


def read_only(compose: Compose) -> None:
    """Let the agent be root on a writable root, over writable input."""
    agent = compose["services"]["agent"]
    agent |= {"read_only": False, "user": "0:0", "cap_drop": []}
    agent["volumes"][0]["read_only"] = False


def privileges(compose: Compose) -> None:
    """Give the agent back what makes root strong."""
    agent = compose["services"]["agent"]
    agent |= {"user": "0:0", "cap_drop": [], "cap_add": ["SYS_ADMIN"], "security_opt": ["seccomp=unconfined"]}


def limits(compose: Compose) -> None:
    """Take away what keeps the agent from using up the machine."""
    agent = compose["services"]["agent"]
    for name in ("pids_limit", "mem_limit", "memswap_limit", "ulimits", "shm_size", "logging"):
        del agent[name]
    agent["tmpfs"] = ["/tmp"]
    agent["shm_size"] = "512m"


def quota(compose: Compose) -> None:
    """Give /out the room of a folder."""
    compose["volumes"]["output"]["driver_opts"]["o"] = "uid=10001,gid=10001,mode=0700"
    del compose["services"]["agent"]["ulimits"]["fsize"]


def output_volume(folder: Path) -> Removal:
    """Let the agent write into a folder of this machine, as a bind mount would."""

    def remove(compose: Compose) -> None:
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        compose["services"]["agent"]["volumes"][2] = {"type": "bind", "source": str(folder), "target": "/out"}

    return remove


def policy(folder: Path) -> Removal:
    """Put a proxy in the place of ours that adds the key to whatever comes, and passes it on."""

    def remove(compose: Compose) -> None:
        shutil.copy(Path(__file__).with_name("open_proxy.py"), folder / "open_proxy.py")
        proxy = compose["services"]["proxy"]
        proxy |= {"image": compose["services"]["agent"]["image"], "entrypoint": ["python3", "-I", "/open_proxy.py"]}
        proxy["volumes"].append({"type": "bind", "source": str(folder / "open_proxy.py"), "target": "/open_proxy.py", "read_only": True})

    return remove

"""Whom the agents would call: nobody but the proxy, as we start them, and as their makers do, those whom docs/agents.md names.

The sandbox has no network in both; a name server on its loopback writes down which names are asked for.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from containment.conftest import gateway  # noqa: F401  # a fixture
from containment.sandboxes import Compose, Removal, Sandboxes
from pinwarden.adapters import engine
from pinwarden.reviewer import Agent
from pinwarden.sandbox import PROVIDERS
from support.models import Models

pytestmark = pytest.mark.engine
NAMES = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
    udp.bind(("127.0.0.1", 53))
    open("/tmp/listening", "w").close()
    while True:
        asked, client = udp.recvfrom(4096)
        labels, at = [], 12
        while asked[at]:
            labels.append(asked[at + 1 : at + 1 + asked[at]].decode("ascii", "replace"))
            at += asked[at] + 1
        print("ASKED", ".".join(labels), flush=True)
        udp.sendto(asked[:2] + b"\\x81\\x83" + asked[4:6] + bytes(6) + asked[12 : at + 5], client)
"""
WATCHED = "python3 -I /in/repository/names.py & until [ -e /tmp/listening ]; do sleep 0.02; done; mkdir -p $$HOME/empty; cd $$HOME/empty; {start}"
AS_WE_DO = "exec /agent/run"
AS_THEIR_MAKERS_DO = {
    Agent.CLAUDE: "export ANTHROPIC_BASE_URL=http://127.0.0.1:4000 ANTHROPIC_AUTH_TOKEN=$$PINWARDEN_CLIENT_TOKEN;"
    " exec claude --print --dangerously-skip-permissions --model $$PINWARDEN_MODEL </in/prompt.md",
    Agent.CODEX: "mkdir $$HOME/.codex; exec codex exec --dangerously-bypass-approvals-and-sandbox --skip-git-repo-check --model $$PINWARDEN_MODEL"
    " -c 'model_provider=\"proxy\"'"
    ' -c \'model_providers.proxy={name="proxy",base_url="http://127.0.0.1:4000/v1",env_key="PINWARDEN_CLIENT_TOKEN",wire_api="responses"}\''
    " - </in/prompt.md",
    Agent.GUARDDOG: "exec /opt/venv/bin/python3 -I -c 'import guarddog.analyzer.analyzer'",
}
DOCUMENTED = (Path(__file__).resolve().parents[2] / "docs" / "agents.md").read_text().partition("## Whom they would call")[2].partition("\n## ")[0]


def documented(agent: Agent) -> set[str]:
    """Return the hosts in the agent's rows of the table."""
    rows = re.search(rf"^\| `{agent}` .*\n(?:\| \|.*\n)*", DOCUMENTED, re.MULTILINE)
    assert rows
    return set(re.findall(r"`((?:[a-z0-9-]+\.)+(?:com|io|ms))`", rows[0]))


def watched(start: str, resolver: Path, *, ours: bool) -> Removal:
    """Start a name server beside the agent. Where it is not started as we do, our configuration is hidden."""

    def change(compose: Compose) -> None:
        agent = compose["services"]["agent"]
        agent["command"] = ["sh", "-c", WATCHED.format(start=start)]
        agent["tmpfs"] += [] if ours else ["/etc/claude-code", "/etc/codex"]
        agent["volumes"].append({"type": "bind", "source": str(resolver), "target": "/etc/resolv.conf", "read_only": True})

    return change


@pytest.mark.parametrize("ours", [True, False], ids=["contained", "control"])
@pytest.mark.parametrize("agent", Agent)
def test_whom_an_agent_calls(tmp_path: Path, gateway: str, monkeypatch: pytest.MonkeyPatch, agent: Agent, ours: bool) -> None:  # noqa: F811
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RUNNER_TEMP", raising=False)
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    start = watched(AS_WE_DO if ours else AS_THEIR_MAKERS_DO[agent], resolver, ours=ours)
    files = {"names.py": NAMES.encode(), "x.py": b"x = 1\n"} | ({"../target.json": b'{"directory": null}'} if agent is Agent.GUARDDOG else {})
    with Models(gateway) as provider:
        sandboxes = Sandboxes(tmp_path, provider.url, engine.image_id(f"pinwarden/agent-{agent}"), engine.image_id("pinwarden/proxy"))
        seen = sandboxes.attack("", proxy=agent in PROVIDERS, agent=agent, files=files, without=start)
    asked = {line.partition(b" ")[2].decode() for line in seen.log.splitlines() if line.startswith(b"ASKED ")}
    if ours:
        assert seen.failures == [], seen.log.decode()[-2000:]
        assert asked == set()
    else:
        assert asked == documented(agent) != set(), seen.log.decode()[-2000:]

"""The whole real registry, its upstreams generated in their real shapes, scanned through a mirror."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command
from support.git_server import GitServer
from support.upstreams import Fate, Shapes, real_shapes

pytestmark = pytest.mark.registry_data


def scan(shapes: Shapes, *arguments: str) -> tuple[dict[str, Any], GitServer, int]:
    with GitServer(shapes.repositories) as server:
        mirror = f"--mirror=https://github.com/={server.url}/"
        done = run_command("bump_pins", "--registry", shapes.registry, "--dry-run", "--format", "json", mirror, *arguments)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout), server, done.returncode


def test_nothing_moved_costs_one_request_per_repository(registry_data: Path, tmp_path: Path) -> None:
    shapes = real_shapes(registry_data / "mcp-registry", tmp_path)
    document, server, code = scan(shapes)
    repositories = {pin["project"].lower() for pin in document["pins"] if pin["verdict"] != "not-pinned"}
    assert code == 0
    assert len(repositories) == 198
    assert document["requests"] == len(server.requests) <= len(repositories) + 5
    assert {pin["server"]: pin["verdict"] for pin in document["pins"] if pin["verdict"] != "not-pinned"} == shapes.expected
    assert len(shapes.expected) == 249
    assert not any(pin["new"] for pin in document["pins"])


def test_every_pin_has_the_verdict_of_the_answer_key(registry_data: Path, tmp_path: Path) -> None:
    plain = real_shapes(registry_data / "mcp-registry", tmp_path / "plain")
    followed = sorted(server for server, verdict in plain.expected.items() if verdict == "current")
    fates = [Fate.MOVED, Fate.OUTSIDE, Fate.DIVERGED, Fate.REWOUND, Fate.PIN_UNKNOWN, Fate.CURRENT, Fate.MOVED]
    alone = Counter(project_of(plain, server) for server in followed)
    drifts = {server: fates[number % len(fates)] for number, server in enumerate(followed) if alone[project_of(plain, server)] == 1}
    shared = [server for server in followed if alone[project_of(plain, server)] > 1]
    drifts |= {server: (Fate.MOVED, Fate.OUTSIDE, Fate.CURRENT)[number % 3] for number, server in enumerate(shared)}
    shapes = real_shapes(registry_data / "mcp-registry", tmp_path / "drifted", drifts)
    document, _, code = scan(shapes, "--max-new", "500")
    assert code == 0
    pins = {pin["server"]: pin for pin in document["pins"] if pin["verdict"] != "not-pinned"}
    assert {server: pin["verdict"] for server, pin in pins.items()} == shapes.expected
    assert {server: pin["new"] for server, pin in pins.items() if pin["new"]} == {
        server: shapes.tips[server] for server, verdict in shapes.expected.items() if verdict == "moved"
    }
    assert {"moved", "unchanged-directory", "diverged", "rewound", "unreachable", "current", "frozen-ref", "pull-ref"} <= set(shapes.expected.values())


def project_of(shapes: Shapes, server: str) -> str:
    text = (shapes.registry / "servers" / server / "server.yaml").read_text()
    return next(line.split()[1].strip('"').lower() for line in text.splitlines() if line.strip().startswith("project:"))

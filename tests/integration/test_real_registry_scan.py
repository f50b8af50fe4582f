"""The whole real registry, its upstreams generated in their real shapes, scanned through a mirror."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command
from support.git_server import GitServer
from support.github_twin.contract import Contract
from support.github_twin.tokens import Kind
from support.github_twin.twin import GitHubTwin
from support.upstreams import Fate, Shapes, real_shapes

pytestmark = pytest.mark.registry_data


def scan(shapes: Shapes, *arguments: str) -> tuple[dict[str, Any], GitServer, int]:
    with GitServer(shapes.repositories) as server:
        mirror = f"--mirror=https://github.com/={server.url}/"
        done = run_command("bump_pins", "--registry", shapes.registry, "--dry-run", "--format", "json", mirror, *arguments)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout), server, done.returncode


def scan_by_api(shapes: Shapes, contract: Contract) -> tuple[dict[str, Any], GitHubTwin]:
    with GitHubTwin(shapes.repositories, contract) as twin:
        given = {"GITHUB_API_URL": twin.url, "GITHUB_SERVER_URL": twin.url, "PINWARDEN_GITHUB_TOKEN": twin.world.token(Kind.PERSONAL, [])}
        mirror = f"--mirror=https://github.com/={twin.url}/"
        done = run_command("bump_pins", "--registry", shapes.registry, "--dry-run", "--format", "json", "--max-new", "500", mirror, given=given)
    assert (done.returncode, done.stderr, twin.violations, twin.lacking) == (0, "", [], [])
    assert given["PINWARDEN_GITHUB_TOKEN"] not in done.stdout
    return json.loads(done.stdout), twin


def test_by_api_nothing_moved_costs_one_request_per_fifty_repositories(registry_data: Path, github_contract: Contract, tmp_path: Path) -> None:
    shapes = real_shapes(registry_data / "mcp-registry", tmp_path)
    document, twin = scan_by_api(shapes, github_contract)
    assert {pin["server"]: pin["verdict"] for pin in document["pins"] if pin["verdict"] != "not-pinned"} == shapes.expected
    assert document["requests"] == len(twin.log) == 4


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


def drifted(registry_data: Path, tmp_path: Path) -> Shapes:
    """Let every kind of thing happen to the upstreams of a real registry."""
    plain = real_shapes(registry_data / "mcp-registry", tmp_path / "plain")
    followed = sorted(server for server, verdict in plain.expected.items() if verdict == "current")
    fates = [Fate.MOVED, Fate.OUTSIDE, Fate.DIVERGED, Fate.REWOUND, Fate.PIN_UNKNOWN, Fate.CURRENT, Fate.MOVED]
    alone = Counter(project_of(plain, server) for server in followed)
    drifts = {server: fates[number % len(fates)] for number, server in enumerate(followed) if alone[project_of(plain, server)] == 1}
    shared = [server for server in followed if alone[project_of(plain, server)] > 1]
    drifts |= {server: (Fate.MOVED, Fate.OUTSIDE, Fate.CURRENT)[number % 3] for number, server in enumerate(shared)}
    return real_shapes(registry_data / "mcp-registry", tmp_path / "drifted", drifts)


def test_every_pin_has_the_verdict_of_the_answer_key(registry_data: Path, tmp_path: Path) -> None:
    shapes = drifted(registry_data, tmp_path)
    document, _, code = scan(shapes, "--max-new", "500")
    assert code == 0
    pins = {pin["server"]: pin for pin in document["pins"] if pin["verdict"] != "not-pinned"}
    assert {server: pin["verdict"] for server, pin in pins.items()} == shapes.expected
    assert {server: pin["new"] for server, pin in pins.items() if pin["new"]} == {
        server: shapes.tips[server] for server, verdict in shapes.expected.items() if verdict == "moved"
    }
    assert {"moved", "unchanged-directory", "diverged", "rewound", "unreachable", "current", "frozen-ref", "pull-ref"} <= set(shapes.expected.values())


def test_the_api_says_what_git_says_of_every_pin(registry_data: Path, github_contract: Contract, tmp_path: Path) -> None:
    shapes = drifted(registry_data, tmp_path)
    by_git, _, _ = scan(shapes, "--max-new", "500")
    by_api, twin = scan_by_api(shapes, github_contract)
    assert by_api["pins"] == by_git["pins"]
    unknown = sum(verdict == "unreachable" for verdict in shapes.expected.values())
    assert twin.counts()["query"] == 4
    assert twin.counts()["ls-refs"] == unknown > 0


def project_of(shapes: Shapes, server: str) -> str:
    text = (shapes.registry / "servers" / server / "server.yaml").read_text()
    return next(line.split()[1].strip('"').lower() for line in text.splitlines() if line.strip().startswith("project:"))

"""A tier that can't run is told with the command that enables it, and fails a run that must have all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDS_DATA = "tests/unit/test_real_shapes.py::test_the_real_registry"
NEEDS_NOTHING = "tests/unit/test_real_shapes.py::test_a_whole_repository_can_move_without_a_change"


def run(*tests: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PINWARDEN_")}
    command = [sys.executable, "-I", "-m", "pytest", "-o", "cache_dir=out/pytest-of-tiers", *tests]
    return subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False)


def test_a_skipped_tier_is_listed(tmp_path: Path) -> None:
    done = run(NEEDS_DATA, NEEDS_NOTHING, PINWARDEN_TEST_DATA=str(tmp_path))
    assert done.returncode == 0, done.stdout
    [row] = [line for line in done.stdout.splitlines() if line.startswith("registry_data ")]
    assert f"no mcp-registry/servers in {tmp_path}" in row
    assert "make test PINWARDEN_TEST_DATA=" in row


def test_a_skipped_tier_fails_a_run_that_requires_all(tmp_path: Path) -> None:
    done = run(NEEDS_DATA, NEEDS_NOTHING, PINWARDEN_TEST_DATA=str(tmp_path), PINWARDEN_REQUIRE_ALL_TIERS="1")
    assert done.returncode == 1
    assert "a skipped tier fails the run" in done.stdout


def test_a_run_without_skipped_tiers_says_so() -> None:
    done = run(NEEDS_NOTHING, PINWARDEN_REQUIRE_ALL_TIERS="1")
    assert done.returncode == 0, done.stdout
    assert "no tier was skipped" in done.stdout
    assert "skipped tiers" not in done.stdout


def test_a_test_can_t_reach_another_machine(tmp_path: Path) -> None:
    probe = tmp_path / "test_probe.py"
    probe.write_text(
        "import socket, pytest\n"
        "def test_name():\n"
        "    with pytest.raises(socket.gaierror, match='only this machine'):\n"
        "        socket.create_connection(('example.com', 80))\n"
        "def test_address():\n"
        "    with pytest.raises(ConnectionRefusedError, match='only this machine'):\n"
        "        socket.create_connection(('192.0.2.1', 80))\n"
        "def test_loopback():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "        socket.create_connection(server.getsockname()).close()\n"
    )
    done = run("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), f"--confcutdir={ROOT}", "-p", "conftest", str(probe))
    assert "3 passed" in done.stdout, done.stdout

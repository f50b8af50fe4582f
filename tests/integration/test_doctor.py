"""doctor --sandbox: every negative holds on the shipped file, and each is found missing where its protection is taken out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from containment.sandboxes import Compose, limits, network, privileges, quota, read_only
from pinwarden.adapters import sandbox_probe, sandboxed
from pinwarden.doctor import sandbox_checks
from support.commands import run_command

pytestmark = pytest.mark.engine
GIVEN = {"PINWARDEN_IMAGES": "claude=pinwarden/obedient"}


@pytest.fixture(autouse=True)
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PINWARDEN_IMAGES", GIVEN["PINWARDEN_IMAGES"])
    monkeypatch.delenv("RUNNER_TEMP", raising=False)


def test_all_is_well(tmp_path: Path) -> None:
    done = run_command("doctor", "--sandbox", "--format", "json", given=GIVEN, XDG_CACHE_HOME=str(tmp_path))
    checks = json.loads(done.stdout)["checks"]
    assert [check["name"] for check in checks if not check["ok"]] == []
    assert (done.returncode, len(checks) > 12) == (0, True)


def key_given_away(compose: Compose) -> None:
    compose["services"]["agent"]["secrets"] = ["provider-key"]


def unfiltered(compose: Compose) -> None:
    compose["services"]["agent"]["security_opt"] = ["no-new-privileges:true", "seccomp=unconfined"]


@pytest.mark.parametrize(
    ("without", "broken"),
    [
        (network, {"no interface but lo"}),
        (read_only, {"no write to the root", "no write to the input", "a user of its own"}),
        (privileges, {"no capability, no new privileges, a system call filter"}),
        (limits, {"processes are limited"}),
        (quota, {"the output's quota holds"}),
        (unfiltered, {"no way to a hypervisor"}),
        (key_given_away, {"no key"}),
    ],
)
def test_control_a_protection_that_is_missing_is_found(tmp_path: Path, without: Callable[[Compose], None], broken: set[str]) -> None:
    shipped = yaml.safe_load(sandboxed.COMPOSE_FILE.read_text())
    without(shipped)
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(shipped))
    assert broken <= {check.name for check in sandbox_probe.checks(tmp_path / "compose.yaml") if not check.ok}


@pytest.mark.parametrize("printed", [b"", b"{}", b"[]", b"null", b"Traceback: x\n", b'{"interfaces": 1}'])
def test_a_probe_that_says_nothing_proves_nothing(printed: bytes) -> None:
    assert not any(check.ok for check in sandbox_checks(printed, secrets.token_hex(8)))


def test_without_an_engine_it_says_so(tmp_path: Path) -> None:
    done = run_command("doctor", "--sandbox", XDG_CACHE_HOME=str(tmp_path), DOCKER_HOST="unix:///nonexistent.sock")
    assert done.returncode == 1
    assert done.stdout.startswith("✘ engine and Compose: docker version:")


def test_nothing_to_check_is_misuse() -> None:
    assert run_command("doctor").returncode == 2

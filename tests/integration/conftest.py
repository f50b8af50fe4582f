"""Fixtures of the tests that run whole commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.token_canary import CANARY

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@dataclass(frozen=True, slots=True)
class Launcher:
    """scripts/run with a cache of its own, and nothing of this machine's settings but those of pip's index."""

    cache: Path
    """What XDG_CACHE_HOME names."""
    pip_cache: Path
    scripts: Path = SCRIPTS
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the launcher keeps its environments."""
        return self.cache / "pinwarden"

    def environments(self) -> list[Path]:
        """List all that is in the launcher's folder."""
        return sorted(self.folder.iterdir()) if self.folder.exists() else []

    def start(self, arguments: Sequence[str | Path], cwd: Path | None = None) -> subprocess.Popen[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTHON", "PINWARDEN_", "VIRTUAL_ENV", "RUNNER_"))}
        # This interpreter is known to have pip.
        settings = {"PINWARDEN_PYTHON": sys.executable, "XDG_CACHE_HOME": str(self.cache), "PIP_CACHE_DIR": str(self.pip_cache), "LC_ALL": "C.UTF-8"}
        return subprocess.Popen(
            [str(self.scripts / "run"), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env=kept | settings | self.environment,
        )

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        with self.start(arguments, cwd) as started:
            out, err = started.communicate()
        CANARY.given(self.environment)
        CANARY.look("what a command printed", out + err)
        return subprocess.CompletedProcess(started.args, started.returncode, out, err)


@pytest.fixture(scope="session")
def pip_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip downloaded once for all tests."""
    return tmp_path_factory.mktemp("pip-cache")


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory, pip_cache: Path) -> Launcher:
    """A launcher whose environment is made. Don't change its cache."""
    launcher = Launcher(tmp_path_factory.mktemp("warm"), pip_cache)
    done = launcher.run("validate-pins", "--help")
    assert done.returncode == 0, done.stderr
    return launcher


@pytest.fixture
def cold(tmp_path: Path, pip_cache: Path) -> Launcher:
    """A launcher that has not run yet."""
    return Launcher(tmp_path / "cold", pip_cache)

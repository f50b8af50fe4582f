"""Runs a command as scripts/run starts it, in this interpreter's environment and outside any workflow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def run_command(
    name: str, *arguments: str | Path, cwd: Path | None = None, given: Mapping[str, str] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `scripts/<name>.py`; `given` and `environment` are added to what is left without GITHUB_*, PYTHON* and PINWARDEN_* variables."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTHON", "PINWARDEN_"))}
    command = [sys.executable, "-sE", str(SCRIPTS / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=kept | dict(given or {}) | environment, stdin=subprocess.DEVNULL)

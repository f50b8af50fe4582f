"""Runs a command as scripts/run starts it, in this interpreter's environment and outside any workflow."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.token_canary import CANARY

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def run_command(
    name: str, *arguments: str | Path, cwd: Path | None = None, given: Mapping[str, str] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `scripts/<name>.py`; `given` and `environment` are added to what is left without GITHUB_*, PYTHON* and PINWARDEN_* variables."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTHON", "PINWARDEN_"))}
    return run_watched([sys.executable, "-sE", str(SCRIPTS / f"{name}.py"), *map(str, arguments)], kept | dict(given or {}) | environment, cwd)


def run_watched(command: Sequence[str], environment: Mapping[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `command`. No token that `environment` gives it may be in what it prints, nor in what it calls git with."""
    if not CANARY.given(environment):
        return _run(command, environment, cwd)
    with tempfile.TemporaryDirectory(prefix="watched-") as folder:
        calls = Path(folder, "calls")
        # Another process's audit hooks are out of reach; git is what commands start, and they find it on PATH.
        watched = Path(folder, "git")
        watched.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{shlex.quote(str(calls))}\nexec {shlex.quote(shutil.which("git") or "git")} "$@"\n')
        watched.chmod(0o755)
        done = _run(command, {**environment, "PATH": os.pathsep.join((folder, environment.get("PATH", os.defpath)))}, cwd)
        CANARY.look("the command line of git", calls.read_text(errors="replace") if calls.exists() else "")
    CANARY.look("what a command printed", done.stdout + done.stderr)
    return done


def _run(command: Sequence[str], environment: Mapping[str, str], cwd: Path | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment, stdin=subprocess.DEVNULL)

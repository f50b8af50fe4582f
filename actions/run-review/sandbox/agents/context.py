"""Collects what an agent's image is built from in one folder, so that the build itself asks no package index.

    python -I context.py NAME MACHINE FOLDER    MACHINE is x86_64 or aarch64

npm and pip check the hashes of the locks, and run no script of a package.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parents[3] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from pinwarden.agents import REVIEWERS  # noqa: E402  # where it is, the line above says
from pinwarden.review import Agent  # noqa: E402
from pinwarden.reviewer import Reviewer  # noqa: E402

CPUS = {"x86_64": "x64", "aarch64": "arm64"}
CHECKING = ("labels", "report", "risk", "shown", "target", "written", "adapters/__init__", "adapters/collection", "adapters/staged_lines")
"""The modules that check what an agent wrote."""
MATCHING = ("guarddog", "labels", "risk", "shown", "tree")
"""The modules that weigh GuardDog's matches."""
TURNS = """\
turn() {{
    {command}
}}
turn </in/prompt.md
python3 -I /opt/pinwarden/check.py >"$HOME/again.md" && exit 0
# What was written does not follow the form: the agent is told once, within the same budget and deadline.
turn <"$HOME/again.md"
"""


def quoted(text: str) -> str:
    """Write a word for sh; `$NAME` is filled in, nothing else is."""
    if not re.fullmatch(r"(?:[^$`\"\\\n]|\$[A-Z_]+)*", text):
        raise ValueError(f"this can't stand in a start script: {text}")
    return f'"{text}"' if re.search(r"[^A-Za-z0-9_./:=,@-]", text) else text


def start_script(agent: Agent, reviewer: Reviewer) -> str:
    """Return what the image starts: the environment, a neutral empty folder, the agent, and once more where its files need it."""
    lines = ["#!/bin/sh", f"# Made from scripts/pinwarden/agents/{agent}.py.", "set -eu"]
    lines += [f"export {name}={quoted(value)}" for name, value in reviewer.environment.items()]
    folders = ["$HOME/empty", *(value for value in reviewer.environment.values() if value.startswith("$HOME/"))]
    lines += [f"mkdir -p {' '.join(map(quoted, folders))}", 'cd "$HOME/empty"']
    command = " ".join(map(quoted, reviewer.command))
    return "\n".join(lines) + "\n" + (TURNS.format(command=command) if reviewer.provider else f"exec {command}\n")


def collect(agent: Agent, machine: str, folder: Path) -> None:
    """Make `folder`. Its file `version` is what the lock says, `link` leads from /opt/agent to the program."""
    reviewer = REVIEWERS[agent]
    folder.mkdir(parents=True)
    version = from_npm(agent, reviewer, machine, folder) if reviewer.program else from_pip(agent, machine, folder)
    for path, content in reviewer.files.items():
        (folder / "files" / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / path.lstrip("/")).write_text(content)
    (folder / "run").write_text(start_script(agent, reviewer))
    (folder / "run").chmod(0o755)
    shutil.copy(HERE / "relay", folder)
    for name in ("__init__", *(CHECKING if reviewer.provider else MATCHING)):
        (folder / "pinwarden" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SCRIPTS / "pinwarden" / f"{name}.py", folder / "pinwarden" / f"{name}.py")
    (folder / "version").write_text(version)


def from_npm(agent: Agent, reviewer: Reviewer, machine: str, folder: Path) -> str:
    """Put the agent's program and what is built around it into `folder`; return its version."""
    cpu = CPUS[machine]
    if not shutil.which("npm"):
        raise FileNotFoundError("npm is not installed, which fetches what the lock names; Debian: apt-get install npm, macOS: brew install node")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / agent / cpu / name, scratch)
        # npm refuses packages for another machine, unless it is told that this is meant.
        other = [] if platform.machine() == machine else ["--force", f"--cpu={cpu}", "--os=linux", "--libc=glibc"]
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *other], cwd=scratch, check=True, stdout=sys.stderr)
        package = Path(scratch) / "node_modules" / reviewer.program.format(cpu=cpu)
        locked = json.loads((package.parent / "package.json").read_text())
        (folder / "program").mkdir()
        package.rename(folder / "program" / package.name)
    (folder / "link").write_text("/".join(filter(None, [package.name, reviewer.executable.format(machine=machine)])))
    for name in ("Dockerfile", "check.py"):
        shutil.copy(HERE / name, folder)
    return re.sub(r"-linux-.*", "", locked["version"])


def from_pip(agent: Agent, machine: str, folder: Path) -> str:
    """Put the wheels of the agent's lock and what is built around them into `folder`; return the version of the package that it is named after."""
    for name in ("requirements.txt", "Dockerfile", "scan.py", "agent.py"):
        shutil.copy(HERE / agent / name, folder)
    # The image's own Python decides which wheels: Debian 12 has 3.11.
    wanted = ["--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=abi3", "--only-binary=:all:", "--no-deps", "--require-hashes"]
    wanted += [f"--platform=manylinux{libc}_{machine}" for libc in ("2014", "_2_17", "_2_28")]
    pip = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted, f"--dest={folder / 'wheels'}", f"--requirement={folder / 'requirements.txt'}"], check=True, stdout=sys.stderr)
    return next((folder / "wheels").glob(f"{agent}-*")).name.split("-")[1]


if __name__ == "__main__":
    try:
        collect(Agent(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    except (OSError, subprocess.CalledProcessError) as error:
        # npm and pip have said why.
        sys.exit(f"error: {error}")

"""Collects what an agent's image is built from in one folder, so that the build itself asks no package index.

    python -I context.py NAME MACHINE FOLDER    MACHINE is x86_64 or aarch64

npm checks the hashes of the lock, and runs no script of a package.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parents[3] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from pinwarden.agents import REVIEWERS  # noqa: E402  # where it is, the line above says
from pinwarden.review import Agent  # noqa: E402
from pinwarden.reviewer import Reviewer  # noqa: E402

CPUS = {"x86_64": "x64", "aarch64": "arm64"}
CHECKED = ("__init__", "labels", "report", "risk", "shown", "target", "written", "adapters/__init__", "adapters/collection", "adapters/staged_lines")
"""The modules that check what an agent wrote."""
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
    return "\n".join(lines) + "\n" + TURNS.format(command=" ".join(map(quoted, reviewer.command)))


def collect(agent: Agent, machine: str, folder: Path) -> None:
    reviewer, cpu = REVIEWERS[agent], CPUS[machine]
    shutil.copytree(HERE / agent / cpu, folder)
    # npm refuses packages for another machine, unless it is told that this is meant.
    other = [] if platform.machine() == machine else ["--force", f"--cpu={cpu}", "--os=linux", "--libc=glibc"]
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *other], cwd=folder, check=True, stdout=sys.stderr)
    package = folder / "node_modules" / reviewer.program.format(cpu=cpu)
    (folder / "program").mkdir()
    package.rename(folder / "program" / (package.name if package.is_dir() else reviewer.command[0]))
    executable = reviewer.executable.format(machine=machine)
    link = f"{package.name}/{executable}" if executable else reviewer.command[0]
    (folder / "link").write_text(link)
    locked = next(entry for path, entry in json.loads((folder / "package-lock.json").read_text())["packages"].items() if path)
    (folder / "version").write_text(re.sub(r"-linux-.*", "", locked["version"]))
    shutil.rmtree(folder / "node_modules")
    for path, content in reviewer.files.items():
        (folder / "files" / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / path.lstrip("/")).write_text(content)
    (folder / "run").write_text(start_script(agent, reviewer))
    (folder / "run").chmod(0o755)
    for name in CHECKED:
        (folder / "pinwarden" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SCRIPTS / "pinwarden" / f"{name}.py", folder / "pinwarden" / f"{name}.py")
    for name in ("Dockerfile", "relay", "check.py"):
        shutil.copy(HERE / name, folder)


if __name__ == "__main__":
    collect(Agent(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))

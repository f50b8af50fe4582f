"""run-review in the Compose stack: its steps, its key, its end, and what a killed run leaves for the next to sweep."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from containment.conftest import gateway, provider  # noqa: F401  # fixtures
from containment.sandboxes import KEY, PRELUDE
from pinwarden.adapters import engine
from support.commands import SCRIPTS, run_command
from support.git_server import GitServer
from support.provider import Provider
from support.reviews import Change
from support.trees import tree_hash

pytestmark = pytest.mark.engine
VALID = Draft202012Validator(json.loads((SCRIPTS.parent / "schemas" / "review.schema.json").read_bytes()))
IMAGES = "claude=pinwarden/obedient codex=pinwarden/obedient guarddog=pinwarden/obedient"
ASKS = """
body = json.dumps({"model": os.environ["PINWARDEN_MODEL"], "max_tokens": 10, "messages": [{"role": "user", "content": "hello"}]}).encode()
observe(status=asked(body), directory=os.getcwd())
harmless()
"""


def left() -> list[list[str]]:
    return [
        row
        for kind, line in ((("ps", "--all"), "{{.Names}}"), (("volume", "ls"), "{{.Name}}"), (("network", "ls"), "{{.Name}}"))
        for row in engine.labelled(kind, engine.RUN_LABEL, line)
    ]


class Sandboxed(Change):
    """Runs the command with an agent that does what the repository says."""

    def __init__(self, root: Path, server: GitServer, upstream: str) -> None:
        super().__init__(root, server)
        self.environment = {
            "XDG_CACHE_HOME": str(root / "cache"),
            "RUNNER_TEMP": "",
            "PINWARDEN_IMAGES": IMAGES,
            "PINWARDEN_PROVIDER_URL": upstream,
            "ANTHROPIC_API_KEY": KEY,
        }

    def attack(self, script: str) -> None:
        self.serve({"server.py": b"x = 1\n"}, {"server.py": b"x = 2\n", "attack.py": (PRELUDE + script).encode()})

    def command(self, *arguments: str) -> list[str | Path]:
        return [*self.options(self.root / "review"), "--agent", "claude", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {key: value for key, value in (self.environment | environment).items() if value or key == "RUNNER_TEMP"}
        return run_command("run_review", *self.command(*arguments), given=given)

    def review(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads((self.root / "review/review.json").read_bytes())
        assert list(VALID.iter_errors(made)) == []
        return made


@pytest.fixture
def sandboxed(tmp_path: Path, provider: Provider) -> Iterator[Sandboxed]:  # noqa: F811  # the fixture
    with GitServer(tmp_path / "upstreams") as server:
        yield Sandboxed(tmp_path, server, provider.url)


def test_one_command(sandboxed: Sandboxed, provider: Provider) -> None:  # noqa: F811
    sandboxed.attack(ASKS)
    done = sandboxed.run()
    made = sandboxed.review()
    assert (done.returncode, made["outcome"], made["reasons"]) == (0, "complete", [])
    assert (made["agent"], made["model"], made["usage"]["requests"]) == ("claude", "claude-opus-5-5", 1)
    assert sorted(made["images"]) == ["agent", "proxy"]
    assert made["images"]["agent"] == engine.image_id("pinwarden/obedient")
    assert [call.headers["x-api-key"] for call in provider.calls] == [KEY]
    assert json.loads((sandboxed.root / "review/ledger.jsonl").read_text())["decision"] == "forwarded"
    assert left() == []


def test_what_is_staged_is_the_same_afterwards(sandboxed: Sandboxed) -> None:
    sandboxed.attack("for name in ('/in/x', '/in/repository/server.py'):\n    print(attempt(open, name, 'wb'))\nharmless()\n")
    assert sandboxed.run("--step", "stage").returncode == 0
    before = tree_hash(sandboxed.root / "review/in")
    assert sandboxed.run("--step", "run").returncode == 0
    assert sandboxed.run("--step", "collect").returncode == 0
    assert tree_hash(sandboxed.root / "review/in") == before


def test_only_the_step_that_runs_needs_the_key(sandboxed: Sandboxed) -> None:
    sandboxed.attack(ASKS)
    assert sandboxed.run("--step", "stage", ANTHROPIC_API_KEY="").returncode == 0
    without = sandboxed.run("--step", "run", ANTHROPIC_API_KEY="")
    assert (without.returncode, without.stderr.split("\n")[0]) == (2, "error: ANTHROPIC_API_KEY is not set")
    assert sandboxed.run("--step", "run").returncode == 0
    assert [name for (name,) in left() if "proxy" in name or "agent" in name or "egress" in name] == []
    assert sandboxed.run("--step", "collect", ANTHROPIC_API_KEY="").returncode == 0
    assert sandboxed.review()["outcome"] == "complete"
    assert left() == []


def test_the_next_run_leaves_an_output_that_waits_for_its_collection(sandboxed: Sandboxed, tmp_path: Path) -> None:
    sandboxed.attack(ASKS)
    sandboxed.run("--step", "stage")
    sandboxed.run("--step", "run")
    (tmp_path / "other").mkdir()
    other = [*sandboxed.options(tmp_path / "other/review"), "--agent", "claude"]
    assert run_command("run_review", *other, given=sandboxed.environment).returncode == 0
    assert sandboxed.run("--step", "collect").returncode == 0
    assert sandboxed.review()["outcome"] == "complete"


def test_a_step_that_was_not_made_blocks(sandboxed: Sandboxed) -> None:
    sandboxed.attack(ASKS)
    sandboxed.run("--step", "stage")
    assert sandboxed.run("--step", "collect").returncode == 1
    assert "the agent was not run" in sandboxed.review()["reasons"][0]
    assert run_command("run_review", *sandboxed.options(sandboxed.root / "never"), "--agent=claude", "--step=collect").returncode == 1
    assert json.loads((sandboxed.root / "never/review.json").read_bytes())["outcome"] == "incomplete"
    early = run_command("run_review", *sandboxed.options(sandboxed.root / "none"), "--agent=claude", "--step=run", given=sandboxed.environment)
    assert (early.returncode, "nothing is staged" in early.stderr) == (2, True)


def test_another_target_than_was_staged_blocks(sandboxed: Sandboxed) -> None:
    sandboxed.attack(ASKS)
    sandboxed.run("--step", "stage")
    sandboxed.run("--step", "run")
    assert sandboxed.run("--step", "collect", "--directory", "other").returncode == 1
    assert "another target" in sandboxed.review()["reasons"][0]


# Every file, process and container that the engine or this machine's user could look into, when the output is taken.
SHIM = """#!/bin/sh
case "$1 $2" in cp*) {python} -I {look} >> {seen} 2>&1 ;; esac
exec {docker} "$@"
"""
LOOK = """
import os, subprocess, sys
key = {key!r}.encode()
for name in os.listdir("/proc"):
    # The test itself, and what it started without the run's environment, hold the key; so does this look for it.
    if name.isdigit() and int(name) not in (os.getpid(), {test}):
        for part in ("environ", "cmdline"):
            try:
                if key in open(f"/proc/{{name}}/{{part}}", "rb").read():
                    print("process", part, open(f"/proc/{{name}}/cmdline").read().replace(chr(0), " "))
            except OSError:
                pass
for top in {places!r}:
    for folder, _, files in os.walk(top):
        for file in files:
            path = f"{{folder}}/{{file}}"
            if path != {itself!r} and os.path.isfile(path) and key in open(path, "rb").read():
                print("file", path)
for container in subprocess.run([{docker!r}, "ps", "-aq"], capture_output=True, text=True).stdout.split():
    for command in ("inspect", "logs"):
        done = subprocess.run([{docker!r}, command, container], capture_output=True)
        if key in done.stdout + done.stderr:
            print("container", command)
print("looked")
"""


@pytest.mark.parametrize("leaks", [False, True], ids=["contained", "control"])
def test_the_key_is_nowhere_when_the_output_is_taken(sandboxed: Sandboxed, tmp_path: Path, leaks: bool) -> None:
    sandboxed.attack(ASKS)
    real = shutil.which("docker")
    look, seen, shim = tmp_path / "look.py", tmp_path / "seen", tmp_path / "bin" / "docker"
    look.write_text(
        LOOK.format(key=KEY, test=os.getpid(), places=[str(tmp_path), os.environ.get("TMPDIR", "/tmp") + "/pinwarden"], itself=str(look), docker=real)
    )
    shim.parent.mkdir()
    shim.write_text(SHIM.format(python=sys.executable, look=look, seen=seen, docker=real))
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    if leaks:
        # As if the step had gone on in the process that began with the key.
        (tmp_path / "review").mkdir()
        sandboxed.run("--step", "stage")
        sandboxed.run("--step", "run")
        command = [
            sys.executable,
            "-sE",
            "-c",
            f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); import run_review; run_review.main(sys.argv[1:])",
            *sandboxed.command("--step", "collect"),
        ]
        subprocess.run(command, env=os.environ | sandboxed.environment | {"PATH": f"{shim.parent}:{os.environ['PATH']}"}, check=True, capture_output=True)
    else:
        assert sandboxed.run(PATH=f"{shim.parent}:{os.environ['PATH']}").returncode == 0
    told = seen.read_text().splitlines()
    assert told[-1] == "looked"
    assert any(line.startswith("process environ") for line in told) is leaks, told
    if not leaks:
        assert told == ["looked"]


def start(sandboxed: Sandboxed) -> subprocess.Popen[str]:
    """Start a run whose agent does not end, and wait until it runs."""
    sandboxed.attack("print('here', flush=True)\ntime.sleep(600)\n")
    command = [sys.executable, "-sE", SCRIPTS / "run_review.py", *sandboxed.command()]
    running = subprocess.Popen(command, env=os.environ | sandboxed.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watching = subprocess.Popen(
        [
            "docker",
            "events",
            "--since",
            "1",
            "--filter",
            "event=start",
            "--filter",
            "label=com.docker.compose.service=agent",
            "--format",
            "{{.Actor.Attributes.name}}",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout
    while (name := watching.stdout.readline().strip()) not in {row[0] for row in engine.labelled(("ps",), engine.RUN_LABEL, "{{.Names}}")}:
        assert running.poll() is None, name
    watching.kill()
    watching.communicate()
    return running


def test_an_interrupted_run_leaves_nothing(sandboxed: Sandboxed) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        running = start(sandboxed)
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
        assert running.returncode == 130
        assert "Traceback" not in err
        assert left() == []
        assert list((sandboxed.root / "cache/pinwarden").glob("key-*")) == []
        shutil.rmtree(sandboxed.root / "review")
        shutil.rmtree(sandboxed.root / "upstreams")


def test_a_killed_run_is_swept_by_the_next(sandboxed: Sandboxed) -> None:
    running = start(sandboxed)
    running.kill()
    running.communicate()
    assert len(left()) >= 5
    assert len(list((sandboxed.root / "cache/pinwarden").glob("key-*"))) == 1
    shutil.rmtree(sandboxed.root / "review")
    shutil.rmtree(sandboxed.root / "upstreams")
    sandboxed.attack(ASKS)
    assert sandboxed.run().returncode == 0
    assert left() == []
    assert list((sandboxed.root / "cache/pinwarden").glob("key-*")) == []


def test_kept_to_look_at(sandboxed: Sandboxed) -> None:
    sandboxed.attack(ASKS)
    assert sandboxed.run("--keep").returncode == 0
    names = [name for (name,) in left()]
    assert [name.rpartition("-")[0].rpartition("-")[2] for name in names if name.endswith("-1")] == ["keeper"]
    engine.remove_project(names[0].removesuffix("-keeper-1"))
    assert left() == []


def test_a_failing_agent_blocks_with_the_reason(sandboxed: Sandboxed) -> None:
    sandboxed.attack("harmless()\nsys.exit(7)\n")
    assert sandboxed.run().returncode == 1
    assert sandboxed.review()["reasons"] == ["the agent ended with exit code 7"]


def test_the_deadline_is_kept_from_outside_and_progress_is_told(sandboxed: Sandboxed) -> None:
    sandboxed.attack(ASKS + "time.sleep(600)\n")
    done = sandboxed.run("--timeout", "2")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("1 s, 1 requests, ")
    assert sandboxed.review()["reasons"] == ["the agent took longer than 2 s and was ended"]


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"DOCKER_HOST": "unix:///nonexistent.sock"}, "error: docker version:"),
        ({"PATH": "/nonexistent"}, "error: there is no docker command"),
        ({"PINWARDEN_IMAGES": "claude=pinwarden/none"}, 'error: the engine has no image "pinwarden/none"'),
    ],
)
def test_what_is_missing_is_one_message(sandboxed: Sandboxed, environment: dict[str, str], says: str) -> None:
    sandboxed.attack(ASKS)
    git = Path(shutil.which("git") or "git").parent
    done = sandboxed.run(**{key: f"{value}:{git}" if key == "PATH" and not (git / "docker").exists() else value for key, value in environment.items()})
    assert done.returncode == 3 or "git" in done.stderr
    assert done.stderr.startswith(says) or "git" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (sandboxed.root / "review").exists()


def test_a_compose_that_is_missing_is_one_message(sandboxed: Sandboxed, tmp_path: Path) -> None:
    sandboxed.attack(ASKS)
    fake = tmp_path / "bin" / "docker"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\n[ "$1" != compose ] || exit 1\nexec {shutil.which("docker")} "$@"\n')
    fake.chmod(0o755)
    done = sandboxed.run(PATH=f"{fake.parent}:{os.environ['PATH']}")
    assert (done.returncode, done.stderr.split("\n")[0]) == (3, "error: docker has no compose command")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sandbox", "none"], "runs in the sandbox alone"),
        (["--model", "a,b"], "may not ask"),
    ],
)
def test_misuse(sandboxed: Sandboxed, arguments: list[str], says: str) -> None:
    sandboxed.attack(ASKS)
    done = sandboxed.run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr

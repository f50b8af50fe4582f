"""Runs workflows for real: act in host mode, which needs neither containers nor GitHub, and gives structured results.

act models the runner and not GitHub: it ignores permissions, concurrency, environments and the filters of `on:`. Tests must not
conclude anything about those from a run. It does not know `uses: $/path`, `deployment` and `cache-mode` either, so workflows and
actions are run from a copy in which the first is written out and the others are left out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.token_canary import CANARY

ROOT = Path(__file__).resolve().parents[2]
SLUG = "pinwarden/pinwarden"
COMMIT = "0" * 40
"""The commit that the copy stands for, and the placeholder that the examples have."""

_STANDINS = Path(__file__).with_name("standins")
_OWNERS = ("actions", "anchore", "sigstore")
"""Whose actions have stand-ins."""
_SELF = re.compile(r"""^(\s*(?:-\s+)?uses:\s*['"]?)\$/([^\s'"#]+)""", re.MULTILINE)
_UNKNOWN = re.compile(r"^(?: +deployment: false|cache-mode: none)\n", re.MULTILINE)
_SECONDS = 300
# What pip needs on a machine with its own index, proxy or certificates. Nothing else of the machine reaches a step.
_PASSED_ON = re.compile(r"PIP_.*|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(https?|all|no)_proxy", re.IGNORECASE)
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A workflow command that marks a line; `line` and `column` are 0 where it names none."""

    level: str
    message: str
    file: str
    line: int
    column: int
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """How one step of a job ended; the steps inside an action count, a skipped step does not appear."""

    job: str
    name: str
    result: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a workflow did."""

    exit_code: int
    jobs: Mapping[str, str]
    """Results by the job's id; a skipped job does not appear."""
    steps: tuple[Step, ...]
    outputs: Mapping[str, Mapping[str, str]]
    """Outputs by `<job id>.<step id>`; what the steps inside an action set is left out."""
    annotations: tuple[Annotation, ...]
    summary: str
    log: str
    """What the steps printed, and act's own warnings."""

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0 and bool(self.jobs) and set(self.jobs.values()) == {"success"}


@dataclass(frozen=True, slots=True)
class Act:
    """act on this machine. `scratch` is an empty folder of the caller's, for as long as the runs are."""

    binary: Path
    scratch: Path

    @classmethod
    def prepare(cls, scratch: Path) -> Act | None:
        """Copy the repository to `scratch`; None where act is neither beside the running interpreter nor on PATH."""
        binary = shutil.which("act", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
        if binary is None:
            return None
        act = cls(Path(binary), scratch)
        (scratch / "temp").mkdir(mode=0o700)
        _copy_repository(act.toolkit)
        return act

    @property
    def toolkit(self) -> Path:
        """The copy of this repository that `uses: pinwarden/pinwarden…` means in a run."""
        return self.scratch / "toolkit"

    def run(
        self,
        workspace: Path,
        workflow: str,
        event: str,
        payload: Mapping[str, Any],
        *,
        env: Mapping[str, str] | None = None,
        token: str = "",
        secrets: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        job: str = "",
        matrix: str = "",
        masked: bool = False,
    ) -> Run:
        """Run the file `workflow` of the git work tree `workspace`, all its jobs or one; of a matrix that has the key of `matrix`, `key:value`, that part.

        `env` overrides what the runner tells its steps, such as GITHUB_API_URL. `token` is secrets.GITHUB_TOKEN, `secrets` are
        the others, and `variables` are `vars`. Artifacts and attestations last as long as the run; a test that wants to see
        them, or another run to have them, names folders in `env`: SHARED_ARTIFACTS, SHARED_ATTESTATIONS. Secrets are `masked` in
        what is printed only where a test wants to see that: a mask would hide from the canary what must not be printed at all.
        """
        (workspace / workflow).write_text(as_act_reads_it((workspace / workflow).read_text()))
        own = Path(tempfile.mkdtemp(prefix="run-", dir=self.scratch))
        (own / "home").mkdir()
        (own / "event.json").write_text(json.dumps(payload))
        # A file, because a variable of act's own would reach every step, also one that was not given the token.
        (own / "secrets").write_text(_settings({**({"GITHUB_TOKEN": token} if token else {}), **(secrets or {})}))
        (own / "variables").write_text(_settings(variables or {}))
        command = [str(self.binary), event, "--json", "--workflows", workflow, "--eventpath", str(own / "event.json"), "--secret-file", str(own / "secrets")]
        command += ["--var-file", str(own / "variables")]
        command += [] if masked else ["--insecure-secrets"]
        for secret in (token, *(secrets or {}).values()):
            CANARY.plant(secret)
        # Host mode; the servers that act would start bind a loopback address, and only if a step asks for them.
        command += ["--platform", "ubuntu-latest=-self-hosted", "--pull=false", "--no-cache-server"]
        command += ["--artifact-server-addr", "127.0.0.1", "--cache-server-addr", "127.0.0.1"]
        command += ["--job", job] if job else []
        command += ["--matrix", matrix] if matrix else []
        shared = {"SHARED_RUNNER_TEMP": self.scratch / "temp", "SHARED_ARTIFACTS": own / "artifacts", "SHARED_ATTESTATIONS": own / "attestations"}
        for key, value in {**shared, **(env or {})}.items():
            command += ["--env", f"{key}={value}"]
        for reference, folder in self._substitutes(workspace / workflow):
            command += ["--local-repository", f"{reference}={folder}"]
        try:
            done = subprocess.run(command, cwd=workspace, env=_environment(own), capture_output=True, text=True, timeout=_SECONDS, check=False)
        finally:
            shutil.rmtree(own)
        read = _read(done.returncode, done.stdout, done.stderr)
        # What act says of a step's outputs is between steps, and may hold a token that is made there.
        CANARY.look("what a workflow printed", "\n".join([read.log, read.summary, *(one.message for one in read.annotations)]))
        return read

    def _substitutes(self, workflow: Path) -> Iterator[tuple[str, Path]]:
        """Say which folder act is to take for each `owner/repo@ref` that the run may come to."""
        files = [workflow, *self.toolkit.glob(".github/workflows/*.yml"), self.toolkit / "action.yml", *self.toolkit.glob("actions/*/action.yml")]
        references = {reference for file in files for reference in used(yaml.safe_load(file.read_bytes()))}
        for slug, ref in sorted({split(reference) for reference in references if "@" in reference}):
            standin = _STANDINS / slug.partition("/")[2]
            if slug == SLUG:
                yield f"{slug}@{ref}", self.toolkit
            elif slug.partition("/")[0] in _OWNERS and standin.is_dir():
                yield f"{slug}@{ref}", standin


def _settings(values: Mapping[str, str]) -> str:
    """Write names and values the way act reads them; a value may have several lines."""
    quoted = {name: json.dumps(value, ensure_ascii=False).replace("$", "\\$") for name, value in values.items()}
    return "".join(f"{name}={value}\n" for name, value in quoted.items())


def as_act_reads_it(text: str) -> str:
    """Replace `uses: $/path` by what it means in the copy, and leave out keys that act doesn't know."""
    return _UNKNOWN.sub("", _SELF.sub(rf"\g<1>{SLUG}/\2@{COMMIT}", text))


def used(node: object) -> Iterator[str]:
    """Find every `uses:` in a workflow or action."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "uses" and isinstance(value, str):
                yield value
            else:
                yield from used(value)
    elif isinstance(node, list):
        for item in node:
            yield from used(item)


def split(reference: str) -> tuple[str, str]:
    """Split `owner/repo/path@ref` into `owner/repo` and `ref`."""
    path, _, ref = reference.partition("@")
    return "/".join(path.split("/")[:2]), ref


def commit_all(folder: Path) -> None:
    """Make `folder` a git repository whose only commit holds all its files: act copies what git would track."""
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "--allow-empty", "--message=registry"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, env={"PATH": os.environ["PATH"], **_GIT})


def _copy_repository(target: Path) -> None:
    """Copy what a commit of everything would hold, with `$/path` written out."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=True)
    for name in os.fsdecode(listed.stdout).split("\0"):
        source, copy = ROOT / name, target / name
        # Tracked files that were deleted are still listed. act copies what it is given for each step that uses it, so it is
        # given what users use; make wants the list of the tests' packages.
        if not name or not source.is_file() or (name.startswith(("tests/", "docs/")) and name != "tests/requirements.txt"):
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        if source.name == "action.yml" or source.parent.name == "workflows":
            copy.write_text(as_act_reads_it(source.read_text()))


def _environment(own: Path) -> dict[str, str]:
    """The whole environment of act, which in host mode is also that of every step."""
    passed_on = {key: value for key, value in os.environ.items() if _PASSED_ON.fullmatch(key)}
    # The person's own pip configuration lies below the HOME that steps don't see; it may name the only index there is.
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pip" / "pip.conf"
    if config.is_file():
        passed_on.setdefault("PIP_CONFIG_FILE", str(config))
    unproxied = ",".join(filter(None, [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1"]))
    return {
        **passed_on,
        **_GIT,
        "no_proxy": unproxied,
        "NO_PROXY": unproxied,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(own / "home"),
        "XDG_CACHE_HOME": str(own / "cache"),
        "LANG": "C.UTF-8",
    }


@dataclass(slots=True)
class _Reader:
    """Collects what act's JSON lines say."""

    jobs: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    summary: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def read(self, message: dict[str, Any]) -> None:
        match message:
            case {"jobResult": result, "jobID": job}:
                # A called workflow's job may have the id of its caller's: a failure of either counts.
                self.jobs[job] = "failure" if "failure" in (self.jobs.get(job), result) else result
            case {"stepResult": result, "jobID": job, "step": name}:
                self.steps.append(Step(job, name, result))
            case {"command": "set-output", "jobID": job, "stepID": [step], "name": name, "arg": value}:
                self.outputs.setdefault(f"{job}.{step}", {})[name] = value
            case {"command": "error" | "warning" | "notice" as level, "arg": text}:
                self.annotations.append(_annotation(level, text, message.get("kvPairs") or {}))
            case {"command": "summary", "jobID": job, "stepID": [step], "content": content}:
                self.summary[f"{job}.{step}"] = content
            case {"raw_output": True, "msg": text} | {"level": "warning" | "error" | "fatal", "msg": text}:
                self.log.append(text.replace("\r", "").rstrip("\n"))
            case _:
                pass  # progress, and outputs and summaries that an action's inner steps repeat


def _read(exit_code: int, stdout: str, stderr: str) -> Run:
    reader = _Reader()
    for line in (stdout + stderr).splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            reader.log.append(line)
        else:
            reader.read(message)
    return Run(
        exit_code,
        reader.jobs,
        tuple(reader.steps),
        reader.outputs,
        tuple(reader.annotations),
        "".join(reader.summary.values()),
        "\n".join(reader.log),
    )


def _annotation(level: str, text: str, properties: Mapping[str, str]) -> Annotation:
    place = properties.get("file", ""), int(properties.get("line") or 0), int(properties.get("col") or 0)
    return Annotation(level, text, *place, properties.get("title", ""))

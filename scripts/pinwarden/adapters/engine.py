"""A Docker engine and its Compose, through their command lines: what they are, which images they have, what is to be removed.

Nothing of this process's environment reaches them but what finds the engine, so no key can.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pinwarden.errors import OutsideError
from pinwarden.shown import one_line, quoted, shown

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
_SECONDS = 60
_PULL_SECONDS = 900
_REMOVALS, _AGAIN = 8, 0.2
_OLDEST_API = (1, 41)
_OLDEST_COMPOSE = (2, 20)
_HINT = "Docker Engine 20.10 and Compose 2.20 or newer are needed; scripts/run doctor --sandbox tells more, --sandbox none does without"
SANDBOX = Path(__file__).resolve().parents[3] / "actions" / "run-review" / "sandbox"
RUN_LABEL, OWNER_LABEL, UNTIL_LABEL = "org.pinwarden.run", "org.pinwarden.owner", "org.pinwarden.until"


def environment(**more: str) -> dict[str, str]:
    """Return the environment that a docker process gets."""
    return {key: os.environ[key] for key in _KEPT if key in os.environ} | more


def docker(*arguments: str, seconds: float = _SECONDS, variables: Mapping[str, str] | None = None, shielded: bool = False) -> str:
    """Run docker and return what it prints. Raises OutsideError with its last line where it fails or hangs.

    `shielded` from the terminal: an interruption there ends this process as it likes, and not docker on its own.
    """
    try:
        done = subprocess.run(
            ["docker", *arguments],
            env=environment(**(variables or {})),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            start_new_session=shielded,
        )
    except FileNotFoundError as error:
        raise OutsideError("there is no docker command", _HINT) from error
    except subprocess.TimeoutExpired as error:
        raise OutsideError(f"docker {arguments[0]} took longer than {seconds:g} s", "is the engine overloaded? docker info tells") from error
    if done.returncode:
        lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        raise OutsideError(f"docker {arguments[0]}: {shown(one_line(lines[-1]))[:300]}", _HINT)
    return done.stdout.decode("utf-8", "replace")


def compose(project: str, files: Sequence[Path], *arguments: str, variables: Mapping[str, str], seconds: float = _SECONDS) -> None:
    """Run Compose on `files` for `project`, with `variables` alone to fill in. Raises OutsideError."""
    where = [
        "--project-name",
        project,
        *(part for file in files for part in ("--file", str(file))),
        "--project-directory",
        str(SANDBOX),
        "--env-file",
        os.devnull,
    ]
    docker("compose", "--ansi", "never", "--progress", "quiet", *where, *arguments, variables=variables, seconds=seconds)


def versions() -> dict[str, str]:
    """Return the versions of engine, API and Compose. Raises OutsideError where one is missing or too old."""
    told: dict[str, Any] = json.loads(docker("version", "--format", "{{json .Server}}"))
    engine, api = str(told["Version"]), str(told["ApiVersion"])
    if _numbers(api) < _OLDEST_API:
        raise OutsideError(f"Docker Engine {shown(engine)} is too old", _HINT)
    try:
        found = docker("compose", "version", "--short").strip().removeprefix("v")
    except OutsideError as error:
        raise OutsideError("docker has no compose command", _HINT) from error
    if _numbers(found) < _OLDEST_COMPOSE:
        raise OutsideError(f"Compose {shown(found)} is too old", _HINT)
    return {"engine": engine, "api": api, "compose": found}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split("-", maxsplit=1)[0].split("+", maxsplit=1)[0].split(".")[:2])


def image_id(reference: str) -> str:
    """Return the id of an image, pulled where it is missing and named by digest. Raises OutsideError."""
    with contextlib.suppress(OutsideError):
        return _inspected(reference)
    if "@sha256:" not in reference:
        raise OutsideError(f"the engine has no image {quoted(reference)}", "build it (make images agent-images), or name one in PINWARDEN_IMAGES")
    docker("pull", "--quiet", reference, seconds=_PULL_SECONDS)
    return _inspected(reference)


def _inspected(reference: str) -> str:
    return docker("image", "inspect", "--format", "{{.Id}}", reference).strip()


def image_label(image: str, label: str) -> str | None:
    """Return a label of an image, None where it has none."""
    return docker("image", "inspect", "--format", f'{{{{index .Config.Labels "{label}"}}}}', image).strip() or None


def labelled(kind: Sequence[str], label: str, line: str) -> list[list[str]]:
    """Return the columns of `line`, a template, for each container, volume or network that has `label`."""
    return [row.split("\t") for row in docker(*kind, "--filter", f"label={label}", "--format", line).splitlines()]


def remove_project(project: str) -> None:
    """Remove every container, volume and network of a Compose project, whether it runs or not.

    An engine may still be making what a start that failed asked for, and another process may be removing the same, so what is
    left is looked at again. Raises OutsideError where something stays.
    """
    for attempt in range(_REMOVALS):
        failed, found = _removed(f"com.docker.compose.project={project}")
        if not found:
            return
        if attempt == _REMOVALS - 1 and failed:
            raise failed
        time.sleep(_AGAIN * attempt)


def _removed(chosen: str) -> tuple[OutsideError | None, bool]:
    """Remove what is there once; return the last failure, and whether anything was found at all."""
    failed, some = None, False
    for kind, remove in (
        (("ps", "--all", "--quiet", "--no-trunc"), ("rm", "--force", "--volumes")),
        (("volume", "ls", "--quiet"), ("volume", "rm", "--force")),
        (("network", "ls", "--quiet", "--no-trunc"), ("network", "rm")),
    ):
        if found := docker(*kind, "--filter", f"label={chosen}", shielded=True).split():
            some = True
            try:
                docker(*remove, *found, shielded=True)
            except OutsideError as error:
                failed = error
    return failed, some

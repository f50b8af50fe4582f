"""GitHub Actions around a command: its event, its workspace, its outputs. The sole reader of GITHUB_* variables."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pinwarden.errors import Misuse
from pinwarden.shown import shown

_MOST_SUMMARY = 900_000


def in_workflow(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a workflow's runner started this process."""
    return environ.get("GITHUB_ACTIONS") == "true"


@dataclass(frozen=True, slots=True)
class Actions:
    """What a workflow run tells its steps. Outside a workflow every field is empty.

    Source: GitHub's documentation of default environment variables and of webhook payloads.
    """

    running: bool = False
    workspace: str = ""
    repository: str = ""
    api_url: str = "https://api.github.com"
    base_sha: str = ""
    """The commit that a pull request or merge group is to be merged onto; empty for other events."""
    token: str = field(default="", repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Actions:
        """Read the environment once. Raises Misuse where the event can't be read or names no base."""
        if not in_workflow(environ):
            return cls()
        return cls(
            running=True,
            workspace=environ.get("GITHUB_WORKSPACE", ""),
            repository=environ.get("GITHUB_REPOSITORY", ""),
            api_url=environ.get("GITHUB_API_URL", "https://api.github.com"),
            base_sha=_base_sha(environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_EVENT_PATH", "")),
            token=environ.get("GITHUB_TOKEN", ""),
        )

    def prefix(self, root: Path) -> str:
        """Return the registry's folder relative to the workspace, ending in a slash; empty for the workspace itself.

        Raises Misuse where it is outside: neither lines nor the configuration at the base could be found.
        """
        if not self.workspace:
            return ""
        try:
            relative = root.resolve().relative_to(Path(self.workspace).resolve())
        except ValueError as error:
            raise Misuse(f"{shown(str(root))} is outside the workspace", "check the registry out below GITHUB_WORKSPACE") from error
        return "" if relative == Path() else f"{relative.as_posix()}/"


@dataclass(frozen=True, slots=True)
class GitHub:
    """Where GitHub is, and the token that it is read with; without one it is read as a stranger reads it.

    Source: GitHub's documentation of default environment variables. PINWARDEN_GITHUB_TOKEN goes before GITHUB_TOKEN, so that
    a step can read with one token and write with another.
    """

    server_url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    graphql_url: str = "https://api.github.com/graphql"
    token: str = field(default="", repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> GitHub:
        """Read the environment. Raises Misuse where the token can't be sent, or anybody on the way could read it."""
        usual = cls()
        token = (environ.get("PINWARDEN_GITHUB_TOKEN") or environ.get("GITHUB_TOKEN", "")).strip()
        api = environ.get("GITHUB_API_URL", "").rstrip("/") or usual.api_url
        # An enterprise server has REST at /api/v3 and GraphQL at /api/graphql.
        graphql = environ.get("GITHUB_GRAPHQL_URL", "") or f"{api.removesuffix('/v3')}/graphql"
        server = environ.get("GITHUB_SERVER_URL", "").rstrip("/") or (usual.server_url if api == usual.api_url else api.removesuffix("/api/v3"))
        if token and not _TOKEN.match(token):
            raise Misuse("the GitHub token has characters that no token has", "set it anew, without quotes and line ends")
        for url in (server, api, graphql) if token else ():
            if not _safe(url):
                # Without what may stand before the host: a name and a password.
                raise Misuse(
                    f"a token sent to {shown(urlsplit(url).hostname or url)} could be read on the way",
                    "GITHUB_API_URL, GITHUB_GRAPHQL_URL and GITHUB_SERVER_URL must be https, without a user name; or unset the token",
                )
        return cls(server, api, graphql, token)


FULL_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]+\Z")


def _safe(url: str) -> bool:
    """Tell whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    return "@" not in parts.netloc and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")))


@dataclass(frozen=True, slots=True)
class Access:
    """The repository that a run belongs to, and the token to reach it with; in a terminal from the same variables."""

    api_url: str
    repository: str
    token: str = field(repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Access | None:
        """Read the environment; None where it names no repository, or there is no token. Raises Misuse."""
        repository, token = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_TOKEN", "").strip()
        if not (repository and token):
            return None
        if not FULL_NAME.match(repository):
            raise Misuse(f"GITHUB_REPOSITORY is {shown(repository)}, which is no repository's name", "write owner/name")
        return cls(GitHub.from_environ(environ).api_url, repository, token)


@dataclass(frozen=True, slots=True)
class Run:
    """The workflow run that this process belongs to; every field is empty outside of one.

    Source: GitHub's documentation of default environment variables.
    """

    event: str = ""
    ref: str = ""
    id: str = ""
    attempt: str = "1"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Run:
        """Read the environment. Raises Misuse where a number is none."""
        if not in_workflow(environ):
            return cls()
        run, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "1")
        if not re.fullmatch(r"[0-9]{0,20}", run) or not re.fullmatch(r"[0-9]{1,6}", attempt):
            raise Misuse("GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not a number", "the runner sets both; don't change them")
        return cls(environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_REF", ""), run, attempt)

    @property
    def by_hand(self) -> bool:
        """Whether a person with write access started it: in a terminal, or as a dispatch."""
        return self.event in ("", "workflow_dispatch")

    def url(self, server_url: str, repository: str) -> str:
        """Return the address of the run's page, empty where there is none."""
        return f"{server_url}/{repository}/actions/runs/{self.id}" if self.id else ""


def add_summary(markdown: str, environ: Mapping[str, str] = os.environ) -> None:
    """Add to the page of a workflow's run, where there is one. GitHub drops what is larger than 1 MiB whole, so it is cut at a line."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if path:
        cut = markdown.encode()[:_MOST_SUMMARY].decode(errors="ignore")
        with open(path, "a", encoding="utf-8") as file:
            file.write(cut if len(cut) == len(markdown) else f"{cut.rpartition(chr(10))[0]}\n\nCut here: it is too long.\n")


def _base_sha(event: str, path: str) -> str:
    if event not in ("pull_request", "pull_request_target", "merge_group"):
        return ""
    try:
        payload: dict[str, Any] = json.loads(Path(path).read_bytes())
        sha = payload["merge_group"]["base_sha"] if event == "merge_group" else payload["pull_request"]["base"]["sha"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misuse(f"the {event} event names no base commit", "the runner sets GITHUB_EVENT_PATH; don't change it") from error
    return str(sha)


def set_outputs(**outputs: str) -> None:
    """Set the step's outputs; underscores in names become hyphens."""
    # Imported here: it takes a third of a second, and only a workflow needs it.
    from actions_toolkit import core

    for name, value in outputs.items():
        core.set_output(name.replace("_", "-"), value)


@contextmanager
def commands_stopped(running: bool) -> Iterator[None]:
    """Keep the runner from reading workflow commands in what is printed meanwhile: it may quote foreign text."""
    token = os.urandom(16).hex()
    if running:
        print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        if running:
            print(f"::{token}::", flush=True)

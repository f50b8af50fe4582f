"""A registry on the tests' GitHub whose pull requests are reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pinwarden.adapters.github_calls import Calls
from support.github_twin.client import Client
from support.github_twin.repositories import CheckRun, Pull
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

WRITES = {"contents": "read", "pull_requests": "read", "checks": "write"}
ENTRY = """name: {name}
image: mcp/{name}
type: server
meta:
  category: demo
about:
  title: {title}
source:
  project: https://github.com/up/{name}
  commit: {commit}
"""


def entry(name: str, commit: str, title: str = "A server") -> str:
    return ENTRY.format(name=name, commit=commit, title=title)


def path_of(name: str) -> str:
    return f"servers/{name}/server.yaml"


@dataclass
class ReviewWorld:
    """`old` and `new` are commits of each upstream, which is named as its server. The registry has every server at its old commit."""

    twin: GitHubTwin
    servers: Mapping[str, tuple[Mapping[str, str | bytes], Mapping[str, str | bytes]]]
    """What each upstream holds before and after."""
    config: str = ""
    old: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        upstreams = [
            Upstream(f"up/{name}", [Commit("old", before), Commit("new", after)], branches={"main": "new"}) for name, (before, after) in self.servers.items()
        ]
        for name, ids in build(Path(self.twin.root), upstreams).items():
            self.old[name.removeprefix("up/")], self.new[name.removeprefix("up/")] = ids["old"], ids["new"]
        files = {path_of(name): entry(name, self.old[name]) for name in self.servers} | {"README.md": "# A registry\n"}
        if self.config:
            files[".github/pinwarden.yml"] = self.config
        self.registry = self.twin.add("acme/registry", files)
        self.token = self.twin.actions_token(self.registry, **WRITES)
        self.app = self.twin.app("pinwarden-acme", WRITES | {"contents": "write", "pull_requests": "write"}, number=77)

    def pull(self, files: Mapping[str, str | None], branch: str = "change", *, fork: str = "", base: str = "main") -> Pull:
        """Open a pull request with `files`, from the registry itself or from the fork of somebody."""
        source = self.registry
        if fork:
            source = self.twin.world.find(f"{fork}/registry") or self.twin.world.fork(self.registry, fork)
        self.twin.world.push(source, branch, files, who=fork or "ada")
        person = Client(self.twin.url, self.twin.personal_token(fork or "ada", None, contents="write", pull_requests="write"))
        body = {"title": "A change", "head": f"{fork}:{branch}" if fork else branch, "base": base}
        made = person.ask("POST", "/repos/acme/registry/pulls", body)
        assert made.status == 201, made.document
        return self.registry.pulls[made.document["number"]]

    def moved(self, *names: str) -> dict[str, str | None]:
        """Return the entries of `names` at their new commits."""
        return {path_of(name): entry(name, self.new[name]) for name in names}

    def head(self, pull: Pull) -> str:
        return self.registry.head_sha(pull)

    def queued(self, pull: Pull) -> str:
        """Put the pull request into the merge queue, and return the commit that the queue makes of it."""
        made = self.twin.enqueue(self.registry, pull.number).head
        assert made
        return made

    def checks(self, commit: str, app_id: int | None = None) -> dict[str, CheckRun]:
        """Return the newest check run of each name on a commit."""
        return {check.name: check for check in self.registry.checks.values() if check.head_sha == commit and app_id in (None, check.app_id)}

    def states(self, commit: str) -> dict[str, str]:
        """Return each check's conclusion, or its status while it has none."""
        return {name: check.conclusion or check.status for name, check in self.checks(commit).items()}

    def calls(self, url: str, token: str) -> Calls:
        """Return a client that waits by the twin's clock."""
        return Calls(url, token, sleep=self.twin.clock.advance, clock=lambda: self.twin.clock.now)

    def environment(self, event: str = "", *, token: str = "", ref: str = "refs/heads/main", **more: str) -> dict[str, str]:
        """Return the variables of a job, or of a terminal where `event` is empty."""
        url = self.twin.url
        given = {"GITHUB_TOKEN": token or self.token, "GITHUB_REPOSITORY": "acme/registry", "GITHUB_API_URL": url, "GITHUB_SERVER_URL": url}
        job = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_REF": ref, "GITHUB_RUN_ID": "5", "GITHUB_RUN_ATTEMPT": "1"} if event else {}
        return given | job | more


def set_environment(patch: pytest.MonkeyPatch, given: Mapping[str, str]) -> None:
    """Make `given` the whole of what a workflow would tell this process."""
    for name in (
        "GITHUB_ACTIONS",
        "GITHUB_EVENT_NAME",
        "GITHUB_REF",
        "GITHUB_RUN_ID",
        "GITHUB_RUN_ATTEMPT",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_OUTPUT",
        "GITHUB_GRAPHQL_URL",
        "PINWARDEN_GITHUB_TOKEN",
    ):
        patch.delenv(name, raising=False)
    for name, value in given.items():
        patch.setenv(name, value)


def requests_of(twin: GitHubTwin) -> dict[str, int]:
    """Count the requests to the API so far."""
    return {name: count for name, count in twin.counts().items() if name not in ("fetch", "ls-refs")}

"""A repository that nobody needs, for a live self-test: what a job's token and an App's each do in it, how it then stands, and the cleaning up."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote

from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.adapters.merge_pull import MergePulls
from pinwarden.adapters.registry_repository import TRAILER, ZERO, Base, RegistryRepository
from pinwarden.selftest import PREFIX

_TRIES = 60
_PAUSE = 5.0
"""Seconds between two looks at what GitHub does by itself: five minutes in all."""
_COMMIT = "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }"
_CHECK = "mutation($input: CreateCheckRunInput!) { createCheckRun(input: $input) { checkRun { id } } }"
_COMPLETE = "mutation($input: UpdateCheckRunInput!) { updateCheckRun(input: $input) { checkRun { id } } }"
_CLOSE = "mutation($pull: ID!) { closePullRequest(input: {pullRequestId: $pull}) { clientMutationId } }"
_RUNS = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on CheckRun { id name status conclusion externalId checkSuite { app { slug databaseId } } } } }"
_PULL = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { id state isInMergeQueue mergeStateStatus } }
}
"""
_REF = """
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) { ref(qualifiedName: $branch) { target { oid } } }
}
"""
_OBJECT = "query($owner: String!, $name: String!, $at: String!) { repository(owner: $owner, name: $name) { object(expression: $at) { __typename oid } } }"
Found = TypeVar("Found")


def refusal(act: Callable[[], object]) -> str:
    """Do what GitHub must refuse; return what it said, empty where it refused nothing. Raises Unclear, Limited."""
    try:
        act()
    except Refused as error:
        return error.message
    return ""


@dataclass(frozen=True, slots=True)
class Pull:
    """How a pull request stands, in GitHub's words."""

    id: str
    open: bool
    """Whether it is open, and in no merge queue."""
    merge_state: str


class Actor:
    """What one token does in one repository, `owner/name`. Its branches are `prefix/…`. Everything raises Unclear, Refused, Limited."""

    def __init__(self, calls: Calls, full_name: str, prefix: str) -> None:
        self.calls = calls
        self.full_name = full_name
        self.prefix = prefix
        self.registry = RegistryRepository(calls, full_name, prefix)
        owner, _, name = full_name.partition("/")
        self.where = {"owner": owner, "name": name}

    def base(self) -> Base:
        return self.registry.read({}).base

    def made(self, base: Base, name: str) -> str:
        """Make a commit as bump-pins does, and return its id; no branch moves."""
        message = f"Self-test of Pinwarden\n\n{TRAILER}: {name} {base.commit} {base.commit}\n"
        return self.registry.commit(base, f"{PREFIX}/{name}.md", "Made by a self-test; it may be removed.\n", message)

    def by_tool(self, name: str) -> bool:
        """Tell whether the commit at a branch shows by itself who made it, as bump-pins and merge-pins look at it."""
        return self.registry.read({}).standings[name].made_by_tool

    def tip(self, name: str) -> str:
        """Return where a branch is, ZERO where there is none."""
        found = self.calls.query(_REF, {**self.where, "branch": f"refs/heads/{self.prefix}/{name}"})["repository"]["ref"]
        return str(found["target"]["oid"]) if found else ZERO

    def commit_on(self, name: str, expected: str, path: str) -> str:
        """Add a file to a branch, if it is at `expected`, and return the new commit."""
        given = {
            "branch": {"repositoryNameWithOwner": self.full_name, "branchName": f"{self.prefix}/{name}"},
            "expectedHeadOid": expected,
            "message": {"headline": "Self-test of Pinwarden"},
            "fileChanges": {"additions": [{"path": path, "contents": base64.b64encode(b"# Made by a self-test\n").decode()}]},
        }
        return str(self.calls.mutate(_COMMIT, {"input": given})["createCommitOnBranch"]["commit"]["oid"])

    def check(self, base: Base, name: str, head: str, **more: Any) -> str:
        """Make a check run, and return its id."""
        given = {"repositoryId": base.repository, "name": name, "headSha": head, "externalId": PREFIX, **more}
        return str(self.calls.mutate(_CHECK, {"input": given})["createCheckRun"]["checkRun"]["id"])

    def complete(self, base: Base, check: str) -> None:
        self.calls.mutate(_COMPLETE, {"input": {"repositoryId": base.repository, "checkRunId": check, "status": "COMPLETED", "conclusion": "SUCCESS"}})

    def check_run(self, check: str) -> dict[str, Any]:
        """Return a check run, with the app of its suite."""
        found: dict[str, Any] = self.calls.query(_RUNS, {"ids": [check]})["nodes"][0]
        return found

    def at(self, expression: str) -> dict[str, Any] | None:
        """Return what git's expression names, kind and id; None where there is nothing."""
        found: dict[str, Any] | None = self.calls.query(_OBJECT, {**self.where, "at": expression})["repository"]["object"]
        return found

    def pull(self, number: int) -> Pull:
        found = self.calls.query(_PULL, {**self.where, "number": number})["repository"]["pullRequest"]
        return Pull(found["id"], found["state"] == "OPEN" and not found["isInMergeQueue"], found["mergeStateStatus"])

    def merge(self, number: int, head: str) -> None:
        """Merge a pull request as merge-pins does, in the repository's own way, if its head is `head`."""
        pulls = MergePulls(self.calls, self.full_name)
        pulls.merge(replace(pulls.read(number, ""), head=head))

    def runs(self, name: str, event: str = "") -> list[dict[str, Any]]:
        """Return the workflow runs of a branch, the newest first."""
        only = f"&event={event}" if event else ""
        found: list[dict[str, Any]] = self.calls.get(f"/repos/{self.full_name}/actions/runs?branch={quote(f'{self.prefix}/{name}', safe='')}{only}")[
            "workflow_runs"
        ]
        return found

    def jobs(self, run: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.calls.get(f"/repos/{self.full_name}/actions/runs/{run}/jobs")["jobs"]
        return found

    def dispatch(self, workflow: str, name: str, inputs: dict[str, str]) -> None:
        body = {"ref": f"refs/heads/{self.prefix}/{name}", "inputs": inputs}
        self.calls.post(f"/repos/{self.full_name}/actions/workflows/{workflow}/dispatches", body)


@dataclass(slots=True)
class Scratch:
    """The repository with those who act in it. `head` and `pulls` are what was made so far, by branch."""

    job: Actor
    app: Actor | None
    base: Base
    app_viewer: str
    sleep: Callable[[float], None]
    heads: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, int] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)

    def head(self, name: str) -> str:
        """Return where a branch of ours is. Raises Refused where it could not be made."""
        if name not in self.heads:
            raise Refused(f"the branch {name} was not made")
        return self.heads[name]

    def the_app(self) -> Actor:
        """Return the App. Raises Refused where there is none."""
        if self.app is None:
            raise Refused("there is no App's token: see the head of live-selftest.yml")
        return self.app

    def move(self, actor: Actor, name: str, before: str | None, after: str | None) -> None:
        self.branches += [] if name in self.branches else [name]
        actor.registry.move(self.base, name, before, after)

    def open(self, actor: Actor, name: str) -> int:
        """Open a pull request, and return its number."""
        self.pulls[name] = actor.registry.open(self.base, name, "Self-test of Pinwarden", "It is closed by the self-test that opened it.")["number"]
        return self.pulls[name]

    def wait(self, read: Callable[[], Found], enough: Callable[[Found], object]) -> Found:
        """Read until it is enough, or the patience ends; return what was read last."""
        found = read()
        for _ in range(_TRIES):
            if enough(found):
                break
            self.sleep(_PAUSE)
            found = read()
        return found

    def remove(self) -> list[str]:
        """Close what was opened and delete the branches; return what is left, with the reason."""
        left = []
        for number in self.pulls.values():
            try:
                if (pull := self.job.pull(number)).open:
                    self.job.calls.mutate(_CLOSE, {"pull": pull.id}, notifies=True)
            except (Unclear, Refused, Limited) as error:
                left.append(f"pull request {number}: {error}")
        for name in self.branches:
            try:
                if (tip := self.job.tip(name)) != ZERO:
                    self.job.registry.move(self.base, name, tip, None)
            except (Unclear, Refused, Limited) as error:
                left.append(f"branch {self.job.prefix}/{name}: {error}")
        return left


@contextmanager
def scratch(job: Actor, app: Actor | None, sleep: Callable[[float], None], warn: Callable[[str], None]) -> Iterator[Scratch]:
    """Give the repository, and clean it up in the end. Raises Unclear, Refused, Limited where it can't be read."""
    made = Scratch(job, app, job.base(), app.base().viewer if app else "", sleep)
    try:
        yield made
    finally:
        for left in made.remove():
            warn(f"remove by hand: {left}")

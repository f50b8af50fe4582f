"""Which workflow runs an event makes, and what they come to: as far as triggers, environments and the job's own token decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from support.github_twin.git import Commit
from support.github_twin.repositories import Pull, Repository, WorkflowRun
from support.github_twin.tokens import ACTIONS_APP

if TYPE_CHECKING:
    from support.github_twin.world import World

Json = Any
_FOLDER = ".github/workflows"
_OF_DEFAULT = "github.ref {} format('refs/heads/{{0}}', github.event.repository.default_branch)"
"""The one condition of a job that is understood; any other is taken for true."""


@dataclass(frozen=True, slots=True)
class _Start:
    event: str
    actor: str
    branch: str
    sha: str
    waits: bool = False
    """Whether somebody must approve first."""


def dispatched(world: World, repository: Repository, actor: str, name: str, ref: str) -> None:
    """Run a workflow on a ref, which has its own text of it."""
    commit, path = repository.git.commit(ref), f"{_FOLDER}/{name}"
    found = commit and repository.git.entry_object(commit.tree, path)
    if commit and found:
        _run(world, repository, _Start("workflow_dispatch", actor, ref.removeprefix("refs/heads/"), commit.oid), path, _read(found.content))


def of_pull(world: World, repository: Repository, pull: Pull, actor: str) -> None:
    """Run what a pull request starts. Opened by a job's token, a run waits until somebody approves it."""
    head, default = repository.git.commit(repository.head_sha(pull)), repository.git.commit(repository.default_branch)
    waits = actor == world.apps[ACTIONS_APP].login and "job-token" not in repository.lax
    for event, commit in (("pull_request", head), ("pull_request_target", default)):
        for path, workflow in _workflows(repository, commit) if commit else ():
            if event in _triggers(workflow):
                _run(world, repository, _Start(event, actor, pull.head, pull.head_sha, waits=waits), path, workflow)


def _run(world: World, repository: Repository, start: _Start, path: str, workflow: Mapping[Any, Json]) -> None:
    # What a pull request's own event runs on is a ref of its merge.
    refs = {"pull_request_target": repository.default_branch, "pull_request": f"refs/pull/{start.branch}"}
    ref = refs.get(start.event, start.branch)
    jobs = {} if start.waits else {job.get("name", name): _conclusion(repository, job, ref) for name, job in workflow.get("jobs", {}).items()}
    made = "action_required" if start.waits else "failure" if "failure" in jobs.values() else "success"
    run = WorkflowRun(world.next_id(), path, start.event, start.branch, start.sha, start.actor, made, jobs, world.clock.now)
    repository.runs.insert(0, run)


def _read(content: bytes) -> Mapping[Any, Json]:
    """Return a workflow; one that is no YAML or no mapping is run by nobody."""
    try:
        found = yaml.safe_load(content)
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _conclusion(repository: Repository, job: Mapping[str, Json], ref: str) -> str:
    on_default = ref == repository.default_branch
    condition = job.get("if", "")
    if (_OF_DEFAULT.format("==") in condition and not on_default) or (_OF_DEFAULT.format("!=") in condition and on_default):
        return "skipped"
    environment = job.get("environment", "")
    name = environment["name"] if isinstance(environment, dict) else environment
    return "failure" if ref not in repository.environments.get(name, (ref,)) else "success"


def _workflows(repository: Repository, commit: Commit) -> Iterator[tuple[str, Mapping[Any, Json]]]:
    row = repository.git.entry(commit.tree, _FOLDER)
    for path, each in repository.git.store.walk(row.oid) if row else ():
        found = repository.git.store.read(each.oid)
        assert found
        yield f"{_FOLDER}/{path}", _read(found.content)


def _triggers(workflow: Mapping[Any, Json]) -> frozenset[str]:
    # YAML 1.1 reads the key `on` as true.
    given = workflow.get(True, workflow.get("on", ()))
    return frozenset([given] if isinstance(given, str) else given)

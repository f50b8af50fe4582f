"""Workflow runs and required checks at the tests' GitHub: what starts, what waits, what is kept from starting, and what may be merged."""

from __future__ import annotations

import pytest

from support.github_twin.client import Client, Json
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"
MAY = {"contents": "write", "pull_requests": "write", "checks": "write", "actions": "write"}
DEFAULT = "github.ref {} format('refs/heads/{{0}}', github.event.repository.default_branch)"
WORKFLOWS = {
    ".github/workflows/check.yml": "on: pull_request\njobs:\n  check: {}\n",
    ".github/workflows/review.yml": "on: [pull_request_target]\njobs:\n  review: {environment: {name: keys, deployment: false}}\n",
    ".github/workflows/hand.yml": f'on:\n  workflow_dispatch:\njobs:\n  keys: {{environment: keys}}\n  here: {{if: "{DEFAULT.format("==")}"}}\n'
    f'  there: {{if: "{DEFAULT.format("!=")}", name: There}}\n',
    ".github/workflows/broken.yml": "on: [pull_request\n",
    ".github/workflows/empty.yml": "# nothing\n",
}


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    made = github_twin.add("acme/registry", {"a": "1\n", **WORKFLOWS})
    made.environments = {"keys": ("main",)}
    return made


def client(twin: GitHubTwin, registry: Repository, who: str) -> Client:
    """Return a job's token, an App's, or a person's."""
    app = twin.app("pinwarden", MAY, number=77)
    tokens = {"job": lambda: twin.actions_token(registry, **MAY), "app": lambda: twin.app_token(app, [registry])}
    return Client(twin.url, tokens[who]() if who in tokens else twin.personal_token(who, [registry], **MAY))


def propose(twin: GitHubTwin, registry: Repository, asks: Client, files: dict[str, str | bytes | None] | None = None) -> Json:
    twin.world.push(registry, "change", files or {"a": "2\n"})
    made = asks.ask("POST", f"{R}/pulls", {"title": "A change", "head": "change", "base": "main"})
    assert made.status == 201
    return made.document


def runs(asks: Client, query: str = "") -> list[tuple[str, str, str]]:
    return sorted((run["path"].rpartition("/")[2], run["event"], run["conclusion"]) for run in asks.get(f"{R}/actions/runs{query}").document["workflow_runs"])


@pytest.mark.parametrize("who", ["ada", "app"])
def test_a_pull_request_starts_its_own_file_and_that_of_the_default_branch(github_twin: GitHubTwin, registry: Repository, who: str) -> None:
    asks = client(github_twin, registry, who)
    evil = {path: text.replace("main", "evil") for path, text in WORKFLOWS.items()} | {".github/workflows/review.yml": "on: push\n"}
    propose(github_twin, registry, asks, {**evil, ".github/workflows/new.yml": "on: [pull_request, push]\n"})
    assert runs(asks) == [("check.yml", "pull_request", "success"), ("new.yml", "pull_request", "success"), ("review.yml", "pull_request_target", "success")]
    assert runs(asks, "?branch=change&event=pull_request_target") == [("review.yml", "pull_request_target", "success")]
    assert runs(asks, "?branch=main") == []


def test_a_job_s_pull_request_waits(github_twin: GitHubTwin, registry: Repository) -> None:
    asks = client(github_twin, registry, "job")
    propose(github_twin, registry, asks)
    assert runs(asks) == [("check.yml", "pull_request", "action_required"), ("review.yml", "pull_request_target", "action_required")]
    assert asks.get(f"{R}/actions/runs/{registry.runs[0].id}/jobs").document == {"total_count": 0, "jobs": []}


@pytest.mark.parametrize(("branch", "ends"), [("main", ["success", "success", "skipped"]), ("elsewhere", ["failure", "skipped", "success"])])
def test_an_environment_keeps_other_branches_out(github_twin: GitHubTwin, registry: Repository, branch: str, ends: list[str]) -> None:
    asks = client(github_twin, registry, "job")
    registry.git.store.set_ref("refs/heads/elsewhere", registry.git.branch("main") or "")
    assert asks.ask("POST", f"{R}/actions/workflows/hand.yml/dispatches", {"ref": branch}).status == 204
    (run,) = asks.get(f"{R}/actions/runs?event=workflow_dispatch&branch={branch}").document["workflow_runs"]
    assert run["conclusion"] == ("failure" if "failure" in ends else "success")
    jobs = asks.get(f"{R}/actions/runs/{run['id']}/jobs").document["jobs"]
    assert [(job["name"], job["conclusion"], bool(job["steps"])) for job in jobs] == [
        (name, end, end == "success") for name, end in zip(["keys", "here", "There"], ends, strict=True)
    ]
    assert asks.get(f"{R}/actions/runs/1/jobs").status == 404


def test_an_environment_that_nobody_made_lets_everybody_in(github_twin: GitHubTwin, registry: Repository) -> None:
    registry.environments.clear()
    asks = client(github_twin, registry, "job")
    registry.git.store.set_ref("refs/heads/elsewhere", registry.git.branch("main") or "")
    asks.ask("POST", f"{R}/actions/workflows/hand.yml/dispatches", {"ref": "refs/heads/elsewhere"})
    assert registry.runs[0].jobs["keys"] == "success"


STATE = 'query($n: Int!) { repository(owner: "acme", name: "registry") { pullRequest(number: $n) { mergeStateStatus } } }'


def state(asks: Client) -> str:
    return str(asks.graphql(STATE, n=1)["data"]["repository"]["pullRequest"]["mergeStateStatus"])


def merged(asks: Client) -> int:
    return asks.ask("PUT", f"{R}/pulls/1/merge", {}).status


def test_a_required_check_is_its_app_s_and_the_newest(github_twin: GitHubTwin, registry: Repository) -> None:
    registry.required = {"review": 77}
    job, app = client(github_twin, registry, "job"), client(github_twin, registry, "app")
    head = propose(github_twin, registry, app)["head"]["sha"]

    def check(asks: Client, **more: str) -> None:
        assert asks.ask("POST", f"{R}/check-runs", {"name": "review", "head_sha": head, **more}).status == 201

    assert (state(app), merged(app)) == ("BLOCKED", 405)
    check(job, conclusion="success")
    assert (state(app), merged(app)) == ("BLOCKED", 405)
    check(app, conclusion="neutral")
    assert state(app) == "CLEAN"
    check(app, status="queued")
    assert (state(app), merged(app)) == ("BLOCKED", 405)
    check(app, conclusion="success")
    assert (state(app), merged(app)) == ("CLEAN", 200)
    assert state(app) == "UNKNOWN"


@pytest.mark.parametrize("app", [None, 15368])
def test_a_required_check_of_anybody_is_given_by_a_job(github_twin: GitHubTwin, registry: Repository, app: int | None) -> None:
    registry.required = {"review": app}
    asks = client(github_twin, registry, "job")
    head = propose(github_twin, registry, asks)["head"]["sha"]
    assert merged(asks) == 405
    asks.ask("POST", f"{R}/check-runs", {"name": "review", "head_sha": head, "conclusion": "success"})
    assert merged(asks) == 200


def test_who_bypasses_needs_no_check(github_twin: GitHubTwin, registry: Repository) -> None:
    registry.required, registry.bypass = {"review": 77}, frozenset({"ada"})
    propose(github_twin, registry, client(github_twin, registry, "ada"))
    assert merged(client(github_twin, registry, "job")) == 405
    assert merged(client(github_twin, registry, "ada")) == 200


def test_what_conflicts_is_told(github_twin: GitHubTwin, registry: Repository) -> None:
    asks = client(github_twin, registry, "ada")
    propose(github_twin, registry, asks)
    github_twin.world.push(registry, "main", {"a": "3\n"})
    assert state(asks) == "DIRTY"

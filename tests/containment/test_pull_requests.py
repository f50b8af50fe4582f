"""Cases 43 and 44: a hostile pull request, which would choose the rules that it is held to, or take another's result."""

from __future__ import annotations

import pytest

from containment.conftest import Case
from pinwarden.adapters import planning, registry_commits
from pinwarden.adapters.actions_io import GitHub
from pinwarden.errors import Misuse
from pinwarden.reviewer import Agent
from pinwarden.wish import Wish
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld, entry, path_of, set_environment

CONFIG = "review:\n  agents: [claude, guarddog]\n"
LOOSER = "entries: none/*/server.yaml\nreview:\n  agents: [guarddog]\n"


@pytest.fixture
def world(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch) -> ReviewWorld:
    world = ReviewWorld(github_twin, {name: ({"server.py": "x = 1\n"}, {"server.py": "x = 2\n"}) for name in ("mail", "weather")}, CONFIG)
    set_environment(monkeypatch, world.environment("pull_request_target"))
    return world


def test_43_a_pull_request_that_brings_its_own_rules(world: ReviewWorld, case: Case) -> None:
    tools = {".github/pinwarden.yml": LOOSER, ".github/workflows/review.yml": "on: push\n", "schemas/entry.schema.json": "{}\n", "action.yml": "name: mine\n"}
    pull = world.pull({**world.moved("weather"), path_of("mail"): entry("mail", world.new["mail"]), **tools})
    plan = planning.of_pull_request(pull.number, world.head(pull), "", Wish(), world.calls)
    asked = sorted(f"{one.agent}/{one.target.server}" for one in plan.reviews)

    # The control reads the configuration where everything else of the change is read: at its head.
    base, head = str(world.registry.git.branch("main")), world.head(pull)
    with registry_commits.of_github(GitHub.from_environ(), "acme/registry", "") as commits:
        commits.fetch([base, head])
        without = commits.change(base, head, base, commits.config(head)).targets

    case.judge(
        attempted=sorted(tools),
        observed=f"reviews {asked}, checks {world.states(head)}",
        contained=asked == [f"{agent}/{server}" for agent in (Agent.CLAUDE, Agent.GUARDDOG) for server in ("mail", "weather")]
        and set(world.states(head).values()) == {"queued"},
        control=f"by its own configuration {len(without)} targets are to be reviewed",
        harmed=without == (),
    )


def test_44_a_push_after_a_maintainer_has_looked(world: ReviewWorld, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    pull = world.pull(world.moved("weather"), fork="eve")
    looked_at = world.head(pull)
    fork = world.twin.repository("eve/registry")
    world.twin.world.push(fork, "change", world.moved("mail"), who="eve")
    set_environment(monkeypatch, world.environment("workflow_dispatch"))
    try:
        planning.of_pull_request(pull.number, looked_at, "", Wish(), world.calls)
        said = "planned"
    except Misuse as refused:
        said = refused.message
    contained = said != "planned" and world.registry.checks == {}

    # The control starts what is there now, as a dispatch that names no head would.
    without = planning.of_pull_request(pull.number, world.head(pull), "", Wish(), world.calls)

    case.judge(
        attempted=f"{looked_at[:12]} became {world.head(pull)[:12]}",
        observed=said,
        contained=contained,
        control=f"started: {[one.target.server for one in without.reviews]}",
        harmed=without.start and any(one.target.server == "mail" for one in without.reviews),
    )

"""Identities from the tests' GitHub: fifty a query, and none that it did not tell, however it misbehaves."""

from __future__ import annotations

from typing import Any

import pytest

from pinwarden.adapters.github_graphql import GitHubGraphql, Patience
from pinwarden.adapters.github_identities import identities
from pinwarden.trust.subject import Identity, Silence, Unidentified
from support.github_twin.faults import Cut, Drop, Fail, Partial
from support.github_twin.twin import GitHubTwin

NAMES = [("acme", f"tool{number}") for number in range(5)]


@pytest.fixture
def client(github_twin: GitHubTwin) -> Any:
    github_twin.world.organizations.add("acme")
    for owner, name in NAMES:
        github_twin.add(f"{owner}/{name}", {"a": "1"})
    token = github_twin.actions_token(github_twin.repository("acme/tool0"))
    patience = Patience(connect=5, read=2, whole=5, wait=0)

    def passed(seconds: float) -> None:
        github_twin.clock.now += int(seconds) + 1

    with GitHubGraphql(f"{github_twin.url}/graphql", token, patience, sleep=passed, now=lambda: float(github_twin.clock.now)) as graphql:
        yield graphql


def all_told(twin: GitHubTwin) -> dict[tuple[str, str], Identity]:
    owner = twin.world.account_id("acme")
    return {name: Identity(twin.repository("/".join(name)).id, owner, "/".join(name)) for name in NAMES}


def test_names_in_batches(github_twin: GitHubTwin, client: GitHubGraphql) -> None:
    assert identities(client, [*NAMES, NAMES[0]], batch=2) == all_told(github_twin)
    assert github_twin.counts()["query"] == 3


@pytest.mark.parametrize("fault", [Fail(502), Fail(500), Drop(), Cut(100), Partial(2), Fail(403, headers={"Retry-After": "5"})], ids=repr)
def test_what_passes_by_costs_no_identity(github_twin: GitHubTwin, client: GitHubGraphql, fault: Any) -> None:
    github_twin.fault(fault, operation="query")
    assert identities(client, NAMES) == all_told(github_twin)


@pytest.mark.parametrize("fault", [Fail(502), Fail(500), Fail(404), Drop(), Cut(100), Fail(403, headers={"Retry-After": "100000"})], ids=repr)
def test_a_host_that_stays_silent_is_asked_a_few_times_and_tells_nothing(github_twin: GitHubTwin, client: GitHubGraphql, fault: Any) -> None:
    github_twin.fault(fault, operation="query", times=None)
    told = identities(client, NAMES, batch=1)
    assert set(told) == set(NAMES)
    assert {one.silence for one in told.values() if isinstance(one, Unidentified)} == {Silence.UNREAD}
    assert not any(isinstance(one, Identity) for one in told.values())
    assert github_twin.counts()["query"] <= 6


def test_what_one_batch_told_stays_when_the_next_is_not_answered(github_twin: GitHubTwin, client: GitHubGraphql) -> None:
    github_twin.fault(Fail(404), operation="query", times=None, skip=1)
    told = identities(client, NAMES, batch=3)
    assert [isinstance(told[name], Identity) for name in NAMES] == [True, True, True, False, False]


def test_an_answer_that_stays_partial_is_told_as_far_as_it_goes(github_twin: GitHubTwin, client: GitHubGraphql) -> None:
    github_twin.fault(Partial(2), operation="query", times=None)
    told = identities(client, NAMES)
    assert sum(isinstance(one, Identity) for one in told.values()) < len(NAMES)
    assert {one.detail for one in told.values() if isinstance(one, Unidentified)} == {"GitHub did not answer for it"}
    assert github_twin.counts()["query"] == 2

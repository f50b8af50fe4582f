"""Limits, faults and time at the tests' GitHub."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from support.github_twin.client import Client
from support.github_twin.contract import Contract
from support.github_twin.faults import Cut, Drop, Fail, Meanwhile, Slow
from support.github_twin.limits import Secondary
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"a": "1\n"})


@pytest.fixture
def token(github_twin: GitHubTwin, registry: Repository) -> str:
    return github_twin.actions_token(registry, contents="write", issues="write", pull_requests="write")


@pytest.fixture
def client(github_twin: GitHubTwin, token: str) -> Client:
    return Client(github_twin.url, token)


def test_an_hour_has_points(github_twin: GitHubTwin, registry: Repository, client: Client, token: str) -> None:
    first = client.get(R).headers
    assert (first["x-ratelimit-limit"], first["x-ratelimit-used"], first["x-ratelimit-remaining"]) == ("1000", "1", "999")
    assert int(first["x-ratelimit-reset"]) == github_twin.clock.now + 3600
    assert client.get("/rate_limit").document["resources"]["core"]["used"] == 1
    github_twin.limits.exhaust(github_twin.token(token))
    refused = client.get(R)
    assert (refused.status, refused.document["message"]) == (403, "API rate limit exceeded for installation ID 1.")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert client.get("/rate_limit").status == 200
    github_twin.clock.advance(3600)
    assert client.get(R).headers["x-ratelimit-used"] == "1"
    assert github_twin.limits.hits == 1


def test_each_kind_of_token_has_its_own_points(github_twin: GitHubTwin, registry: Repository) -> None:
    def limit(token: str) -> str:
        return Client(github_twin.url, token).get(R).headers["x-ratelimit-limit"]

    assert (limit(""), limit(github_twin.personal_token("ada"))) == ("60", "5000")


def test_graphql_has_points_of_its_own_and_says_so_with_status_200(github_twin: GitHubTwin, client: Client, token: str) -> None:
    assert client.graphql("{ rateLimit { cost used remaining limit } }")["data"]["rateLimit"] == {"cost": 1, "used": 1, "remaining": 999, "limit": 1000}
    github_twin.limits.exhaust(github_twin.token(token), "graphql")
    refused = client.ask("POST", "/graphql", {"query": "{ viewer { login } }"})
    assert (refused.status, refused.document["errors"][0]["type"], refused.headers["x-ratelimit-resource"]) == (200, "RATE_LIMITED", "graphql")
    assert client.get(R).status == 200


@pytest.fixture
def strict(tmp_path: Path, github_contract: Contract) -> Iterator[GitHubTwin]:
    with GitHubTwin(tmp_path / "strict", github_contract, secondary=Secondary(content=3, content_an_hour=5, rest_points=40)) as twin:
        yield twin
    assert twin.violations == []


def test_content_is_limited_by_the_minute_and_by_the_hour(strict: GitHubTwin) -> None:
    registry = strict.add("acme/registry", {"a": "1\n"})
    client = Client(strict.url, strict.actions_token(registry, contents="write", pull_requests="write"))
    strict.world.push(registry, "x", {"a": "2\n"})
    client.ask("POST", f"{R}/pulls", {"title": "t", "head": "x", "base": "main"})

    def comment() -> int:
        return client.ask("POST", f"{R}/issues/1/comments", {"body": "x"}).status

    assert [comment() for _ in range(3)] == [201, 201, 403]
    refused = client.ask("POST", f"{R}/issues/1/comments", {"body": "x"})
    assert refused.document["message"].startswith("You have exceeded a secondary rate limit")
    assert refused.headers["retry-after"] == "60"
    strict.clock.advance(60)
    assert [comment() for _ in range(3)] == [201, 201, 403]
    strict.clock.advance(3540)
    assert comment() == 201


def test_points_are_limited_by_the_minute(strict: GitHubTwin) -> None:
    registry = strict.add("acme/registry", {"a": "1\n"})
    client = Client(strict.url, strict.actions_token(registry, contents="write"))
    # A write is five points, a read one.
    assert [client.ask("POST", f"{R}/git/blobs", {"content": "x"}).status for _ in range(8)] == [201] * 7 + [201]
    assert client.get(R).status == 403
    strict.clock.advance(60)
    assert client.get(R).status == 200


def test_requests_at_the_same_time_are_limited(tmp_path: Path, github_contract: Contract) -> None:
    with GitHubTwin(tmp_path / "busy", github_contract, secondary=Secondary(concurrent=1)) as twin:
        client = Client(twin.url, twin.actions_token(twin.add("acme/registry", {"a": "1\n"})))
        inner: list[int] = []
        twin.fault(Meanwhile(lambda: inner.append(client.get(R).status)))
        assert (client.get(R).status, inner) == (200, [403])
        assert client.get(R).status == 200


def make(client: Client, name: str) -> int:
    sha = client.get(f"{R}/git/ref/heads/main").document["object"]["sha"]
    return client.ask("POST", f"{R}/git/refs", {"ref": f"refs/heads/{name}", "sha": sha}).status


def test_a_write_fails_before_or_after_it_was_done(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    github_twin.fault(Fail(500), operation="git/create-ref")
    github_twin.fault(Fail(502, applied=True), operation="git/create-ref")
    assert [make(client, "one"), make(client, "two"), make(client, "three")] == [500, 502, 201]
    assert [registry.git.branch(name) is not None for name in ("one", "two", "three")] == [False, True, True]
    assert [each.fault for each in github_twin.log if each.request.writes] == ["Fail", "Fail", ""]


def test_a_connection_is_dropped_before_or_after(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    for name, applied in (("one", False), ("two", True)):
        github_twin.fault(Drop(applied=applied), operation="git/create-ref")
        with pytest.raises(ConnectionError):
            make(client, name)
    assert [registry.git.branch(name) is not None for name in ("one", "two")] == [False, True]


def test_a_body_is_cut_off_or_slow(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Cut(20))
    with pytest.raises(http.client.IncompleteRead) as problem:
        client.get(R)
    assert len(problem.value.partial) == 20
    github_twin.fault(Slow(0.001, parts=8))
    assert client.get(R).document["name"] == "registry"


def test_an_answer_says_when_to_come_again(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Fail(429, "Too many requests", {"Retry-After": "30"}), times=2)
    replies = [client.get(R) for _ in range(3)]
    assert [(reply.status, reply.headers.get("retry-after")) for reply in replies] == [(429, "30"), (429, "30"), (200, None)]


def test_a_secondary_limit_may_look_like_a_validation_error(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Fail(422, "Validation Failed", extra={"errors": [{"code": "abuse"}]}), operation="repos/get")
    reply = client.get(R)
    assert (reply.status, reply.document["errors"]) == (422, [{"code": "abuse"}])


def test_of_many_at_once_one_makes_the_ref(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: make(client, "one"), range(24)))
    assert statuses == [201] + [422] * 23


def test_a_fault_waits_for_its_turn(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Fail(500), writes=True, skip=1, times=1)
    assert [make(client, name) for name in ("one", "two", "three")] == [201, 500, 201]


def test_somebody_else_acts_in_between(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    old = registry.git.branch("main")
    github_twin.fault(Meanwhile(lambda: github_twin.world.push(registry, "main", {"a": "2\n"})), operation="createCommitOnBranch")
    document = """mutation($i: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $i) { commit { oid } } }"""
    branch = {"repositoryNameWithOwner": "acme/registry", "branchName": "main"}
    answer = client.graphql(document, i={"branch": branch, "message": {"headline": "x"}, "expectedHeadOid": old})
    assert answer["errors"][0]["type"] == "STALE_DATA"


def test_something_happens_after_each_write(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    seen: list[bool] = []
    github_twin.fault(Meanwhile(lambda: seen.append(registry.git.branch("one") is not None), after=True), writes=True, times=None)
    make(client, "one")
    assert seen == [True]


def test_requests_are_counted(github_twin: GitHubTwin, client: Client) -> None:
    make(client, "one")
    client.graphql("{ viewer { login } }")
    assert github_twin.counts() == {"git/get-ref": 1, "git/create-ref": 1, "query": 1}
    assert json.dumps([request.route for request in github_twin.asked]) == json.dumps(
        ["/repos/{owner}/{repo}/git/ref/{ref}", "/repos/{owner}/{repo}/git/refs", "/graphql"]
    )


def test_latency_is_real_and_asked_for(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.latency = 0.01
    assert client.get(R).status == 200


def test_two_runs_are_the_same(tmp_path: Path, github_contract: Contract) -> None:
    def run(folder: str) -> list[object]:
        with GitHubTwin(tmp_path / folder, github_contract) as twin:
            registry = twin.add("acme/registry", {"a": "1\n"})
            client = Client(twin.url, twin.actions_token(registry, contents="write", pull_requests="write"))
            twin.world.push(registry, "x", {"a": "2\n"})
            pull = client.ask("POST", f"{R}/pulls", {"title": "t", "head": "x", "base": "main"}).document
            merged = client.ask("PUT", f"{R}/pulls/1/merge", {}).document
            return [json.loads(json.dumps(pull).replace(twin.url, "")), merged]

    assert run("one") == run("two")


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_client_is_cut_off_after_a_write(github_twin: GitHubTwin, registry: Repository, client: Client, after: int) -> None:
    github_twin.cut_off(after)
    done = 0
    with pytest.raises(ConnectionError):  # noqa: PT012 - which one fails is what the case is about
        for name in ("one", "two", "three"):
            done += make(client, name) == 201
    assert done == max(0, after - 1)
    with pytest.raises(ConnectionError):
        client.get(R)
    assert [registry.git.branch(name) is not None for name in ("one", "two", "three")] == [number < after for number in range(3)]
    github_twin.mend()
    assert client.get(R).status == 200


def propose(client: Client) -> None:
    """Make a branch, a commit on it and a pull request, each unless it is there."""
    main = client.get(f"{R}/git/ref/heads/main").document["object"]["sha"]
    branch = client.get(f"{R}/git/ref/heads/bump")
    if branch.status == 404:
        branch = client.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/bump", "sha": main})
    if branch.document["object"]["sha"] == main:
        tree = client.ask("POST", f"{R}/git/trees", {"base_tree": main, "tree": [{"path": "a", "mode": "100644", "content": "2\n"}]}).document["sha"]
        commit = client.ask("POST", f"{R}/git/commits", {"tree": tree, "parents": [main], "message": "bump"}).document["sha"]
        client.ask("PATCH", f"{R}/git/refs/heads/bump", {"sha": commit})
    if not client.get(f"{R}/pulls?head=acme:bump").document:
        head = client.get(f"{R}/git/ref/heads/bump").document["object"]["sha"]
        client.ask("POST", f"{R}/pulls", {"title": "Bump", "head": "bump", "base": "main", "body": f"at {head}"})


@pytest.mark.parametrize("after", range(6))
def test_a_snapshot_tells_whether_two_ways_led_to_the_same_end(tmp_path: Path, github_contract: Contract, after: int) -> None:
    def end(folder: str, cut: int | None) -> tuple[object, int]:
        with GitHubTwin(tmp_path / folder, github_contract) as twin:
            registry = twin.add("acme/registry", {"a": "1\n"})
            client = Client(twin.url, twin.actions_token(registry, contents="write", pull_requests="write"))
            if cut is not None:
                twin.cut_off(cut)
                with suppress(ConnectionError):
                    propose(client)
                twin.mend()
                twin.clock.advance(86400)
            propose(client)
            return twin.snapshot(registry), twin.writes

    undisturbed, writes = end("undisturbed", None)
    assert writes == 5
    assert end("cut", after)[0] == undisturbed


def test_jobs_of_one_repository_share_their_points(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    other = Client(github_twin.url, github_twin.actions_token(registry, contents="read"))
    client.get(R)
    assert other.get(R).headers["x-ratelimit-used"] == "2"

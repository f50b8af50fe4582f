"""The merge queue, and who asks to merge, at the tests' GitHub."""

from __future__ import annotations

import pytest

from support.github_twin.client import Client, Json
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"
ENTRY = """query($number: Int!) { repository(owner: "acme", name: "registry") { pullRequest(number: $number) { isInMergeQueue mergeQueueEntry {
  id state position enqueuer { login } baseCommit { oid } headCommit { oid message parents(first: 2) { nodes { oid } } } pullRequest { number } } } } }"""


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"a": "1\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, contents="write", pull_requests="write"))


def propose(github_twin: GitHubTwin, registry: Repository, client: Client, branch: str, files: dict[str, str | bytes | None]) -> str:
    sha = github_twin.world.push(registry, branch, files)
    assert client.ask("POST", f"{R}/pulls", {"title": branch, "head": branch, "base": "main"}).status == 201
    return sha


def entry(client: Client, number: int) -> Json:
    pull = client.graphql(ENTRY, number=number)["data"]["repository"]["pullRequest"]
    assert pull["isInMergeQueue"] == (pull["mergeQueueEntry"] is not None)
    return pull["mergeQueueEntry"]


def test_a_queued_pull_request_is_merged_on_a_branch_of_its_own(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    main = registry.git.branch("main")
    head = propose(github_twin, registry, client, "x", {"b": "1\n"})
    assert entry(client, 1) is None
    github_twin.enqueue(registry, 1)
    found = entry(client, 1)
    group = found["headCommit"]["oid"]
    assert (found["state"], found["position"], found["enqueuer"]["login"], found["pullRequest"]["number"]) == ("AWAITING_CHECKS", 1, "ada", 1)
    assert found["baseCommit"] == {"oid": main}
    assert [parent["oid"] for parent in found["headCommit"]["parents"]["nodes"]] == [main, head]
    assert found["headCommit"]["message"] == "Merge pull request #1 from acme/x\n\nx"
    assert registry.git.branch(f"gh-readonly-queue/main/pr-1-{main}") == group
    event = github_twin.events[-1]
    ref = f"refs/heads/gh-readonly-queue/main/pr-1-{main}"
    assert (event.name, event.action, event.actor, event.subject, event.starts_workflows) == (
        "merge_group",
        "checks_requested",
        "github-merge-queue[bot]",
        ref,
        True,
    )
    assert event.payload["merge_group"] == {"head_sha": group, "head_ref": ref, "base_sha": main, "base_ref": "refs/heads/main"}
    assert registry.git.branch("main") == main


def test_a_group_is_merged_on_the_one_before_it(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    for branch in ("x", "y", "z"):
        propose(github_twin, registry, client, branch, {branch: "1\n"})
        github_twin.enqueue(registry, len(registry.pulls))
    first, second, third = (entry(client, number) for number in (1, 2, 3))
    assert [found["position"] for found in (first, second, third)] == [1, 2, 3]
    assert (second["baseCommit"]["oid"], third["baseCommit"]["oid"]) == (first["headCommit"]["oid"], second["headCommit"]["oid"])
    del github_twin.events[:]
    github_twin.dequeue(registry, 2)
    assert [(event.action, event.payload.get("reason")) for event in github_twin.events] == [("destroyed", "dequeued"), ("destroyed", "invalidated")]
    assert (entry(client, 1)["headCommit"], entry(client, 2)) == (first["headCommit"], None)
    waiting = entry(client, 3)
    assert (waiting["state"], waiting["position"], waiting["headCommit"]) == ("QUEUED", 2, None)
    github_twin.enqueue(registry, 2)
    third, second = entry(client, 3), entry(client, 2)
    assert (third["baseCommit"], second["baseCommit"]["oid"]) == ({"oid": first["headCommit"]["oid"]}, third["headCommit"]["oid"])
    assert len(registry.git.store.refs("refs/heads/gh-readonly-queue/")) == 3


def test_a_pull_request_that_changes_is_no_longer_queued(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    def gone(number: int) -> bool:
        return entry(client, number) is None and not registry.git.store.refs("refs/heads/gh-readonly-queue/")

    propose(github_twin, registry, client, "x", {"x": "1\n"})
    github_twin.enqueue(registry, 1)
    github_twin.world.push(registry, "x", {"x": "2\n"})
    assert gone(1)
    github_twin.enqueue(registry, 1)
    assert client.ask("PATCH", f"{R}/pulls/1", {"state": "closed"}).status == 200
    assert gone(1)
    client.ask("PATCH", f"{R}/pulls/1", {"state": "open"})
    github_twin.enqueue(registry, 1)
    assert client.ask("PUT", f"{R}/pulls/1/merge", {}).status == 200
    assert gone(1)
    assert [event.payload.get("reason") for event in github_twin.events if event.action == "destroyed"] == ["dequeued", "dequeued", "merged"]


def test_a_fork_s_pull_request_is_queued_and_one_that_conflicts_has_no_group(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    fork = github_twin.world.fork(registry, "eve")
    head = github_twin.world.push(fork, "x", {"b": "1\n"}, who="eve")
    eve = Client(client.url, github_twin.personal_token("eve", [registry, fork], pull_requests="write"))
    assert eve.ask("POST", f"{R}/pulls", {"title": "t", "head": "eve:x", "base": "main"}).status == 201
    github_twin.enqueue(registry, 1)
    assert entry(client, 1)["headCommit"]["parents"]["nodes"][1] == {"oid": head}
    propose(github_twin, registry, client, "y", {"b": "2\n"})
    events = len(github_twin.events)
    github_twin.enqueue(registry, 2)
    assert (entry(client, 2)["state"], entry(client, 2)["headCommit"], len(github_twin.events)) == ("UNMERGEABLE", None, events)


def test_what_an_author_is_to_the_repository(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    fork = github_twin.world.fork(registry, "eve")

    def association(number: int) -> str:
        asked = f'{{ repository(owner: "acme", name: "registry") {{ pullRequest(number: {number}) {{ authorAssociation }} }} }}'
        word = client.graphql(asked)["data"]["repository"]["pullRequest"]["authorAssociation"]
        assert client.get(f"{R}/pulls/{number}").document["author_association"] == word
        return str(word)

    def opened(login: str, head: str, holder: Repository) -> int:
        github_twin.world.push(holder, head, {head: "1\n"}, who=login)
        person = Client(client.url, github_twin.personal_token(login, [registry, fork], pull_requests="write"))
        where = head if holder is registry else f"eve:{head}"
        return int(person.ask("POST", f"{R}/pulls", {"title": "t", "head": where, "base": "main"}).document["number"])

    propose(github_twin, registry, client, "x", {"x": "1\n"})
    assert association(1) == "NONE"
    assert association(opened("acme", "o", registry)) == "OWNER"
    assert association(opened("ada", "p", registry)) == "COLLABORATOR"
    first = opened("eve", "q", fork)
    assert association(first) == "FIRST_TIME_CONTRIBUTOR"
    client.ask("PUT", f"{R}/pulls/{first}/merge", {})
    again = opened("eve", "r", fork)
    assert association(again) == "CONTRIBUTOR"
    registry.permissions["eve"] = "write"
    assert association(again) == "COLLABORATOR"


COMMENTS = """query($last: Int, $before: String) { repository(owner: "acme", name: "registry") { pullRequest(number: 1) { labels(first: 5) { nodes { name } }
  comments(last: $last, before: $before) { totalCount pageInfo { hasPreviousPage startCursor } nodes { body } } } } }"""


def test_comments_are_read_from_the_last_one_back(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client, "x", {"x": "1\n"})
    for number in range(5):
        client.ask("POST", f"{R}/issues/1/comments", {"body": str(number)})
    client.ask("POST", f"{R}/issues/1/labels", {"labels": ["security-risk:high", "security-blocked"]})
    pages, before, labels = [], None, []
    while True:
        pull = client.graphql(COMMENTS, last=2, before=before)["data"]["repository"]["pullRequest"]
        page, labels = pull["comments"], pull["labels"]["nodes"]
        pages.append([comment["body"] for comment in page["nodes"]])
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert (pages, page["totalCount"]) == ([["3", "4"], ["1", "2"], ["0"]], 5)
    assert [label["name"] for label in labels] == ["security-risk:high", "security-blocked"]
    assert client.graphql(COMMENTS, last=2, before="x")["errors"][0]["type"] == "INVALID_CURSOR_ARGUMENTS"

"""Pull requests at the tests' GitHub: opened, listed, changed, reviewed, labelled, commented on, merged, closed."""

from __future__ import annotations

import pytest

from support.github_twin.client import Client, Json
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"a": "1\n", "b": "1\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, contents="write", pull_requests="write"))


def propose(twin: GitHubTwin, registry: Repository, client: Client, branch: str = "bump/a", **body: object) -> Json:
    if registry.git.branch(branch) is None:
        twin.world.push(registry, branch, {"a": f"{branch}\n"})
    return client.ask("POST", f"{R}/pulls", {"title": f"Bump {branch}", "head": branch, "base": "main", "body": "why", **body})


def test_a_pull_request_is_opened(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    made = propose(github_twin, registry, client)
    assert made.status == 201
    pull = made.document
    assert (pull["number"], pull["state"], pull["user"]["login"], pull["user"]["type"]) == (1, "open", "github-actions[bot]", "Bot")
    assert (pull["head"]["sha"], pull["base"]["ref"]) == (registry.git.branch("bump/a"), "main")
    assert (pull["commits"], pull["changed_files"], pull["additions"], pull["deletions"], pull["mergeable"]) == (1, 1, 1, 1, True)
    assert client.get(f"{R}/pulls/1").document == pull
    assert client.get(f"{R}/pulls/2").status == 404


def test_a_pull_request_is_not_opened_twice_nor_without_a_change(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    again = propose(github_twin, registry, client)
    assert again.status == 422
    assert again.document["errors"][0]["message"] == "A pull request already exists for acme:bump/a."
    assert propose(github_twin, registry, client, head="none").document["errors"] == [{"resource": "PullRequest", "code": "invalid", "field": "head"}]
    assert propose(github_twin, registry, client, head="main").document["errors"][0]["message"] == "No commits between main and main"
    assert propose(github_twin, registry, client, "long", body="x" * 65537).status == 422


def test_actions_may_be_kept_from_opening_pull_requests(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    registry.actions_may_create_pull_requests = False
    refused = propose(github_twin, registry, client)
    assert (refused.status, refused.document["message"]) == (403, "GitHub Actions is not permitted to create or approve pull requests.")
    app = github_twin.app("pinwarden", {"pull_requests": "write"})
    assert propose(github_twin, registry, Client(client.url, github_twin.app_token(app, [registry]))).status == 201
    admin = Client(client.url, github_twin.personal_token("ada", [registry], administration="read"))
    assert admin.get(f"{R}/actions/permissions/workflow").document["can_approve_pull_request_reviews"] is False
    assert Client(client.url).get(f"{R}/actions/permissions/workflow").status == 401


def test_what_a_job_s_token_opens_starts_no_workflow(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    app = github_twin.app("pinwarden", {"pull_requests": "write"})
    propose(github_twin, registry, Client(client.url, github_twin.app_token(app, [registry])), "bump/b")
    opened = [event for event in github_twin.events if (event.name, event.action) == ("pull_request", "opened")]
    assert [(event.subject, event.actor, event.starts_workflows) for event in opened] == [("1", "github-actions[bot]", False), ("2", "pinwarden[bot]", True)]


def test_pull_requests_are_listed_by_head_base_and_state(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    for branch in ("bump/a", "bump/b", "bump/c"):
        propose(github_twin, registry, client, branch)
        github_twin.clock.advance(60)
    client.ask("PATCH", f"{R}/pulls/2", {"state": "closed"})

    def numbers(query: str) -> list[int]:
        return [pull["number"] for pull in client.get(f"{R}/pulls?{query}").document]

    assert numbers("") == [3, 1]
    assert numbers("state=all") == [3, 2, 1]
    assert numbers("state=closed") == [2]
    assert numbers("state=all&head=acme:bump/b") == [2]
    assert numbers("state=all&head=other:bump/b") == []
    assert numbers("state=all&head=bump/b") == [3, 2, 1]
    assert numbers("base=other") == []
    assert numbers("sort=updated&direction=desc&state=all") == [2, 3, 1]


def test_lists_come_in_pages(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    for branch in ("bump/a", "bump/b", "bump/c"):
        propose(github_twin, registry, client, branch)
    first = client.get(f"{R}/pulls?per_page=2&state=open")
    url = f"{client.url}{R}/pulls?per_page=2&state=open"
    assert len(first.document) == 2
    assert first.headers["link"] == f'<{url}&page=2>; rel="next", <{url}&page=2>; rel="last"'
    second = client.get(f"{R}/pulls?per_page=2&state=open&page=2")
    assert [pull["number"] for pull in second.document] == [1]
    assert second.headers["link"] == f'<{url}&page=1>; rel="prev", <{url}&page=1>; rel="first"'
    assert "link" not in client.get(f"{R}/pulls").headers


def test_the_files_of_a_pull_request_come_in_pages(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    github_twin.world.push(registry, "big", {f"dir/{number:03d}": "x" for number in range(130)} | {"b": None})
    propose(github_twin, registry, client, "big")
    pages = [client.get(f"{R}/pulls/1/files?per_page=100&page={page}").document for page in (1, 2)]
    assert [len(page) for page in pages] == [100, 31]
    assert pages[0][0]["status"] == "removed"
    assert [commit["commit"]["message"] for commit in client.get(f"{R}/pulls/1/commits").document] == ["change"]


def test_an_open_pull_request_follows_its_branch(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    first = registry.git.branch("bump/a")
    pushed = github_twin.world.push(registry, "bump/a", {"b": "2\n"})
    assert client.get(f"{R}/pulls/1").document["head"]["sha"] == pushed != first
    client.ask("PATCH", f"{R}/pulls/1", {"state": "closed"})
    github_twin.world.push(registry, "bump/a", {"b": "3\n"})
    assert client.get(f"{R}/pulls/1").document["head"]["sha"] == pushed


def test_a_deleted_branch_closes_its_pull_request(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    client.ask("DELETE", f"{R}/git/refs/heads/bump/a")
    issue = client.get(f"{R}/issues/1").document
    assert (issue["state"], issue["closed_by"]["login"]) == ("closed", "github-actions[bot]")


def test_a_pull_request_is_changed_closed_and_opened_again(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    github_twin.clock.advance(60)
    changed = client.ask("PATCH", f"{R}/pulls/1", {"title": "new", "body": "text"}).document
    assert (changed["title"], changed["body"], changed["created_at"], changed["updated_at"]) == (
        "new",
        "text",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:01:00Z",
    )
    person = Client(client.url, github_twin.personal_token("ada", [registry], pull_requests="write"))
    assert person.ask("PATCH", f"{R}/pulls/1", {"state": "closed"}).document["closed_at"] == "2026-01-01T00:01:00Z"
    assert client.get(f"{R}/issues/1").document["closed_by"]["login"] == "ada"
    assert client.ask("PATCH", f"{R}/pulls/1", {"state": "open"}).document["state"] == "open"
    client.ask("PATCH", f"{R}/pulls/1", {"state": "closed"})
    propose(github_twin, registry, client)
    assert client.ask("PATCH", f"{R}/pulls/1", {"state": "open"}).status == 422


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_a_pull_request_is_merged(github_twin: GitHubTwin, registry: Repository, client: Client, method: str, parents: int) -> None:
    propose(github_twin, registry, client)
    github_twin.world.push(registry, "main", {"b": "2\n"})
    head = registry.git.branch("bump/a")
    assert client.get(f"{R}/pulls/1/merge").status == 404
    merged = client.ask("PUT", f"{R}/pulls/1/merge", {"sha": head, "merge_method": method})
    assert (merged.status, merged.document["merged"], merged.document["sha"]) == (200, True, registry.git.branch("main"))
    commit = registry.git.commit("main")
    assert commit is not None
    assert len(commit.parents) == parents
    contents = [found.content for path in ("a", "b") if (found := registry.git.entry_object(commit.tree, path))]
    assert contents == [b"bump/a\n", b"2\n"]
    pull = client.get(f"{R}/pulls/1").document
    assert (pull["merged"], pull["merged_by"]["login"], pull["merge_commit_sha"], pull["state"]) == (True, "github-actions[bot]", commit.oid, "closed")
    assert client.get(f"{R}/pulls/1/merge").status == 204
    assert client.ask("PUT", f"{R}/pulls/1/merge", {}).status == 405
    assert client.ask("PATCH", f"{R}/pulls/1", {"state": "open"}).status == 422


def test_a_merge_that_can_t_be_is_refused(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    stale = client.ask("PUT", f"{R}/pulls/1/merge", {"sha": "0" * 40})
    assert (stale.status, stale.document["message"]) == (409, "Head branch was modified. Review and try the merge again.")
    registry.base_moves_at_merge = 1
    raced = client.ask("PUT", f"{R}/pulls/1/merge", {})
    assert (raced.status, raced.document["message"]) == (405, "Base branch was modified. Review and try the merge again.")
    github_twin.world.push(registry, "main", {"a": "other\n"})
    assert client.get(f"{R}/pulls/1").document["mergeable_state"] == "dirty"
    conflict = client.ask("PUT", f"{R}/pulls/1/merge", {})
    assert (conflict.status, conflict.document["message"]) == (405, "Pull Request is not mergeable")
    propose(github_twin, registry, client, "wip", draft=True)
    assert client.ask("PUT", f"{R}/pulls/2/merge", {}).status == 405


def test_a_ruleset_keeps_a_merge_out(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    registry.restricted = ("main",)
    assert client.ask("PUT", f"{R}/pulls/1/merge", {}).status == 422
    assert client.get(f"{R}/pulls/1").document["state"] == "open"


def test_labels(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    made = client.ask("POST", f"{R}/labels", {"name": "Hold", "color": "FF0000", "description": "wait"})
    assert (made.status, made.document["color"]) == (201, "ff0000")
    assert client.ask("POST", f"{R}/labels", {"name": "hold"}).document["errors"][0]["code"] == "already_exists"
    assert client.ask("POST", f"{R}/labels", {"name": "x", "color": "red"}).status == 422

    def names(reply: Json) -> list[str]:
        return [label["name"] for label in reply.document]

    assert names(client.ask("POST", f"{R}/issues/1/labels", {"labels": ["hold", "new/one"]})) == ["Hold", "new/one"]
    assert names(client.get(f"{R}/issues/1/labels")) == ["Hold", "new/one"]
    assert client.get(f"{R}/labels/new%2Fone").document["name"] == "new/one"
    assert names(client.ask("DELETE", f"{R}/issues/1/labels/hold")) == ["new/one"]
    assert client.ask("DELETE", f"{R}/issues/1/labels/hold").document["message"] == "Label does not exist"
    assert names(client.ask("PUT", f"{R}/issues/1/labels", {"labels": ["b", "a"]})) == ["b", "a"]
    assert [label["name"] for label in client.get(f"{R}/pulls").document[0]["labels"]] == ["b", "a"]
    assert names(client.get(f"{R}/labels")) == ["a", "b", "Hold", "new/one"]
    assert client.get(f"{R}/labels/none").status == 404


def test_comments(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    made = client.ask("POST", f"{R}/issues/1/comments", {"body": "one"})
    assert (made.status, made.document["user"]["login"]) == (201, "github-actions[bot]")
    path = f"{R}/issues/comments/{made.document['id']}"
    github_twin.clock.advance(1)
    assert client.ask("PATCH", path, {"body": "two"}).document["updated_at"] == "2026-01-01T00:00:01Z"
    assert [comment["body"] for comment in client.get(f"{R}/issues/1/comments").document] == ["two"]
    assert client.get(path).document["body"] == "two"
    assert client.ask("POST", f"{R}/issues/1/comments", {"body": " "}).status == 422
    assert client.ask("POST", f"{R}/issues/1/comments", {"body": "x" * 65537}).status == 422
    assert client.get(f"{R}/pulls/1").document["comments"] == 1
    assert client.ask("DELETE", path).status == 204
    assert client.get(path).status == 404


def test_reviews(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    propose(github_twin, registry, client)
    person = Client(client.url, github_twin.personal_token("ada", [registry], pull_requests="write"))
    asked = client.ask("POST", f"{R}/pulls/1/requested_reviewers", {"reviewers": ["ada"], "team_reviewers": ["security"]})
    assert ([user["login"] for user in asked.document["requested_reviewers"]], asked.document["requested_teams"][0]["slug"]) == (["ada"], "security")
    assert person.ask("POST", f"{R}/pulls/1/reviews", {"event": "REQUEST_CHANGES", "body": "no"}).document["state"] == "CHANGES_REQUESTED"
    [review] = client.get(f"{R}/pulls/1/reviews").document
    assert (review["user"]["login"], review["state"], review["commit_id"]) == ("ada", "CHANGES_REQUESTED", registry.git.branch("bump/a"))
    own = client.ask("POST", f"{R}/pulls/1/reviews", {"event": "APPROVE"})
    assert own.document["errors"] == ["Can not approve your own pull request"]
    assert client.ask("DELETE", f"{R}/pulls/1/requested_reviewers", {"reviewers": ["ada"]}).document["requested_reviewers"] == []


def test_a_pull_request_comes_from_a_fork(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    fork = github_twin.world.fork(registry, "ada")
    first = github_twin.world.push(fork, "topic", {"a": "2\n"}, who="ada")
    person = Client(client.url, github_twin.personal_token("ada", pull_requests="write"))
    made = person.ask("POST", f"{R}/pulls", {"title": "t", "head": "ada:topic", "base": "main"}).document
    assert (made["head"]["label"], made["head"]["repo"]["full_name"], made["head"]["repo"]["fork"]) == ("ada:topic", "ada/registry", True)
    assert client.get(f"{R}/git/ref/pull/1/head").document["object"]["sha"] == first
    # The network of forks shares its objects: what a fork proposed is found by its id in the repository itself.
    assert client.get(f"{R}/commits/{first}").status == 200
    second = github_twin.world.push(fork, "topic", {"a": "3\n"}, who="ada")
    assert client.get(f"{R}/pulls/1").document["head"]["sha"] == second
    assert [event.action for event in github_twin.events] == ["opened", "synchronize"]
    assert [pull["number"] for pull in client.get(f"{R}/pulls?head=ada:topic").document] == [1]
    assert client.get(f"{R}/pulls?head=acme:topic").document == []
    assert client.get("/repos/ada/registry").document["parent"]["id"] == registry.id
    assert person.ask("POST", f"{R}/pulls", {"title": "t", "head": "eve:topic", "base": "main"}).status == 422
    query = '{ repository(owner: "acme", name: "registry") { pullRequest(number: 1) { isCrossRepository headRepository { nameWithOwner isFork } } } }'
    found = client.graphql(query)["data"]["repository"]["pullRequest"]
    assert found == {"isCrossRepository": True, "headRepository": {"nameWithOwner": "ada/registry", "isFork": True}}
    assert client.ask("PUT", f"{R}/pulls/1/merge", {"sha": second}).status == 200

"""GraphQL at the tests' GitHub, on GitHub's published schema."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from support.github_twin.client import Client, Json
from support.github_twin.faults import Fail, Partial, Request
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

ZERO = "0" * 40


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"servers/a/server.yaml": "commit: 1\n", "b": "1\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, contents="write", pull_requests="write"))


def tip(repository: Repository, branch: str = "main") -> str:
    oid = repository.git.branch(branch)
    assert oid is not None
    return oid


SCAN = """
fragment scanned on Repository {
  databaseId isArchived isDisabled nameWithOwner
  defaultBranchRef { name target { oid } }
  ref(qualifiedName: "refs/heads/main") {
    target { oid ... on Commit { committedDate signature { isValid state wasSignedByGitHub } tree { oid } } }
    compare(headRef: "%s") { status aheadBy behindBy commits(first: 3) { totalCount nodes { oid author { name email user { login } } } } }
  }
  old: object(expression: "%s:src") { oid }
  new: object(expression: "main:src") { oid ... on Tree { entries { name type mode oid } } }
  gone: object(expression: "main:none") { oid }
}
"""


def test_fifty_repositories_are_read_in_one_query(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    commits = [Commit("first", {"src/x": "1"}), Commit("second", {"docs": "2"}), Commit("third", {"docs": "3"})]
    built = build(Path(github_twin.root), [Upstream(f"up/r{number}", commits, branches={"main": "third"}) for number in range(50)])
    ids = built["up/r0"]
    names = " ".join(f'r{number}: repository(owner: "up", name: "r{number}") {{ ...scanned }}' for number in range(50))
    answer = client.graphql(f"{{ {names} rateLimit {{ cost remaining }} }}" + SCAN % (ids["first"], ids["first"]))
    assert "errors" not in answer
    assert answer["data"]["rateLimit"] == {"cost": 1, "remaining": 999}
    found = answer["data"]["r49"]
    assert (found["nameWithOwner"], found["defaultBranchRef"]) == ("up/r49", {"name": "main", "target": {"oid": ids["third"]}})
    assert found["ref"]["compare"] == {"status": "BEHIND", "aheadBy": 0, "behindBy": 2, "commits": {"totalCount": 0, "nodes": []}}
    assert found["old"]["oid"] == found["new"]["oid"]
    assert [row["name"] for row in found["new"]["entries"]] == ["x"]
    assert found["gone"] is None
    [request] = [request for request in github_twin.asked if request.route == "/graphql"]
    assert (request.aliases, request.operation, request.writes) == (51, "query", False)


def test_one_missing_repository_does_not_cost_the_others(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    secret, closed = github_twin.add("acme/secret", {"a": "b"}), github_twin.add("closed/code", {"a": "b"})
    secret.private, closed.ip_allow_list = True, True
    query = """{ a: repository(owner: "acme", name: "registry") { databaseId } b: repository(owner: "acme", name: "none") { databaseId }
                 c: repository(owner: "acme", name: "secret") { databaseId } d: repository(owner: "closed", name: "code") { databaseId } }"""
    answer = client.graphql(query)
    assert answer["data"] == {"a": {"databaseId": registry.id}, "b": None, "c": None, "d": None}
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [("NOT_FOUND", ["b"]), ("NOT_FOUND", ["c"]), ("FORBIDDEN", ["d"])]
    assert answer["errors"][0]["message"] == "Could not resolve to a Repository with the name 'acme/none'."


def test_a_rename_is_followed_and_seen(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    github_twin.world.rename(registry, "other/name")
    query = '{ repository(owner: "acme", name: "registry") { databaseId nameWithOwner } }'
    assert client.graphql(query)["data"]["repository"] == {"databaseId": registry.id, "nameWithOwner": "other/name"}
    unfollowed = client.graphql(query.replace('"registry"', '"registry", followRenames: false'))
    assert unfollowed["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ repository { id } }", "required"),
        ('{ repository(owner: "a", name: "b") { stars } }', "Cannot query field 'stars' on type 'Repository'"),
        ("{ repository(", "Syntax Error"),
        ("mutation { createRef(input: {}) { clientMutationId } }", "required field"),
        ("mutation { deleteRef(input: {refId: 7.5}) { clientMutationId } }", "ID cannot represent"),
    ],
)
def test_a_wrong_document_is_refused(client: Client, query: str, message: str) -> None:
    answer = client.graphql(query)
    assert "data" not in answer
    assert message in answer["errors"][0]["message"]


def test_what_the_schema_has_and_the_twin_lacks_is_said(github_twin: GitHubTwin, client: Client) -> None:
    assert client.ask("POST", "/graphql", {"query": '{ repository(owner: "acme", name: "registry") { stargazerCount } }'}).status == 501
    assert client.ask("POST", "/graphql", {"query": 'mutation { addStar(input: {starrableId: "x"}) { clientMutationId } }'}).status == 501
    assert github_twin.lacking == ["Repository.stargazerCount", "mutation addStar"]
    github_twin.lacking.clear()


def test_nobody_asks_without_a_token(github_twin: GitHubTwin) -> None:
    assert Client(github_twin.url).ask("POST", "/graphql", {"query": "{ viewer { login } }"}).status == 401


@pytest.mark.parametrize(
    ("field", "kind"),
    [("pullRequests { totalCount }", "MISSING_PAGINATION_BOUNDARIES"), ("pullRequests(first: 101) { totalCount }", "EXCESSIVE_PAGINATION")],
)
def test_a_connection_has_bounds(client: Client, field: str, kind: str) -> None:
    answer = client.graphql(f'{{ repository(owner: "acme", name: "registry") {{ {field} }} }}')
    assert answer["errors"][0]["type"] == kind


def test_too_many_nodes_are_refused_and_connections_cost(client: Client) -> None:
    def query(count: int) -> Json:
        inner = (
            f"pullRequests(first: {count}) {{ nodes {{ commits(first: {count}) {{ nodes {{ commit {{ history(first: {count}) {{ totalCount }} }} }} }} }} }}"
        )
        return client.graphql(f'{{ repository(owner: "acme", name: "registry") {{ {inner} }} rateLimit {{ cost nodeCount }} }}')

    assert query(100)["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    # 1 + 30 + 900 connections; 30 + 900 + 27,000 nodes.
    assert query(30)["data"]["rateLimit"] == {"cost": 9, "nodeCount": 27930}


COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url signature { isValid wasSignedByGitHub } } ref { name target { oid } } clientMutationId } }"""


def commit(client: Client, head: str, branch: str = "bump/a", **changes: Json) -> Json:
    where = {"repositoryNameWithOwner": "acme/registry", "branchName": branch}
    message = {"headline": "Bump a", "body": "why"}
    return client.graphql(COMMIT, input={"branch": where, "message": message, "expectedHeadOid": head, "fileChanges": changes, "clientMutationId": "7"})


def test_a_commit_goes_on_the_branch_that_was_seen(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    old = tip(registry)
    registry.git.move(("refs/heads/bump/a", old, None))
    addition = {"path": "servers/a/server.yaml", "contents": base64.b64encode(b"commit: 2\n").decode()}
    done = commit(client, old, additions=[addition], deletions=[{"path": "b"}])["data"]["createCommitOnBranch"]
    new = tip(registry, "bump/a")
    assert (done["commit"]["oid"], done["ref"], done["clientMutationId"]) == (new, {"name": "bump/a", "target": {"oid": new}}, "7")
    assert done["commit"]["signature"] == {"isValid": True, "wasSignedByGitHub": True}
    made = registry.git.commit(new)
    assert made is not None
    assert (made.message, made.parents, made.author.name) == ("Bump a\n\nwhy", (old,), "github-actions[bot]")
    assert [(change.path, change.status) for change in registry.git.changes(old, new)] == [("b", "removed"), ("servers/a/server.yaml", "modified")]
    stale = commit(client, old, additions=[addition])
    assert stale["data"]["createCommitOnBranch"] is None
    assert stale["errors"][0]["type"] == "STALE_DATA"
    assert stale["errors"][0]["message"] == f'Expected branch to point to "{old}" but it did not. Pull and try again.'
    assert tip(registry, "bump/a") == new


def test_a_commit_that_can_t_be_is_refused(registry: Repository, client: Client) -> None:
    old = tip(registry)
    assert commit(client, old, "none")["errors"][0]["type"] == "NOT_FOUND"
    assert commit(client, old, "main", deletions=[{"path": "none"}])["errors"][0]["type"] == "UNPROCESSABLE"
    assert "Base64String" in commit(client, old, "main", additions=[{"path": "b", "contents": "?"}])["errors"][0]["message"]
    assert "GitObjectID" in commit(client, "main", "main")["errors"][0]["message"]


UPDATE = "mutation($id: ID!, $updates: [RefUpdate!]!) { updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId } }"


def test_refs_move_under_a_lease(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    first = tip(registry)
    second = github_twin.world.push(registry, "main", {"b": "2\n"})

    def update(*updates: Json) -> list[str]:
        answer = client.graphql(UPDATE, id=registry.node_id, updates=list(updates))
        return [error["type"] for error in answer.get("errors", ())]

    one = {"name": "refs/heads/one", "beforeOid": ZERO, "afterOid": first}
    assert update(one) == []
    assert update(one) == ["UNPROCESSABLE"]
    assert update({"name": "refs/heads/one", "beforeOid": second, "afterOid": second}) == ["UNPROCESSABLE"]
    assert tip(registry, "one") == first
    assert update({"name": "refs/heads/one", "beforeOid": first, "afterOid": second}) == []
    assert update({"name": "refs/heads/one", "beforeOid": second, "afterOid": first}) == ["UNPROCESSABLE"]
    assert update({"name": "refs/heads/one", "beforeOid": second, "afterOid": first, "force": True}) == []
    two = {"name": "refs/heads/two", "beforeOid": ZERO, "afterOid": first}
    assert update(two, {"name": "refs/heads/one", "beforeOid": second, "afterOid": second}) == ["UNPROCESSABLE"]
    assert registry.git.branch("two") is None
    assert update({"name": "refs/heads/one", "beforeOid": first, "afterOid": ZERO}) == []
    assert registry.git.branch("one") is None


def test_refs_are_made_moved_and_deleted(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    first = tip(registry)
    second = github_twin.world.push(registry, "main", {"b": "2\n"})
    make = "mutation($r: ID!, $n: String!, $o: GitObjectID!) { createRef(input: {repositoryId: $r, name: $n, oid: $o}) { ref { id name prefix } } }"
    made = client.graphql(make, r=registry.node_id, n="refs/heads/x", o=first)["data"]["createRef"]["ref"]
    assert (made["name"], made["prefix"]) == ("x", "refs/heads/")
    assert client.graphql(make, r=registry.node_id, n="refs/heads/x", o=first)["errors"][0]["type"] == "UNPROCESSABLE"
    move = "mutation($id: ID!, $o: GitObjectID!) { updateRef(input: {refId: $id, oid: $o}) { ref { target { oid } } } }"
    assert client.graphql(move, id=made["id"], o=second)["data"]["updateRef"]["ref"]["target"]["oid"] == second
    assert client.graphql(move, id=made["id"], o=first)["errors"][0]["type"] == "UNPROCESSABLE"
    delete = "mutation($id: ID!) { deleteRef(input: {refId: $id}) { clientMutationId } }"
    assert "errors" not in client.graphql(delete, id=made["id"])
    assert client.graphql(delete, id=made["id"])["errors"][0]["type"] == "NOT_FOUND"


def test_a_mutation_needs_its_permission(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    reader = Client(client.url, github_twin.actions_token(registry, contents="read"))
    answer = commit(reader, tip(registry), "main")
    assert [(error["type"], error["message"]) for error in answer["errors"]] == [("FORBIDDEN", "Resource not accessible by integration")]
    registry.restricted = ("main",)
    assert commit(client, tip(registry), "main")["errors"][0]["message"].startswith("Repository rule violations found")
    registry.archived = True
    assert commit(client, tip(registry), "main")["errors"][0]["type"] == "FORBIDDEN"


OPEN = """mutation($id: ID!, $head: String!) { createPullRequest(input: {repositoryId: $id, headRefName: $head, baseRefName: "main", title: "t", body: "b"})
  { pullRequest { id number state author { login } headRefOid } } }"""
PULLS = """query($states: [PullRequestState!], $after: String) { repository(owner: "acme", name: "registry") {
  pullRequests(first: 2, after: $after, states: $states) { totalCount pageInfo { hasNextPage endCursor } nodes {
    number state headRefName body labels(first: 5) { nodes { name } } comments(last: 5) { nodes { body author { login } viewerDidAuthor } }
    reviews(first: 5, states: CHANGES_REQUESTED) { nodes { state author { login } } } files(first: 5) { nodes { path changeType } }
    timelineItems(last: 1, itemTypes: CLOSED_EVENT) { nodes { ... on ClosedEvent { actor { login } } } } commits(last: 1) { nodes { commit { oid } } } } } } }"""


def test_pull_requests_through_graphql(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    registry.labels["hold"] = {"id": 5, "name": "hold", "color": "ff0000", "description": None}
    opened = []
    for branch in ("x", "y", "z"):
        github_twin.world.push(registry, branch, {"b": f"{branch}\n"})
        opened.append(client.graphql(OPEN, id=registry.node_id, head=branch)["data"]["createPullRequest"]["pullRequest"])
    assert [(pull["number"], pull["state"], pull["author"]["login"]) for pull in opened] == [(n, "OPEN", "github-actions") for n in (1, 2, 3)]
    again = client.graphql(OPEN, id=registry.node_id, head="x")["errors"][0]
    assert (again["type"], again["message"]) == ("UNPROCESSABLE", "A pull request already exists for acme:x.")
    client.graphql('mutation($id: ID!) { addLabelsToLabelable(input: {labelableId: $id, labelIds: ["LA_5"]}) { clientMutationId } }', id=opened[0]["id"])
    add = 'mutation($id: ID!) { addComment(input: {subjectId: $id, body: "hi"}) { commentEdge { node { id } } } }'
    comment = client.graphql(add, id=opened[0]["id"])["data"]["addComment"]["commentEdge"]["node"]["id"]
    client.graphql('mutation($id: ID!) { updateIssueComment(input: {id: $id, body: "ho"}) { issueComment { body } } }', id=comment)
    client.graphql('mutation($id: ID!) { updatePullRequest(input: {pullRequestId: $id, body: "new"}) { pullRequest { body } } }', id=opened[0]["id"])
    person = Client(client.url, github_twin.personal_token("ada", [registry], pull_requests="write"))
    person.ask("POST", "/repos/acme/registry/pulls/1/reviews", {"event": "REQUEST_CHANGES", "body": "no"})
    person.graphql("mutation($id: ID!) { closePullRequest(input: {pullRequestId: $id}) { pullRequest { closed } } }", id=opened[0]["id"])
    first = client.graphql(PULLS)["data"]["repository"]["pullRequests"]
    assert (first["totalCount"], [node["number"] for node in first["nodes"]]) == (3, [1, 2])
    assert first["nodes"][0] == {
        "number": 1,
        "state": "CLOSED",
        "headRefName": "x",
        "body": "new",
        "labels": {"nodes": [{"name": "hold"}]},
        "comments": {"nodes": [{"body": "ho", "author": {"login": "github-actions"}, "viewerDidAuthor": True}]},
        "reviews": {"nodes": [{"state": "CHANGES_REQUESTED", "author": {"login": "ada"}}]},
        "files": {"nodes": [{"path": "b", "changeType": "MODIFIED"}]},
        "timelineItems": {"nodes": [{"actor": {"login": "ada"}}]},
        "commits": {"nodes": [{"commit": {"oid": tip(registry, "x")}}]},
    }
    second = client.graphql(PULLS, after=first["pageInfo"]["endCursor"])["data"]["repository"]["pullRequests"]
    assert ([node["number"] for node in second["nodes"]], second["pageInfo"]["hasNextPage"]) == ([3], False)
    assert client.graphql(PULLS, states=["OPEN"])["data"]["repository"]["pullRequests"]["totalCount"] == 2
    remove = 'mutation($id: ID!) { removeLabelsFromLabelable(input: {labelableId: $id, labelIds: ["LA_5"]}) { clientMutationId } }'
    assert "errors" not in client.graphql(remove, id=opened[0]["id"])
    assert registry.pulls[1].labels == []
    reopen = "mutation($id: ID!) { reopenPullRequest(input: {pullRequestId: $id}) { pullRequest { state } } }"
    assert client.graphql(reopen, id=opened[0]["id"])["data"]["reopenPullRequest"]["pullRequest"]["state"] == "OPEN"


def test_actions_may_be_kept_from_opening_pull_requests(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    registry.actions_may_create_pull_requests = False
    github_twin.world.push(registry, "x", {"b": "x\n"})
    [error] = client.graphql(OPEN, id=registry.node_id, head="x")["errors"]
    assert (error["type"], error["message"]) == ("FORBIDDEN", "GitHub Actions is not permitted to create or approve pull requests.")


def test_a_merge_through_graphql_is_bound_to_the_head(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    github_twin.world.push(registry, "x", {"b": "x\n"})
    pull = client.graphql(OPEN, id=registry.node_id, head="x")["data"]["createPullRequest"]["pullRequest"]
    merge = """mutation($id: ID!, $oid: GitObjectID!) { mergePullRequest(input: {pullRequestId: $id, expectedHeadOid: $oid, mergeMethod: SQUASH})
      { pullRequest { state mergeCommit { oid } mergedBy { login } } } }"""
    assert client.graphql(merge, id=pull["id"], oid=tip(registry))["errors"][0]["type"] == "UNPROCESSABLE"
    merged = client.graphql(merge, id=pull["id"], oid=pull["headRefOid"])["data"]["mergePullRequest"]["pullRequest"]
    assert merged == {"state": "MERGED", "mergeCommit": {"oid": tip(registry)}, "mergedBy": {"login": "github-actions"}}


ALL = """mutation($id: ID!, $base: GitObjectID!, $content: Base64String!) {
  ref: createRef(input: {repositoryId: $id, name: "refs/heads/bump/a", oid: $base}) { clientMutationId }
  commit: createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "acme/registry", branchName: "bump/a"}, expectedHeadOid: $base,
    message: {headline: "x"}, fileChanges: {additions: [{path: "b", contents: $content}]}}) { commit { oid } }
  pull: createPullRequest(input: {repositoryId: $id, headRefName: "bump/a", baseRefName: "main", title: "t"}) { pullRequest { number headRefOid } } }"""


@pytest.mark.parametrize("most", [0, 1, 2, 3, None])
def test_a_document_of_mutations_may_get_only_so_far(github_twin: GitHubTwin, registry: Repository, client: Client, most: int | None) -> None:
    github_twin.fault(Fail(502, applied=True, mutations=most), operation="createPullRequest")
    variables = {"id": registry.node_id, "base": tip(registry), "content": "eA=="}
    assert client.ask("POST", "/graphql", {"query": ALL, "variables": variables}).status == 502
    made = registry.git.branch("bump/a")
    state = [made is not None, made not in (None, tip(registry)), bool(registry.pulls)]
    assert state == [number < (3 if most is None else most) for number in range(3)]
    again = client.graphql(ALL, **variables)
    assert (again["data"]["pull"] is None) == (most in (3, None))
    assert registry.pulls[1].head_sha == tip(registry, "bump/a")
    assert github_twin.counts()["createPullRequest"] == 2


def test_nodes_are_found_by_their_ids(registry: Repository, client: Client) -> None:
    query = '{ repository(owner: "acme", name: "registry") { id defaultBranchRef { id target { id } } } }'
    found = client.graphql(query)["data"]["repository"]
    ids = [found["id"], found["defaultBranchRef"]["id"], found["defaultBranchRef"]["target"]["id"]]
    nodes = client.graphql("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)["data"]["nodes"]
    assert nodes == [{"__typename": kind, "id": text} for kind, text in zip(("Repository", "Ref", "Commit"), ids, strict=True)]
    assert client.graphql('{ node(id: "R_1") { id } }')["errors"][0]["type"] == "NOT_FOUND"


def test_a_query_may_be_too_much(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    def large(request: Request) -> bool:
        return request.aliases > 2

    github_twin.fault(Fail(502, "Something went wrong"), when=large)
    github_twin.fault(Fail(504, "We couldn't respond to your request in time"), when=large)
    github_twin.fault(Partial(kept=1), when=large)
    names = " ".join(f'r{number}: repository(owner: "acme", name: "registry") {{ name }}' for number in range(3))
    statuses = [client.ask("POST", "/graphql", {"query": f"{{ {names} }}"}).status for _ in range(2)]
    assert statuses == [502, 504]
    answer = client.graphql(f"{{ {names} }}")
    assert answer["data"] == {"r0": {"name": "registry"}, "r1": None, "r2": None}
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [("RESOURCE_LIMITS_EXCEEDED", [name]) for name in ("r1", "r2")]
    assert "errors" not in client.graphql(f"{{ {names} }}")

"""Check runs through GraphQL at the tests' GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.github_twin.client import Client, Json
from support.github_twin.contract import Contract
from support.github_twin.limits import Secondary
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"
WRITE = {"checks": "write", "contents": "write", "pull_requests": "write"}
CREATE = "mutation($i: CreateCheckRunInput!) { createCheckRun(input: $i) { clientMutationId checkRun { ...whole } } }"
UPDATE = "mutation($i: UpdateCheckRunInput!) { updateCheckRun(input: $i) { checkRun { ...whole } } }"
WHOLE = """fragment whole on CheckRun { id databaseId name status conclusion title summary text externalId detailsUrl startedAt completedAt
  checkSuite { app { databaseId slug } } annotations(first: 5) { totalCount nodes { path annotationLevel message title rawDetails
  location { start { line column } end { line column } } } } }"""


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"a": "1\n"})


@pytest.fixture
def job(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, **WRITE))


@pytest.fixture
def app(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.app_token(github_twin.app("pinwarden", WRITE, number=77), [registry]))


def tip(repository: Repository, branch: str = "main") -> str:
    oid = repository.git.branch(branch)
    assert oid is not None
    return oid


def create(client: Client, registry: Repository, **given: Json) -> Json:
    return client.graphql(CREATE + WHOLE, i={"repositoryId": registry.node_id, "headSha": tip(registry), "name": "x", **given})


def update(client: Client, registry: Repository, check: Json, **given: Json) -> Json:
    return client.graphql(UPDATE + WHOLE, i={"repositoryId": registry.node_id, "checkRunId": check["id"], **given})


def test_a_check_run_is_made_completed_and_read_in_both_apis(github_twin: GitHubTwin, registry: Repository, app: Client) -> None:
    given = {"externalId": "7", "detailsUrl": "https://x.example/1", "status": "IN_PROGRESS", "startedAt": "2026-01-01T01:00:00+01:00"}
    made = create(app, registry, clientMutationId="m", **given)["data"]["createCheckRun"]
    check = made["checkRun"]
    assert made["clientMutationId"] == "m"
    assert (check["status"], check["conclusion"], check["completedAt"], check["startedAt"]) == ("IN_PROGRESS", None, None, "2026-01-01T00:00:00Z")
    assert (check["externalId"], check["detailsUrl"], check["checkSuite"]) == ("7", "https://x.example/1", {"app": {"databaseId": 77, "slug": "pinwarden"}})
    place = {"startLine": 3, "endLine": 3, "startColumn": 1, "endColumn": 4}
    row = {"path": "a", "location": place, "annotationLevel": "WARNING", "message": "m", "title": "t", "rawDetails": "d"}
    github_twin.clock.advance(60)
    output = {"title": "t", "summary": "s", "text": "x", "annotations": [row]}
    done = update(app, registry, check, conclusion="FAILURE", status="COMPLETED", output=output)["data"]["updateCheckRun"]["checkRun"]
    assert (done["id"], done["status"], done["conclusion"], done["completedAt"]) == (check["id"], "COMPLETED", "FAILURE", "2026-01-01T00:01:00Z")
    assert (done["title"], done["summary"], done["text"], done["name"]) == ("t", "s", "x", "x")
    [shown] = done["annotations"]["nodes"]
    assert shown == {**row, "location": {"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 4}}}
    rest = app.get(f"{R}/check-runs/{done['databaseId']}").document
    assert (rest["node_id"], rest["conclusion"], rest["output"]["title"], rest["external_id"]) == (done["id"], "failure", "t", "7")
    assert app.get(f"{R}/check-runs/{done['databaseId']}/annotations").document[0]["start_column"] == 1
    node = app.graphql("query($id: ID!) { node(id: $id) { ...whole } }" + WHOLE, id=done["id"])["data"]["node"]
    assert node == done
    assert [(event.name, event.subject, event.action) for event in github_twin.events] == [("check_run", "x", "completed")]


def test_what_is_not_given_stays(registry: Repository, app: Client) -> None:
    check = create(app, registry, externalId="7", output={"title": "t", "summary": "s", "text": "x"})["data"]["createCheckRun"]["checkRun"]
    again = update(app, registry, check, name="y", text=None)
    assert "errors" in again  # the schema knows no such field
    kept = update(app, registry, check, name="y", status=None)["data"]["updateCheckRun"]["checkRun"]
    assert (kept["name"], kept["status"], kept["externalId"], kept["title"], kept["text"]) == ("y", "QUEUED", "7", "t", "x")


def test_only_the_app_that_made_a_check_run_may_change_it(github_twin: GitHubTwin, registry: Repository, job: Client, app: Client) -> None:
    check = create(app, registry)["data"]["createCheckRun"]["checkRun"]
    imitation = update(job, registry, check, conclusion="SUCCESS")
    assert imitation["data"] == {"updateCheckRun": None}
    [error] = imitation["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["updateCheckRun"])
    assert error["message"] == "Invalid app_id `77` - check run can only be modified by the GitHub App that created it."
    assert registry.checks[check["databaseId"]].status == "queued"
    person = Client(job.url, github_twin.personal_token("ada", [registry], checks="write"))
    assert create(person, registry)["errors"][0]["message"] == "You must authenticate via a GitHub App."
    reader = Client(job.url, github_twin.actions_token(registry, checks="read"))
    assert create(reader, registry)["errors"][0]["message"] == "Resource not accessible by integration"
    assert create(job, registry)["data"]["createCheckRun"]["checkRun"]["checkSuite"]["app"]["slug"] == "github-actions"


def _row(**changes: str) -> Json:
    return {"path": "a", "location": {"startLine": 1, "endLine": 1}, "annotationLevel": "NOTICE", "message": "m", **changes}


WRONG: dict[str, tuple[Json, str, str]] = {
    "no commit": ({"headSha": "1" * 40}, "UNPROCESSABLE", "No commit found for SHA"),
    "no conclusion": ({"status": "COMPLETED"}, "UNPROCESSABLE", "conclusion missing_field"),
    "GitHub's own conclusion": ({"conclusion": "STALE"}, "UNPROCESSABLE", "conclusion invalid"),
    "no name": ({"name": ""}, "UNPROCESSABLE", "name missing_field"),
    "another scheme": ({"detailsUrl": "ftp://x"}, "UNPROCESSABLE", "details_url must use the http or https scheme"),
    "no repository": ({"repositoryId": "R_1"}, "NOT_FOUND", "Could not resolve to a node"),
    "long title": ({"output": {"title": "x" * 65536, "summary": "s"}}, "UNPROCESSABLE", "Only 65535 characters are allowed; 65536 were supplied."),
    "long summary": ({"output": {"title": "t", "summary": "x" * 65536}}, "UNPROCESSABLE", "Only 65535 characters are allowed"),
    "long text": ({"output": {"title": "t", "summary": "s", "text": "x" * 65536}}, "UNPROCESSABLE", "Only 65535 characters are allowed"),
    "bytes": ({"output": {"title": "t", "summary": "é" * 32768}}, "UNPROCESSABLE", "summary exceeds a maximum bytesize of 65535"),
    "annotations": ({"output": {"title": "t", "summary": "s", "annotations": [_row()] * 51}}, "UNPROCESSABLE", "No more than 50 items are allowed"),
    "long message": ({"output": {"title": "t", "summary": "s", "annotations": [_row(message="x" * 65537)]}}, "UNPROCESSABLE", "message exceeds"),
    "long annotation title": ({"output": {"title": "t", "summary": "s", "annotations": [_row(title="x" * 256)]}}, "UNPROCESSABLE", "title exceeds"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_github_refuses(registry: Repository, app: Client, case: str) -> None:
    given, kind, message = WRONG[case]
    answer = create(app, registry, **given)
    assert (answer["data"]["createCheckRun"], answer["errors"][0]["type"]) == (None, kind)
    assert message in answer["errors"][0]["message"]
    assert registry.checks == {}


@pytest.mark.parametrize("given", [{"output": {"title": "t"}}, {"name": None}, {"startedAt": "soon"}, {"conclusion": "success"}])
def test_what_the_schema_refuses(registry: Repository, app: Client, given: Json) -> None:
    answer = create(app, registry, **given)
    assert (answer.get("data"), registry.checks) == (None, {})


def test_the_most_that_github_takes(registry: Repository, app: Client) -> None:
    rows = [_row(message="x" * 65536, title="x" * 255)] + [_row()] * 49
    output = {"title": "x" * 65535, "summary": "x" * 65535, "text": "é" * 32767, "annotations": rows}
    check = create(app, registry, output=output)["data"]["createCheckRun"]["checkRun"]
    assert check["annotations"]["totalCount"] == 50
    more = update(app, registry, check, output={"title": "t", "summary": "s", "annotations": [_row()]})
    assert more["data"]["updateCheckRun"]["checkRun"]["annotations"]["totalCount"] == 51


def test_the_same_limits_hold_in_rest(registry: Repository, app: Client) -> None:
    def status(**output: Json) -> tuple[int, str]:
        reply = app.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": tip(registry), "output": {"title": "t", "summary": "s", **output}})
        return reply.status, str(reply.document.get("errors") or reply.document.get("message"))

    assert status(text="x" * 65535)[0] == 201
    for name in ("title", "summary", "text"):
        assert status(**{name: "é" * 32768})[1].count(f"{name} exceeds a maximum bytesize of 65535") == 1
        assert status(**{name: "x" * 65536})[0] == 422
    row = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "x" * 65537}
    assert status(annotations=[row])[0] == 422
    assert len(registry.checks) == 1


MANY = """mutation($r: ID!, $sha: GitObjectID!, $none: GitObjectID!) {
  a: createCheckRun(input: {repositoryId: $r, headSha: $sha, name: "a"}) { checkRun { databaseId } }
  b: createCheckRun(input: {repositoryId: $r, headSha: $none, name: "b"}) { checkRun { databaseId } }
  c: createCheckRun(input: {repositoryId: $r, headSha: $sha, name: "c"}) { checkRun { databaseId } } }"""


def test_of_many_mutations_one_may_fail_alone(github_twin: GitHubTwin, registry: Repository, app: Client) -> None:
    answer = app.graphql(MANY, r=registry.node_id, sha=tip(registry), none="1" * 40)
    assert answer["data"]["b"] is None
    assert [error["path"] for error in answer["errors"]] == [["b"]]
    assert answer["data"]["a"]["checkRun"]["databaseId"] < answer["data"]["c"]["checkRun"]["databaseId"]
    assert [check.name for check in registry.checks.values()] == ["a", "c"]
    assert github_twin.counts()["createCheckRun"] == 3


def test_each_mutation_of_a_document_counts_as_content(tmp_path: Path, github_contract: Contract) -> None:
    with GitHubTwin(tmp_path / "strict", github_contract, secondary=Secondary(content=7, content_an_hour=10)) as twin:
        registry = twin.add("acme/registry", {"a": "1\n"})
        app = Client(twin.url, twin.app_token(twin.app("pinwarden", WRITE), [registry]))

        def three() -> int:
            return app.ask("POST", "/graphql", {"query": MANY, "variables": {"r": registry.node_id, "sha": tip(registry), "none": "1" * 40}}).status

        def one() -> int:
            return app.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": tip(registry)}).status

        assert [three(), three(), three(), one(), one()] == [200, 200, 403, 201, 403]
        twin.clock.advance(60)
        assert [three(), one()] == [200, 403]
        assert (len(registry.checks), twin.violations) == (7, [])


SUITES = """query($oid: GitObjectID!, $first: Int = 9, $after: String, $suites: CheckSuiteFilter, $runs: CheckRunFilter) {
  repository(owner: "acme", name: "registry") { object(oid: $oid) { ... on Commit { checkSuites(first: 9, filterBy: $suites) { totalCount nodes {
    id status conclusion app { databaseId slug name } commit { oid } checkRuns(first: $first, after: $after, filterBy: $runs) {
      totalCount pageInfo { hasNextPage endCursor } nodes { name status conclusion externalId } } } } } } } }"""


def test_check_runs_are_found_by_commit(registry: Repository, job: Client, app: Client) -> None:
    for asker, name, given in (
        (job, "a", {"conclusion": "SUCCESS"}),
        (app, "a", {"conclusion": "FAILURE", "externalId": "1"}),
        (app, "b", {"conclusion": "NEUTRAL"}),
        (app, "a", {"conclusion": "SUCCESS", "externalId": "2"}),
    ):
        assert "errors" not in create(asker, registry, name=name, **given)

    def suites(kind: str = "LATEST", runs: Json = None, **variables: Json) -> list[Json]:
        answer = app.graphql(SUITES, oid=tip(registry), runs={"checkType": kind, **(runs or {})}, **variables)
        return list(answer["data"]["repository"]["object"]["checkSuites"]["nodes"])

    def named(suite: Json) -> list[tuple[str, str, str]]:
        return [(run["name"], run["conclusion"], run["externalId"]) for run in suite["checkRuns"]["nodes"]]

    theirs, ours = suites()
    assert (theirs["app"], ours["app"]) == (
        {"databaseId": 15368, "slug": "github-actions", "name": "github-actions"},
        {"databaseId": 77, "slug": "pinwarden", "name": "pinwarden"},
    )
    assert (ours["status"], ours["conclusion"], ours["commit"]) == ("COMPLETED", "NEUTRAL", {"oid": tip(registry)})
    assert (named(theirs), named(ours)) == ([("a", "SUCCESS", "")], [("a", "SUCCESS", "2"), ("b", "NEUTRAL", "")])
    assert [named(suite) for suite in suites("ALL", {"checkName": "a"}, suites={"appId": 77})] == [[("a", "SUCCESS", "2"), ("a", "FAILURE", "1")]]
    assert [suite["app"]["databaseId"] for suite in suites(suites={"checkName": "b"})] == [77]
    assert [named(suite) for suite in suites("ALL", {"conclusions": ["FAILURE"]}, suites={"appId": 77})] == [[("a", "FAILURE", "1")]]
    assert [named(suite) for suite in suites(runs={"status": "QUEUED"})] == [[], []]
    assert [len(named(suite)) for suite in suites(runs={"appId": 77})] == [0, 2]
    [page] = suites("ALL", first=2, suites={"appId": 77})
    assert (len(named(page)), page["checkRuns"]["totalCount"], page["checkRuns"]["pageInfo"]["hasNextPage"]) == (2, 3, True)
    [rest] = suites("ALL", first=2, after=page["checkRuns"]["pageInfo"]["endCursor"], suites={"appId": 77})
    assert named(rest) == [("a", "FAILURE", "1")]
    create(app, registry, name="c")
    [ours] = suites(suites={"appId": 77})
    assert (ours["status"], ours["conclusion"]) == ("IN_PROGRESS", None)
    listed = app.get(f"{R}/commits/main/check-suites?app_id=77").document["check_suites"][0]
    assert (listed["node_id"], listed["status"], listed["conclusion"]) == (ours["id"], "in_progress", None)


def test_a_commit_without_checks_has_no_suite(github_twin: GitHubTwin, registry: Repository, app: Client) -> None:
    answer = app.graphql(SUITES, oid=tip(registry), runs={"checkType": "ALL"})
    assert answer["data"]["repository"]["object"]["checkSuites"] == {"totalCount": 0, "nodes": []}
    create(app, registry)
    app.graphql(SUITES, oid=tip(registry))
    assert github_twin.lacking == ["CheckSuite.checkRuns without checkType, whose default is published nowhere"]
    github_twin.lacking.clear()


def test_checks_of_a_private_repository_are_not_for_everybody(github_twin: GitHubTwin, registry: Repository, app: Client) -> None:
    check = create(app, registry)["data"]["createCheckRun"]["checkRun"]
    registry.private = True
    blind = Client(app.url, github_twin.actions_token(registry, contents="read"))
    assert blind.graphql(SUITES, oid=tip(registry), runs={"checkType": "ALL"})["errors"][0]["type"] == "FORBIDDEN"
    assert blind.graphql("query($id: ID!) { node(id: $id) { id } }", id=check["id"])["errors"][0]["type"] == "FORBIDDEN"
    other = Client(app.url, github_twin.actions_token(github_twin.add("acme/other", {"a": "1\n"}), checks="write"))
    assert other.graphql("query($id: ID!) { node(id: $id) { id } }", id=check["id"])["errors"][0]["type"] == "NOT_FOUND"
    assert app.graphql("query($id: ID!) { node(id: $id) { id } }", id=check["id"])["data"]["node"] == {"id": check["id"]}


PULLS = """query($oid: GitObjectID!) { repository(owner: "acme", name: "registry") { object(oid: $oid) { ... on Commit {
  associatedPullRequests(first: 9) { nodes { number state } } } } } }"""


def test_a_commit_s_pull_requests(github_twin: GitHubTwin, registry: Repository, job: Client) -> None:
    first = github_twin.world.push(registry, "x", {"b": "1\n"})
    second = github_twin.world.push(registry, "x", {"b": "2\n"})
    registry.git.move(("refs/heads/y", second, None))
    for branch in ("x", "y"):
        assert job.ask("POST", f"{R}/pulls", {"title": "t", "head": branch, "base": "main"}).status == 201

    def pulls(oid: str) -> list[tuple[int, str]]:
        found = job.graphql(PULLS, oid=oid)["data"]["repository"]["object"]["associatedPullRequests"]["nodes"]
        return [(pull["number"], pull["state"]) for pull in found]

    assert [pulls(oid) for oid in (first, second, tip(registry))] == [[(1, "OPEN"), (2, "OPEN")], [(1, "OPEN"), (2, "OPEN")], []]
    merged = job.ask("PUT", f"{R}/pulls/2/merge", {}).document["sha"]
    assert [pulls(oid) for oid in (first, second, merged)] == [[(2, "MERGED")]] * 3


def test_a_bot_sees_its_whole_name_and_no_other(github_twin: GitHubTwin, registry: Repository, job: Client, app: Client) -> None:
    person = Client(job.url, github_twin.personal_token("ada", [registry]))
    names = [client.graphql("{ viewer { login } }")["data"]["viewer"]["login"] for client in (job, app, person)]
    assert names == ["github-actions[bot]", "pinwarden[bot]", "ada"]

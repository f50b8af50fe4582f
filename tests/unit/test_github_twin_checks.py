"""Checks, statuses, dispatches, apps and accounts at the tests' GitHub."""

from __future__ import annotations

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.github_twin.client import Client
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"
WRITE = {"checks": "write", "statuses": "write", "actions": "write", "contents": "write", "pull_requests": "write"}


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"a": "1\n", ".github/workflows/review.yml": "on: workflow_dispatch\n", ".github/workflows/ci.yml": "on: push\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, **WRITE))


@pytest.fixture
def app(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.app_token(github_twin.app("pinwarden", WRITE, number=77), [registry]))


def head(registry: Repository) -> str:
    oid = registry.git.branch("main")
    assert oid is not None
    return oid


def test_a_check_run_belongs_to_the_app_that_made_it(registry: Repository, client: Client, app: Client) -> None:
    made = app.ask("POST", f"{R}/check-runs", {"name": "security-review", "head_sha": head(registry), "external_id": "7"})
    assert (made.status, made.document["status"], made.document["conclusion"], made.document["app"]["id"]) == (201, "queued", None, 77)
    path = f"{R}/check-runs/{made.document['id']}"
    imitation = client.ask("PATCH", path, {"conclusion": "success"})
    assert imitation.status == 403
    assert imitation.document["message"] == "Invalid app_id `77` - check run can only be modified by the GitHub App that created it."
    done = app.ask("PATCH", path, {"conclusion": "failure", "output": {"title": "t", "summary": "s"}}).document
    assert (done["status"], done["conclusion"], done["completed_at"], done["output"]["title"], done["external_id"]) == (
        "completed",
        "failure",
        "2026-01-01T00:00:00Z",
        "t",
        "7",
    )
    assert client.get(path).document == done
    assert client.get(f"{R}/check-runs/1").status == 404


def test_a_person_makes_no_check_run(github_twin: GitHubTwin, registry: Repository) -> None:
    person = Client(github_twin.url, github_twin.personal_token("ada", [registry], checks="write"))
    reply = person.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": head(registry)})
    assert (reply.status, reply.document["message"]) == (403, "You must authenticate via a GitHub App.")


def test_a_completed_check_run_has_a_conclusion_and_a_commit(registry: Repository, client: Client) -> None:
    assert client.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": head(registry), "status": "completed"}).status == 422
    assert client.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": "1" * 40}).status == 422


def test_annotations_are_added_at_most_fifty_at_a_time(registry: Repository, client: Client) -> None:
    def output(count: int) -> dict[str, object]:
        row = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "m"}
        return {"output": {"title": "t", "summary": "s", "annotations": [row] * count}}

    made = client.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": head(registry), **output(50)}).document
    path = f"{R}/check-runs/{made['id']}"
    assert client.ask("PATCH", path, output(2)).document["output"]["annotations_count"] == 52
    assert client.ask("PATCH", path, output(51)).status == 422
    assert len(client.get(f"{path}/annotations?per_page=100").document) == 52


def test_check_runs_are_listed_by_ref(registry: Repository, client: Client, app: Client) -> None:
    for asker, name, conclusion in ((client, "a", "success"), (app, "a", "failure"), (app, "b", "neutral"), (app, "a", "success")):
        asker.ask("POST", f"{R}/check-runs", {"name": name, "head_sha": head(registry), "conclusion": conclusion})

    def listed(query: str) -> list[tuple[int, str, str]]:
        found = client.get(f"{R}/commits/main/check-runs?{query}").document
        assert found["total_count"] == len(found["check_runs"])
        return [(check["app"]["id"], check["name"], check["conclusion"]) for check in found["check_runs"]]

    assert listed("") == [(77, "a", "success"), (77, "b", "neutral"), (15368, "a", "success")]
    assert listed("filter=all&app_id=77&check_name=a") == [(77, "a", "success"), (77, "a", "failure")]
    assert listed("status=queued") == []
    suites = client.get(f"{R}/commits/main/check-suites").document
    assert [(suite["app"]["id"], suite["latest_check_runs_count"]) for suite in suites["check_suites"]] == [(77, 3), (15368, 1)]
    assert client.get(f"{R}/commits/none/check-runs").status == 422


def test_check_runs_name_their_pull_requests(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    sha = github_twin.world.push(registry, "bump/a", {"a": "2\n"})
    client.ask("POST", f"{R}/pulls", {"title": "t", "head": "bump/a", "base": "main"})
    made = client.ask("POST", f"{R}/check-runs", {"name": "x", "head_sha": sha}).document
    assert [pull["number"] for pull in made["pull_requests"]] == [1]


def test_commit_statuses(registry: Repository, client: Client) -> None:
    sha = head(registry)
    for state, context in (("pending", "ci"), ("success", "ci"), ("error", "lint")):
        assert client.ask("POST", f"{R}/statuses/{sha}", {"state": state, "context": context}).status == 201
    assert [(row["context"], row["state"]) for row in client.get(f"{R}/commits/main/statuses").document] == [
        ("lint", "error"),
        ("ci", "success"),
        ("ci", "pending"),
    ]
    combined = client.get(f"{R}/commits/main/status").document
    assert (combined["state"], combined["total_count"], combined["sha"]) == ("failure", 2, sha)
    assert client.ask("POST", f"{R}/statuses/{'1' * 40}", {"state": "success"}).status == 422


def test_dispatches(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    def dispatch(name: str, ref: str = "main") -> int:
        return client.ask("POST", f"{R}/actions/workflows/{name}/dispatches", {"ref": ref, "inputs": {"pull": "1"}}).status

    assert [dispatch("review.yml"), dispatch("ci.yml"), dispatch("none.yml"), dispatch("review.yml", "none")] == [204, 422, 404, 422]
    assert client.ask("POST", f"{R}/dispatches", {"event_type": "bumped", "client_payload": {"n": 1}}).status == 204
    first, second = github_twin.events
    assert (first.name, first.subject, first.payload, first.starts_workflows) == (
        "workflow_dispatch",
        "review.yml",
        {"ref": "main", "inputs": {"pull": "1"}},
        True,
    )
    assert (second.name, second.subject, second.payload) == ("repository_dispatch", "bumped", {"client_payload": {"n": 1}})


def test_a_job_s_token_started_no_run(registry: Repository, client: Client) -> None:
    assert client.get(f"{R}/actions/runs?event=pull_request").document == {"total_count": 0, "workflow_runs": []}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_an_app_gets_an_installation_s_token(github_twin: GitHubTwin, registry: Repository, key: rsa.RSAPrivateKey) -> None:
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    github_twin.app("pinwarden", {"contents": "write", "checks": "write"}, number=77, public_key=pem)
    # Clients stamp their tokens with the machine's clock.
    now = int(time.time())
    signed = Client(github_twin.url, jwt.encode({"iss": "77", "iat": now - 60, "exp": now + 540}, key, "RS256"))
    assert signed.get("/app").document["slug"] == "pinwarden"
    installation = signed.get(f"{R}/installation").document
    path = f"/app/installations/{installation['id']}/access_tokens"
    made = signed.ask("POST", path, {"repositories": ["registry"], "permissions": {"contents": "read"}})
    assert (made.status, made.document["permissions"]) == (201, {"contents": "read"})
    token = Client(github_twin.url, made.document["token"])
    assert token.ask("POST", f"{R}/git/blobs", {"content": "x"}).status == 403
    assert signed.ask("POST", path, {"permissions": {"issues": "write"}}).status == 422
    assert signed.ask("POST", path, {"repositories": ["other"]}).status == 422
    forged = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert Client(github_twin.url, jwt.encode({"iss": "77", "iat": now, "exp": now + 60}, forged, "RS256")).get("/app").status == 401
    assert Client(github_twin.url, jwt.encode({"iss": "77", "iat": now, "exp": now + 7200}, key, "RS256")).get("/app").status == 401


def test_accounts(github_twin: GitHubTwin, registry: Repository, client: Client) -> None:
    assert Client(github_twin.url, github_twin.personal_token("ada")).get("/user").document["login"] == "ada"
    assert client.get("/user").status == 403
    assert Client(github_twin.url).get("/user").status == 401
    assert client.get("/users/acme").document["type"] == "User"
    registry.permissions["ada"] = "write"
    assert client.get(f"{R}/collaborators/ada/permission").document["permission"] == "write"
    assert client.get("/").status == 200

"""Who may do what at the tests' GitHub: kinds of tokens, permissions, private, renamed and archived repositories."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from support.github_twin.client import Client
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

HIDDEN = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"README.md": "hello\n"})


def test_anybody_reads_what_is_public(github_twin: GitHubTwin, registry: Repository) -> None:
    reply = Client(github_twin.url).get("/repos/acme/registry")
    assert reply.status == 200
    assert reply.document["id"] == registry.id
    assert (reply.document["archived"], reply.document["private"], reply.document["default_branch"]) == (False, False, "main")


def test_nobody_writes_without_a_token(github_twin: GitHubTwin, registry: Repository) -> None:
    reply = Client(github_twin.url).ask("POST", "/repos/acme/registry/git/blobs", {"content": "x"})
    assert (reply.status, reply.document["message"]) == (401, "Requires authentication")


@pytest.mark.parametrize("path", ["/repos/acme/registry", "/graphql"])
def test_an_unknown_token_is_refused(github_twin: GitHubTwin, registry: Repository, path: str) -> None:
    reply = Client(github_twin.url, "ghs_unknown").ask("GET" if "repos" in path else "POST", path)
    assert (reply.status, reply.document["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize(
    ("kind", "message"), [("actions", "Resource not accessible by integration"), ("personal", "Resource not accessible by personal access token")]
)
def test_a_missing_permission_is_said(github_twin: GitHubTwin, registry: Repository, kind: str, message: str) -> None:
    actions = github_twin.actions_token(registry, contents="read", pull_requests="write")
    personal = github_twin.personal_token("ada", [registry], contents="read")
    client = Client(github_twin.url, actions if kind == "actions" else personal)
    reply = client.ask("POST", "/repos/acme/registry/git/blobs", {"content": "x"})
    assert (reply.status, reply.document["message"]) == (403, message)
    assert reply.headers["x-accepted-github-permissions"] == "contents=write"


def test_a_job_s_token_is_for_its_own_repository(github_twin: GitHubTwin, registry: Repository) -> None:
    github_twin.add("acme/other", {"a": "b"})
    client = Client(github_twin.url, github_twin.actions_token(registry, contents="write"))
    assert client.ask("POST", "/repos/acme/registry/git/blobs", {"content": "x"}).status == 201
    assert client.ask("POST", "/repos/acme/other/git/blobs", {"content": "x"}).status == 403
    assert client.get("/repos/acme/other").status == 200


def test_a_private_repository_is_hidden(github_twin: GitHubTwin, registry: Repository) -> None:
    secret = github_twin.add("acme/secret", {"a": "b"})
    secret.private = True
    stranger = Client(github_twin.url, github_twin.actions_token(registry, contents="write"))
    assert stranger.get("/repos/acme/secret").document == HIDDEN
    assert stranger.ask("POST", "/repos/acme/secret/git/blobs", {"content": "x"}).document == HIDDEN
    member = Client(github_twin.url, github_twin.actions_token(secret, metadata="read"))
    assert member.get("/repos/acme/secret").document["private"] is True
    assert member.get("/repos/acme/secret/contents/a").status == 403


def test_an_archived_repository_is_read_only(github_twin: GitHubTwin, registry: Repository) -> None:
    registry.archived = True
    client = Client(github_twin.url, github_twin.actions_token(registry, contents="write"))
    assert client.get("/repos/acme/registry").document["archived"] is True
    reply = client.ask("POST", "/repos/acme/registry/git/blobs", {"content": "x"})
    assert (reply.status, reply.document["message"]) == (403, "Repository was archived so is read-only.")


def test_an_old_name_leads_on_until_it_is_taken(github_twin: GitHubTwin, registry: Repository) -> None:
    client = Client(github_twin.url, github_twin.actions_token(registry, contents="write"))
    github_twin.world.rename(registry, "new-owner/catalog")
    moved = client.get("/repos/acme/registry/branches?per_page=5")
    assert moved.status == 301
    assert moved.headers["location"] == moved.document["url"] == f"{github_twin.url}/repositories/{registry.id}/branches?per_page=5"
    assert client.get(moved.headers["location"].removeprefix(github_twin.url)).document[0]["name"] == "main"
    assert client.ask("POST", "/repos/acme/registry/git/blobs", {"content": "x"}).status == 307
    other = github_twin.add("acme/registry", {"a": "b"})
    assert other.id != registry.id
    assert client.get("/repos/acme/registry").document["id"] == other.id


def test_a_repository_can_be_renamed_through_the_api(github_twin: GitHubTwin, registry: Repository) -> None:
    client = Client(github_twin.url, github_twin.personal_token("ada", administration="write"))
    reply = client.ask("PATCH", "/repos/acme/registry", {"name": "catalog", "archived": True})
    assert (reply.document["full_name"], reply.document["archived"]) == ("acme/catalog", True)


def test_names_are_found_whatever_their_case_is(github_twin: GitHubTwin, registry: Repository) -> None:
    assert Client(github_twin.url).get("/repos/ACME/Registry").document["full_name"] == "acme/registry"
    github_twin.world.repositories.clear()
    github_twin.world.names.clear()
    assert Client(github_twin.url).get("/repos/Acme/REGISTRY").document["full_name"] == "acme/registry"
    assert Client(github_twin.url).get("/repos/../registry").status == 404


def test_an_organisation_may_refuse_everybody_who_is_authenticated(github_twin: GitHubTwin, registry: Repository) -> None:
    registry.ip_allow_list = True
    assert Client(github_twin.url, github_twin.personal_token("ada")).get("/repos/acme/registry").status == 403
    assert Client(github_twin.url).get("/repos/acme/registry").status == 200


def test_an_installation_s_token_ends(github_twin: GitHubTwin, registry: Repository) -> None:
    app = github_twin.app("pinwarden", {"contents": "write"})
    client = Client(github_twin.url, github_twin.app_token(app, [registry]))
    assert client.get("/repos/acme/registry").status == 200
    github_twin.clock.advance(3600)
    assert client.get("/repos/acme/registry").status == 401


def git(*arguments: str | Path, password: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    if password:
        header = base64.b64encode(f"x-access-token:{password}".encode()).decode()
        environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraheader", "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {header}"}
    return subprocess.run(["git", *map(str, arguments)], capture_output=True, text=True, check=False, env=environment)


def test_git_reads_the_same_repositories(github_twin: GitHubTwin, registry: Repository, tmp_path: Path) -> None:
    tip = Client(github_twin.url).get("/repos/acme/registry/git/ref/heads/main").document["object"]["sha"]
    assert git("ls-remote", f"{github_twin.url}/acme/registry", "refs/heads/main").stdout == f"{tip}\trefs/heads/main\n"
    assert git("clone", "--quiet", f"{github_twin.url}/acme/registry.git", tmp_path / "clone").returncode == 0
    assert (tmp_path / "clone/README.md").read_text() == "hello\n"
    assert [request.operation for request in github_twin.asked if request.route == "git"] == ["advertise", "ls-refs", "advertise", "ls-refs", "fetch"]


def test_git_obeys_the_same_rules(github_twin: GitHubTwin, registry: Repository) -> None:
    token = github_twin.actions_token(registry, contents="read")
    registry.private = True
    url = f"{github_twin.url}/acme/registry"
    assert git("ls-remote", url).returncode == 128
    assert git("ls-remote", url, password="wrong").returncode == 128
    assert git("ls-remote", url, password=token).returncode == 0
    registry.private, registry.ip_allow_list = False, True
    assert git("ls-remote", url, password=token).returncode == 128
    assert git("ls-remote", url).returncode == 0
    registry.ip_allow_list = False
    github_twin.world.rename(registry, "acme/catalog")
    assert git("ls-remote", url).returncode == 0


def test_the_log_holds_no_token(github_twin: GitHubTwin, registry: Repository) -> None:
    token = github_twin.actions_token(registry, contents="write")
    Client(github_twin.url, token).ask("POST", "/repos/acme/registry/git/blobs", {"content": "x"})
    git("ls-remote", f"{github_twin.url}/acme/registry", password=token)
    [logged] = [each for each in github_twin.log if each.request.operation == "git/create-blob"]
    assert (logged.request.method, logged.request.route, logged.request.token) == ("POST", "/repos/{owner}/{repo}/git/blobs", "GITHUB_TOKEN")
    assert (logged.request.received, logged.status) == (len(b'{"content": "x"}'), 201)
    assert logged.sent > 0
    kept = repr(github_twin.log) + repr(github_twin.requests)
    assert token not in kept
    assert base64.b64encode(f"x-access-token:{token}".encode()).decode() not in kept


WHO = "query($owner:String!,$name:String!){repository(owner:$owner,name:$name){databaseId nameWithOwner owner{login ...on User{databaseId} ...on Organization{databaseId}}}}"


@pytest.mark.parametrize("organization", [True, False])
def test_an_account_keeps_its_number_when_its_login_changes(github_twin: GitHubTwin, registry: Repository, organization: bool) -> None:
    if organization:
        github_twin.world.organizations.add("acme")
    other = github_twin.add("acme/other", {"a": "1"})
    client = Client(github_twin.url, github_twin.personal_token("ada"))
    was = client.get("/repos/acme/registry").document["owner"]
    github_twin.world.rename_owner("acme", "acme-labs")
    owner = client.get("/repos/acme-labs/registry").document["owner"]
    assert (owner["id"], owner["login"], owner["type"]) == (was["id"], "acme-labs", was["type"])
    assert client.graphql(WHO, owner="acme", name="other")["data"]["repository"] == {
        "databaseId": other.id,
        "nameWithOwner": "acme-labs/other",
        "owner": {"login": "acme-labs", "databaseId": was["id"]},
    }


def test_who_takes_a_login_that_was_left_is_somebody_else(github_twin: GitHubTwin, registry: Repository) -> None:
    client = Client(github_twin.url, github_twin.personal_token("ada"))
    was = client.graphql(WHO, owner="acme", name="registry")["data"]["repository"]
    github_twin.world.rename_owner("acme", "acme-labs")
    github_twin.add("acme/registry", {"README.md": "not hello\n"})
    found = client.graphql(WHO, owner="acme", name="registry")["data"]["repository"]
    assert (found["nameWithOwner"], found["owner"]["login"]) == ("acme/registry", "acme")
    assert found["databaseId"] != was["databaseId"]
    assert found["owner"]["databaseId"] != was["owner"]["databaseId"]
    assert client.get("/users/acme").document["id"] == found["owner"]["databaseId"]

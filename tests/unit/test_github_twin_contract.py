"""The tests' GitHub is held against GitHub's published descriptions, both ways."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from support.github_twin.client import Client
from support.github_twin.contract import Contract
from support.github_twin.faults import Broken, Meanwhile
from support.github_twin.operations import OPENAPI
from support.github_twin.prepare import NotPrepared, extract, json_schema, unpacked
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"README.md": "hello\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, contents="write", checks="write", pull_requests="write"))


def test_a_broken_answer_is_caught(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Broken(lambda document: document.update(private="no")), operation="repos/get")
    assert client.get("/repos/acme/registry").status == 500
    assert github_twin.violations == ["repos/get 200: private 'no' is not of type 'boolean'"]
    github_twin.violations.clear()
    assert client.get("/repos/acme/registry").status == 200


def test_an_answer_that_lacks_something_is_caught(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Broken(lambda document: document.pop("full_name")), operation="repos/get")
    assert client.get("/repos/acme/registry").status == 500
    assert github_twin.violations == ["repos/get 200:  'full_name' is a required property"]
    github_twin.violations.clear()


def test_an_answer_with_something_invented_is_caught(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.fault(Broken(lambda document: document.update(stars=5)), operation="repos/get")
    assert client.get("/repos/acme/registry").status == 500
    assert "('stars' was unexpected)" in github_twin.violations[0]
    github_twin.violations.clear()


def test_a_crash_of_the_twin_is_remembered(github_twin: GitHubTwin, client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    github_twin.fault(Meanwhile(lambda: 1 / 0))
    with pytest.raises(ConnectionError):
        client.get("/repos/acme/registry")
    assert github_twin.violations == ["the twin failed at GET /repos/acme/registry"]
    assert "ZeroDivisionError" in capfd.readouterr().err
    github_twin.violations.clear()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "head_sha"),
        ({"name": "x", "head_sha": "0" * 40, "status": "done"}, "status"),
        ({"name": "x", "head_sha": "0" * 40, "conclusion": "banana"}, "conclusion"),
        ({"name": "x", "head_sha": "0" * 40, "conclusoin": "success"}, "conclusoin"),
        ({"name": "x", "head_sha": "0" * 40, "started_at": "yesterday"}, "started_at"),
        ({"name": 7, "head_sha": "0" * 40}, "name"),
    ],
)
def test_a_wrong_request_is_refused(github_twin: GitHubTwin, client: Client, body: dict[str, object], field: str) -> None:
    reply = client.ask("POST", "/repos/acme/registry/check-runs", body)
    assert reply.status == 422
    assert field in reply.document["message"]
    assert len(github_twin.wrong) == 1


@pytest.mark.parametrize("query", ["state=opened", "per_page=many", "colour=red"])
def test_a_wrong_parameter_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/repos/acme/registry/pulls?{query}").status == 422


def test_a_missing_body_is_refused(client: Client) -> None:
    assert client.ask("POST", "/repos/acme/registry/check-runs").status == 422


def test_a_body_that_is_not_json_is_refused(client: Client) -> None:
    reply = client.ask("POST", "/repos/acme/registry/check-runs", b"{name:")
    assert (reply.status, reply.document["message"]) == (400, "Problems parsing JSON")


def test_a_request_without_user_agent_is_refused(client: Client) -> None:
    assert client.get("/repos/acme/registry", User_Agent="").status == 403


@pytest.mark.parametrize(("path", "name"), [("/repos/acme/registry/releases", "repos/list-releases"), ("/search/code?q=x", "search/code")])
def test_what_github_has_and_the_twin_lacks_is_said(github_twin: GitHubTwin, client: Client, path: str, name: str) -> None:
    reply = client.get(path)
    assert reply.status == 501
    assert name in reply.document["message"]
    assert github_twin.lacking == [name]
    github_twin.lacking.clear()


def test_what_github_lacks_is_not_found(client: Client) -> None:
    assert client.get("/repos/acme/registry/nonsense").status == 404


def test_another_version_of_the_api_is_not_covered(github_twin: GitHubTwin, client: Client) -> None:
    assert client.get("/repos/acme/registry", X_GitHub_Api_Version="2026-03-10").status == 501
    github_twin.lacking.clear()
    assert client.get("/repos/acme/registry", X_GitHub_Api_Version="2022-11-28").status == 200


def test_the_most_literal_route_is_found(github_contract: Contract) -> None:
    def name(path: str) -> str:
        found = github_contract.find("GET", path)
        assert found is not None
        return found[0].name

    assert name("/repos/a/b/pulls/comments") == "pulls/list-review-comments-for-repo"
    assert name("/repos/a/b/pulls/1") == "pulls/get"
    assert name("/repos/a/b/git/ref/heads/a/b/c") == "git/get-ref"
    assert name("/repos/a/b/commits/heads/x/check-runs") == "checks/list-for-ref"


def test_an_operation_that_github_does_not_describe_stops_the_preparation() -> None:
    with pytest.raises(NotPrepared, match="GitHub describes no operation checks/create"):
        extract({"paths": {}}, frozenset({"checks/create"}))


def test_a_package_that_is_not_the_expected_one_stops_the_preparation(tmp_path: Path) -> None:
    archive = tmp_path / "package.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(OPENAPI.member), io.BytesIO())
    with pytest.raises(NotPrepared, match="is not the package that was expected: sha512-"):
        unpacked(archive, OPENAPI)
    with pytest.raises(NotPrepared) as problem:
        unpacked(archive, OPENAPI)
    known = replace(OPENAPI, integrity=str(problem.value).rpartition(" ")[2])
    assert unpacked(archive, known) == b""


def test_null_is_written_as_json_schema_has_it() -> None:
    assert json_schema({"type": "string", "nullable": True, "enum": ["a"]}) == {"type": ["string", "null"], "enum": ["a", None]}
    assert json_schema({"nullable": True, "allOf": [{"$ref": "#/x"}]}) == {"anyOf": [{"allOf": [{"$ref": "#/x"}]}, {"type": "null"}]}

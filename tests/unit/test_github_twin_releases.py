"""Releases of the tests' GitHub, and the tags that they are about."""

from __future__ import annotations

import pytest

from support.github_twin.client import Client
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/toolkit"
QUERY = '{ repository(owner: "acme", name: "toolkit") { release(tagName: "v1.0.0") { tagName name description isDraft } } }'


@pytest.fixture
def toolkit(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/toolkit", {"README.md": "hello\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, toolkit: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(toolkit, contents="write"))


def test_a_release_is_made_of_a_tag_and_once(client: Client, toolkit: Repository) -> None:
    tip = toolkit.git.branch("main")
    assert client.get(f"{R}/releases/tags/v1.0.0").status == 404
    assert client.graphql(QUERY)["data"]["repository"]["release"] is None
    assert client.ask("POST", f"{R}/git/refs", {"ref": "refs/tags/v1.0.0", "sha": tip}).status == 201
    made = client.ask("POST", f"{R}/releases", {"tag_name": "v1.0.0", "name": "One", "body": "First."})
    assert (made.status, made.document["draft"], made.document["author"]["login"]) == (201, False, "github-actions[bot]")
    assert client.get(f"{R}/releases/tags/v1.0.0").document == made.document
    assert client.graphql(QUERY)["data"]["repository"]["release"] == {"tagName": "v1.0.0", "name": "One", "description": "First.", "isDraft": False}
    again = client.ask("POST", f"{R}/releases", {"tag_name": "v1.0.0"})
    assert (again.status, again.document["errors"]) == (422, [{"resource": "Release", "code": "already_exists", "field": "tag_name"}])


def test_a_release_makes_the_tag_that_is_missing_where_it_is_told(client: Client, toolkit: Repository) -> None:
    tip = toolkit.git.branch("main")
    assert client.ask("POST", f"{R}/releases", {"tag_name": "v2.0.0", "target_commitish": "none"}).status == 422
    assert client.ask("POST", f"{R}/releases", {"tag_name": "v2.0.0", "target_commitish": tip}).status == 201
    assert toolkit.git.store.ref("refs/tags/v2.0.0") == tip


def test_a_draft_is_found_by_nobody_and_makes_no_tag(client: Client, toolkit: Repository) -> None:
    assert client.ask("POST", f"{R}/releases", {"tag_name": "v1.0.0", "draft": True}).status == 201
    assert client.get(f"{R}/releases/tags/v1.0.0").status == 404
    assert client.graphql(QUERY)["data"]["repository"]["release"] is None
    assert toolkit.git.store.ref("refs/tags/v1.0.0") is None


def test_a_release_needs_to_write_contents(github_twin: GitHubTwin, toolkit: Repository) -> None:
    reading = Client(github_twin.url, github_twin.actions_token(toolkit, contents="read"))
    assert reading.ask("POST", f"{R}/releases", {"tag_name": "v1.0.0"}).status == 403

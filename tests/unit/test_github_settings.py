"""Where GitHub is and with which token it is read, from the environment."""

from __future__ import annotations

import pytest

from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.git_http import Credential
from pinwarden.errors import Misuse

API, SERVER, GRAPHQL = "GITHUB_API_URL", "GITHUB_SERVER_URL", "GITHUB_GRAPHQL_URL"


@pytest.mark.parametrize(
    ("environ", "server", "graphql"),
    [
        ({}, "https://github.com", "https://api.github.com/graphql"),
        ({API: "https://api.github.com"}, "https://github.com", "https://api.github.com/graphql"),
        ({API: "https://ghe.example/api/v3/"}, "https://ghe.example", "https://ghe.example/api/graphql"),
        ({API: "https://ghe.example/api/v3", SERVER: "https://ghe.example/", GRAPHQL: "https://ghe.example/g"}, "https://ghe.example", "https://ghe.example/g"),
        ({API: "http://127.0.0.1:8000"}, "http://127.0.0.1:8000", "http://127.0.0.1:8000/graphql"),
    ],
)
def test_where_github_is(environ: dict[str, str], server: str, graphql: str) -> None:
    found = GitHub.from_environ(environ)
    assert (found.server_url, found.graphql_url) == (server, graphql)


def test_the_own_token_goes_first_and_is_never_shown() -> None:
    assert GitHub.from_environ({"GITHUB_TOKEN": "ghs_write"}).token == "ghs_write"
    found = GitHub.from_environ({"GITHUB_TOKEN": "ghs_write", "PINWARDEN_GITHUB_TOKEN": "ghs_read\n"})
    assert found.token == "ghs_read"
    assert "ghs_" not in repr(found)
    assert "ghs_" not in repr(Credential("https://github.com/", found.token))


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_TOKEN": "ghs_a\nX-Evil: 1"},
        {"GITHUB_TOKEN": "ghs_ä"},
        {"GITHUB_TOKEN": "ghs_a", API: "http://api.example"},
        {"GITHUB_TOKEN": "ghs_a", SERVER: "http://127.0.0.1.evil.example"},
        {"GITHUB_TOKEN": "ghs_a", GRAPHQL: "http://127.0.0.1:80@evil.example/"},
        {"GITHUB_TOKEN": "ghs_a", GRAPHQL: "http://127.0.0.1@evil.example:80/"},
    ],
)
def test_a_token_that_can_t_be_sent_safely_is_refused_without_showing_it(environ: dict[str, str]) -> None:
    with pytest.raises(Misuse) as refused:
        GitHub.from_environ(environ)
    assert "ghs_" not in refused.value.message + refused.value.hint
    assert "@" not in refused.value.message


@pytest.mark.parametrize("url", ["https://github.com.evil.example/a/b", "http://github.com/a/b", "https://gitlab.com/a/b", "https://github.com"])
def test_a_credential_is_for_its_own_host_alone(url: str) -> None:
    credential = Credential("https://github.com/", "ghs_a")
    assert credential.header(url) is None
    assert credential.header("https://github.com/a/b.git") == "Basic eC1hY2Nlc3MtdG9rZW46Z2hzX2E="

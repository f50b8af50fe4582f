"""What the tests' GitHub says of settings, and to whom."""

from __future__ import annotations

import pytest

from support.github_twin.client import Client
from support.github_twin.repositories import Repository
from support.github_twin.settings import Environment, required_checks
from support.github_twin.twin import GitHubTwin

R = "/repos/acme/registry"
READS = dict.fromkeys(("actions", "administration", "environments", "metadata", "organization_administration", "secrets", "variables"), "read")


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"a": "1\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.personal_token("ada", [registry], **READS))


def test_an_environment_is_for_every_branch_for_protected_ones_or_for_a_list(registry: Repository, client: Client) -> None:
    assert client.get(f"{R}/environments/x").status == 404
    registry.settings.environments["x"] = Environment()
    assert client.get(f"{R}/environments/x").document["deployment_branch_policy"] is None
    registry.settings.environments["x"] = Environment(protected=True)
    assert client.get(f"{R}/environments/x").document["deployment_branch_policy"] == {"protected_branches": True, "custom_branch_policies": False}
    registry.settings.environments["x"] = Environment([("branch", "main"), ("tag", "v*")])
    assert client.get(f"{R}/environments/x").document["deployment_branch_policy"] == {"protected_branches": False, "custom_branch_policies": True}
    listed = client.get(f"{R}/environments/x/deployment-branch-policies").document
    assert [(row["type"], row["name"]) for row in listed["branch_policies"]] == [("branch", "main"), ("tag", "v*")]


def test_names_of_secrets_are_told_and_values_of_variables(registry: Repository, client: Client) -> None:
    registry.settings.environments["x"] = Environment(secrets=["A"])
    registry.settings.secrets, registry.settings.shared_secrets = ["B"], ["C"]
    registry.settings.variables, registry.settings.shared_variables = {"D": "1"}, {"E": "2"}
    for path, name in (("environments/x/secrets", "A"), ("actions/secrets", "B"), ("actions/organization-secrets", "C")):
        assert [row["name"] for row in client.get(f"{R}/{path}").document["secrets"]] == [name]
    assert [(row["name"], row["value"]) for row in client.get(f"{R}/actions/variables").document["variables"]] == [("D", "1")]
    assert [(row["name"], row["value"]) for row in client.get(f"{R}/actions/organization-variables").document["variables"]] == [("E", "2")]


def test_variables_come_thirty_at_a_time(registry: Repository, client: Client) -> None:
    registry.settings.variables = {f"V{number}": "" for number in range(31)}
    assert len(client.get(f"{R}/actions/variables?per_page=30").document["variables"]) == 30
    assert len(client.get(f"{R}/actions/variables?per_page=30&page=2").document["variables"]) == 1


def test_what_actions_may_do(registry: Repository, client: Client) -> None:
    policy = f"{R}/actions/permissions"
    assert client.get(policy).document == {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}
    assert client.get(f"{policy}/selected-actions").status == 409
    registry.settings.allowed_actions, registry.settings.patterns_allowed = "selected", ["a/*"]
    assert client.get(f"{policy}/selected-actions").document["patterns_allowed"] == ["a/*"]
    registry.settings.actions = False
    assert client.get(policy).document == {"enabled": False}
    registry.settings.default_workflow_permissions = "write"
    assert client.get(f"{policy}/workflow").document["default_workflow_permissions"] == "write"


def test_the_rules_for_a_branch_whether_it_is_there_or_not(registry: Repository, client: Client) -> None:
    assert client.get(f"{R}/rules/branches/main").document == []
    registry.settings.rules = [("main", required_checks(("a", None), ("b", 7))), ("*/x", {"type": "deletion"})]
    (rule,) = client.get(f"{R}/rules/branches/main").document
    assert rule["parameters"]["required_status_checks"] == [{"context": "a"}, {"context": "b", "integration_id": 7}]
    assert [rule["type"] for rule in client.get(f"{R}/rules/branches/some%2Fx").document] == ["deletion"]
    registry.restricted = ("kept",)
    assert [rule["type"] for rule in client.get(f"{R}/rules/branches/kept").document] == ["creation", "update", "deletion"]


def test_installations_are_an_organisation_s(github_twin: GitHubTwin, client: Client) -> None:
    github_twin.app("pinwarden", {"checks": "write"})
    assert client.get("/orgs/acme/installations").status == 404
    github_twin.world.organizations.add("acme")
    (installed,) = client.get("/orgs/acme/installations").document["installations"]
    assert (installed["app_slug"], installed["permissions"], installed["suspended_at"]) == ("pinwarden", {"checks": "write"}, None)


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        (f"{R}/environments/x/secrets", "environments"),
        (f"{R}/actions/secrets", "secrets"),
        (f"{R}/actions/variables", "variables"),
        (f"{R}/actions/permissions", "administration"),
        ("/orgs/acme/installations", "organization_administration"),
    ],
)
def test_who_may_not_is_told_so_even_of_a_public_repository(github_twin: GitHubTwin, registry: Repository, path: str, permission: str) -> None:
    github_twin.world.organizations.add("acme")
    token = github_twin.personal_token("ada", [registry], **{name: level for name, level in READS.items() if name != permission})
    reply = Client(github_twin.url, token).get(path)
    assert (reply.status, reply.document["message"]) == (403, "Resource not accessible by personal access token")
    assert reply.headers["x-accepted-github-permissions"] == f"{permission}=read"

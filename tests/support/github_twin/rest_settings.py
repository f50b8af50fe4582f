"""Settings that are read: environments, secrets, variables, what Actions may do, rules, installed Apps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, operation, paged
from support.github_twin.clock import stamp
from support.github_twin.documents_repositories import node_id
from support.github_twin.settings import Environment
from support.github_twin.tokens import ACTIONS_APP

Json = Any


def _counted(call: Call, name: str, rows: list[Json]) -> Answer:
    return paged(call, rows, lambda page: {"total_count": len(rows), name: page})


def _dated(rows: Iterable[Json]) -> list[Json]:
    return [{**row, "created_at": stamp(0), "updated_at": stamp(0)} for row in rows]


def _secrets(call: Call, names: Iterable[str]) -> Answer:
    return _counted(call, "secrets", _dated({"name": name} for name in names))


def _environment(call: Call) -> Environment:
    found = call.repository.settings.environments.get(call.parameters["environment_name"])
    if found is None:
        raise Refused(404, NOT_FOUND)
    return found


@operation("repos/get-environment", "actions:read")
def environment(call: Call) -> Answer:
    found, name = _environment(call), call.parameters["environment_name"]
    listed = found.patterns is not None
    return Answer(
        200,
        {
            "id": found.id,
            "node_id": node_id("EN", call.repository.id, name),
            "name": name,
            "url": call.documents.api(call.repository, "environments", name),
            "html_url": call.documents.html(call.repository, "deployments", "activity_log"),
            "created_at": stamp(0),
            "updated_at": stamp(0),
            "protection_rules": [],
            "deployment_branch_policy": {"protected_branches": found.protected, "custom_branch_policies": listed} if found.protected or listed else None,
        },
    )


@operation("repos/list-deployment-branch-policies", "actions:read")
def branch_policies(call: Call) -> Answer:
    rows = [{"id": number, "node_id": f"DBP_{number}", "name": name, "type": kind} for number, (kind, name) in enumerate(_environment(call).patterns or ())]
    return _counted(call, "branch_policies", rows)


@operation("actions/list-environment-secrets", "environments:read")
def environment_secrets(call: Call) -> Answer:
    return _secrets(call, _environment(call).secrets)


@operation("actions/list-repo-secrets", "secrets:read")
def repository_secrets(call: Call) -> Answer:
    return _secrets(call, call.repository.settings.secrets)


@operation("actions/list-repo-organization-secrets", "secrets:read")
def shared_secrets(call: Call) -> Answer:
    return _secrets(call, call.repository.settings.shared_secrets)


def _variables(call: Call, values: dict[str, str]) -> Answer:
    if int(call.query.get("per_page", 10)) > 30:
        raise call.lacking("more than 30 variables a page")
    return _counted(call, "variables", _dated({"name": name, "value": value} for name, value in values.items()))


@operation("actions/list-repo-variables", "variables:read")
def repository_variables(call: Call) -> Answer:
    return _variables(call, call.repository.settings.variables)


@operation("actions/list-repo-organization-variables", "variables:read")
def shared_variables(call: Call) -> Answer:
    return _variables(call, call.repository.settings.shared_variables)


@operation("actions/get-github-actions-permissions-repository", "administration:read")
def actions_permissions(call: Call) -> Answer:
    settings = call.repository.settings
    if not settings.actions:
        return Answer(200, {"enabled": False})
    document = {"enabled": True, "allowed_actions": settings.allowed_actions, "sha_pinning_required": settings.sha_pinning_required}
    url = call.documents.api(call.repository, "actions", "permissions", "selected-actions")
    return Answer(200, document | ({"selected_actions_url": url} if settings.allowed_actions == "selected" else {}))


@operation("actions/get-allowed-actions-repository", "administration:read")
def allowed_actions(call: Call) -> Answer:
    settings = call.repository.settings
    if settings.allowed_actions != "selected":
        raise Refused(409, "Conflict")
    return Answer(200, {"github_owned_allowed": settings.github_owned_allowed, "verified_allowed": False, "patterns_allowed": list(settings.patterns_allowed)})


@operation("actions/get-github-actions-default-workflow-permissions-repository", "administration:read")
def workflow_permissions(call: Call) -> Answer:
    allowed = call.repository.actions_may_create_pull_requests
    return Answer(200, {"default_workflow_permissions": call.repository.settings.default_workflow_permissions, "can_approve_pull_request_reviews": allowed})


@operation("repos/get-branch-rules", "metadata:read")
def branch_rules(call: Call) -> Answer:
    branch, repository = call.parameters["branch"], call.repository
    rules = repository.settings.rules_for(branch)
    if repository.refuses(branch, ""):
        rules += [{"type": kind} for kind in ("creation", "update", "deletion")]
    ruleset = {"ruleset_source_type": "Repository", "ruleset_source": repository.full_name, "ruleset_id": 1}
    return paged(call, [{**rule, **ruleset} for rule in rules])


@operation("orgs/list-app-installations")
def installations(call: Call) -> Answer:
    organization = call.parameters["org"]
    if organization not in call.world.organizations:
        raise Refused(404, NOT_FOUND)
    if call.token.permissions.get("organization_administration") not in ("read", "write"):
        raise Refused(403, call.token.refusal, {"X-Accepted-GitHub-Permissions": "organization_administration=read"})
    apps = [app for app in call.world.apps.values() if app.id != ACTIONS_APP]
    return _counted(call, "installations", [call.documents.installation(app, organization) for app in apps])

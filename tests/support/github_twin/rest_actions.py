"""Dispatches, apps, accounts, limits."""

from __future__ import annotations

import time
from typing import Any

import jwt

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, operation, paged
from support.github_twin.clock import stamp
from support.github_twin.tokens import Kind
from support.github_twin.world import App

Json = Any


@operation("actions/create-workflow-dispatch", "actions:write")
def workflow_dispatch(call: Call) -> Answer:
    name, body, git = call.parameters["workflow_id"], call.body, call.repository.git
    commit = git.commit(body["ref"])
    if commit is None:
        raise Refused(422, f"No ref found for: {body['ref']}")
    path = f".github/workflows/{name}"
    default = git.commit(call.repository.default_branch)
    if default is None or git.entry(default.tree, path) is None:
        raise Refused(404, NOT_FOUND)
    found = git.entry_object(commit.tree, path)
    if found is None or b"workflow_dispatch" not in found.content:
        raise Refused(422, "Workflow does not have 'workflow_dispatch' trigger")
    if len(body.get("inputs", {})) > 25:
        raise Refused(422, "you may only define up to 25 `inputs` for a `workflow_dispatch` event")
    call.world.note("workflow_dispatch", call.repository, call.token.login, name, payload={"ref": body["ref"], "inputs": body.get("inputs", {})})
    return Answer(204)


@operation("repos/create-dispatch-event", "contents:write")
def repository_dispatch(call: Call) -> Answer:
    payload = {"client_payload": call.body.get("client_payload", {})}
    call.world.note("repository_dispatch", call.repository, call.token.login, call.body["event_type"], payload=payload)
    return Answer(204)


@operation("actions/list-workflow-runs-for-repo", "actions:read")
def workflow_runs(call: Call) -> Answer:
    query, known = call.query, {"branch", "event", "actor", "head_sha"}
    if lacking := query.keys() - known - {"per_page", "page"}:
        raise call.lacking(f"actions/list-workflow-runs-for-repo with {', '.join(sorted(lacking))}")
    found = [
        run
        for run in call.repository.runs
        if query.get("branch", run.branch) == run.branch
        and query.get("event", run.event) == run.event
        and query.get("actor", run.actor) == run.actor
        and query.get("head_sha", run.sha) == run.sha
    ]
    rows = [call.documents.workflow_run(call.repository, run) for run in found]
    return paged(call, rows, lambda page: {"total_count": len(rows), "workflow_runs": page})


@operation("actions/list-jobs-for-workflow-run", "actions:read")
def jobs(call: Call) -> Answer:
    found = next((run for run in call.repository.runs if run.id == call.number("run_id")), None)
    if found is None:
        raise Refused(404, NOT_FOUND)
    rows = [call.documents.job(call.repository, found, name) for name in found.jobs]
    return paged(call, rows, lambda page: {"total_count": len(rows), "jobs": page})


def _app(call: Call) -> App:
    if call.token.kind is not Kind.JWT:
        raise Refused(401, "A JSON web token could not be decoded")
    assert call.token.app_id is not None
    return call.world.apps[call.token.app_id]


def app_of(apps: dict[int, App], text: str) -> App | None:
    """Return the app whose key signed a JSON web token that is valid; None for any other text."""
    try:
        issuer = jwt.decode(text, options={"verify_signature": False})["iss"]
        app = next(each for each in apps.values() if issuer in (str(each.id), each.client_id))
        # Clients stamp these with the machine's clock, so that is what is held against them.
        claims = jwt.decode(text, app.public_key, algorithms=["RS256"], options={"verify_iat": False})
    except (jwt.PyJWTError, KeyError, StopIteration, ValueError):
        return None
    return app if claims["exp"] - claims["iat"] <= 660 and claims["exp"] <= time.time() + 660 else None


@operation("apps/get-authenticated")
def get_app(call: Call) -> Answer:
    return Answer(200, call.documents.app(_app(call)))


@operation("apps/get-repo-installation")
def installation(call: Call) -> Answer:
    return Answer(200, call.documents.installation(_app(call), call.repository.owner))


@operation("apps/create-installation-access-token")
def installation_token(call: Call) -> Answer:
    app, body, world = _app(call), call.body or {}, call.world
    if call.number("installation_id") != app.id:
        raise Refused(404, NOT_FOUND)
    asked = body.get("permissions", app.permissions)
    order = ("read", "write", "admin")
    if any(name not in app.permissions or order.index(level) > order.index(app.permissions[name]) for name, level in asked.items()):
        raise Refused(422, "The permissions requested are not granted to this installation.")
    names = {name.lower() for name in body.get("repositories", [])}
    chosen = [each for each in world.repositories.values() if not names or each.name.lower() in names]
    if len({each.name.lower() for each in chosen} & names) != len(names):
        raise Refused(422, "There is at least one repository that does not exist or is not accessible to the parent installation.")
    text = world.token(Kind.INSTALLATION, chosen if names else None, asked, app_id=app.id)
    document = {"token": text, "expires_at": world.clock.text(world.clock.now + 3600), "permissions": asked}
    return Answer(201, {**document, "repository_selection": "selected" if names else "all"})


@operation("users/get-authenticated")
def authenticated(call: Call) -> Answer:
    if call.token.kind is Kind.ANONYMOUS:
        raise Refused(401, "Requires authentication")
    if call.token.kind is not Kind.PERSONAL:
        raise Refused(403, call.token.refusal)
    return Answer(200, _account(call, call.token.login))


@operation("users/get-by-username")
def by_username(call: Call) -> Answer:
    return Answer(200, _account(call, call.parameters["username"]))


def _account(call: Call, login: str) -> Json:
    counts = {"public_repos": 0, "public_gists": 0, "followers": 0, "following": 0}
    user = {**call.documents.user(login), **counts, "created_at": stamp(0), "updated_at": stamp(0)}
    return call.documents.full("public-user", user)


@operation("rate-limit/get")
def rate_limit(call: Call) -> Answer:
    budgets = call.limits.overview(call.token)
    unused = {"limit": 30, "used": 0, "remaining": 30, "reset": call.world.clock.now + 60}
    return Answer(200, {"resources": {"search": unused, **budgets}, "rate": budgets["core"]})


@operation("meta/root")
def root(call: Call) -> Answer:
    url = call.world.url
    document = {name: f"{url}/{name.removesuffix('_url')}" for name in call.documents.contract.schemas["root"]["required"]}
    return Answer(200, {**document, "rate_limit_url": f"{url}/rate_limit", "repository_url": f"{url}/repos/{{owner}}/{{repo}}"})

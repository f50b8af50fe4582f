"""Check runs, their suites, and commit statuses."""

from __future__ import annotations

from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, operation, paged
from support.github_twin.checks import at_commit, create_check, latest, suites, update_check
from support.github_twin.repositories import CheckRun, Status

Json = Any


@operation("checks/create", "checks:write", content=True)
def create(call: Call) -> Answer:
    return Answer(201, call.documents.check(call.repository, create_check(call, call.body)))


@operation("checks/update", "checks:write", content=True)
def update(call: Call) -> Answer:
    update_check(call, _check(call), call.body)
    return get(call)


def _check(call: Call) -> CheckRun:
    found = call.repository.checks.get(call.number("check_run_id"))
    if found is None:
        raise Refused(404, NOT_FOUND)
    return found


@operation("checks/get", "checks:read")
def get(call: Call) -> Answer:
    return Answer(200, call.documents.check(call.repository, _check(call)))


@operation("checks/list-annotations", "checks:read")
def list_annotations(call: Call) -> Answer:
    check = _check(call)
    blank = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
    rows = [{**blank, **row, "blob_href": call.documents.html(call.repository, "blob", check.head_sha, row["path"])} for row in check.annotations]
    return paged(call, rows)


def _commit(call: Call) -> tuple[str, int | None]:
    """Return the commit that the path names, and the app that the query asks for."""
    commit = call.repository.git.commit(call.parameters["ref"])
    if commit is None:
        raise Refused(422, f"No commit found for SHA: {call.parameters['ref']}")
    return commit.oid, int(call.query["app_id"]) if "app_id" in call.query else None


@operation("checks/list-for-ref", "checks:read")
def list_for_ref(call: Call) -> Answer:
    found, query = at_commit(call.repository, *_commit(call)), call.query
    if query.get("filter", "latest") == "latest":
        found = latest(found)
    found = [check for check in found if query.get("check_name", check.name) == check.name and query.get("status", check.status) == check.status]
    document = [call.documents.check(call.repository, check) for check in found]
    return paged(call, document, lambda page: {"total_count": len(found), "check_runs": page})


@operation("checks/list-suites-for-ref", "checks:read")
def list_suites(call: Call) -> Answer:
    found = suites(call.repository, *_commit(call), call.query.get("check_name"))
    rows = [call.documents.suite(call.repository, checks) for checks in found]
    return paged(call, rows, lambda page: {"total_count": len(rows), "check_suites": page})


@operation("repos/create-commit-status", "statuses:write")
def create_status(call: Call) -> Answer:
    sha, body = call.parameters["sha"], call.body
    commit = call.repository.git.commit(sha)
    if commit is None or commit.oid != sha:
        raise Refused(422, f"No commit found for SHA: {sha}")
    who, now = call.token.login, call.world.clock.now
    context = body.get("context", "default")
    status = Status(call.world.next_id(), sha, body["state"], context, body.get("description"), body.get("target_url"), who, now)
    call.repository.statuses.insert(0, status)
    call.world.note("status", call.repository, who, sha)
    return Answer(201, call.documents.status(call.repository, status, whole=True))


def _statuses(call: Call) -> tuple[str, list[Status]]:
    commit = call.repository.git.commit(call.parameters["ref"])
    if commit is None:
        raise Refused(422, f"No commit found for SHA: {call.parameters['ref']}")
    return commit.oid, [status for status in call.repository.statuses if status.sha == commit.oid]


@operation("repos/list-commit-statuses-for-ref", "statuses:read")
def list_statuses(call: Call) -> Answer:
    _, found = _statuses(call)
    return paged(call, [call.documents.status(call.repository, status, whole=True) for status in found])


@operation("repos/get-combined-status-for-ref", "statuses:read")
def combined(call: Call) -> Answer:
    sha, found = _statuses(call)
    newest: dict[str, Status] = {}
    for status in found:
        newest.setdefault(status.context, status)
    states = {status.state for status in newest.values()}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    rows = [call.documents.status(call.repository, status, whole=False) for status in newest.values()]
    document = {"state": state, "sha": sha, "total_count": len(rows), "repository": call.documents.repository(call.repository, "minimal-repository")}
    document |= {"commit_url": call.documents.api(call.repository, "commits", sha), "url": call.documents.api(call.repository, "commits", sha, "status")}
    return paged(call, rows, lambda page: {**document, "statuses": page})

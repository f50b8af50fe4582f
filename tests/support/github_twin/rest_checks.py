"""Check runs, their suites, and commit statuses."""

from __future__ import annotations

from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, invalid, operation, paged
from support.github_twin.repositories import CheckRun, Status

Json = Any


@operation("checks/create", "checks:write")
def create(call: Call) -> Answer:
    body, world = call.body, call.world
    if call.token.app_id is None:
        raise Refused(403, "You must authenticate via a GitHub App.")
    commit = call.repository.git.commit(body["head_sha"])
    if commit is None or commit.oid != body["head_sha"]:
        raise Refused(422, f"No commit found for SHA: {body['head_sha']}")
    check = CheckRun(world.next_id(), call.token.app_id, body["name"], commit.oid, "queued", body.get("started_at", world.clock.text()))
    check.external_id = body.get("external_id", "")
    _set(call, check)
    call.repository.checks[check.id] = check
    return Answer(201, call.documents.check(call.repository, check))


@operation("checks/update", "checks:write")
def update(call: Call) -> Answer:
    check = _check(call)
    if check.app_id != call.token.app_id:
        raise Refused(403, f"Invalid app_id `{check.app_id}` - check run can only be modified by the GitHub App that created it.")
    check.name = call.body.get("name", check.name)
    check.external_id = call.body.get("external_id", check.external_id)
    check.started = call.body.get("started_at", check.started)
    _set(call, check)
    return get(call)


def _set(call: Call, check: CheckRun) -> None:
    """Take over state and output, as both creating and updating may."""
    body = call.body
    if body.get("status") == "completed" and not body.get("conclusion"):
        raise invalid("CheckRun", field="conclusion", code="missing_field")
    if body.get("conclusion") == "stale":
        raise invalid("CheckRun", field="conclusion", code="invalid")
    if "conclusion" in body:
        check.status, check.conclusion, check.completed = "completed", body["conclusion"], body.get("completed_at", call.world.clock.text())
    elif "status" in body:
        check.status, check.conclusion, check.completed = body["status"], None, None
    check.details_url = body.get("details_url", check.details_url)
    output = body.get("output", {})
    check.title, check.summary, check.text = output.get("title", check.title), output.get("summary", check.summary), output.get("text", check.text)
    # Annotations are added to those that are there, never replaced.
    check.annotations += output.get("annotations", [])
    if check.status == "completed":
        call.world.note("check_run", call.repository, call.token.login, check.name, "completed")


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


def _of_commit(call: Call) -> list[CheckRun]:
    """Return the check runs at the commit that the path names, newest first."""
    commit = call.repository.git.commit(call.parameters["ref"])
    if commit is None:
        raise Refused(422, f"No commit found for SHA: {call.parameters['ref']}")
    app = call.query.get("app_id")
    found = [check for check in call.repository.checks.values() if check.head_sha == commit.oid and app in (None, str(check.app_id))]
    return found[::-1]


@operation("checks/list-for-ref", "checks:read")
def list_for_ref(call: Call) -> Answer:
    found, query = _of_commit(call), call.query
    if query.get("filter", "latest") == "latest":
        newest: dict[tuple[int, str], CheckRun] = {}
        for check in found:
            newest.setdefault((check.app_id, check.name), check)
        found = list(newest.values())
    found = [check for check in found if query.get("check_name", check.name) == check.name and query.get("status", check.status) == check.status]
    document = [call.documents.check(call.repository, check) for check in found]
    return paged(call, document, lambda page: {"total_count": len(found), "check_runs": page})


@operation("checks/list-suites-for-ref", "checks:read")
def list_suites(call: Call) -> Answer:
    suites: dict[int, list[CheckRun]] = {}
    for check in _of_commit(call):
        suites.setdefault(check.app_id, []).append(check)
    if name := call.query.get("check_name"):
        suites = {app: checks for app, checks in suites.items() if any(check.name == name for check in checks)}
    rows = [call.documents.suite(call.repository, checks) for checks in suites.values()]
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

"""What happens to check runs, whichever API asks for it. `given` has REST's names and words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from support.github_twin.answers import Refused, invalid
from support.github_twin.clock import stamp
from support.github_twin.repositories import CheckRun, Repository
from support.github_twin.writing import Writer

Json = Any
MOST_BYTES = 65535
"""Of title, summary and text, each. The descriptions say characters; what is counted is bytes."""
MOST_ANNOTATIONS = 50
MOST_MESSAGE = 64 * 1024
MOST_ANNOTATION_TITLE = 255
_WORST_FIRST = ("failure", "startup_failure", "timed_out", "action_required", "cancelled", "stale", "neutral", "success", "skipped")
"""Which conclusion a suite has. GitHub publishes no order: no client may depend on it beyond success and failure."""


def create_check(writer: Writer, given: Json) -> CheckRun:
    """Make a check run at a commit. Raises Refused."""
    world, repository = writer.world, writer.repository
    if writer.token.app_id is None:
        raise Refused(403, "You must authenticate via a GitHub App.")
    commit = repository.git.commit(given["head_sha"])
    if commit is None or commit.oid != given["head_sha"]:
        raise Refused(422, f"No commit found for SHA: {given['head_sha']}")
    _check(given)
    check = CheckRun(world.next_id(), writer.token.app_id, given["name"], commit.oid, "queued", world.clock.text())
    _set(writer, check, given)
    repository.checks[check.id] = check
    return check


def update_check(writer: Writer, check: CheckRun, given: Json) -> None:
    """Change a check run of the same app. Raises Refused; then nothing was changed."""
    if check.app_id != writer.token.app_id and "check-owner" not in writer.repository.lax:
        raise Refused(403, f"Invalid app_id `{check.app_id}` - check run can only be modified by the GitHub App that created it.")
    _check(given)
    _set(writer, check, given)


def _check(given: Json) -> None:
    if given.get("name") == "":
        raise invalid("CheckRun", field="name", code="missing_field")
    if given.get("status") == "completed" and not given.get("conclusion"):
        raise invalid("CheckRun", field="conclusion", code="missing_field")
    if given.get("conclusion") in ("stale", "startup_failure"):
        raise invalid("CheckRun", field="conclusion", code="invalid")
    if not str(given.get("details_url") or "https:").startswith(("http:", "https:")):
        raise invalid("CheckRun", "details_url must use the http or https scheme", field="details_url")
    output = given.get("output") or {}
    for name in ("title", "summary", "text"):
        text = output.get(name) or ""
        if len(text) > MOST_BYTES:
            raise Refused(422, f"Invalid request.\n\nOnly {MOST_BYTES} characters are allowed; {len(text)} were supplied.")
        if len(text.encode()) > MOST_BYTES:
            raise invalid("CheckRun", f"{name} exceeds a maximum bytesize of {MOST_BYTES}", field=name)
    annotations = output.get("annotations") or []
    if len(annotations) > MOST_ANNOTATIONS:
        raise Refused(422, f"Invalid request.\n\nNo more than {MOST_ANNOTATIONS} items are allowed; {len(annotations)} were supplied.")
    for row in annotations:
        for name, most in (("message", MOST_MESSAGE), ("raw_details", MOST_MESSAGE), ("title", MOST_ANNOTATION_TITLE)):
            if len((row.get(name) or "").encode()) > most:
                raise invalid("CheckAnnotation", f"{name} exceeds a maximum bytesize of {most}", field=name)


def _set(writer: Writer, check: CheckRun, given: Json) -> None:
    """Take over what is given, as both creating and updating may."""
    check.name = given.get("name", check.name)
    check.external_id = given.get("external_id", check.external_id)
    check.details_url = given.get("details_url", check.details_url)
    if "started_at" in given:
        check.started = _time(given["started_at"])
    if "conclusion" in given:
        completed = _time(given["completed_at"]) if "completed_at" in given else writer.world.clock.text()
        check.status, check.conclusion, check.completed = "completed", given["conclusion"], completed
    elif "status" in given:
        check.status, check.conclusion, check.completed = given["status"], None, None
    output = given.get("output") or {}
    check.title, check.summary, check.text = output.get("title", check.title), output.get("summary", check.summary), output.get("text", check.text)
    # Annotations are added to those that are there, never replaced.
    check.annotations += output.get("annotations") or []
    if check.status == "completed":
        writer.world.note("check_run", writer.repository, writer.token.login, check.name, "completed")


def _time(text: str) -> str:
    """Write a time that was given as GitHub does."""
    return stamp(int(datetime.fromisoformat(text).timestamp()))


def at_commit(repository: Repository, oid: str, app_id: int | None = None) -> list[CheckRun]:
    """Return the check runs at a commit, newest first, of all apps or of one."""
    return [check for check in repository.checks.values() if check.head_sha == oid and app_id in (None, check.app_id)][::-1]


def latest(checks: Iterable[CheckRun]) -> list[CheckRun]:
    """Return of each app and name the first, of check runs that are newest first."""
    found: dict[tuple[int, str], CheckRun] = {}
    for check in checks:
        found.setdefault((check.app_id, check.name), check)
    return list(found.values())


def suites(repository: Repository, oid: str, app_id: int | None, name: str | None) -> list[list[CheckRun]]:
    """Return the check runs at a commit by suite, which is by app; of one app alone, or where one has that name."""
    found: dict[int, list[CheckRun]] = {}
    for check in at_commit(repository, oid, app_id):
        found.setdefault(check.app_id, []).append(check)
    return [checks for checks in found.values() if name is None or any(check.name == name for check in checks)]


def suite_state(checks: Iterable[CheckRun]) -> tuple[str, str | None]:
    """Return status and conclusion of the suite that check runs make up, newest first."""
    newest = latest(checks)
    states = {check.status for check in newest}
    if states == {"completed"}:
        return "completed", min((check.conclusion or "" for check in newest), key=_WORST_FIRST.index)
    return "queued" if states == {"queued"} else "in_progress", None

"""GraphQL's mutations of check runs."""

from __future__ import annotations

from typing import Any

from support.github_twin.checks import create_check, update_check
from support.github_twin.graphql_mutator import Mutator, unknown

Json = Any
_NAMES = {"name": "name", "headSha": "head_sha", "externalId": "external_id", "detailsUrl": "details_url"}
_NAMES |= {"startedAt": "started_at", "completedAt": "completed_at"}


def create(self: Mutator, given: Json) -> Json:
    writer = self.writer(self.repository(given["repositoryId"]), "checks")
    check = create_check(writer, _rest(given))
    return {"checkRun": self.objects.check(writer.repository, check)}


def update(self: Mutator, given: Json) -> Json:
    repository, check = self.check(given["checkRunId"])
    if repository is not self.repository(given["repositoryId"]):
        raise unknown(given["checkRunId"])
    update_check(self.writer(repository, "checks"), check, _rest(given))
    return {"checkRun": self.objects.check(repository, check)}


def _rest(given: Json) -> Json:
    """Say what is given in REST's names and words. A null is as good as nothing."""
    given = {name: value for name, value in given.items() if value is not None}
    document = {name: given[ours] for ours, name in _NAMES.items() if ours in given}
    document |= {name: given[name].lower() for name in ("status", "conclusion") if name in given}
    if output := given.get("output"):
        kept = {name: output[name] for name in ("title", "summary", "text") if output.get(name) is not None}
        document["output"] = {**kept, "annotations": [_annotation(each) for each in output.get("annotations") or ()]}
    return document


def _annotation(given: Json) -> Json:
    place = given["location"]
    row = {"path": given["path"], "start_line": place["startLine"], "end_line": place["endLine"], "message": given["message"]}
    row |= {"annotation_level": given["annotationLevel"].lower()}
    more = {"title": given.get("title"), "raw_details": given.get("rawDetails")}
    more |= {"start_column": place.get("startColumn"), "end_column": place.get("endColumn")}
    return row | {name: value for name, value in more.items() if value is not None}

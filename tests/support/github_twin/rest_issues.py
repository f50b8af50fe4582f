"""Labels and comments of pull requests, which GitHub keeps with issues."""

from __future__ import annotations

import re
from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, invalid, operation, paged
from support.github_twin.repositories import Comment, Pull, Repository
from support.github_twin.rest_pulls import pull_of
from support.github_twin.world import World

Json = Any
_READ = ("issues:read", "pull_requests:read")
_WRITE = ("issues:write", "pull_requests:write")


@operation("issues/get", *_READ)
def get(call: Call) -> Answer:
    return Answer(200, call.documents.issue(call.repository, pull_of(call, "issue_number")))


@operation("issues/list-labels-for-repo", *_READ)
def list_labels(call: Call) -> Answer:
    return paged(call, [call.documents.label(call.repository, name) for name in sorted(call.repository.labels)])


@operation("issues/get-label", *_READ)
def get_label(call: Call) -> Answer:
    if call.parameters["name"].lower() not in call.repository.labels:
        raise Refused(404, NOT_FOUND)
    return Answer(200, call.documents.label(call.repository, call.parameters["name"]))


@operation("issues/create-label", *_WRITE)
def create_label(call: Call) -> Answer:
    body = call.body
    if body["name"].lower() in call.repository.labels:
        raise invalid("Label", field="name", code="already_exists")
    if not re.fullmatch(r"[0-9a-fA-F]{6}", body.get("color", "ededed")):
        raise invalid("Label", field="color", code="invalid")
    if len(body.get("description") or "") > 100:
        raise invalid("Label", field="description", code="invalid")
    new_label(call.world, call.repository, body["name"], body.get("color", "ededed"), body.get("description"))
    return Answer(201, call.documents.label(call.repository, body["name"]))


def new_label(world: World, repository: Repository, name: str, color: str = "ededed", description: str | None = None) -> None:
    """Add a label to the repository unless it has one of that name."""
    repository.labels.setdefault(name.lower(), {"id": world.next_id(), "name": name, "color": color.lower(), "description": description})


@operation("issues/list-labels-on-issue", *_READ)
def labels_of(call: Call) -> Answer:
    return paged(call, [call.documents.label(call.repository, name) for name in pull_of(call, "issue_number").labels])


def set_labels(world: World, repository: Repository, pull: Pull, names: list[str], actor: str) -> None:
    """Give a pull request exactly these labels. The repository gains those that it lacks, as on GitHub."""
    for name in names:
        new_label(world, repository, name)
    known = [repository.labels[name.lower()]["name"] for name in dict.fromkeys(name.lower() for name in names)]
    for name in known:
        if name not in pull.labels:
            world.note("pull_request", repository, actor, str(pull.number), "labeled")
    pull.labels[:] = known
    pull.updated = world.clock.now


def _names(body: Json) -> list[str]:
    labels = body.get("labels", []) if isinstance(body, dict) else body or []
    return [label["name"] if isinstance(label, dict) else label for label in labels]


def _labelled(call: Call, pull: Pull, names: list[str]) -> Answer:
    if any(not name.strip() or len(name) > 50 for name in names):
        raise invalid("Label", field="name", code="invalid")
    set_labels(call.world, call.repository, pull, names, call.token.login)
    return Answer(200, [call.documents.label(call.repository, name) for name in pull.labels])


@operation("issues/add-labels", *_WRITE)
def add(call: Call) -> Answer:
    pull = pull_of(call, "issue_number")
    return _labelled(call, pull, pull.labels + _names(call.body))


@operation("issues/set-labels", *_WRITE)
def put(call: Call) -> Answer:
    return _labelled(call, pull_of(call, "issue_number"), _names(call.body))


@operation("issues/remove-label", *_WRITE)
def remove(call: Call) -> Answer:
    pull, name = pull_of(call, "issue_number"), call.parameters["name"].lower()
    if name not in (each.lower() for each in pull.labels):
        raise Refused(404, "Label does not exist")
    return _labelled(call, pull, [each for each in pull.labels if each.lower() != name])


@operation("issues/list-comments", *_READ)
def comments(call: Call) -> Answer:
    pull = pull_of(call, "issue_number")
    if "since" in call.query:
        raise call.lacking("issues/list-comments with since")
    return paged(call, pull.comments, lambda page: [call.documents.comment(call.repository, comment) for comment in page])


@operation("issues/create-comment", *_WRITE, content=True)
def create_comment(call: Call) -> Answer:
    comment = new_comment(call.world, call.repository, pull_of(call, "issue_number"), call.body["body"], call.token.login)
    return Answer(201, call.documents.comment(call.repository, comment))


def new_comment(world: World, repository: Repository, pull: Pull, body: str, actor: str) -> Comment:
    """Comment on a pull request. Raises Refused."""
    _check_body(body)
    comment = Comment(world.next_id(), pull.number, body, actor, world.clock.now, world.clock.now)
    pull.comments.append(comment)
    pull.updated = world.clock.now
    world.note("issue_comment", repository, actor, str(pull.number), "created")
    return comment


def _check_body(body: str) -> None:
    if not body.strip():
        raise invalid("IssueComment", field="body", code="missing_field")
    if len(body) > 65536:
        raise invalid("IssueComment", "body is too long (maximum is 65536 characters)", field="body", code="unprocessable")


def _comment(call: Call) -> tuple[Pull, Comment]:
    number = call.number("comment_id")
    for pull in call.repository.pulls.values():
        for comment in pull.comments:
            if comment.id == number:
                return pull, comment
    raise Refused(404, NOT_FOUND)


@operation("issues/get-comment", *_READ)
def get_comment(call: Call) -> Answer:
    return Answer(200, call.documents.comment(call.repository, _comment(call)[1]))


@operation("issues/update-comment", *_WRITE)
def update_comment(call: Call) -> Answer:
    _, comment = _comment(call)
    _check_body(call.body["body"])
    comment.body, comment.updated = call.body["body"], call.world.clock.now
    call.world.note("issue_comment", call.repository, call.token.login, str(comment.number), "edited")
    return get_comment(call)


@operation("issues/delete-comment", *_WRITE)
def delete_comment(call: Call) -> Answer:
    pull, comment = _comment(call)
    pull.comments.remove(comment)
    return Answer(204)

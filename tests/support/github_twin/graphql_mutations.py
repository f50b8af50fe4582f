"""GraphQL's mutations."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from support.github_twin.answers import Refused
from support.github_twin.documents_repositories import from_node_id
from support.github_twin.git import Conflict
from support.github_twin.graphql_git import failed
from support.github_twin.graphql_objects import Objects
from support.github_twin.pulls import close, merge_pull, open_pull, reopen
from support.github_twin.repositories import Comment, Pull, Repository
from support.github_twin.rest_issues import new_comment, set_labels
from support.github_twin.tokens import Token
from support.github_twin.world import ZERO, World
from support.github_twin.writing import check_move, commit_as, fast_forward

Json = Any


@dataclass(frozen=True, slots=True)
class _Writer:
    world: World
    token: Token
    repository: Repository


class Mutations:
    """Carries out the mutations of one document, one after the other."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.world = objects.world
        self.token = objects.token

    def resolve(self, name: str, given: Json) -> Json:
        """Carry out one mutation; return its payload. Raises GraphQLError, and KeyError for one that the twin lacks."""
        act = _MUTATIONS[name]
        try:
            payload = act(self, given)
        except Refused as problem:
            errors = [each.get("message") or f"{each.get('field')} {each.get('code')}" for each in problem.extra.get("errors", ()) if isinstance(each, dict)]
            raise failed("FORBIDDEN" if problem.status == 403 else "UNPROCESSABLE", ", ".join(errors) or problem.message) from None
        return {**payload, "clientMutationId": given.get("clientMutationId")}

    def writer(self, repository: Repository, *permissions: str) -> _Writer:
        """Return who writes to a repository. Raises GraphQLError without one of the permissions."""
        if repository.archived:
            raise failed("FORBIDDEN", "Repository was archived so is read-only.")
        if not any(self.token.may(repository.id, permission, "write") for permission in permissions):
            raise failed("FORBIDDEN", self.token.refusal)
        return _Writer(self.world, self.token, repository)

    def repository(self, text: str) -> Repository:
        number = text.removeprefix("R_")
        found = self.world.repositories.get(int(number)) if number.isdigit() else None
        if found is None or (found.private and not self.token.covers(found.id)):
            raise _unknown(text)
        return found

    def pull(self, text: str) -> tuple[Repository, Pull]:
        for repository in self.world.repositories.values():
            for pull in repository.pulls.values():
                if f"PR_{pull.id}" == text:
                    return repository, pull
        raise _unknown(text)

    def ref(self, text: str) -> tuple[Repository, str, str]:
        """Return what a ref's id stands for: repository, full name, and where it is."""
        kind, parts = from_node_id(text)
        if kind == "REF" and len(parts) == 2:
            repository = self.repository(f"R_{parts[0]}")
            if old := repository.git.store.ref(parts[1]):
                return repository, parts[1], old
        raise _unknown(text)

    def move(self, writer: _Writer, *moves: tuple[str, str | None, str | None]) -> None:
        for name, new, old in moves:
            check_move(writer, name, new, old)
        try:
            self.world.move(writer.repository, self.token.login, *moves)
        except Conflict:
            raise failed("UNPROCESSABLE", "Reference update failed") from None


def _unknown(text: str) -> GraphQLError:
    return failed("NOT_FOUND", f"Could not resolve to a node with the global id of '{text}'.")


def _create_ref(self: Mutations, given: Json) -> Json:
    writer = self.writer(self.repository(given["repositoryId"]), "contents")
    name = given["name"]
    if not name.startswith("refs/") or name.count("/") < 2:
        raise failed("UNPROCESSABLE", f"{name} is not a valid ref name.")
    if writer.repository.git.store.ref(name):
        raise failed("UNPROCESSABLE", f'A ref named "{name}" already exists in the repository.')
    self.move(writer, (name, given["oid"], None))
    return {"ref": self.objects.ref(writer.repository, name)}


def _update_ref(self: Mutations, given: Json) -> Json:
    repository, name, old = self.ref(given["refId"])
    writer = self.writer(repository, "contents")
    if not given["force"] and not fast_forward(repository, old, given["oid"]):
        raise failed("UNPROCESSABLE", "Update is not a fast forward")
    self.move(writer, (name, given["oid"], old))
    return {"ref": self.objects.ref(repository, name)}


def _update_refs(self: Mutations, given: Json) -> Json:
    """All or none. What GitHub says about a lease that is broken is published nowhere: no client may depend on the words."""
    writer = self.writer(self.repository(given["repositoryId"]), "contents")
    git = writer.repository.git
    moves: list[tuple[str, str | None, str | None]] = []
    for each in given["refUpdates"]:
        old, new = git.store.ref(each["name"]), None if each["afterOid"] == ZERO else each["afterOid"]
        expected = each.get("beforeOid")
        if expected is not None and expected != (old or ZERO):
            raise failed("UNPROCESSABLE", f"{each['name']} is at {old or ZERO} but expected {expected}")
        if old and new and not each["force"] and not fast_forward(writer.repository, old, new):
            raise failed("UNPROCESSABLE", f"{each['name']} is not a fast forward")
        if old is None and new is None:
            raise failed("UNPROCESSABLE", f"{each['name']} does not exist")
        moves.append((each["name"], new, old))
    self.move(writer, *moves)
    return {}


def _delete_ref(self: Mutations, given: Json) -> Json:
    repository, name, old = self.ref(given["refId"])
    self.move(self.writer(repository, "contents"), (name, None, old))
    return {}


def _create_commit(self: Mutations, given: Json) -> Json:
    branch = given["branch"]
    if "id" in branch:
        repository, name, _ = self.ref(branch["id"])
    else:
        found = self.world.find(branch.get("repositoryNameWithOwner", ""))
        if found is None or (found.private and not self.token.covers(found.id)):
            raise failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{branch.get('repositoryNameWithOwner')}'.")
        repository, name = found, "refs/heads/" + branch["branchName"].removeprefix("refs/heads/")
    writer, git = self.writer(repository, "contents"), repository.git
    tip = git.store.ref(name)
    commit = git.commit(tip) if tip else None
    if tip is None or commit is None:
        raise failed("NOT_FOUND", f"Branch {name.removeprefix('refs/heads/')} not found")
    if tip != given["expectedHeadOid"]:
        message = f'Expected branch to point to "{given["expectedHeadOid"]}" but it did not. Pull and try again.'
        raise failed("STALE_DATA", message)
    changes = given.get("fileChanges") or {}
    edits: dict[str, tuple[str, str] | None] = {}
    for each in changes.get("deletions") or ():
        if git.entry(commit.tree, each["path"]) is None:
            raise failed("UNPROCESSABLE", f"A path was requested for deletion which does not exist as of commit oid `{tip}`")
        edits[each["path"]] = None
    for each in changes.get("additions") or ():
        try:
            content = base64.b64decode(each["contents"], validate=True)
        except binascii.Error:
            raise failed("UNPROCESSABLE", "contents is not valid Base64") from None
        old = git.entry(commit.tree, each["path"])
        edits[each["path"]] = (old.mode if old and old.kind == "blob" else "100644", git.store.write("blob", content))
    headline, body = given["message"]["headline"], given["message"].get("body")
    oid = commit_as(writer, git.edited(commit.tree, edits), [tip], f"{headline}\n\n{body}" if body else headline, sign=True)
    self.move(writer, (name, oid, tip))
    return {"commit": self.objects.object(repository, git.store.read(oid)), "ref": self.objects.ref(repository, name)}


def _create_pull(self: Mutations, given: Json) -> Json:
    writer = self.writer(self.repository(given["repositoryId"]), "pull_requests")
    pull = open_pull(
        writer,
        given["title"],
        given.get("body"),
        given["headRefName"].removeprefix("refs/heads/"),
        given["baseRefName"].removeprefix("refs/heads/"),
        draft=given["draft"],
        maintainers=given["maintainerCanModify"],
    )
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def _pull_of(self: Mutations, given: Json, *permissions: str) -> tuple[_Writer, Pull]:
    repository, pull = self.pull(given["pullRequestId"])
    return self.writer(repository, *permissions), pull


def _update_pull(self: Mutations, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "pull_requests")
    pull.title, pull.body = given.get("title", pull.title), given.get("body", pull.body)
    pull.updated = self.world.clock.now
    if given.get("state") == "CLOSED":
        close(writer, pull)
    elif given.get("state") == "OPEN":
        reopen(writer, pull)
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def _close_pull(self: Mutations, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "pull_requests")
    close(writer, pull)
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def _reopen_pull(self: Mutations, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "pull_requests")
    reopen(writer, pull)
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def _merge_pull(self: Mutations, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "contents")
    if pull.state == "closed" or pull.draft:
        raise failed("UNPROCESSABLE", "Pull Request is not mergeable")
    if given.get("expectedHeadOid", pull.head_sha) != writer.repository.head_sha(pull):
        raise failed("UNPROCESSABLE", "Head branch was modified. Review and try the merge again.")
    if writer.repository.base_moves_at_merge:
        writer.repository.base_moves_at_merge -= 1
        raise failed("UNPROCESSABLE", "Base branch was modified. Review and try the merge again.")
    try:
        merge_pull(writer, pull, given["mergeMethod"].lower(), given.get("commitHeadline"), given.get("commitBody"))
    except Conflict:
        raise failed("UNPROCESSABLE", "Pull Request is not mergeable") from None
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def _labels(self: Mutations, given: Json, *, added: bool) -> Json:
    repository, pull = self.pull(given["labelableId"])
    self.writer(repository, "issues", "pull_requests")
    names = {f"LA_{label['id']}": label["name"] for label in repository.labels.values()}
    wanted = [names.get(each, "") for each in given["labelIds"]]
    if "" in wanted:
        raise _unknown(given["labelIds"][wanted.index("")])
    kept = pull.labels + wanted if added else [name for name in pull.labels if name not in wanted]
    set_labels(self.world, repository, pull, kept, self.token.login)
    return {"labelable": self.objects.pull(repository, pull)}


def _add_comment(self: Mutations, given: Json) -> Json:
    repository, pull = self.pull(given["subjectId"])
    self.writer(repository, "issues", "pull_requests")
    comment = new_comment(self.world, repository, pull, given["body"], self.token.login)
    return {"subject": self.objects.pull(repository, pull), "commentEdge": {"node": self.objects.comment(repository, comment), "cursor": "1"}}


def _update_comment(self: Mutations, given: Json) -> Json:
    repository, comment = _find_comment(self, given["id"])
    self.writer(repository, "issues", "pull_requests")
    comment.body, comment.updated = given["body"], self.world.clock.now
    return {"issueComment": self.objects.comment(repository, comment)}


def _find_comment(self: Mutations, text: str) -> tuple[Repository, Comment]:
    for repository in self.world.repositories.values():
        for pull in repository.pulls.values():
            for comment in pull.comments:
                if f"IC_{comment.id}" == text:
                    return repository, comment
    raise _unknown(text)


_MUTATIONS: dict[str, Callable[[Mutations, Json], Json]] = {
    "createRef": _create_ref,
    "updateRef": _update_ref,
    "updateRefs": _update_refs,
    "deleteRef": _delete_ref,
    "createCommitOnBranch": _create_commit,
    "createPullRequest": _create_pull,
    "updatePullRequest": _update_pull,
    "closePullRequest": _close_pull,
    "reopenPullRequest": _reopen_pull,
    "mergePullRequest": _merge_pull,
    "addLabelsToLabelable": lambda self, given: _labels(self, given, added=True),
    "removeLabelsFromLabelable": lambda self, given: _labels(self, given, added=False),
    "addComment": _add_comment,
    "updateIssueComment": _update_comment,
}
COVERED = frozenset(_MUTATIONS)
CONTENT = frozenset({"createPullRequest", "mergePullRequest", "addComment"})
"""Mutations that create content which people are told of."""

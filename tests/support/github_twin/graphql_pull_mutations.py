"""GraphQL's mutations of pull requests."""

from __future__ import annotations

from typing import Any

from support.github_twin.git import Conflict
from support.github_twin.graphql_git import failed
from support.github_twin.graphql_mutator import Mutator, Writing, unknown
from support.github_twin.pulls import close, enqueue, merge_pull, open_pull, reopen
from support.github_twin.repositories import Comment, Pull, Repository
from support.github_twin.rest_issues import new_comment, set_labels

Json = Any


def create_pull(self: Mutator, given: Json) -> Json:
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


def _pull_of(self: Mutator, given: Json, *permissions: str) -> tuple[Writing, Pull]:
    repository, pull = self.pull(given["pullRequestId"])
    return self.writer(repository, *permissions), pull


def update_pull(self: Mutator, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "pull_requests")
    pull.title, pull.body = given.get("title", pull.title), given.get("body", pull.body)
    pull.updated = self.world.clock.now
    if given.get("state") == "CLOSED":
        close(writer, pull)
    elif given.get("state") == "OPEN":
        reopen(writer, pull)
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def close_pull(self: Mutator, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "pull_requests")
    close(writer, pull)
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def reopen_pull(self: Mutator, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "pull_requests")
    reopen(writer, pull)
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def merge(self: Mutator, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "contents")
    if pull.state == "closed" or pull.draft:
        raise failed("UNPROCESSABLE", "Pull Request is not mergeable")
    if given.get("expectedHeadOid", pull.head_sha) != writer.repository.head_sha(pull) and "merge-lease" not in writer.repository.lax:
        raise failed("UNPROCESSABLE", "Head branch was modified. Review and try the merge again.")
    if writer.repository.base_moves_at_merge:
        writer.repository.base_moves_at_merge -= 1
        raise failed("UNPROCESSABLE", "Base branch was modified. Review and try the merge again.")
    try:
        merge_pull(writer, pull, given["mergeMethod"].lower(), given.get("commitHeadline"), given.get("commitBody"))
    except Conflict:
        raise failed("UNPROCESSABLE", "Pull Request is not mergeable") from None
    return {"pullRequest": self.objects.pull(writer.repository, pull)}


def enqueue_pull(self: Mutator, given: Json) -> Json:
    writer, pull = _pull_of(self, given, "contents")
    if pull.state == "closed" or pull.draft or pull.queued or not writer.repository.merge_queue:
        raise failed("UNPROCESSABLE", "Pull request can't be added to the merge queue")
    if given.get("expectedHeadOid", pull.head_sha) != writer.repository.head_sha(pull):
        raise failed("UNPROCESSABLE", "Head branch was modified. Review and try the merge again.")
    entry = enqueue(writer, pull)
    return {"mergeQueueEntry": self.objects.entry_of(writer.repository, pull, entry)}


def labels(self: Mutator, given: Json, *, added: bool) -> Json:
    repository, pull = self.pull(given["labelableId"])
    self.writer(repository, "issues", "pull_requests")
    names = {f"LA_{label['id']}": label["name"] for label in repository.labels.values()}
    wanted = [names.get(each, "") for each in given["labelIds"]]
    if "" in wanted:
        raise unknown(given["labelIds"][wanted.index("")])
    kept = pull.labels + wanted if added else [name for name in pull.labels if name not in wanted]
    set_labels(self.world, repository, pull, kept, self.token.login)
    return {"labelable": self.objects.pull(repository, pull)}


def add_comment(self: Mutator, given: Json) -> Json:
    repository, pull = self.pull(given["subjectId"])
    self.writer(repository, "issues", "pull_requests")
    comment = new_comment(self.world, repository, pull, given["body"], self.token.login)
    return {"subject": self.objects.pull(repository, pull), "commentEdge": {"node": self.objects.comment(repository, comment), "cursor": "1"}}


def update_comment(self: Mutator, given: Json) -> Json:
    repository, comment = _find_comment(self, given["id"])
    self.writer(repository, "issues", "pull_requests")
    comment.body, comment.updated = given["body"], self.world.clock.now
    return {"issueComment": self.objects.comment(repository, comment)}


def _find_comment(self: Mutator, text: str) -> tuple[Repository, Comment]:
    for repository in self.world.repositories.values():
        for pull in repository.pulls.values():
            for comment in pull.comments:
                if f"IC_{comment.id}" == text:
                    return repository, comment
    raise unknown(text)

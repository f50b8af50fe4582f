"""GraphQL's objects of pull requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.github_twin.answers import NotCovered
from support.github_twin.clock import stamp
from support.github_twin.git import Commit
from support.github_twin.graphql_git import GitObjects
from support.github_twin.merge_queue import queued
from support.github_twin.pulls import lacking
from support.github_twin.repositories import Comment, Pull, QueueEntry, Repository, Review

Json = Any


class PullObjects(GitObjects):
    """Makes the objects of pull requests."""

    __slots__ = ()

    def label(self, repository: Repository, name: str) -> Json:
        known = repository.labels[name.lower()]
        return {"__typename": "Label", "id": f"LA_{known['id']}", "name": known["name"], "color": known["color"], "description": known["description"]}

    def _pulls(self, repository: Repository, given: dict[str, Any]) -> Json:
        order = given.get("orderBy", {"field": "CREATED_AT", "direction": "ASC"})
        if order["field"] == "COMMENTS":
            raise NotCovered("Repository.pullRequests ordered by comments")
        labels = {label.lower() for label in given.get("labels") or ()}
        pulls = [
            pull
            for pull in repository.pulls.values()
            if (not given.get("states") or _state(pull) in given["states"])
            and given.get("headRefName", pull.head) == pull.head
            and given.get("baseRefName", pull.base) == pull.base
            and (not labels or labels & {label.lower() for label in pull.labels})
        ]
        pulls.sort(key=lambda pull: (pull.updated if order["field"] == "UPDATED_AT" else pull.created, pull.number), reverse=order["direction"] == "DESC")
        return self.connection(pulls, lambda pull: self.pull(repository, pull), given, "pullRequests")

    def pulls_with(self, repository: Repository, commit: Commit, given: dict[str, Any]) -> Json:
        """The pull requests that brought a commit; those that would bring it only where the default branch lacks it."""
        git, order = repository.git, given["orderBy"]
        there = git.branch(repository.default_branch)
        states = ("MERGED",) if there and git.merge_base(there, commit.oid) == commit.oid else ("MERGED", "OPEN")

        def has(pull: Pull) -> bool:
            head = repository.head_sha(pull)
            return commit.oid in (head, pull.merge_commit) or any(each.oid == commit.oid for each in git.history(head, [repository.base_sha(pull)]))

        pulls = [pull for pull in repository.pulls.values() if _state(pull) in states and has(pull)]
        field = {"CREATED_AT": "created", "UPDATED_AT": "updated"}[order["field"]]
        pulls.sort(key=lambda pull: (getattr(pull, field), pull.number), reverse=order["direction"] == "DESC")
        return self.connection(pulls, lambda pull: self.pull(repository, pull), given, "associatedPullRequests")

    def pull(self, repository: Repository, pull: Pull) -> Json:
        git = repository.git
        head, base = repository.head_sha(pull), repository.base_sha(pull)

        def commits(_: object, **given: Any) -> Json:
            found = git.history(head, [base])[::-1]
            return self.connection(found, lambda commit: {"commit": self.commit(repository, commit), "id": f"PRC_{commit.oid}"}, given, "commits")

        def merged_commit(_: object) -> Json:
            return self.object(repository, git.store.read(pull.merge_commit)) if pull.merge_commit else None

        def ref_of(holder: Repository, branch: str) -> Callable[[object], Json]:
            return lambda _: self.ref(holder, f"refs/heads/{branch}") if holder.git.branch(branch) else None

        return {
            "__typename": "PullRequest",
            "id": f"PR_{pull.id}",
            "databaseId": pull.id,
            "fullDatabaseId": str(pull.id),
            "number": pull.number,
            "title": pull.title,
            "body": pull.body or "",
            "state": _state(pull),
            "closed": pull.state == "closed",
            "merged": pull.merged is not None,
            "isDraft": pull.draft,
            "isCrossRepository": pull.source is not None,
            "url": f"{self.world.url}/{repository.full_name}/pull/{pull.number}",
            "createdAt": stamp(pull.created),
            "updatedAt": stamp(pull.updated),
            "closedAt": None if pull.closed is None else stamp(pull.closed),
            "mergedAt": None if pull.merged is None else stamp(pull.merged),
            "mergedBy": lambda _: self.actor(pull.merged_by) if pull.merged_by else None,
            "mergeCommit": merged_commit,
            "mergeable": lambda _: "UNKNOWN" if pull.state == "closed" else "MERGEABLE" if git.mergeable(base, head) else "CONFLICTING",
            "mergeStateStatus": lambda _: self._merge_state(repository, pull),
            "author": lambda _: self.actor(pull.user),
            "headRefName": pull.head,
            "headRefOid": head,
            "headRef": ref_of(pull.source or repository, pull.head),
            "headRepository": lambda _: self.repository(pull.source or repository),
            "baseRefName": pull.base,
            "baseRefOid": base,
            "baseRef": ref_of(repository, pull.base),
            "repository": lambda _: self.repository(repository),
            "labels": lambda _, **given: self.connection(pull.labels, lambda name: self.label(repository, name), given, "labels"),
            "comments": lambda _, **given: self.connection(pull.comments, lambda each: self.comment(repository, each), given, "comments"),
            "reviews": lambda _, **given: self._reviews(repository, pull, given),
            "commits": commits,
            "files": lambda _, **given: self._files(repository, pull, given),
            "changedFiles": lambda _: len(git.changes(git.merge_base(base, head) or base, head)),
            "timelineItems": lambda _, **given: self._timeline(pull, given),
            "authorAssociation": lambda _: repository.association(pull),
            "isInMergeQueue": pull.queued is not None,
            "mergeQueueEntry": lambda _: self.entry_of(repository, pull, pull.queued) if pull.queued else None,
        }

    def _merge_state(self, repository: Repository, pull: Pull) -> str:
        if pull.state == "closed":
            return "UNKNOWN"
        if not repository.git.mergeable(repository.base_sha(pull), repository.head_sha(pull)):
            return "DIRTY"
        return "BLOCKED" if lacking(repository, pull) else "CLEAN"

    def entry_of(self, repository: Repository, pull: Pull, entry: QueueEntry) -> Json:
        def commit(oid: str | None) -> Json:
            return self.object(repository, repository.git.store.read(oid)) if oid else None

        return {
            "__typename": "MergeQueueEntry",
            "id": f"MQE_{entry.id}",
            "state": entry.state,
            "position": queued(repository, pull.base).index(pull) + 1,
            "jump": False,
            "solo": False,
            "enqueuedAt": stamp(entry.enqueued),
            "enqueuer": lambda _: self.actor(entry.enqueuer),
            "baseCommit": lambda _: commit(entry.base),
            "headCommit": lambda _: commit(entry.head),
            "pullRequest": lambda _: self.pull(repository, pull),
        }

    def _files(self, repository: Repository, pull: Pull, given: dict[str, Any]) -> Json:
        git, head, base = repository.git, repository.head_sha(pull), repository.base_sha(pull)
        words = {"removed": "DELETED"}
        changes = git.changes(git.merge_base(base, head) or base, head)
        rows = [
            {"path": each.path, "additions": each.additions, "deletions": each.deletions, "changeType": words.get(each.status, each.status.upper())}
            for each in changes
        ]
        return self.connection(rows, lambda row: row, given, "files")

    def comment(self, repository: Repository, comment: Comment) -> Json:
        return {
            "__typename": "IssueComment",
            "id": f"IC_{comment.id}",
            "databaseId": comment.id,
            "fullDatabaseId": str(comment.id),
            "body": comment.body,
            "author": lambda _: self.actor(comment.user),
            "viewerDidAuthor": comment.user == self.token.login,
            "createdAt": stamp(comment.created),
            "updatedAt": stamp(comment.updated),
            "url": f"{self.world.url}/{repository.full_name}/pull/{comment.number}#issuecomment-{comment.id}",
        }

    def _reviews(self, repository: Repository, pull: Pull, given: dict[str, Any]) -> Json:
        if given.keys() & {"author"}:
            raise NotCovered("PullRequest.reviews by author")
        states = given.get("states")

        def make(review: Review) -> Json:
            return {
                "__typename": "PullRequestReview",
                "id": f"PRR_{review.id}",
                "databaseId": review.id,
                "state": review.state,
                "body": review.body,
                "author": lambda _: self.actor(review.user),
                "commit": lambda _: self.object(repository, repository.git.store.read(review.commit)),
                "submittedAt": stamp(review.submitted),
                "createdAt": stamp(review.submitted),
            }

        return self.connection([review for review in pull.reviews if not states or review.state in states], make, given, "reviews")

    def _timeline(self, pull: Pull, given: dict[str, Any]) -> Json:
        if given.get("itemTypes") != ["CLOSED_EVENT"]:
            raise NotCovered("PullRequest.timelineItems of other types than CLOSED_EVENT")
        rows = []
        if pull.closed is not None and pull.closed_by is not None:
            who = pull.closed_by
            rows = [{"__typename": "ClosedEvent", "id": f"CE_{pull.id}", "createdAt": stamp(pull.closed), "actor": lambda _: self.actor(who)}]
        return self.connection(rows, lambda row: row, given, "timelineItems")


def _state(pull: Pull) -> str:
    return "MERGED" if pull.merged is not None else pull.state.upper()

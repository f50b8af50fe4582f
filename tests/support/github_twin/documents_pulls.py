"""GitHub's JSON shapes of pull requests, their labels, comments and reviews."""

from __future__ import annotations

import zlib
from typing import Any

from support.github_twin.clock import stamp
from support.github_twin.documents_repositories import RepositoryDocuments
from support.github_twin.repositories import Comment, Pull, Repository, Review

Json = Any


class PullDocuments(RepositoryDocuments):
    """Makes the documents of pull requests."""

    def label(self, repository: Repository, name: str) -> Json:
        known = repository.labels[name.lower()]
        url = self.api(repository, "labels", known["name"])
        return {**known, "node_id": f"LA_{known['id']}", "url": url, "default": False}

    def labels(self, repository: Repository, pull: Pull) -> list[Json]:
        return [self.label(repository, name) for name in pull.labels]

    def pull(self, repository: Repository, pull: Pull, *, whole: bool) -> Json:
        head, base = repository.head_sha(pull), repository.base_sha(pull)
        url, html = self.api(repository, "pulls", pull.number), self.html(repository, "pull", pull.number)
        issue = self.api(repository, "issues", pull.number)
        links = {
            "self": url,
            "html": html,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": self.api(repository, "pulls/comments{/number}"),
            "commits": f"{url}/commits",
            "statuses": self.api(repository, "statuses", head),
        }
        document = {
            "url": url,
            "html_url": html,
            "id": pull.id,
            "node_id": f"PR_{pull.id}",
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "body": pull.body,
            "user": self.user(pull.user),
            # Of labels in lists of pull requests GitHub says that their description is never null.
            "labels": [{**label, "description": label["description"] or ""} for label in self.labels(repository, pull)],
            "draft": pull.draft,
            "created_at": stamp(pull.created),
            "updated_at": stamp(pull.updated),
            "closed_at": _time(pull.closed),
            "merged_at": _time(pull.merged),
            "merge_commit_sha": pull.merge_commit,
            "requested_reviewers": [self.user(login) for login in pull.reviewers],
            "requested_teams": [self._team(slug) for slug in pull.teams],
            "head": self._end(pull.source or repository, pull.head, head),
            "base": self._end(repository, pull.base, base),
            "_links": {name: {"href": link} for name, link in links.items()},
            **{f"{name}_url": link for name, link in links.items() if name not in ("self", "html")},
            "author_association": repository.association(pull),
        }
        return self.full("pull-request-simple", document) if not whole else self.full("pull-request", document | self._sizes(repository, pull, base, head))

    def _end(self, repository: Repository, branch: str, sha: str) -> Json:
        return {"label": f"{repository.owner}:{branch}", "ref": branch, "sha": sha, "user": self.user(repository.owner), "repo": self.repository(repository)}

    def _team(self, slug: str) -> Json:
        number = zlib.crc32(slug.encode()) >> 2
        document = {"id": number, "node_id": f"T_{number}", "name": slug, "slug": slug, "permission": "push", "type": "organization"}
        return self.full("team", document)

    def _sizes(self, repository: Repository, pull: Pull, base: str, head: str) -> Json:
        git = repository.git
        start = git.merge_base(base, head) or base
        changes = git.changes(start, head)
        return {
            "merged": pull.merged is not None,
            "merged_by": self.user(pull.merged_by) if pull.merged_by else None,
            "mergeable": None if pull.state == "closed" else git.mergeable(base, head),
            "mergeable_state": "unknown" if pull.state == "closed" else "clean" if git.mergeable(base, head) else "dirty",
            "comments": len(pull.comments),
            "review_comments": 0,
            "maintainer_can_modify": pull.maintainers_may_push,
            "commits": len(git.history(head, [start])),
            "additions": sum(change.additions for change in changes),
            "deletions": sum(change.deletions for change in changes),
            "changed_files": len(changes),
        }

    def issue(self, repository: Repository, pull: Pull) -> Json:
        url, html = self.api(repository, "issues", pull.number), self.html(repository, "pull", pull.number)
        address = self.api(repository, "pulls", pull.number)
        document = {
            "id": pull.id,
            "node_id": f"PR_{pull.id}",
            "url": url,
            "html_url": html,
            "repository_url": self.api(repository),
            "number": pull.number,
            "state": pull.state,
            "title": pull.title,
            "body": pull.body,
            "user": self.user(pull.user),
            "labels": self.labels(repository, pull),
            "locked": False,
            "comments": len(pull.comments),
            "created_at": stamp(pull.created),
            "updated_at": stamp(pull.updated),
            "closed_at": _time(pull.closed),
            "closed_by": self.user(pull.closed_by) if pull.closed_by else None,
            "author_association": "NONE",
            "pull_request": {"url": address, "html_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "merged_at": _time(pull.merged)},
        }
        return self.full("issue", document)

    def comment(self, repository: Repository, comment: Comment) -> Json:
        html = self.html(repository, "pull", comment.number)
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": self.api(repository, "issues/comments", comment.id),
            "html_url": f"{html}#issuecomment-{comment.id}",
            "issue_url": self.api(repository, "issues", comment.number),
            "body": comment.body,
            "user": self.user(comment.user),
            "created_at": stamp(comment.created),
            "updated_at": stamp(comment.updated),
            "author_association": "NONE",
            "performed_via_github_app": None,
        }

    def review(self, repository: Repository, pull: Pull, review: Review) -> Json:
        html, address = f"{self.html(repository, 'pull', pull.number)}#pullrequestreview-{review.id}", self.api(repository, "pulls", pull.number)
        return {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": self.user(review.user),
            "body": review.body,
            "state": review.state,
            "html_url": html,
            "pull_request_url": address,
            "_links": {"html": {"href": html}, "pull_request": {"href": address}},
            "submitted_at": stamp(review.submitted),
            "commit_id": review.commit,
            "author_association": "COLLABORATOR",
        }


def _time(when: int | None) -> str | None:
    return None if when is None else stamp(when)

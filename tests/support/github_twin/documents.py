"""GitHub's JSON shapes, made from the twin's state."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from support.github_twin.clock import stamp
from support.github_twin.contract import Contract
from support.github_twin.git import Change, Commit, Person
from support.github_twin.repositories import Activity, CheckRun, Comment, Pull, Repository, Review, Status
from support.github_twin.world import SIGNATURE, App, World

Json = Any


class Documents:
    """Makes documents. Links that no client of ours follows, and what may be null, are filled in by the published schema."""

    def __init__(self, world: World, contract: Contract) -> None:
        self.world = world
        self.contract = contract

    def full(self, schema: str, document: Json) -> Json:
        """Add what the schema demands and the document lacks, where that is a link or may be null."""
        described = self.contract.schemas[schema]
        url = document.get("url", self.world.url)
        for name in described["required"]:
            if name not in document:
                if self._may_be_null(described["properties"][name]):
                    document[name] = None
                elif name.endswith("url"):
                    document[name] = f"{url}/{name.removesuffix('_url')}"
        return document

    def _may_be_null(self, schema: Json) -> bool:
        if "$ref" in schema:
            return self._may_be_null(self.contract.schemas[schema["$ref"].rpartition("/")[2]])
        return "null" in schema.get("type", ()) or any(self._may_be_null(each) for each in schema.get("anyOf", ()))

    def api(self, repository: Repository, *rest: object) -> str:
        return "/".join((f"{self.world.url}/repos/{repository.full_name}", *map(str, rest)))

    def html(self, repository: Repository, *rest: object) -> str:
        return "/".join((f"{self.world.url}/{repository.full_name}", *map(str, rest)))

    def user(self, login: str) -> Json:
        kind = "Bot" if login.endswith("[bot]") else "Organization" if login in self.world.organizations else "User"
        number = zlib.crc32(login.encode()) >> 2
        document = {"login": login, "id": number, "node_id": f"U_{number}", "type": kind, "site_admin": False, "gravatar_id": ""}
        return self.full("simple-user", {**document, "url": f"{self.world.url}/users/{login}", "html_url": f"{self.world.url}/{login}"})

    def repository(self, repository: Repository, schema: str = "repository") -> Json:
        pulls = sum(pull.state == "open" for pull in repository.pulls.values())
        created = stamp(repository.created)
        document = {
            "id": repository.id,
            "node_id": repository.node_id,
            "name": repository.name,
            "full_name": repository.full_name,
            "owner": self.user(repository.owner),
            "private": repository.private,
            "fork": False,
            "url": self.api(repository),
            "html_url": self.html(repository),
        }
        if schema != "minimal-repository":
            counts = ("forks", "forks_count", "size", "stargazers_count", "watchers", "watchers_count")
            document |= dict.fromkeys(counts, 0) | {"open_issues": pulls, "open_issues_count": pulls}
            document |= {"archived": repository.archived, "disabled": repository.disabled, "default_branch": repository.default_branch}
            document |= {"has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False, "has_downloads": False}
            document |= {"created_at": created, "updated_at": created, "pushed_at": created, "visibility": "private" if repository.private else "public"}
            document |= {"clone_url": self.html(repository) + ".git"}
        if schema == "full-repository":
            document |= {"has_discussions": False, "network_count": 0, "subscribers_count": 0}
        return self.full(schema, document)

    def ref(self, repository: Repository, name: str, oid: str) -> Json:
        found = repository.git.store.read(oid)
        kind = found.kind if found else "commit"
        target = {"type": kind, "sha": oid, "url": self.api(repository, "git", f"{kind}s", oid)}
        return {"ref": name, "node_id": node_id("REF", repository.id, name), "url": self.api(repository, "git", name), "object": target}

    def person(self, person: Person) -> Json:
        return {"name": person.name, "email": person.email, "date": stamp(person.when)}

    def verification(self, commit: Commit) -> Json:
        signed = commit.signature == SIGNATURE
        reason = "valid" if signed else "unknown_key" if commit.signature else "unsigned"
        verified_at = stamp(commit.committer.when) if signed else None
        return {"verified": signed, "reason": reason, "signature": commit.signature or None, "payload": None, "verified_at": verified_at}

    def git_commit(self, repository: Repository, commit: Commit) -> Json:
        return {
            "sha": commit.oid,
            "node_id": node_id("C", repository.id, commit.oid),
            "url": self.api(repository, "git/commits", commit.oid),
            "html_url": self.html(repository, "commit", commit.oid),
            "author": self.person(commit.author),
            "committer": self.person(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": self.api(repository, "git/trees", commit.tree)},
            "parents": [self._parent(repository, parent, "git/commits") for parent in commit.parents],
            "verification": self.verification(commit),
        }

    def _parent(self, repository: Repository, oid: str, route: str) -> Json:
        return {"sha": oid, "url": self.api(repository, route, oid), "html_url": self.html(repository, "commit", oid)}

    def commit(self, repository: Repository, commit: Commit) -> Json:
        inner = self.git_commit(repository, commit)
        url = self.api(repository, "commits", commit.oid)
        kept = {key: inner[key] for key in ("author", "committer", "message", "tree", "verification", "url")}
        return {
            "sha": commit.oid,
            "node_id": inner["node_id"],
            "url": url,
            "html_url": inner["html_url"],
            "comments_url": f"{url}/comments",
            "commit": {**kept, "comment_count": 0},
            "author": self._account(commit.author),
            "committer": self._account(commit.committer),
            "parents": [self._parent(repository, parent, "commits") for parent in commit.parents],
        }

    def _account(self, person: Person) -> Json:
        """Return whose e-mail address it is; None for an address that no account has."""
        if person.email == "noreply@github.com":
            return self.user("web-flow")
        login = person.email.partition("+")[2].removesuffix("@users.noreply.github.com") if "+" in person.email else ""
        return self.user(login) if login else None

    def file(self, repository: Repository, change: Change, sha: str) -> Json:
        document = {
            "sha": change.oid,
            "filename": change.path,
            "status": change.status,
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": self.html(repository, "blob", sha, change.path),
            "raw_url": self.html(repository, "raw", sha, change.path),
            "contents_url": self.api(repository, "contents", change.path) + f"?ref={sha}",
        }
        return document | ({"patch": change.patch} if change.patch else {}) | ({"previous_filename": change.previous} if change.previous else {})

    def content(self, repository: Repository, path: str, ref: str, oid: str, data: bytes) -> Json:
        url = f"{self.api(repository, 'contents', path)}?ref={ref}"
        links = {"self": url, "git": self.api(repository, "git/blobs", oid), "html": self.html(repository, "blob", ref, path)}
        small = len(data) <= 1024 * 1024
        return {
            "type": "file",
            "encoding": "base64" if small else "none",
            "size": len(data),
            "name": path.rpartition("/")[2],
            "path": path,
            "content": base64.encodebytes(data).decode() if small else "",
            "sha": oid,
            "url": url,
            "git_url": links["git"],
            "html_url": links["html"],
            "download_url": self.html(repository, "raw", ref, path),
            "_links": links,
        }

    def label(self, repository: Repository, name: str) -> Json:
        known = repository.labels[name.lower()]
        url = self.api(repository, "labels", known["name"])
        return {**known, "node_id": f"LA_{known['id']}", "url": url, "default": False}

    def labels(self, repository: Repository, pull: Pull) -> list[Json]:
        return [self.label(repository, name) for name in pull.labels]

    def pull(self, repository: Repository, pull: Pull, *, whole: bool) -> Json:
        head, base = repository.head_sha(pull), repository.base_sha(pull)
        url, html = self.api(repository, "pulls", pull.number), self.html(repository, "pull", pull.number)
        links = ("self", "html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses")
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
            "head": self._end(repository, pull.head, head),
            "base": self._end(repository, pull.base, base),
            "_links": {name: {"href": url if name == "self" else html if name == "html" else f"{url}/{name}"} for name in links},
            "author_association": "NONE" if pull.user.endswith("[bot]") else "COLLABORATOR",
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

    def app(self, app: App) -> Json:
        url = f"{self.world.url}/apps/{app.slug}"
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": f"A_{app.id}",
            "owner": self.user(app.owner),
            "name": app.slug,
            "description": "",
            "external_url": url,
            "html_url": url,
            "created_at": stamp(0),
            "updated_at": stamp(0),
            "permissions": dict(app.permissions),
            "events": [],
        }

    def check(self, repository: Repository, check: CheckRun) -> Json:
        url = self.api(repository, "check-runs", check.id)
        html = self.html(repository, "runs", check.id)
        output = {"title": check.title, "summary": check.summary, "text": check.text}
        return {
            "id": check.id,
            "node_id": f"CR_{check.id}",
            "name": check.name,
            "head_sha": check.head_sha,
            "external_id": check.external_id,
            "url": url,
            "html_url": html,
            "details_url": check.details_url or html,
            "status": check.status,
            "conclusion": check.conclusion,
            "started_at": check.started,
            "completed_at": check.completed,
            "output": {**output, "annotations_count": len(check.annotations), "annotations_url": f"{url}/annotations"},
            "check_suite": {"id": self.suite_id(check)},
            "app": self.app(self.world.apps[check.app_id]),
            "pull_requests": self._pulls_at(repository, check.head_sha),
        }

    def suite_id(self, check: CheckRun) -> int:
        return zlib.crc32(f"{check.app_id} {check.head_sha}".encode()) >> 2

    def _pulls_at(self, repository: Repository, sha: str) -> Json:
        short = {"id": repository.id, "url": self.api(repository), "name": repository.name}
        return [
            {
                "id": pull.id,
                "number": pull.number,
                "url": self.api(repository, "pulls", pull.number),
                "head": {"ref": pull.head, "sha": sha, "repo": short},
                "base": {"ref": pull.base, "sha": repository.base_sha(pull), "repo": short},
            }
            for pull in repository.pulls.values()
            if pull.state == "open" and repository.head_sha(pull) == sha
        ]

    def suite(self, repository: Repository, checks: list[CheckRun]) -> Json:
        """Make a suite of the check runs of one app at one commit."""
        first = checks[0]
        commit = repository.git.commit(first.head_sha)
        assert commit is not None
        person = {"name": commit.author.name, "email": commit.author.email}
        done = all(check.status == "completed" for check in checks)
        document = {
            "id": self.suite_id(first),
            "node_id": f"CS_{self.suite_id(first)}",
            "head_sha": first.head_sha,
            "url": self.api(repository, "check-suites", self.suite_id(first)),
            "status": "completed" if done else "queued",
            "app": self.app(self.world.apps[first.app_id]),
            "repository": self.repository(repository, "minimal-repository"),
            "head_commit": {
                "id": commit.oid,
                "tree_id": commit.tree,
                "message": commit.message,
                "timestamp": stamp(commit.committer.when),
                "author": person,
                "committer": person,
            },
            "latest_check_runs_count": len(checks),
        }
        return self.full("check-suite", document)

    def status(self, repository: Repository, status: Status, *, whole: bool) -> Json:
        document = {
            "id": status.id,
            "node_id": f"SC_{status.id}",
            "url": self.api(repository, "statuses", status.sha),
            "avatar_url": None,
            "state": status.state,
            "context": status.context,
            "description": status.description,
            "target_url": status.target_url,
            "created_at": stamp(status.created),
            "updated_at": stamp(status.created),
        }
        return document | ({"creator": self.user(status.user)} if whole else {})

    def activity(self, activity: Activity) -> Json:
        document = {"id": activity.id, "node_id": f"PA_{activity.id}", "before": activity.before, "after": activity.after, "ref": activity.ref}
        return document | {"timestamp": stamp(activity.when), "activity_type": activity.kind, "actor": self.user(activity.actor)}


def node_id(kind: str, *parts: object) -> str:
    """Make an id of GraphQL that can be taken apart again."""
    return f"{kind}_" + base64.urlsafe_b64encode(":".join(map(str, parts)).encode()).decode().rstrip("=")


def from_node_id(text: str) -> tuple[str, list[str]]:
    """Take an id of `node_id` apart: kind and parts."""
    kind, _, encoded = text.partition("_")
    try:
        return kind, base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode().split(":", 1)
    except ValueError:
        return "", []


def _time(when: int | None) -> str | None:
    return None if when is None else stamp(when)

"""GitHub's JSON shapes of repositories, people, and what git holds."""

from __future__ import annotations

import base64
from typing import Any

from support.github_twin.changes import Change
from support.github_twin.clock import stamp
from support.github_twin.contract import Contract
from support.github_twin.git import Commit, Person
from support.github_twin.repositories import Release, Repository
from support.github_twin.world import SIGNATURE, World

Json = Any


class RepositoryDocuments:
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
        number = self.world.account_id(login)
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
            "fork": repository.fork_of is not None,
            "url": self.api(repository),
            "html_url": self.html(repository),
        }
        if schema != "minimal-repository":
            counts = ("forks", "forks_count", "size", "stargazers_count", "watchers", "watchers_count")
            document |= dict.fromkeys(counts, 0) | {"open_issues": pulls, "open_issues_count": pulls}
            document |= {"archived": repository.archived, "disabled": repository.disabled, "default_branch": repository.default_branch}
            document |= {"has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False, "has_downloads": False}
            document |= {
                "created_at": created,
                "updated_at": created,
                "pushed_at": stamp(repository.pushed),
                "visibility": "private" if repository.private else "public",
            }
            document |= {"clone_url": self.html(repository) + ".git"}
        if schema == "full-repository":
            if repository.fork_of is not None:
                parent = self.repository(self.world.repositories[repository.fork_of])
                document |= {"parent": parent, "source": parent}
            document |= {"has_discussions": False, "network_count": 0, "subscribers_count": 0}
        return self.full(schema, document)

    def ref(self, repository: Repository, name: str, oid: str) -> Json:
        found = repository.git.store.read(oid)
        kind = found.kind if found else "commit"
        target = {"type": kind, "sha": oid, "url": self.api(repository, "git", f"{kind}s", oid)}
        return {"ref": name, "node_id": node_id("REF", repository.id, name), "url": self.api(repository, "git", name), "object": target}

    def release(self, repository: Repository, release: Release) -> Json:
        made = stamp(release.created)
        document = {
            "id": release.id,
            "node_id": node_id("RE", repository.id, str(release.id)),
            "url": self.api(repository, "releases", release.id),
            "html_url": self.html(repository, "releases/tag", release.tag),
            "tag_name": release.tag,
            "target_commitish": release.target,
            "name": release.name,
            "body": release.body,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "author": self.user(release.user),
            "assets": [],
            "created_at": made,
            "published_at": None if release.draft else made,
        }
        return self.full("release", document)

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
            "author": self.account(commit.author),
            "committer": self.account(commit.committer),
            "parents": [self._parent(repository, parent, "commits") for parent in commit.parents],
        }

    def account(self, person: Person) -> Json:
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

"""GraphQL's objects, made from the twin's state."""

from __future__ import annotations

from typing import Any

from support.github_twin.answers import NotCovered
from support.github_twin.clock import stamp
from support.github_twin.graphql_checks import CheckObjects
from support.github_twin.graphql_git import failed
from support.github_twin.graphql_pulls import PullObjects
from support.github_twin.repositories import Repository

Json = Any


class Objects(PullObjects, CheckObjects):
    """Makes the objects of one query."""

    __slots__ = ()

    def repository(self, repository: Repository) -> Json:
        git = repository.git

        def ref(_: object, qualifiedName: str) -> Json:  # noqa: N803 - the schema's name
            for prefix in ("", "refs/heads/", "refs/tags/"):
                if (prefix + qualifiedName).startswith("refs/") and git.store.ref(prefix + qualifiedName):
                    return self.ref(repository, prefix + qualifiedName)
            return None

        def find(_: object, expression: str | None = None, oid: str | None = None) -> Json:
            if expression and "\n" in expression:
                return None
            return self.object(repository, git.resolve(expression or oid or ""))

        def pull(_: object, number: int) -> Json:
            if number not in repository.pulls:
                raise failed("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
            return self.pull(repository, repository.pulls[number])

        def release(_: object, tagName: str) -> Json:  # noqa: N803 - the schema's name
            found = repository.releases.get(tagName)
            if found is None or found.draft:
                return None
            shown = {"tagName": found.tag, "name": found.name, "description": found.body, "isDraft": False, "isPrerelease": found.prerelease}
            return {"__typename": "Release", "id": f"RE_{found.id}", **shown}

        def label(_: object, name: str) -> Json:
            return self.label(repository, name) if name.lower() in repository.labels else None

        return {
            "__typename": "Repository",
            "id": repository.node_id,
            "databaseId": repository.id,
            "name": repository.name,
            "nameWithOwner": repository.full_name,
            "owner": lambda _: self.owner(repository),
            "url": f"{self.world.url}/{repository.full_name}",
            "isArchived": repository.archived,
            "isDisabled": repository.disabled,
            "isPrivate": repository.private,
            "pushedAt": stamp(repository.pushed),
            "isFork": repository.fork_of is not None,
            "isLocked": False,
            "isEmpty": lambda _: not git.store.refs("refs/heads/"),
            "isMirror": False,
            "isTemplate": False,
            "visibility": "PRIVATE" if repository.private else "PUBLIC",
            "viewerDefaultMergeMethod": "SQUASH",
            "mergeQueue": lambda _, branch=repository.default_branch: (
                {"__typename": "MergeQueue", "id": f"MQ_{repository.id}"} if repository.merge_queue and branch == repository.default_branch else None
            ),
            "viewerPermission": "WRITE" if self.token.may(repository.id, "contents", "write") else "READ",
            "createdAt": stamp(repository.created),
            "parent": lambda _: self.repository(self.world.repositories[repository.fork_of]) if repository.fork_of is not None else None,
            "defaultBranchRef": lambda _: self.ref(repository, git.store.head) if git.store.ref("HEAD") else None,
            "ref": ref,
            "refs": lambda _, **given: self._refs(repository, given),
            "object": find,
            "release": release,
            "pullRequest": pull,
            "pullRequests": lambda _, **given: self._pulls(repository, given),
            "label": label,
            "labels": lambda _, **given: self.connection(sorted(repository.labels), lambda name: self.label(repository, name), given, "labels"),
        }

    def _refs(self, repository: Repository, given: dict[str, Any]) -> Json:
        if given.keys() & {"query", "orderBy", "direction"}:
            raise NotCovered("Repository.refs with query or order")
        names = list(repository.git.store.refs(given["refPrefix"]))
        return self.connection(names, lambda name: self.ref(repository, name), given, "refs")

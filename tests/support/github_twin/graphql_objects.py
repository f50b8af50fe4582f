"""GraphQL's objects, made from the twin's state. A value that is a function is asked only if the query wants the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from support.github_twin.answers import NotCovered
from support.github_twin.clock import stamp
from support.github_twin.documents import Documents, node_id
from support.github_twin.git import Commit, Person
from support.github_twin.objects import Object, TreeEntry
from support.github_twin.repositories import Comment, Pull, Repository, Review
from support.github_twin.rest_repositories import compare_status
from support.github_twin.tokens import Token
from support.github_twin.world import SIGNATURE, World

Json = Any


def failed(kind: str, message: str) -> GraphQLError:
    """Make an error with GitHub's `type`."""
    return GraphQLError(message, extensions={"type": kind})


@dataclass(frozen=True, slots=True)
class Objects:
    """Makes the objects of one query."""

    world: World
    documents: Documents
    token: Token

    def connection(self, items: Sequence[Any], make: Callable[[Any], Json], given: dict[str, Any], name: str) -> Json:
        """Make one page of a connection. Cursors are positions."""
        first, last = given.get("first"), given.get("last")
        if first is None and last is None:
            message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            raise failed("MISSING_PAGINATION_BOUNDARIES", message)
        if (first or last or 0) > 100:
            raise failed("EXCESSIVE_PAGINATION", f"Requesting {first or last} records on the `{name}` connection exceeds the `first` limit of 100 records.")
        start = int(given["after"]) if given.get("after") else 0
        end = int(given["before"]) - 1 if given.get("before") else len(items)
        low, high = start, min(end, start + first) if first is not None else end
        if last is not None:
            low = max(low, high - last)
        nodes = [make(item) for item in items[low:high]]
        info = {"hasNextPage": high < len(items), "hasPreviousPage": low > 0, "startCursor": str(low + 1), "endCursor": str(high)}
        edges = [{"node": node, "cursor": str(low + 1 + position)} for position, node in enumerate(nodes)]
        return {"nodes": nodes, "edges": edges, "totalCount": len(items), "pageInfo": info if nodes else {**info, "startCursor": None, "endCursor": None}}

    def actor(self, login: str) -> Json:
        user = self.documents.user(login)
        shown = login.removesuffix("[bot]")
        kind = user["type"]
        return {"__typename": kind, "login": shown, "id": user["node_id"], "databaseId": user["id"], "url": user["html_url"], "name": shown}

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
            "isFork": False,
            "isLocked": False,
            "isEmpty": lambda _: not git.store.refs("refs/heads/"),
            "isMirror": False,
            "isTemplate": False,
            "visibility": "PRIVATE" if repository.private else "PUBLIC",
            "createdAt": stamp(repository.created),
            "parent": None,
            "defaultBranchRef": lambda _: self.ref(repository, git.store.head) if git.store.ref("HEAD") else None,
            "ref": ref,
            "refs": lambda _, **given: self._refs(repository, given),
            "object": find,
            "pullRequest": pull,
            "pullRequests": lambda _, **given: self._pulls(repository, given),
            "label": label,
            "labels": lambda _, **given: self.connection(sorted(repository.labels), lambda name: self.label(repository, name), given, "labels"),
        }

    def owner(self, repository: Repository) -> Json:
        return self.actor(repository.owner)

    def _refs(self, repository: Repository, given: dict[str, Any]) -> Json:
        if given.keys() & {"query", "orderBy", "direction"}:
            raise NotCovered("Repository.refs with query or order")
        names = list(repository.git.store.refs(given["refPrefix"]))
        return self.connection(names, lambda name: self.ref(repository, name), given, "refs")

    def ref(self, repository: Repository, name: str) -> Json:
        oid = repository.git.store.ref(name) or ""
        prefix = next((each for each in ("refs/heads/", "refs/tags/", "refs/pull/") if name.startswith(each)), "refs/")

        def compare(_: object, headRef: str) -> Json:  # noqa: N803 - the schema's name
            git = repository.git
            base, head = git.commit(oid), git.commit(headRef)
            if base is None or head is None:
                return None
            ahead, behind = git.compare(base.oid, head.oid)
            return {
                "id": node_id("COMP", repository.id, f"{base.oid}...{head.oid}"),
                "status": compare_status(len(ahead), behind).upper(),
                "aheadBy": len(ahead),
                "behindBy": behind,
                "baseTarget": lambda _: self.commit(repository, base),
                "headTarget": lambda _: self.commit(repository, head),
                "commits": lambda _, **given: self.connection(ahead, lambda commit: self.commit(repository, commit), given, "commits"),
            }

        return {
            "__typename": "Ref",
            "id": node_id("REF", repository.id, name),
            "name": name.removeprefix(prefix),
            "prefix": prefix,
            "target": lambda _: self.object(repository, repository.git.store.read(oid)),
            "compare": compare,
            "repository": lambda _: self.repository(repository),
        }

    def object(self, repository: Repository, found: Object | None) -> Json:
        if found is None:
            return None
        git = repository.git
        document = {
            "id": node_id({"commit": "C", "tree": "T", "blob": "B", "tag": "TAG"}[found.kind], repository.id, found.oid),
            "oid": found.oid,
            "abbreviatedOid": found.oid[:7],
            "repository": lambda _: self.repository(repository),
        }
        match found.kind:
            case "commit":
                commit = git.commit(found.oid)
                assert commit is not None
                return self.commit(repository, commit)
            case "tree":
                return {**document, "__typename": "Tree", "entries": lambda _: [self._entry(repository, row) for row in git.store.tree(found.oid)]}
            case "blob":
                binary = b"\0" in found.content
                text = None if binary else found.content[: 512 * 1024].decode(errors="replace")
                size = {"byteSize": len(found.content), "isBinary": binary, "isTruncated": len(found.content) > 512 * 1024}
                return {**document, **size, "__typename": "Blob", "text": text}
            case _:
                target, name = found.content[7:47].decode(), found.content.partition(b"\ntag ")[2].partition(b"\n")[0].decode()
                return {**document, "__typename": "Tag", "name": name, "target": lambda _: self.object(repository, git.store.read(target))}

    def _entry(self, repository: Repository, row: TreeEntry) -> Json:
        return {
            "name": row.name,
            "path": row.name,
            "mode": int(row.mode, 8),
            "type": row.kind,
            "oid": row.oid,
            "object": lambda _: None if row.kind == "commit" else self.object(repository, repository.git.store.read(row.oid)),
        }

    def commit(self, repository: Repository, commit: Commit) -> Json:
        git = repository.git
        headline, _, rest = commit.message.partition("\n")

        def history(_: object, **given: Any) -> Json:
            if given.keys() & {"path", "since", "until", "author"}:
                raise NotCovered("Commit.history with a filter")
            return self.connection(git.history(commit.oid), lambda each: self.commit(repository, each), given, "history")

        def parents(_: object, **given: Any) -> Json:
            found = [parent for oid in commit.parents if (parent := git.commit(oid))]
            return self.connection(found, lambda each: self.commit(repository, each), given, "parents")

        return {
            "__typename": "Commit",
            "id": node_id("C", repository.id, commit.oid),
            "oid": commit.oid,
            "abbreviatedOid": commit.oid[:7],
            "message": commit.message,
            "messageHeadline": headline,
            "messageBody": rest.lstrip("\n"),
            "committedDate": stamp(commit.committer.when),
            "authoredDate": stamp(commit.author.when),
            "author": self._person(commit.author),
            "committer": self._person(commit.committer),
            "url": f"{self.world.url}/{repository.full_name}/commit/{commit.oid}",
            "commitUrl": f"{self.world.url}/{repository.full_name}/commit/{commit.oid}",
            "treeUrl": f"{self.world.url}/{repository.full_name}/tree/{commit.oid}",
            "tree": lambda _: self.object(repository, git.store.read(commit.tree)),
            "parents": parents,
            "history": history,
            "signature": self._signature(commit),
            "repository": lambda _: self.repository(repository),
        }

    def _person(self, person: Person) -> Json:
        when = stamp(person.when)
        return {"__typename": "GitActor", "name": person.name, "email": person.email, "date": when, "user": None}

    def _signature(self, commit: Commit) -> Json:
        if not commit.signature:
            return None
        signed = commit.signature == SIGNATURE
        return {
            "__typename": "GpgSignature",
            "isValid": signed,
            "state": "VALID" if signed else "UNKNOWN_KEY",
            "wasSignedByGitHub": signed,
            "email": commit.committer.email,
            "signature": commit.signature,
            "payload": "",
            "signer": lambda _: self.actor("web-flow") | {"__typename": "User"} if signed else None,
            "keyId": None,
            "verifiedAt": stamp(commit.committer.when) if signed else None,
        }

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

    def pull(self, repository: Repository, pull: Pull) -> Json:
        git = repository.git
        head, base = repository.head_sha(pull), repository.base_sha(pull)

        def commits(_: object, **given: Any) -> Json:
            found = git.history(head, [base])[::-1]
            return self.connection(found, lambda commit: {"commit": self.commit(repository, commit), "id": f"PRC_{commit.oid}"}, given, "commits")

        def merged_commit(_: object) -> Json:
            return self.object(repository, git.store.read(pull.merge_commit)) if pull.merge_commit else None

        def ref_of(branch: str) -> Callable[[object], Json]:
            return lambda _: self.ref(repository, f"refs/heads/{branch}") if git.branch(branch) else None

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
            "isCrossRepository": False,
            "url": f"{self.world.url}/{repository.full_name}/pull/{pull.number}",
            "createdAt": stamp(pull.created),
            "updatedAt": stamp(pull.updated),
            "closedAt": None if pull.closed is None else stamp(pull.closed),
            "mergedAt": None if pull.merged is None else stamp(pull.merged),
            "mergedBy": lambda _: self.actor(pull.merged_by) if pull.merged_by else None,
            "mergeCommit": merged_commit,
            "mergeable": lambda _: "UNKNOWN" if pull.state == "closed" else "MERGEABLE" if git.mergeable(base, head) else "CONFLICTING",
            "author": lambda _: self.actor(pull.user),
            "headRefName": pull.head,
            "headRefOid": head,
            "headRef": ref_of(pull.head),
            "headRepository": lambda _: self.repository(repository),
            "baseRefName": pull.base,
            "baseRefOid": base,
            "baseRef": ref_of(pull.base),
            "repository": lambda _: self.repository(repository),
            "labels": lambda _, **given: self.connection(pull.labels, lambda name: self.label(repository, name), given, "labels"),
            "comments": lambda _, **given: self.connection(pull.comments, lambda each: self.comment(repository, each), given, "comments"),
            "reviews": lambda _, **given: self._reviews(repository, pull, given),
            "commits": commits,
            "files": lambda _, **given: self._files(repository, pull, given),
            "changedFiles": lambda _: len(git.changes(git.merge_base(base, head) or base, head)),
            "timelineItems": lambda _, **given: self._timeline(pull, given),
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

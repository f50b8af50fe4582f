"""GraphQL's objects of what git holds. A value that is a function is asked only if the query wants the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from support.github_twin.answers import NotCovered
from support.github_twin.clock import stamp
from support.github_twin.documents import Documents
from support.github_twin.documents_repositories import node_id
from support.github_twin.git import Commit, Person
from support.github_twin.objects import Object, TreeEntry
from support.github_twin.repositories import Repository
from support.github_twin.rest_repositories import compare_status
from support.github_twin.tokens import Token
from support.github_twin.world import SIGNATURE, World

Json = Any


def failed(kind: str, message: str) -> GraphQLError:
    """Make an error with GitHub's `type`."""
    return GraphQLError(message, extensions={"type": kind})


@dataclass(frozen=True, slots=True)
class GitObjects:
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
        for cursor in filter(None, (given.get("after"), given.get("before"))):
            if not cursor.isdecimal():
                raise failed("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
        start = int(given["after"]) if given.get("after") else 0
        end = min(int(given["before"]) - 1, len(items)) if given.get("before") else len(items)
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
        raise NotImplementedError

    def check_suites(self, repository: Repository, commit: Commit, given: dict[str, Any]) -> Json:
        raise NotImplementedError

    def pulls_with(self, repository: Repository, commit: Commit, given: dict[str, Any]) -> Json:
        raise NotImplementedError

    def owner(self, repository: Repository) -> Json:
        return self.actor(repository.owner)

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
            "mode": int(row.mode, 8),
            "type": row.kind,
            "oid": row.oid,
            "object": lambda _: None if row.kind == "commit" else self.object(repository, repository.git.store.read(row.oid)),
        }

    def commit(self, repository: Repository, commit: Commit) -> Json:
        git = repository.git
        headline, _, rest = commit.message.partition("\n")

        def history(_: object, **given: Any) -> Json:
            if given.keys() & {"since", "until", "author"}:
                raise NotCovered("Commit.history with a filter other than path")
            found = [each for each in git.history(commit.oid) if "path" not in given or git.touches(each, given["path"])]
            return self.connection(found, lambda each: self.commit(repository, each), given, "history")

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
            "checkSuites": lambda _, **given: self.check_suites(repository, commit, given),
            "associatedPullRequests": lambda _, **given: self.pulls_with(repository, commit, given),
            "repository": lambda _: self.repository(repository),
        }

    def _person(self, person: Person) -> Json:
        when = stamp(person.when)
        login = self.documents.account(person) or {"type": "", "login": ""}
        user = self.actor(login["login"]) if login["type"] == "User" else None
        return {"__typename": "GitActor", "name": person.name, "email": person.email, "date": when, "user": user}

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

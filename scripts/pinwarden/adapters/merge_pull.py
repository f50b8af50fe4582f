"""One pull request as the merge gate sees it: what GitHub says of it at this moment, and the one write that ends it, bound to its head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pinwarden.adapters.github_calls import Calls, Refused, Unclear
from pinwarden.adapters.registry_repository import COMMIT_FIELDS, made_by, same_actor
from pinwarden.adapters.reviewed_pull import ReviewedPull
from pinwarden.evidence import read_block
from pinwarden.merge_report import MARKER, Ending

_PAGES = 20
_PULL = f"""
query($owner: String!, $name: String!, $number: Int!, $after: String) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{ viewerDefaultMergeMethod mergeQueue {{ id }} pullRequest(number: $number) {{
    id state isDraft isInMergeQueue isCrossRepository headRefName headRefOid body author {{ __typename login }}
    labels(first: 100) {{ pageInfo {{ hasNextPage }} nodes {{ name }} }}
    comments(last: 100) {{ pageInfo {{ hasPreviousPage }} nodes {{ body viewerDidAuthor }} }}
    reviews(first: 100, states: [APPROVED, CHANGES_REQUESTED, DISMISSED]) {{ pageInfo {{ hasNextPage }} nodes {{ state author {{ login }} }} }}
    commits(first: 100, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ commit {{ {COMMIT_FIELDS} }} }} }}
  }} }}
}}
"""
_LIST = """
query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) { defaultBranchRef { name } pullRequests(states: [OPEN], first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { number headRefName baseRefName }
  } }
}
"""
_TIP = """
query($owner: String!, $name: String!) { viewer { login } repository(owner: $owner, name: $name) { defaultBranchRef { name target { oid } } } }
"""
_MERGE = """
mutation($pull: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) {
  mergePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $method}) { pullRequest { state } }
}
"""
_ENQUEUE = """
mutation($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head}) { mergeQueueEntry { id } }
}
"""


@dataclass(frozen=True, slots=True)
class Tip:
    """A registry's default branch, and who asks."""

    viewer: str
    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A pull request. `id` is a node id; `method` and `queue` are the repository's way to merge."""

    id: str
    state: str
    draft: bool
    queued: bool
    head: str
    by_tool: bool
    branch: str
    strangers: tuple[str, ...]
    labels: frozenset[str]
    changes_requested: tuple[str, ...]
    made_at: int | None
    recorded_id: int | None
    method: str
    queue: bool
    commented: bool
    """Whether the gate's comment is there, or may be below the newest hundred."""


class MergePulls:
    """The pull requests of one repository, `owner/name`."""

    def __init__(self, calls: Calls, full_name: str) -> None:
        self._calls = calls
        self._full_name = full_name
        owner, _, name = full_name.partition("/")
        self._where = {"owner": owner, "name": name}

    def tip(self) -> Tip:
        """Return where the default branch is. Raises Unclear, Refused, Limited."""
        data = self._calls.query(_TIP, self._where)
        ref = data["repository"]["defaultBranchRef"]
        return Tip(data["viewer"]["login"], ref["name"], ref["target"]["oid"])

    def candidates(self, prefix: str) -> tuple[int, ...]:
        """Return the open pull requests for the default branch whose branch starts with `prefix`, whoever made it.

        Raises Unclear, Refused, Limited.
        """
        after, found = None, []
        for _ in range(_PAGES):
            repository = self._calls.query(_LIST, {**self._where, "after": after})["repository"]
            branch, pulls = repository["defaultBranchRef"]["name"], repository["pullRequests"]
            found += [node["number"] for node in pulls["nodes"] if node["baseRefName"] == branch and node["headRefName"].startswith(prefix)]
            if not pulls["pageInfo"]["hasNextPage"]:
                return tuple(sorted(found))
            after = pulls["pageInfo"]["endCursor"]
        raise Unclear("there are more open pull requests than can be read")

    def read(self, number: int, prefix: str) -> Seen:
        """Return how a pull request stands, every commit of its branch looked at. Raises Unclear, Refused, Limited."""
        after, commits = None, []
        for _ in range(_PAGES):
            data = self._calls.query(_PULL, {**self._where, "number": number, "after": after})
            repository, viewer = data["repository"], data["viewer"]["login"]
            pull = repository["pullRequest"]
            if pull is None:
                raise Refused(f"there is no pull request {number}")
            commits += [node["commit"] for node in pull["commits"]["nodes"]]
            if not pull["commits"]["pageInfo"]["hasNextPage"]:
                break
            after = pull["commits"]["pageInfo"]["endCursor"]
        else:
            raise Unclear("the pull request has more commits than can be read")
        if pull["labels"]["pageInfo"]["hasNextPage"] or pull["reviews"]["pageInfo"]["hasNextPage"]:
            raise Unclear("the pull request has more labels or reviews than can be read")
        server = pull["headRefName"].removeprefix(f"{prefix}/")
        ours = not pull["isCrossRepository"] and pull["headRefName"] == f"{prefix}/{server}" and _bot(pull["author"], viewer)
        evidence = read_block(pull["body"])
        return Seen(
            pull["id"],
            pull["state"],
            pull["isDraft"],
            pull["isInMergeQueue"],
            pull["headRefOid"],
            ours,
            pull["headRefName"],
            tuple(_strangers(commits, server, viewer, pull["headRefOid"])),
            frozenset(label["name"].lower() for label in pull["labels"]["nodes"]),
            tuple(_requested(pull["reviews"]["nodes"])),
            _made_at(commits, pull["headRefOid"]),
            evidence.repository_id if evidence else None,
            repository["viewerDefaultMergeMethod"],
            repository["mergeQueue"] is not None,
            pull["comments"]["pageInfo"]["hasPreviousPage"] or any(map(_told, pull["comments"]["nodes"])),
        )

    def merge(self, seen: Seen) -> Ending:
        """Merge a pull request, or put it into the queue where there is one, if its head is still what was seen. Raises Unclear, Refused, Limited."""
        given = {"pull": seen.id, "head": seen.head}
        if seen.queue:
            self._calls.mutate(_ENQUEUE, given, notifies=True)
            return Ending.QUEUED
        self._calls.mutate(_MERGE, {**given, "method": seen.method}, notifies=True)
        return Ending.MERGED

    def tell(self, number: int, body: str) -> None:
        """Write the gate's comment, or bring the one that is there up to date. Raises Unclear, Refused, Limited."""
        ours = ReviewedPull(self._calls, self._full_name, number, MARKER)
        ours.tell(ours.read([]), body)

    def retell(self, number: int, seen: Seen, body: str) -> None:
        """Bring the gate's comment up to date; where there is none, write none. Raises Unclear, Refused, Limited."""
        ours = ReviewedPull(self._calls, self._full_name, number, MARKER)
        if seen.commented and (standing := ours.read([])).comment:
            ours.tell(standing, body)


def _told(comment: Mapping[str, Any]) -> bool:
    return bool(comment["viewerDidAuthor"]) and comment["body"].startswith(MARKER)


def _bot(author: Mapping[str, Any] | None, viewer: str) -> bool:
    return bool(author) and (author or {}).get("__typename") == "Bot" and same_actor(author, viewer)


def _strangers(commits: list[dict[str, Any]], server: str, viewer: str, head: str) -> Iterator[str]:
    yield from (commit["oid"] for commit in commits if not made_by(commit, server, viewer))
    # What is listed must lead to the head: otherwise the branch moved meanwhile.
    if not commits or commits[-1]["oid"] != head:
        yield head


def _requested(reviews: list[dict[str, Any]]) -> Iterator[str]:
    last = {(review["author"] or {}).get("login") or "somebody who is gone": review["state"] for review in reviews}
    yield from (login for login, state in last.items() if state == "CHANGES_REQUESTED")


def _made_at(commits: list[dict[str, Any]], head: str) -> int | None:
    found = next((commit["committedDate"] for commit in commits if commit["oid"] == head), None)
    return int(datetime.fromisoformat(found).timestamp()) if found else None

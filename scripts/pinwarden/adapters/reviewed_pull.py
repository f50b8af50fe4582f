"""A pull request as its reviews are told: read once with its check runs, then its labels and the one comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.adapters.check_runs import CheckRun, found_in, selection
from pinwarden.adapters.github_calls import Calls, Refused
from pinwarden.pull_comment import MARKER

_PAGES = 10
_COMMENTS = "pageInfo { hasPreviousPage startCursor } nodes { id body viewerDidAuthor }"
_PULL = f"id state headRefOid labels(first: 100) {{ nodes {{ id name }} }} comments(last: 100) {{ {_COMMENTS} }}"
_OLDER = f"""
query($pull: ID!, $before: String) {{ node(id: $pull) {{ ... on PullRequest {{ comments(last: 100, before: $before) {{ {_COMMENTS} }} }} }} }}
"""
_UNLABEL = "mutation($pull: ID!, $labels: [ID!]!) { removeLabelsFromLabelable(input: {labelableId: $pull, labelIds: $labels}) { clientMutationId } }"
_ADD = "mutation($pull: ID!, $body: String!) { addComment(input: {subjectId: $pull, body: $body}) { clientMutationId } }"
_EDIT = "mutation($comment: ID!, $body: String!) { updateIssueComment(input: {id: $comment, body: $body}) { clientMutationId } }"


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pull request stands. Ids are node ids; `labels` are ids by name; `comment` is the one of ours, None where there is none."""

    repository: str
    id: str
    open: bool
    head: str
    labels: Mapping[str, str]
    comment: Comment | None
    runs: Mapping[str, CheckRun]


class ReviewedPull:
    """One pull request of a repository, `owner/name`; `marker` is what the one comment of ours starts with."""

    def __init__(self, calls: Calls, full_name: str, number: int, marker: str = MARKER) -> None:
        self._calls = calls
        self._marker = marker
        self._full_name = full_name
        self._number = number

    def read(self, ids: Sequence[str]) -> Standing:
        """Return how the pull request and the check runs with these ids stand: one request, more where it has hundreds of comments.

        Raises Unclear, Refused, Limited.
        """
        owner, _, name = self._full_name.partition("/")
        declared, fields, variables = selection(ids)
        data = self._calls.query(
            f"query($owner: String!, $name: String!, $number: Int!{declared}) {{ {fields} "
            f"repository(owner: $owner, name: $name) {{ id pullRequest(number: $number) {{ {_PULL} }} }} }}",
            {"owner": owner, "name": name, "number": self._number, **variables},
        )
        pull = data["repository"]["pullRequest"]
        if pull is None:
            raise Refused(f"there is no pull request {self._number} in {self._full_name}")
        labels = {label["name"]: label["id"] for label in pull["labels"]["nodes"]}
        return Standing(
            data["repository"]["id"],
            pull["id"],
            pull["state"] == "OPEN",
            pull["headRefOid"],
            labels,
            self._comment(pull["id"], pull["comments"]),
            found_in(data),
        )

    def _comment(self, pull: str, page: Mapping[str, Any]) -> Comment | None:
        """Return the comment of ours: by its author, since anybody can write a marker, and by the marker. The newest where there are several."""
        for _ in range(_PAGES):
            for node in reversed(page["nodes"]):
                if node["viewerDidAuthor"] and node["body"].startswith(self._marker):
                    return Comment(node["id"], node["body"])
            if not page["pageInfo"]["hasPreviousPage"]:
                break
            page = self._calls.query(_OLDER, {"pull": pull, "before": page["pageInfo"]["startCursor"]})["node"]["comments"]
        return None

    def relabel(self, standing: Standing, gone: Sequence[str], come: Sequence[str]) -> None:
        """Take labels off, then put others on, which the repository gains where it lacks them. Raises Unclear, Refused, Limited."""
        if gone:
            self._calls.mutate(_UNLABEL, {"pull": standing.id, "labels": [standing.labels[name] for name in gone]})
        if come:
            self._calls.post(f"/repos/{self._full_name}/issues/{self._number}/labels", {"labels": list(come)})

    def tell(self, standing: Standing, body: str) -> None:
        """Write the comment, or bring the one that is there up to date. Raises Unclear, Refused, Limited."""
        if standing.comment is None:
            self._calls.mutate(_ADD, {"pull": standing.id, "body": body}, notifies=True)
        elif standing.comment.body.replace("\r\n", "\n").strip() != body.strip():
            self._calls.mutate(_EDIT, {"comment": standing.comment.id, "body": body})

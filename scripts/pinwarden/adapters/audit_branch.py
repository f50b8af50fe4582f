"""The branch of records in the registry's own repository: read by the records' paths, and added to by one signed commit with a lease."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.adapters.github_calls import Calls, Refused, Unclear
from pinwarden.record import BRANCH, Record
from pinwarden.render import number

_TRIES = 5
_ZERO = "0" * 40
_README = """# Records of reviews

Pinwarden adds a file here for each review that it made: what was read, by whom, and what came of it. They are evidence, and no check
rests on them. Nothing is changed or removed by Pinwarden.
"""
_MAKE = "mutation($repository: ID!, $updates: [RefUpdate!]!) { updateRefs(input: {repositoryId: $repository, refUpdates: $updates}) { clientMutationId } }"
_COMMIT = "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }"


class Changed(Exception):
    """A record is there already with another content; the message says which."""


@dataclass(frozen=True, slots=True)
class _Reading:
    repository: str
    tip: str | None
    """None where there is no such branch."""
    blobs: Mapping[str, str]
    """The ids of what lies at the asked paths."""


class AuditBranch:
    """The branch in one repository, `owner/name`. `run_url` is named in each commit; it may be empty."""

    def __init__(self, calls: Calls, full_name: str, run_url: str = "") -> None:
        self._calls = calls
        self._full_name = full_name
        self._run_url = run_url

    def add(self, records: Sequence[Record]) -> str:
        """Add `records` in one commit, those that are there already left out, and return the branch's tip: one request to read, one to write.

        The branch is made where there is none. Where somebody else wrote meanwhile, or an answer tells nothing, it is read again. Raises
        Changed, and Unclear, Refused, Limited where it can't be done.
        """
        problem: Exception = Unclear("no answer")
        for _ in range(_TRIES):
            reading = self._read([record.path for record in records])
            ids = {record.path: _blob_id(record.content) for record in records}
            for path, found in reading.blobs.items():
                if found != ids[path]:
                    raise Changed(f"{path} is there already, with another content")
            missing = [record for record in records if record.path not in reading.blobs]
            try:
                if reading.tip is None:
                    self._make(reading)
                elif missing:
                    return self._commit(missing, reading.tip)
                else:
                    return reading.tip
            except Unclear as error:
                problem = error
            except Refused as error:
                if not error.again:
                    raise
                problem = error
        raise problem

    def _read(self, paths: Sequence[str]) -> _Reading:
        declared = "".join(f", $p{place}: String!" for place in range(len(paths)))
        fields = " ".join(f"p{place}: object(expression: $p{place}) {{ oid }}" for place in range(len(paths)))
        owner, _, name = self._full_name.partition("/")
        found = self._calls.query(
            f"query($owner: String!, $name: String!, $branch: String!{declared}) {{ repository(owner: $owner, name: $name) {{ id "
            f"ref(qualifiedName: $branch) {{ target {{ oid }} }} {fields} }} }}",
            {
                "owner": owner,
                "name": name,
                "branch": f"refs/heads/{BRANCH}",
                **{f"p{place}": f"refs/heads/{BRANCH}:{path}" for place, path in enumerate(paths)},
            },
        )["repository"]
        blobs = {path: found[f"p{place}"]["oid"] for place, path in enumerate(paths) if found[f"p{place}"]}
        return _Reading(found["id"], found["ref"]["target"]["oid"] if found["ref"] else None, blobs)

    def _make(self, reading: _Reading) -> None:
        """Make the branch, with a history of its own. It begins with a page about itself: the API makes no empty tree."""
        where = f"/repos/{self._full_name}/git"
        page = {"path": "README.md", "mode": "100644", "type": "blob", "content": _README}
        tree = self._calls.post(f"{where}/trees", {"tree": [page]})["sha"]
        root = self._calls.post(f"{where}/commits", {"message": "Records of reviews", "tree": tree, "parents": []})["sha"]
        update = {"name": f"refs/heads/{BRANCH}", "beforeOid": _ZERO, "afterOid": root, "force": False}
        self._calls.mutate(_MAKE, {"repository": reading.repository, "updates": [update]})

    def _commit(self, records: Sequence[Record], tip: str) -> str:
        listed = "\n".join(f"- {record.about}" for record in records)
        message = {"headline": f"Record {number(len(records), 'review')}", "body": f"{listed}\n\n{self._run_url}".strip()}
        added = [{"path": record.path, "contents": base64.b64encode(record.content).decode()} for record in records]
        given: dict[str, Any] = {
            "branch": {"repositoryNameWithOwner": self._full_name, "branchName": BRANCH},
            "expectedHeadOid": tip,
            "message": message,
            "fileChanges": {"additions": added},
        }
        return str(self._calls.mutate(_COMMIT, {"input": given})["createCommitOnBranch"]["commit"]["oid"])


def _blob_id(content: bytes) -> str:
    """Return the id that git gives a file's content. Source: git-hash-object(1)."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()

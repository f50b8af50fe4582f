"""GraphQL's mutations of refs and commits."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from support.github_twin.graphql_git import failed
from support.github_twin.graphql_mutator import Mutator
from support.github_twin.world import ZERO
from support.github_twin.writing import commit_as, fast_forward

Json = Any


def create_ref(self: Mutator, given: Json) -> Json:
    writer = self.writer(self.repository(given["repositoryId"]), "contents")
    name = given["name"]
    if not name.startswith("refs/") or name.count("/") < 2:
        raise failed("UNPROCESSABLE", f"{name} is not a valid ref name.")
    if writer.repository.git.store.ref(name):
        raise failed("UNPROCESSABLE", f'A ref named "{name}" already exists in the repository.')
    self.move(writer, (name, given["oid"], None))
    return {"ref": self.objects.ref(writer.repository, name)}


def update_ref(self: Mutator, given: Json) -> Json:
    repository, name, old = self.ref(given["refId"])
    writer = self.writer(repository, "contents")
    if not given["force"] and not fast_forward(repository, old, given["oid"]):
        raise failed("UNPROCESSABLE", "Update is not a fast forward")
    self.move(writer, (name, given["oid"], old))
    return {"ref": self.objects.ref(repository, name)}


def update_refs(self: Mutator, given: Json) -> Json:
    """All or none. What GitHub says about a lease that is broken is published nowhere: no client may depend on the words."""
    writer = self.writer(self.repository(given["repositoryId"]), "contents")
    git = writer.repository.git
    moves: list[tuple[str, str | None, str | None]] = []
    for each in given["refUpdates"]:
        old, new = git.store.ref(each["name"]), None if each["afterOid"] == ZERO else each["afterOid"]
        expected = each.get("beforeOid")
        if expected is not None and expected != (old or ZERO) and "ref-lease" not in writer.repository.lax:
            raise failed("UNPROCESSABLE", f"{each['name']} is at {old or ZERO} but expected {expected}")
        if old and new and not each["force"] and not fast_forward(writer.repository, old, new):
            raise failed("UNPROCESSABLE", f"{each['name']} is not a fast forward")
        if old is None and new is None:
            raise failed("UNPROCESSABLE", f"{each['name']} does not exist")
        moves.append((each["name"], new, old))
    self.move(writer, *moves)
    return {}


def delete_ref(self: Mutator, given: Json) -> Json:
    repository, name, old = self.ref(given["refId"])
    self.move(self.writer(repository, "contents"), (name, None, old))
    return {}


def create_commit(self: Mutator, given: Json) -> Json:
    branch = given["branch"]
    if "id" in branch:
        repository, name, _ = self.ref(branch["id"])
    else:
        found = self.world.find(branch.get("repositoryNameWithOwner", ""))
        if found is None or (found.private and not self.token.covers(found.id)):
            raise failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{branch.get('repositoryNameWithOwner')}'.")
        repository, name = found, "refs/heads/" + branch["branchName"].removeprefix("refs/heads/")
    writer, git = self.writer(repository, "contents"), repository.git
    tip = git.store.ref(name)
    commit = git.commit(tip) if tip else None
    if tip is None or commit is None:
        raise failed("NOT_FOUND", f"Branch {name.removeprefix('refs/heads/')} not found")
    if tip != given["expectedHeadOid"] and "commit-lease" not in repository.lax:
        message = f'Expected branch to point to "{given["expectedHeadOid"]}" but it did not. Pull and try again.'
        raise failed("STALE_DATA", message)
    changes = given.get("fileChanges") or {}
    edits: dict[str, tuple[str, str] | None] = {}
    for each in changes.get("deletions") or ():
        if git.entry(commit.tree, each["path"]) is None:
            raise failed("UNPROCESSABLE", f"A path was requested for deletion which does not exist as of commit oid `{tip}`")
        edits[each["path"]] = None
    for each in changes.get("additions") or ():
        try:
            content = base64.b64decode(each["contents"], validate=True)
        except binascii.Error:
            raise failed("UNPROCESSABLE", "contents is not valid Base64") from None
        old = git.entry(commit.tree, each["path"])
        edits[each["path"]] = (old.mode if old and old.kind == "blob" else "100644", git.store.write("blob", content))
    headline, body = given["message"]["headline"], given["message"].get("body")
    oid = commit_as(writer, git.edited(commit.tree, edits), [tip], f"{headline}\n\n{body}" if body else headline, sign=True)
    self.move(writer, (name, oid, tip))
    return {"commit": self.objects.object(repository, git.store.read(oid)), "ref": self.objects.ref(repository, name)}

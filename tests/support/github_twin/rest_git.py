"""Git database: refs, commits, trees, blobs."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, operation
from support.github_twin.git import Conflict, Person
from support.github_twin.writing import author_of, check_move, commit_as, fast_forward

Json = Any
_REF = re.compile(r"refs/[^\s~^:?*\[\\]+/[^\s~^:?*\[\\]+\Z")


@operation("git/get-ref", "contents:read")
def get_ref(call: Call) -> Answer:
    name = f"refs/{call.parameters['ref']}"
    oid = call.repository.git.store.ref(name)
    if oid is None:
        raise Refused(404, NOT_FOUND)
    return Answer(200, call.documents.ref(call.repository, name, oid))


@operation("git/list-matching-refs", "contents:read")
def list_matching_refs(call: Call) -> Answer:
    found = call.repository.git.store.refs(f"refs/{call.parameters['ref']}")
    return Answer(200, [call.documents.ref(call.repository, name, oid) for name, oid in found.items()])


@operation("git/create-ref", "contents:write")
def create_ref(call: Call) -> Answer:
    name, oid = call.body["ref"], call.body["sha"]
    if not _REF.match(name):
        raise Refused(422, f"{name} is not a valid ref name.")
    if call.repository.git.store.ref(name):
        raise Refused(422, "Reference already exists")
    check_move(call, name, oid, None)
    _moved(call, (name, oid, None))
    return Answer(201, call.documents.ref(call.repository, name, oid))


@operation("git/update-ref", "contents:write")
def update_ref(call: Call) -> Answer:
    name, new = f"refs/{call.parameters['ref']}", call.body["sha"]
    old = call.repository.git.store.ref(name)
    if old is None:
        raise Refused(422, "Reference does not exist")
    check_move(call, name, new, old)
    if not call.body.get("force") and not fast_forward(call.repository, old, new):
        raise Refused(422, "Update is not a fast forward")
    _moved(call, (name, new, old))
    return Answer(200, call.documents.ref(call.repository, name, new))


@operation("git/delete-ref", "contents:write")
def delete_ref(call: Call) -> Answer:
    name = f"refs/{call.parameters['ref']}"
    old = call.repository.git.store.ref(name)
    if old is None:
        raise Refused(422, "Reference does not exist")
    check_move(call, name, None, old)
    _moved(call, (name, None, old))
    return Answer(204)


def _moved(call: Call, move: tuple[str, str | None, str | None]) -> None:
    try:
        call.world.move(call.repository, call.token.login, move)
    except Conflict:
        # Such as a branch `a` beside `a/b`.
        raise Refused(422, "Reference update failed") from None


@operation("git/get-commit", "contents:read")
def get_commit(call: Call) -> Answer:
    found = call.repository.git.store.read(call.parameters["commit_sha"])
    commit = call.repository.git.commit(found.oid) if found and found.kind == "commit" else None
    if commit is None:
        raise Refused(404, NOT_FOUND)
    return Answer(200, call.documents.git_commit(call.repository, commit))


@operation("git/create-commit", "contents:write")
def create_commit(call: Call) -> Answer:
    git, body = call.repository.git, call.body
    tree = git.store.read(body["tree"])
    if tree is None or tree.kind != "tree":
        raise Refused(422, "Tree SHA does not exist")
    parents = body.get("parents", [])
    if any(git.commit(parent) is None for parent in parents):
        raise Refused(422, "Parent SHA does not exist or is not a commit object")
    author = _person(call, body["author"]) if "author" in body else None
    committer = _person(call, body["committer"]) if "committer" in body else None
    oid = commit_as(call, body["tree"], parents, body["message"], author=author, committer=committer, signature=body.get("signature", ""))
    commit = git.commit(oid)
    assert commit is not None
    return Answer(201, call.documents.git_commit(call.repository, commit))


def _person(call: Call, given: Json) -> Person:
    when = int(datetime.fromisoformat(given["date"]).timestamp()) if "date" in given else call.world.clock.now
    default = author_of(call)
    return Person(given.get("name", default.name), given.get("email", default.email), when)


@operation("git/get-tree", "contents:read")
def get_tree(call: Call) -> Answer:
    git = call.repository.git
    found = git.resolve(call.parameters["tree_sha"])
    commit = git.commit(call.parameters["tree_sha"])
    oid = commit.tree if commit else found.oid if found and found.kind == "tree" else None
    if oid is None:
        raise Refused(404, NOT_FOUND)
    rows = git.store.walk(oid) if "recursive" in call.query else ((row.name, row) for row in git.store.tree(oid))
    tree = []
    for path, row in rows:
        each: Json = {"path": path, "mode": row.mode.zfill(6), "type": row.kind, "sha": row.oid}
        if row.kind != "commit":
            each["url"] = call.documents.api(call.repository, "git", f"{row.kind}s", row.oid)
        if row.kind == "blob" and (blob := git.store.read(row.oid)):
            each["size"] = len(blob.content)
        tree.append(each)
    return Answer(200, {"sha": oid, "url": call.documents.api(call.repository, "git/trees", oid), "tree": tree, "truncated": False})


@operation("git/create-tree", "contents:write")
def create_tree(call: Call) -> Answer:
    git = call.repository.git
    base = git.resolve(call.body["base_tree"]) if "base_tree" in call.body else None
    if "base_tree" in call.body and (base is None or base.kind not in ("tree", "commit")):
        raise Refused(422, "base_tree is not a valid tree oid")
    start = git.commit(base.oid) if base and base.kind == "commit" else None
    edits: dict[str, tuple[str, str] | None] = {}
    for row in call.body["tree"]:
        if "content" in row:
            edits[row["path"]] = (row.get("mode", "100644"), git.store.write("blob", row["content"].encode()))
        elif row.get("sha") is None:
            edits[row["path"]] = None
        elif row.get("type") == "commit" or git.store.read(row["sha"]):
            edits[row["path"]] = (row.get("mode", "100644"), row["sha"])
        else:
            raise Refused(422, f"tree.sha {row['sha']} is not a valid {row.get('type', 'blob')}")
    oid = git.edited(start.tree if start else base.oid if base else None, edits)
    rows = [{"path": row.name, "mode": row.mode.zfill(6), "type": row.kind, "sha": row.oid} for row in git.store.tree(oid)]
    return Answer(201, {"sha": oid, "url": call.documents.api(call.repository, "git/trees", oid), "tree": rows, "truncated": False})


@operation("git/get-blob", "contents:read")
def get_blob(call: Call) -> Answer:
    blob = call.repository.git.store.read(call.parameters["file_sha"])
    if blob is None or blob.kind != "blob":
        raise Refused(404, NOT_FOUND)
    document = {"sha": blob.oid, "node_id": f"B_{blob.oid}", "size": len(blob.content), "encoding": "base64"}
    url = call.documents.api(call.repository, "git/blobs", blob.oid)
    return Answer(200, {**document, "url": url, "content": base64.encodebytes(blob.content).decode()})


@operation("git/create-blob", "contents:write")
def create_blob(call: Call) -> Answer:
    try:
        coded = call.body.get("encoding", "utf-8") == "base64"
        content = base64.b64decode(call.body["content"], validate=False) if coded else call.body["content"].encode()
    except binascii.Error:
        raise Refused(422, "content is not valid Base64") from None
    oid = call.repository.git.store.write("blob", content)
    return Answer(201, {"sha": oid, "url": call.documents.api(call.repository, "git/blobs", oid)})

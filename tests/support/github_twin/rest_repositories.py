"""Repositories, branches, commits, contents, comparisons, activity, and who may do what."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, operation, paged
from support.github_twin.git import Commit, Conflict
from support.github_twin.tokens import Kind
from support.github_twin.writing import check_move, commit_as

Json = Any
_SHA = "application/vnd.github.sha"
_RAW = "application/vnd.github.raw"


@operation("repos/get", "metadata:read")
def get(call: Call) -> Answer:
    return Answer(200, call.documents.repository(call.repository, "full-repository"))


@operation("repos/update", "administration:write")
def update(call: Call) -> Answer:
    repository, body = call.repository, call.body
    unknown = set(body) - {"name", "archived", "private", "default_branch"}
    if unknown:
        raise call.lacking(f"repos/update with {', '.join(sorted(unknown))}")
    repository.archived = body.get("archived", repository.archived)
    repository.private = body.get("private", repository.private)
    if "default_branch" in body:
        repository.git.run("symbolic-ref", "HEAD", f"refs/heads/{body['default_branch']}")
    if body.get("name", repository.name) != repository.name:
        call.world.rename(repository, f"{repository.owner}/{body['name']}")
    return get(call)


@operation("repos/get-branch", "contents:read")
def get_branch(call: Call) -> Answer:
    name = call.parameters["branch"]
    oid = call.repository.git.branch(name)
    commit = call.repository.git.commit(oid) if oid else None
    if commit is None:
        raise Refused(404, "Branch not found")
    url = call.documents.api(call.repository, "branches", name)
    protected = call.repository.refuses(name, "")
    return Answer(
        200,
        {
            "name": name,
            "commit": call.documents.commit(call.repository, commit),
            "_links": {"self": url, "html": call.documents.html(call.repository, "tree", name)},
            "protected": protected,
            "protection": {"enabled": protected},
            "protection_url": f"{url}/protection",
        },
    )


@operation("repos/list-branches", "contents:read")
def list_branches(call: Call) -> Answer:
    found = call.repository.git.store.refs("refs/heads/")
    url = call.documents.api(call.repository, "commits")
    rows = [
        {"name": name, "commit": {"sha": oid, "url": f"{url}/{oid}"}, "protected": call.repository.refuses(name, "")}
        for ref, oid in found.items()
        for name in [ref.removeprefix("refs/heads/")]
    ]
    return paged(call, [row for row in rows if call.query.get("protected", str(row["protected"]).lower()) == str(row["protected"]).lower()])


@operation("repos/get-commit", "contents:read")
def get_commit(call: Call) -> Answer:
    commit = _commit(call, call.parameters["ref"])
    if call.headers.get("accept") == _SHA:
        # The id is the ETag: who names the commit that it knows pays nothing for hearing that it is still the one.
        return Answer(200, headers={"ETag": f'"{commit.oid}"'}, raw=(_SHA, commit.oid.encode()))
    changes = call.repository.git.changes(commit.parents[0] if commit.parents else None, commit.oid)
    added, deleted = sum(change.additions for change in changes), sum(change.deletions for change in changes)
    files = [call.documents.file(call.repository, change, commit.oid) for change in changes]
    document = call.documents.commit(call.repository, commit)
    return paged(call, files, lambda page: {**document, "stats": {"additions": added, "deletions": deleted, "total": added + deleted}, "files": page})


def _commit(call: Call, name: str) -> Commit:
    commit = call.repository.git.commit(name)
    if commit is None:
        raise Refused(422, f"No commit found for SHA: {name}")
    return commit


@operation("repos/list-commits", "contents:read")
def list_commits(call: Call) -> Answer:
    lacking = call.query.keys() & {"author", "committer", "since", "until"}
    if lacking:
        raise call.lacking(f"repos/list-commits with {', '.join(sorted(lacking))}")
    git = call.repository.git
    start = git.commit(call.query.get("sha", call.repository.default_branch))
    if start is None:
        raise Refused(404, NOT_FOUND)
    commits = git.history(start.oid)
    if path := call.query.get("path"):
        commits = [commit for commit in commits if call.repository.git.touches(commit, path)]
    return paged(call, [call.documents.commit(call.repository, commit) for commit in commits])


@operation("repos/compare-commits-with-basehead", "contents:read")
def compare(call: Call) -> Answer:
    names = call.parameters["basehead"].split("...")
    git = call.repository.git
    base, head = (git.commit(name) for name in names) if len(names) == 2 else (None, None)
    if base is None or head is None:
        raise Refused(404, NOT_FOUND)
    start = git.commit(git.merge_base(base.oid, head.oid) or "")
    if start is None:
        raise Refused(404, f"No common ancestor between {names[0]} and {names[1]}.")
    ahead, behind = git.compare(base.oid, head.oid)
    url, html = call.documents.api(call.repository, "compare", "...".join(names)), call.documents.html(call.repository, "compare", "...".join(names))
    document = {
        "url": url,
        "html_url": html,
        "permalink_url": call.documents.html(call.repository, "compare", f"{base.oid}...{head.oid}"),
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": call.documents.commit(call.repository, base),
        "merge_base_commit": call.documents.commit(call.repository, start),
        "status": compare_status(len(ahead), behind),
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
    }
    # Files come with the first page only, at most 300.
    files = (
        [call.documents.file(call.repository, change, head.oid) for change in git.changes(start.oid, head.oid)[:300]]
        if call.query.get("page", "1") == "1"
        else []
    )
    commits = [call.documents.commit(call.repository, commit) for commit in ahead]
    if "page" not in call.query and "per_page" not in call.query:
        # Without pages: at most 250 commits, the newest.
        return Answer(200, {**document, "commits": commits[-250:], "files": files})
    return paged(call, commits, lambda page: {**document, "commits": page, "files": files})


def compare_status(ahead: int, behind: int) -> str:
    return "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"


@operation("repos/get-content", "contents:read")
def get_content(call: Call) -> Answer:
    git, path = call.repository.git, call.parameters["path"].strip("/")
    ref = call.query.get("ref", call.repository.default_branch)
    commit = git.commit(ref)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    row = git.entry(commit.tree, path)
    if row is None:
        raise Refused(404, NOT_FOUND)
    if row.kind == "blob":
        blob = git.store.read(row.oid)
        assert blob is not None
        if call.headers.get("accept", "").startswith(_RAW):
            return Answer(200, raw=(f"{_RAW}; charset=utf-8", blob.content))
        return Answer(200, call.documents.content(call.repository, path, ref, row.oid, blob.content))
    if row.kind == "commit":
        raise call.lacking("repos/get-content of a submodule")
    rows = []
    for each in git.store.tree(row.oid):
        inner = f"{path}/{each.name}".lstrip("/")
        blob = git.store.read(each.oid) if each.kind == "blob" else None
        document = call.documents.content(call.repository, inner, ref, each.oid, blob.content if blob else b"")
        kept = {key: value for key, value in document.items() if key not in ("content", "encoding")}
        kind = {"tree": "dir", "commit": "submodule"}.get(each.kind, "symlink" if each.mode == "120000" else "file")
        rows.append({**kept, "type": kind, "size": len(blob.content) if blob else 0})
    return Answer(200, rows)


@operation("repos/create-or-update-file-contents", "contents:write")
def put_content(call: Call) -> Answer:
    git, path, body = call.repository.git, call.parameters["path"], call.body
    branch = body.get("branch", call.repository.default_branch)
    tip = git.branch(branch)
    commit = git.commit(tip) if tip else None
    if tip is None or commit is None:
        raise Refused(404, f"Branch {branch} not found")
    old = git.entry(commit.tree, path)
    if old and "sha" not in body:
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if "sha" in body and (old is None or old.oid != body["sha"]):
        raise Refused(409, f"{path} does not match {body['sha']}")
    try:
        data = base64.b64decode(body["content"])
    except binascii.Error:
        raise Refused(422, "content is not valid Base64") from None
    blob = git.store.write("blob", data)
    oid = commit_as(call, git.edited(commit.tree, {path: (old.mode if old else "100644", blob)}), [tip], body["message"], sign=True)
    ref = f"refs/heads/{branch}"
    check_move(call, ref, oid, tip)
    try:
        call.world.move(call.repository, call.token.login, (ref, oid, tip))
    except Conflict:
        raise Refused(409, "is at a different commit than expected") from None
    made = git.commit(oid)
    assert made is not None
    content = call.documents.content(call.repository, path, branch, blob, data)
    kept = {key: value for key, value in content.items() if key not in ("content", "encoding")}
    return Answer(200 if old else 201, {"content": kept, "commit": call.documents.git_commit(call.repository, made)})


@operation("repos/list-activities", "contents:read")
def list_activities(call: Call) -> Answer:
    lacking = call.query.keys() & {"before", "after", "time_period"}
    if lacking:
        raise call.lacking(f"repos/list-activities with {', '.join(sorted(lacking))}")
    rows = call.repository.activities[:: -1 if call.query.get("direction") == "asc" else 1]
    if ref := call.query.get("ref"):
        rows = [row for row in rows if row.ref in (ref, f"refs/heads/{ref}")]
    if kind := call.query.get("activity_type"):
        rows = [row for row in rows if row.kind == kind]
    if actor := call.query.get("actor"):
        rows = [row for row in rows if row.actor == actor]
    size = int(call.query.get("per_page", 30))
    if len(rows) > size:
        raise call.lacking("repos/list-activities beyond its first page")
    return Answer(200, [call.documents.activity(row) for row in rows])


@operation("repos/get-collaborator-permission-level", "metadata:read")
def collaborator(call: Call) -> Answer:
    if call.token.kind is Kind.ANONYMOUS:
        raise Refused(401, "Requires authentication")
    login = call.parameters["username"]
    level = call.repository.permissions.get(login, "none" if call.repository.private else "read")
    return Answer(200, {"permission": level, "role_name": level, "user": {**call.documents.user(login), "role_name": level}})

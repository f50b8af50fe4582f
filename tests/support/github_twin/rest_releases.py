"""Releases: words about tags."""

from __future__ import annotations

from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, invalid, operation
from support.github_twin.repositories import Release
from support.github_twin.writing import check_move

Json = Any
_READ = {"tag_name", "name", "body", "target_commitish", "draft", "prerelease", "make_latest"}


@operation("repos/create-release", "contents:write", content=True)
def create(call: Call) -> Answer:
    repository, body = call.repository, call.body
    if unknown := set(body) - _READ:
        raise call.lacking(f"repos/create-release with {', '.join(sorted(unknown))}")
    tag, target = body["tag_name"], body.get("target_commitish", repository.default_branch)
    if tag in repository.releases:
        raise invalid("Release", field="tag_name", code="already_exists")
    draft = body.get("draft", False)
    if not draft and repository.git.store.ref(f"refs/tags/{tag}") is None:
        oid = repository.git.branch(target) or target
        if repository.git.commit(oid) is None:
            raise invalid("Release", field="target_commitish", code="invalid")
        check_move(call, f"refs/tags/{tag}", oid, None)
        call.world.move(repository, call.token.login, (f"refs/tags/{tag}", oid, None))
    release = Release(
        call.world.next_id(),
        tag,
        body.get("name"),
        body.get("body"),
        target,
        call.token.login,
        call.world.clock.now,
        draft=draft,
        prerelease=body.get("prerelease", False),
    )
    repository.releases[tag] = release
    return Answer(201, call.documents.release(repository, release))


@operation("repos/get-release-by-tag", "contents:read")
def get_by_tag(call: Call) -> Answer:
    release = call.repository.releases.get(call.parameters["tag"])
    if release is None or release.draft:
        raise Refused(404, NOT_FOUND)
    return Answer(200, call.documents.release(call.repository, release))

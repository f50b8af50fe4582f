"""Pull requests: open, change, list, review, merge."""

from __future__ import annotations

from typing import Any

from support.github_twin.answers import NOT_FOUND, Answer, Call, Refused, invalid, operation, paged
from support.github_twin.git import Conflict
from support.github_twin.pulls import MAY_NOT, close, merge_pull, open_pull, reopen
from support.github_twin.repositories import Pull, Review
from support.github_twin.tokens import Kind

Json = Any


def pull_of(call: Call, name: str = "pull_number") -> Pull:
    """Return the pull request that the path names."""
    found = call.repository.pulls.get(call.number(name))
    if found is None:
        raise Refused(404, NOT_FOUND)
    return found


@operation("pulls/create", "pull_requests:write", content=True)
def create(call: Call) -> Answer:
    body = call.body
    if "issue" in body or "head_repo" in body:
        raise call.lacking("pulls/create from an issue or another repository")
    if "title" not in body:
        raise invalid("PullRequest", field="title", code="missing_field")
    draft, maintainers = body.get("draft", False), body.get("maintainer_can_modify", False)
    pull = open_pull(call, body["title"], body.get("body"), body["head"], body["base"], draft=draft, maintainers=maintainers)
    return Answer(201, call.documents.pull(call.repository, pull, whole=True))


@operation("pulls/get", "pull_requests:read")
def get(call: Call) -> Answer:
    return Answer(200, call.documents.pull(call.repository, pull_of(call), whole=True))


@operation("pulls/list", "pull_requests:read")
def list_pulls(call: Call) -> Answer:
    state, query = call.query.get("state", "open"), call.query
    pulls = [pull for pull in call.repository.pulls.values() if state in ("all", pull.state)]
    if head := query.get("head"):
        owner, colon, branch = head.partition(":")
        # Without an owner GitHub ignores the filter.
        pulls = [pull for pull in pulls if not colon or (pull.head == branch and owner.lower() == (pull.source or call.repository).owner.lower())]
    if base := query.get("base"):
        pulls = [pull for pull in pulls if pull.base == base]
    sort = query.get("sort", "created")
    if sort not in ("created", "updated"):
        raise call.lacking(f"pulls/list sorted by {sort}")
    pulls.sort(key=lambda pull: (pull.updated if sort == "updated" else pull.created, pull.number))
    if query.get("direction", "desc" if sort == "created" else "asc") == "desc":
        pulls.reverse()
    return paged(call, pulls, lambda page: [call.documents.pull(call.repository, pull, whole=False) for pull in page])


@operation("pulls/update", "pull_requests:write")
def update(call: Call) -> Answer:
    pull, body = pull_of(call), call.body
    pull.title = body.get("title", pull.title)
    pull.body = body.get("body", pull.body)
    pull.maintainers_may_push = body.get("maintainer_can_modify", pull.maintainers_may_push)
    if "base" in body:
        if call.repository.git.branch(body["base"]) is None:
            raise invalid("PullRequest", field="base", code="invalid")
        pull.base = body["base"]
    pull.updated = call.world.clock.now
    if body.get("state") == "closed":
        close(call, pull)
    elif body.get("state") == "open":
        reopen(call, pull)
    return get(call)


@operation("pulls/list-files", "pull_requests:read")
def list_files(call: Call) -> Answer:
    pull, git = pull_of(call), call.repository.git
    head, base = call.repository.head_sha(pull), call.repository.base_sha(pull)
    changes = git.changes(git.merge_base(base, head) or base, head)[:3000]
    return paged(call, changes, lambda page: [call.documents.file(call.repository, change, head) for change in page])


@operation("pulls/list-commits", "pull_requests:read")
def list_commits(call: Call) -> Answer:
    pull, git = pull_of(call), call.repository.git
    commits = git.history(call.repository.head_sha(pull), [call.repository.base_sha(pull)])[::-1][:250]
    return paged(call, commits, lambda page: [call.documents.commit(call.repository, commit) for commit in page])


@operation("pulls/check-if-merged", "pull_requests:read", "contents:read")
def check_if_merged(call: Call) -> Answer:
    if pull_of(call).merged is None:
        raise Refused(404, NOT_FOUND)
    return Answer(204)


@operation("pulls/merge", "contents:write", content=True)
def merge(call: Call) -> Answer:
    pull, body = pull_of(call), call.body or {}
    head = call.repository.head_sha(pull)
    if pull.state == "closed" or pull.draft:
        raise Refused(405, "Pull Request is not mergeable" if pull.state == "closed" else "Pull Request is still a draft")
    if body.get("sha", head) != head:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    if call.repository.base_moves_at_merge:
        call.repository.base_moves_at_merge -= 1
        raise Refused(405, "Base branch was modified. Review and try the merge again.")
    title = body.get("commit_title")
    try:
        oid = merge_pull(call, pull, body.get("merge_method", "merge"), title, body.get("commit_message"))
    except Conflict:
        raise Refused(405, "Pull Request is not mergeable") from None
    return Answer(200, {"sha": oid, "merged": True, "message": "Pull Request successfully merged"})


@operation("pulls/request-reviewers", "pull_requests:write", content=True)
def request_reviewers(call: Call) -> Answer:
    pull = pull_of(call)
    reviewers = (call.body or {}).get("reviewers", [])
    if pull.user in reviewers:
        raise Refused(422, "Review cannot be requested from pull request author.")
    pull.reviewers += [login for login in reviewers if login not in pull.reviewers]
    pull.teams += [slug for slug in (call.body or {}).get("team_reviewers", []) if slug not in pull.teams]
    return Answer(201, call.documents.pull(call.repository, pull, whole=False))


@operation("pulls/remove-requested-reviewers", "pull_requests:write")
def remove_reviewers(call: Call) -> Answer:
    pull = pull_of(call)
    pull.reviewers = [login for login in pull.reviewers if login not in call.body["reviewers"]]
    pull.teams = [slug for slug in pull.teams if slug not in call.body.get("team_reviewers", [])]
    return Answer(200, call.documents.pull(call.repository, pull, whole=False))


@operation("pulls/list-reviews", "pull_requests:read")
def list_reviews(call: Call) -> Answer:
    pull = pull_of(call)
    return paged(call, [call.documents.review(call.repository, pull, review) for review in pull.reviews])


@operation("pulls/create-review", "pull_requests:write", content=True)
def create_review(call: Call) -> Answer:
    pull, body = pull_of(call), call.body or {}
    event = body.get("event", "")
    if body.get("comments"):
        raise call.lacking("pulls/create-review with comments at lines")
    if call.token.kind is Kind.ACTIONS and event == "APPROVE" and not call.repository.actions_may_create_pull_requests:
        raise Refused(422, "Unprocessable Entity", errors=[MAY_NOT])
    if pull.user == call.token.login and event in ("APPROVE", "REQUEST_CHANGES"):
        what = "approve" if event == "APPROVE" else "request changes on"
        raise Refused(422, "Unprocessable Entity", errors=[f"Can not {what} your own pull request"])
    state = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}.get(event, "PENDING")
    commit = body.get("commit_id", call.repository.head_sha(pull))
    review = Review(call.world.next_id(), call.token.login, state, body.get("body", ""), commit, call.world.clock.now)
    pull.reviews.append(review)
    call.world.note("pull_request_review", call.repository, call.token.login, str(pull.number), "submitted")
    return Answer(200, call.documents.review(call.repository, pull, review))

"""What happens to pull requests, whichever API asks for it."""

from __future__ import annotations

from support.github_twin.answers import Refused, invalid
from support.github_twin.checks import at_commit, latest
from support.github_twin.git import Conflict
from support.github_twin.merge_queue import built, leave, queued
from support.github_twin.repositories import Pull, QueueEntry, Repository
from support.github_twin.tokens import Kind
from support.github_twin.writing import Writer, check_move, commit_as

_PASS = ("success", "neutral", "skipped")
MAY_NOT = "GitHub Actions is not permitted to create or approve pull requests."


def open_pull(writer: Writer, title: str, body: str | None, head: str, base: str, *, draft: bool = False, maintainers: bool = False) -> Pull:
    """Open a pull request; `head` is a branch, or owner:branch where that is in a fork. Raises Refused."""
    repository, world = writer.repository, writer.world
    owner, _, head = head.rpartition(":")
    source = repository
    if owner and owner.lower() != repository.owner.lower():
        forks = (each for each in world.repositories.values() if each.fork_of == repository.id and each.owner.lower() == owner.lower())
        found = next(forks, None)
        if found is None:
            raise invalid("PullRequest", field="head", code="invalid")
        source = found
    if writer.token.kind is Kind.ACTIONS and not repository.actions_may_create_pull_requests:
        raise Refused(403, MAY_NOT)
    tip, target = source.git.branch(head), repository.git.branch(base)
    if tip is None or target is None:
        raise invalid("PullRequest", field="base" if target is None else "head", code="invalid")
    if any(pull.state == "open" and (pull.source or repository, pull.head, pull.base) == (source, head, base) for pull in repository.pulls.values()):
        raise invalid("PullRequest", f"A pull request already exists for {source.owner}:{head}.")
    if not source.git.history(tip, [target]):
        raise invalid("PullRequest", f"No commits between {base} and {head}")
    if len(body or "") > 65536:
        raise invalid("PullRequest", "body is too long (maximum is 65536 characters)", field="body")
    repository.last_number += 1
    now = world.clock.now
    pull = Pull(repository.last_number, world.next_id(), title, body, head, base, tip, target, writer.token.login, now, now)
    pull.draft, pull.maintainers_may_push = draft, maintainers
    pull.source = None if source is repository else source
    repository.pulls[pull.number] = pull
    repository.head_sha(pull)
    world.note("pull_request", repository, writer.token.login, str(pull.number), "opened")
    return pull


def close(writer: Writer, pull: Pull) -> None:
    """Close a pull request; nothing happens to a closed one."""
    if pull.state == "open":
        repository = writer.repository
        repository.head_sha(pull)
        repository.base_sha(pull)
        leave(writer.world, repository, pull)
        pull.state, pull.closed, pull.closed_by, pull.updated = "closed", writer.world.clock.now, writer.token.login, writer.world.clock.now
        writer.world.note("pull_request", repository, writer.token.login, str(pull.number), "closed")


def reopen(writer: Writer, pull: Pull) -> None:
    """Open a closed pull request again. Raises Refused where it is merged, its branch is gone, or another one took its place."""
    repository = writer.repository
    if pull.state == "open":
        return
    others = [
        other for other in repository.pulls.values() if other.state == "open" and (other.source, other.head, other.base) == (pull.source, pull.head, pull.base)
    ]
    if pull.merged is not None or (pull.source or repository).git.branch(pull.head) is None or others:
        raise invalid("PullRequest", "state cannot be changed.", field="state")
    pull.state, pull.closed, pull.closed_by = "open", None, None
    writer.world.note("pull_request", repository, writer.token.login, str(pull.number), "reopened")


def lacking(repository: Repository, pull: Pull) -> list[str]:
    """Name the checks that a ruleset requires of a pull request into the default branch, and that its head has not passed."""
    head, lax = repository.head_sha(pull), repository.lax
    checks = at_commit(repository, head)
    passing = [word for word in _PASS if word != "neutral" or "neutral" not in lax]
    counted = checks if "newest" in lax else latest(checks)
    passed = {(check.name, app) for check in counted if check.conclusion in passing for app in (check.app_id, None)}
    any_source = "check-source" in lax
    required = repository.required if pull.base == repository.default_branch else {}
    return [name for name, app in required.items() if (name, None if any_source else app) not in passed]


def merge_pull(writer: Writer, pull: Pull, method: str, title: str | None, message: str | None) -> str:
    """Merge an open pull request; return the new commit's id. Raises Conflict, and Refused where a rule forbids it."""
    repository = writer.repository
    if writer.token.login not in repository.bypass and (missing := lacking(repository, pull)):
        raise Refused(405, f'Repository rule violations found\n\nRequired status check "{missing[0]}" is expected.\n\n')
    base = repository.base_sha(pull)
    oid = _merged(writer, pull, base, method, title=title, message=message)
    ref = f"refs/heads/{pull.base}"
    check_move(writer, ref, oid, base)
    leave(writer.world, repository, pull, "merged")
    writer.world.move(repository, writer.token.login, (ref, oid, base), kind="pr_merge")
    now = writer.world.clock.now
    pull.state, pull.closed, pull.closed_by, pull.updated = "closed", now, writer.token.login, now
    pull.merged, pull.merged_by, pull.merge_commit = now, writer.token.login, oid
    writer.world.note("pull_request", repository, writer.token.login, str(pull.number), "closed")
    return oid


def enqueue(writer: Writer, pull: Pull, method: str = "merge") -> QueueEntry:
    """Put an open pull request at the end of the merge queue, and make the groups that wait to be made. One that conflicts has none."""
    world, repository = writer.world, writer.repository
    assert pull.state == "open", f"#{pull.number} is not open"
    assert pull.queued is None, f"#{pull.number} is in the queue"
    pull.queued = entry = QueueEntry(world.next_id(), writer.token.login, world.clock.now)
    top = repository.base_sha(pull)
    for each in queued(repository, pull.base):
        assert each.queued is not None
        if each.queued.head is None:
            try:
                built(world, repository, each, top, _merged(writer, each, top, method))
            except Conflict:
                each.queued.state = "UNMERGEABLE"
        top = each.queued.head or top
    return entry


def _merged(writer: Writer, pull: Pull, base: str, method: str, *, title: str | None = None, message: str | None = None) -> str:
    """Write the commits that merge a pull request into `base`; return the last one's id. Raises Conflict."""
    repository, git = writer.repository, writer.repository.git
    head = repository.head_sha(pull)
    if method == "squash":
        return commit_as(writer, git.merged_tree(base, head), [base], _message(title or f"{pull.title} (#{pull.number})", message), sign=True)
    if method == "merge":
        default = f"Merge pull request #{pull.number} from {(pull.source or repository).owner}/{pull.head}"
        text = _message(title or default, pull.title if message is None else message)
        return commit_as(writer, git.merged_tree(base, head), [base, head], text, sign=True)
    oid = base
    for commit in git.history(head, [base])[::-1]:
        oid = commit_as(writer, git.merged_tree(oid, commit.oid), [oid], commit.message, author=commit.author)
    return oid


def _message(title: str, body: str | None) -> str:
    return f"{title}\n\n{body}" if body else title

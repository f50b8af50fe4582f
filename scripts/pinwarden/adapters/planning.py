"""Plans reviews: of a pull request, whose checks it sets; of two commits of a folder; of a whole registry."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pinwarden import change as changes
from pinwarden.adapters import registry_commits, registry_git, toolkit
from pinwarden.adapters.actions_io import Access, GitHub, Run
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.adapters.pull_request import PullRequests, Standing
from pinwarden.adapters.registry_commits import Commits
from pinwarden.adapters.registry_files import Registry
from pinwarden.change import Changed
from pinwarden.config import Config
from pinwarden.errors import Misuse, OutsideError, PinwardenError
from pinwarden.plan import Plan, all_reviews, plan_request, unreadable
from pinwarden.shown import quoted
from pinwarden.wish import Wish, reviewing_of

_DAY = 86_400


def of_pull_request(number: int, commit: str, prefix: str, wish: Wish, calls_of: Callable[[str, str], Calls] = Calls) -> Plan:
    """Plan the reviews of a pull request and set its checks on `commit`, which must be its head, or what a merge queue made of it.

    A pull request to another branch than the default one is nobody's business: its plan is empty and sets nothing. Raises Misuse where the head
    moved or it is closed, OutsideError where GitHub or the change can't be read; the aggregate is a failure then, if it can be set.
    """
    access, github, run = Access.from_environ(), GitHub.from_environ(), Run.from_environ()
    if access is None:
        raise Misuse("the checks of a pull request are set in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN, or name two commits")
    calls = calls_of(access.api_url, access.token)
    try:
        with _told(access.repository):
            pulls = PullRequests(calls, access.repository, run.url(github.server_url, access.repository))
            standing = pulls.read(number, commit)
            if standing is None or not standing.open:
                raise Misuse(f"there is no open pull request {number} in {access.repository}", "give the number of one")
            if run.event and run.ref != f"refs/heads/{standing.branch}":
                raise Misuse(f"reviews are planned from the default branch alone, and this run is on {quoted(run.ref)}", f"start it on {standing.branch}")
            if commit not in (standing.request.head, standing.request.commit if standing.grouped else ""):
                raise Misuse(f"the head of pull request {number} is not {quoted(commit)} any more", "start again with the head as it is now")
            nobody = reviewing_of(Config(), Wish(), toolkit.fingerprint(), may_start=False)
            if standing.base_branch != standing.branch:
                return Plan((), {}, nobody, request=standing.request)
            try:
                with registry_commits.of_github(github, access.repository, prefix) as commits:
                    plan = _planned(pulls, standing, commits, wish, f"{number}-{run.attempt}")
            except PinwardenError as error:
                pulls.set(unreadable(standing.request, nobody, error.message, error.hint), standing)
                raise
            return pulls.set(plan, standing)
    finally:
        calls.close()


def _planned(pulls: PullRequests, standing: Standing, commits: Commits, wish: Wish, label: str) -> Plan:
    request = standing.request
    start = pulls.merge_base(request.base, request.commit)
    commits.fetch([start, request.base, request.commit])
    # What a pull request writes into the configuration holds from its merge on, not for itself.
    config = commits.config(request.base)
    change = commits.change(start, request.commit, request.base, config)
    by_hand = Run.from_environ().by_hand
    reviewing = reviewing_of(config, wish, toolkit.fingerprint(), may_start=not request.external or by_hand, by_hand=by_hand, checked=True)
    return plan_request(request, change, reviewing, label=label, known=standing.known, shared=standing.shared)


def of_range(root: Path, base: str, head: str, wish: Wish) -> Plan:
    """Plan the reviews of what `head` changes of `base`, two commits of the git repository that `root` belongs to; no check is set."""
    base, head = registry_git.commit(root, base), registry_git.commit(root, head)
    with registry_commits.of_folder(root) as commits:
        config = commits.config(base)
        change = _only(commits.change(registry_git.merge_base(root, base, head), head, base, config), wish.servers)
    return _without_checks(change, config, wish, "range")


def of_all(root: Path, wish: Wish, now: float, label: str) -> Plan:
    """Plan a full audit: of the servers that are asked for, else of those whose turn it is today."""
    registry = Registry(root)
    config = registry.config()
    checked = list(registry.check(registry.entries(config, wish.servers), config.policy))
    names = [one.server for one in checked]
    number = {name: zlib.crc32(name.encode("utf-8", "surrogateescape")) for name in names}
    share = frozenset(names if wish.servers else changes.todays_share(names, int(now) // _DAY, config.review.audit_days, number))
    plan = _without_checks(changes.audit_targets(one for one in checked if one.server in share), config, wish, label)
    return replace(plan, details=config.review.details)


def _without_checks(change: Changed, config: Config, wish: Wish, label: str) -> Plan:
    reviewing = reviewing_of(config, wish, toolkit.fingerprint(), may_start=True)
    reviews = all_reviews(change, reviewing, label)
    if len(reviews) > reviewing.most:
        raise Misuse(
            f"{len(reviews)} reviews are more than one run may make ({reviewing.most})", "name servers, raise review.budget, or spread an audit over more days"
        )
    return Plan(change.targets, change.places, reviewing, reviews, findings=change.findings)


def _only(change: Changed, servers: Sequence[str]) -> Changed:
    if not servers:
        return change
    return replace(
        change, targets=tuple(one for one in change.targets if one.server in servers), findings=tuple(one for one in change.findings if one.server in servers)
    )


@contextmanager
def _told(repository: str) -> Iterator[None]:
    try:
        yield
    except Refused as error:
        needs = "the job needs permissions: contents: read, pull-requests: read, checks: write, and a token of Actions or of an App"
        raise OutsideError(f"{repository}: {error}", needs if "not accessible" in error.message.lower() else error.hint or "run again") from error
    except (Unclear, Limited) as error:
        raise OutsideError(f"{repository}: {error}", "run again: what is not set yet is set then") from error

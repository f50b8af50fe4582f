"""The merge queue: each of its pull requests is merged on a branch of its own, on top of those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.github_twin.repositories import Pull, Repository

if TYPE_CHECKING:
    from support.github_twin.world import World

QUEUE = "github-merge-queue[bot]"
"""Who makes the branches and is the sender of the events."""


def queued(repository: Repository, base: str) -> list[Pull]:
    """Return the pull requests that wait to be merged into a branch, the next one first."""
    found = [pull for pull in repository.pulls.values() if pull.queued is not None and pull.base == base]
    return sorted(found, key=lambda pull: pull.queued.id if pull.queued else 0)


def built(world: World, repository: Repository, pull: Pull, base: str, head: str) -> None:
    """Make the group of a queued pull request: its branch at `head`, a merge on `base`, and the event that asks for checks."""
    assert pull.queued is not None
    ref = f"refs/heads/gh-readonly-queue/{pull.base}/pr-{pull.number}-{base}"
    pull.queued.state, pull.queued.ref, pull.queued.base, pull.queued.head = "AWAITING_CHECKS", ref, base, head
    world.move(repository, QUEUE, (ref, head, None))
    _note(world, repository, pull, "checks_requested")


def leave(world: World, repository: Repository, pull: Pull, reason: str = "dequeued") -> None:
    """Take a pull request out of the queue, if it is in it. The groups on top of its own are gone with it: they wait to be built again."""
    if pull.queued is None:
        return
    waiting = queued(repository, pull.base)
    for each in waiting[waiting.index(pull) :]:
        assert each.queued is not None
        if each.queued.head is not None:
            _note(world, repository, each, "destroyed", reason if each is pull else "invalidated")
            world.move(repository, QUEUE, (each.queued.ref, None, each.queued.head))
        each.queued.state, each.queued.ref, each.queued.base, each.queued.head = "QUEUED", "", None, None
    pull.queued = None


def _note(world: World, repository: Repository, pull: Pull, action: str, reason: str = "") -> None:
    entry = pull.queued
    assert entry is not None
    group = {"head_sha": entry.head, "head_ref": entry.ref, "base_sha": entry.base, "base_ref": f"refs/heads/{pull.base}"}
    payload = {"action": action, "merge_group": group} | ({"reason": reason} if reason else {})
    world.note("merge_group", repository, QUEUE, entry.ref, action, payload=payload)

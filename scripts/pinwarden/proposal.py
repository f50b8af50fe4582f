"""What becomes of each pin's pull request: from what a scan says, and how its branch and pull requests stand in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pinwarden.config import Bump
from pinwarden.evidence import Evidence
from pinwarden.verdict import Action, Pin, Verdict

OBSOLETE = "<!-- pinwarden:obsolete -->"
"""Marks the comment that says why a pull request is closed."""
_DAY = 86_400
_UNKNOWN = frozenset({Verdict.ERROR, Verdict.ENTRY_INVALID, Verdict.REPO_GONE, Verdict.REPO_MOVED, Verdict.REPO_REPLACED})
"""Verdicts under which an open proposal is neither right nor wrong: a person decides."""


@dataclass(frozen=True, slots=True)
class Pull:
    """An open pull request from a branch of ours. `reviewed` where a person has reviewed it."""

    number: int
    node_id: str
    body: str
    evidence: Evidence | None
    reviewed: bool
    told: bool = False
    """Whether this tool has said already why it is obsolete."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one server's branch and pull requests stand. `head` is None where there is no branch."""

    head: str | None = None
    made_by_tool: bool = False
    """Whether the commit at `head` shows by itself that this tool made it."""
    moved_at: int = 0
    """When the commit at `head` came into this registry, in seconds since 1970."""
    pull: Pull | None = None
    last_number: int = 0
    """The newest pull request from this branch that is closed or merged; 0 for none."""
    repository_id: int | None = None
    """The upstream's id on its host when a pin was last proposed, as far as it was known."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Commits whose pull request a person closed, with its number."""

    @property
    def ours(self) -> bool:
        """Tell whether the branch is as this tool left it."""
        recorded = self.pull.evidence.head if self.pull and self.pull.evidence else None
        return self.head is None or self.head == recorded or self.made_by_tool


def decided(pins: Sequence[Pin], standings: Mapping[str, Standing], bump: Bump, now: int, *, refresh: bool = False) -> list[Pin]:
    """Return the pins with what is to be done, quotas not applied yet; servers that have no pin any more are added.

    `now` is in seconds since 1970. `refresh` moves an open pull request however young it is, or reviewed.
    """
    known = {pin.server for pin in pins}
    planned = [_decided(pin, standings.get(pin.server, Standing()), bump, now, refresh) for pin in pins]
    gone = sorted(server for server, standing in standings.items() if server not in known and standing.pull)
    return planned + [_orphan(server, standings[server]) for server in gone]


def same_repository(pins: Sequence[Pin], standings: Mapping[str, Standing], ids: Mapping[str, int]) -> list[Pin]:
    """Return `pins`; what another repository under the same name offers is not proposed, a person must look."""
    return [_replaced(pin, standings.get(pin.server, Standing()).repository_id, ids.get(pin.server)) for pin in pins]


def _replaced(pin: Pin, was: int | None, found: int | None) -> Pin:
    if pin.action is not Action.OPEN or was is None or found in (None, was):
        return pin
    reason = f"another repository has this name: its id was {was} and is {found}"
    return replace(pin, new=None, verdict=Verdict.REPO_REPLACED, action=Action.REPORT, reason=reason)


def quota(pins: Sequence[Pin], standings: Mapping[str, Standing], bump: Bump, max_new: int | None = None) -> list[Pin]:
    """Defer what is beyond the limits. Who waited longest for a pull request comes first, so that what was deferred is next.

    `max_new` stands for `max-new-per-run` where given. The order of `pins` is kept.
    """
    waiting = sorted((pin for pin in pins if pin.action is Action.OPEN), key=lambda pin: (standings.get(pin.server, Standing()).last_number, pin.server))
    room = max(0, bump.max_open - sum(1 for standing in standings.values() if standing.pull))
    most = bump.max_new_per_run if max_new is None else max_new
    let = {pin.server for pin in waiting[: min(most, room)]}
    limit = "max-open" if room < most else "the limit of this run"
    return [
        replace(pin, action=Action.DEFER, reason=f"{pin.reason}; deferred: {limit} is reached") if pin.action is Action.OPEN and pin.server not in let else pin
        for pin in pins
    ]


def _decided(pin: Pin, standing: Standing, bump: Bump, now: int, refresh: bool) -> Pin:  # named by its only caller
    pull = standing.pull
    if pin.action is Action.OPEN and pin.server in bump.hold:
        return replace(pin, action=Action.HOLD, reason=f"{pin.reason}; held by the registry's configuration")
    if pin.action is not Action.OPEN:
        return _obsolete(pin, standing) if pull else pin
    if not standing.ours:
        where = f"#{pull.number}" if pull else "its branch"
        return replace(pin, action=Action.LEAVE, reason=f"{pin.reason}; left alone: {where} has a commit that this tool did not make")
    if pull is None:
        if pin.new and pin.new in standing.rejected:
            return replace(pin, action=Action.LEAVE, reason=f"{pin.reason}; left alone: a person closed #{standing.rejected[pin.new]} for this commit")
        return pin
    evidence = pull.evidence
    if evidence and (evidence.old, evidence.new, evidence.head) == (pin.old, pin.new, standing.head):
        return replace(pin, action=Action.NONE, reason=f"{pin.reason}; proposed in #{pull.number}")
    # A branch that moved without its evidence was left by a run that was cut off: that is finished, whatever its age.
    if evidence and (evidence.old, evidence.head) == (pin.old, standing.head) and not refresh:
        if pull.reviewed:
            return replace(pin, action=Action.LEAVE, reason=f"{pin.reason}; left alone: #{pull.number} proposes {evidence.new[:12]} and a person reviewed it")
        if now - standing.moved_at < bump.cooldown_days * _DAY:
            why = f"is younger than {bump.cooldown_days} days"
            return replace(pin, action=Action.LEAVE, reason=f"{pin.reason}; left alone: #{pull.number} proposes {evidence.new[:12]} and {why}")
    return replace(pin, action=Action.UPDATE, reason=f"{pin.reason}; updates #{pull.number}")


def _obsolete(pin: Pin, standing: Standing) -> Pin:
    number = standing.pull.number if standing.pull else 0
    if pin.verdict in _UNKNOWN:
        return replace(pin, action=Action.LEAVE, reason=f"{pin.reason}; #{number} is left as it is")
    if not standing.ours:
        return replace(pin, action=Action.LEAVE, reason=f"{pin.reason}; left alone: #{number} has a commit that this tool did not make")
    return replace(pin, action=Action.CLOSE, reason=f"{pin.reason}; #{number} is obsolete")


def _orphan(server: str, standing: Standing) -> Pin:
    evidence = standing.pull.evidence if standing.pull else None
    pin = Pin(server, evidence.project if evidence else None, None, None, None, Verdict.NOT_PINNED, Action.NONE, "the registry has no such entry any more")
    return _obsolete(pin, standing)

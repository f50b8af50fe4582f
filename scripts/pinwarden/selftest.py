"""What a live self-test proves of GitHub: assumptions by their ids, what was seen of each, and the table of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pinwarden.shown import shown

PREFIX = "pinwarden-selftest"
"""What every branch and check of a self-test is named after."""
MOST_BYTES = 64 * 1024
"""Of one file of results."""
_LONGEST = 300

LIVE: Mapping[str, str] = {
    "environment-branches": "an environment's rule keeps a job of another branch out, also without a deployment",
    "dispatch-by-job": "a job's token starts a workflow by workflow_dispatch",
    "app-starts-workflows": "a pull request of an App starts workflows",
    "job-token-starts-none": "a pull request of a job's token starts none until somebody approves",
    "empty-permissions": "with permissions: {} a job's token writes nothing",
    "viewer-names-app": "GraphQL's viewer is the App that a token belongs to",
    "check-names-app": "a check run names the app that made it",
    "check-by-id": "an app completes its own check run by its id",
    "check-owner": "no other app completes it",
    "check-limits": "a check takes 65,535 bytes of summary and of text, and 50 annotations",
    "required-from-app": "a check that a ruleset requires of one App is not given by another",
    "neutral-passes": "a required check that is neutral lets a pull request be merged",
    "newest-decides": "of several checks of one name the newest decides, also while it is queued",
    "commit-signed": "what a bot commits through the API GitHub signs, in the bot's name",
    "commit-lease": "createCommitOnBranch refuses another head than the expected one",
    "ref-lease": "updateRefs refuses to move a ref that is not where beforeOid says",
    "merge-lease": "mergePullRequest refuses another head than the expected one",
    "workflow-files": "a token without the permission workflows brings no workflow file",
    "fetch-by-id": "git fetches a commit by its id, without files and history",
    "compare-by-id": "GraphQL compares a ref with a commit's id, and finds a folder's tree by path",
    "sandbox-runner": "the sandbox holds on a hosted runner",
}
"""The assumptions that a self-test can prove; docs/assumptions.md says more of each, and of those it can't."""


class State(StrEnum):
    """What came of an assumption. Unknown is neither: it could not be tried, or not be told."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


_MARKS = {State.HOLDS: "✔", State.FAILS: "✘", State.UNKNOWN: "?"}
_WORST = (State.FAILS, State.UNKNOWN, State.HOLDS)
_NOTHING = "no job said anything of it"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was seen of one assumption. `seen` is a sentence; it may quote GitHub."""

    id: str
    state: State
    seen: str


class BadResults(Exception):
    """A file of results is not one; the message says why."""


def denied(name: str, refusal: str, *, done: bool) -> Proof:
    """Judge something that GitHub must not do: what it answered, empty where it refused nothing, and whether it is done all the same."""
    if done:
        return Proof(name, State.FAILS, "GitHub did it")
    if not refusal:
        return Proof(name, State.UNKNOWN, "GitHub refused nothing, and nothing was done")
    return Proof(name, State.HOLDS, refusal)


def held(name: str, so: object, seen: str) -> Proof:
    """Judge something that must be so."""
    return Proof(name, State.HOLDS if so else State.FAILS, seen)


def unknown(name: str, why: str) -> Proof:
    return Proof(name, State.UNKNOWN, why)


def as_document(proofs: Iterable[Proof]) -> str:
    """Return what one job found, for `read_proofs`."""
    return json.dumps({"proofs": [asdict(proof) for proof in proofs]}, indent=2) + "\n"


def read_proofs(content: bytes) -> tuple[Proof, ...]:
    """Read what one job found. Raises BadResults."""
    try:
        rows: Any = json.loads(content)["proofs"]
        found = tuple(Proof(str(row["id"])[:_LONGEST], State(row["state"]), str(row["seen"])[:_LONGEST]) for row in rows)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadResults(f"it does not hold proofs ({type(error).__name__})") from error
    if strange := [proof.id for proof in found if proof.id not in LIVE]:
        raise BadResults(f"{shown(strange[0])} is no assumption that is proved so")
    return found


def collected(proofs: Iterable[Proof]) -> list[Proof]:
    """Return one proof for each assumption, the worst where there are several, unknown where there is none."""
    found: dict[str, Proof] = {}
    for proof in proofs:
        known = found.get(proof.id)
        if known is None or _WORST.index(proof.state) < _WORST.index(known.state):
            found[proof.id] = proof
    return [found.get(name, unknown(name, _NOTHING)) for name in LIVE]


def as_table(proofs: Iterable[Proof]) -> str:
    """Return proofs for a terminal or a job's log."""
    return "".join(f"{_MARKS[proof.state]} {proof.id}: {LIVE[proof.id]}\n  {_told(proof)}\n" for proof in proofs)


def as_summary(proofs: Iterable[Proof]) -> str:
    """Return proofs as Markdown for the page of a run."""
    rows = "".join(f"| {_MARKS[proof.state]} | `{proof.id}` | {LIVE[proof.id]} | {_cell(_told(proof))} |\n" for proof in proofs)
    return (
        "## What Pinwarden assumes of GitHub\n\n✔ it is so, ✘ it is not, ? it could not be told. What can be proved by hand alone stands in "
        f"docs/assumptions.md.\n\n| | assumption | that | what was seen |\n|---|---|---|---|\n{rows}"
    )


def _told(proof: Proof) -> str:
    return shown(proof.seen if len(proof.seen) <= _LONGEST else f"{proof.seen[:_LONGEST]}…")


def _cell(text: str) -> str:
    """Return text as a code span in a table: what GitHub said is quoted, and is no Markdown of ours."""
    return "`" + text.replace("`", "'").replace("|", "¦") + "`"

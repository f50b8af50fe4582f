"""Caller workflows: those to copy into a registry, with a commit of the toolkit filled in, and what a registry's own workflows use of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pinwarden.document import Defect, read

TOOLKIT = "pinwarden/pinwarden"
PLACEHOLDER = "0" * 40
"""Stands in the workflows to copy for the toolkit's commit."""
FOLDER = ".github/workflows"
RECOMMENDED = ("validate", "review", "nightly")
OPTIONAL: Mapping[str, str] = {
    "audit": "every day some entries are read whole",
    "merge": "merges what needs no person, once merge.enabled is on (docs/from-manual-to-automatic.md)",
    "merge-queue": "beside review, where the default branch has a merge queue",
    "page": "every night the registry's page, on GitHub Pages",
    "trust": "every week, whether the publishers that you know are still who they were",
    "new-server": "from a URL, on the Actions page, to a pull request with a pinned entry",
    "build-claude": "builds the image of Claude Code, which each registry does for itself",
}
"""What each of the other workflows to copy is for."""

_REMARK = re.compile(rf"({PLACEHOLDER}\"?) +# put the release's commit here$", re.MULTILINE)
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


def is_commit(text: str) -> bool:
    """Tell whether `text` is a full commit that a workflow may name."""
    return _COMMIT.match(text) is not None and text != PLACEHOLDER


def filled(text: str, commit: str) -> str:
    """Return a workflow to copy with the toolkit's commit in place of the zeros."""
    return _REMARK.sub(r"\1", text).replace(PLACEHOLDER, commit)


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a workflow names the toolkit."""

    workflow: str
    """The workflow's path."""
    check: str
    """What GitHub calls the check of the job: its name, or its id where it has none."""
    part: str
    """What is used: empty for the front door, `actions/<name>`, `.github/workflows/<name>.yml`, or `checkout`."""
    ref: str

    @property
    def is_pinned(self) -> bool:
        return is_commit(self.ref)

    def is_of(self, *verbs: str) -> bool:
        """Tell whether it is one of these actions or reusable workflows, by their names without folder and ending."""
        return self.part.removeprefix("actions/").removeprefix(".github/workflows/").removesuffix(".yml") in verbs


def uses_of(path: str, raw: bytes) -> tuple[Use, ...] | Defect:
    """Return where the workflow at `path` names the toolkit, a defect where it can't be read. It may be anybody's: nothing in it is believed."""
    document = read(raw)
    if isinstance(document, Defect):
        return document
    value: Any = document.value
    jobs = value.get("jobs") if isinstance(value, dict) else None
    return tuple(use for name, job in _mappings(jobs) for use in _of_job(path, name, job))


def _of_job(path: str, name: str, job: Mapping[str, Any]) -> Iterator[Use]:
    check = job["name"] if isinstance(job.get("name"), str) else name
    steps = job.get("steps")
    for step in (job, *(steps if isinstance(steps, list) else ())):
        if not isinstance(step, dict) or not isinstance(step.get("uses"), str):
            continue
        place, _, ref = step["uses"].partition("@")
        owner_and_name = "/".join(place.split("/")[:2]).lower()
        given = step.get("with")
        if owner_and_name == TOOLKIT:
            yield Use(path, check, place[len(TOOLKIT) + 1 :], ref)
        elif owner_and_name == "actions/checkout" and isinstance(given, dict) and str(given.get("repository", "")).lower() == TOOLKIT:
            yield Use(path, check, "checkout", str(given.get("ref", "")))


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, each in value.items() if isinstance(value, dict) else ():
        if isinstance(each, dict):
            yield name, each

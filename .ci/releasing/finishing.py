"""The last step of a release, the only one that writes to the repository: from whatever is there to what must be there."""

from __future__ import annotations

import os

from packaging.version import Version

from pinwarden.adapters import actions_io
from pinwarden.adapters.github_calls import Calls, Refused, Unclear
from releasing import plan
from releasing.job import CHANGELOG, IMAGES, Job, repository, told
from releasing.plan import Reading, Step
from releasing.repository import ReleaseRepository

_TRIES = 8
"""Four steps at most, and as many answers that tell nothing."""
_AGAIN = "run the workflow again with the same version: it goes on from what is there"


def finish(version: Version, calls: type[Calls] = Calls) -> None:
    """Do what is left to do, reading anew before each step. Raises Misuse, OutsideError."""
    job = Job.from_environ()
    with repository(calls, _AGAIN) as where:
        commit = _finished(version, job, where)
    print(f"{plan.tag_of(version)} is {commit}")
    actions_io.add_summary(f"Released. Pin `{job.repository}@{commit} # {plan.tag_of(version)}`\n")


def _finished(version: Version, job: Job, where: ReleaseRepository) -> str:
    problem: Exception = Unclear("no answer")
    for _ in range(_TRIES):
        try:
            reading = where.read(version)
            step = plan.next_step(version, job.commit, reading)
            if step is Step.NONE and reading.tagged:
                return reading.tagged.commit
            _do(step, version, reading, job, where)
        except Unclear as error:
            # What is there decides, not what was answered.
            problem = error
        except Refused as error:
            if not error.again:
                raise
            problem = error
    raise problem


def _do(step: Step, version: Version, reading: Reading, job: Job, where: ReleaseRepository) -> None:
    tag, major = plan.tag_of(version), plan.major_of(version)
    if step is Step.COMMIT or reading.tagged is None:
        references = plan.checked(told(os.environ.get("IMAGES") or "{}"), job.published())
        # Before anything is written: what is released has its words.
        plan.section(CHANGELOG.read_text(), version)
        listed = plan.with_digests(IMAGES.read_text(), references)
        where.tag(tag, where.commit(job.commit, listed, plan.message(version, job.commit, references)))
    elif step is Step.MAJOR:
        (where.move if major in reading.tags else where.tag)(major, reading.tagged.commit)
    else:
        changelog, listed = where.texts(reading.tagged.commit, plan.CHANGELOG, plan.IMAGES)
        page = f"{job.server}/{job.repository}/blob/{tag}/docs/releasing.md#verify-a-release"
        where.publish(tag, reading.tagged.commit, plan.notes(plan.section(changelog, version), version, reading.tagged.commit, listed, page))

"""What GitHub lets happen in a live self-test, and what it keeps from happening: merges, workflows that start, jobs in an environment."""

from __future__ import annotations

from collections.abc import Iterator

from pinwarden.adapters.github_calls import Refused
from pinwarden.adapters.scratch_repository import Scratch, refusal
from pinwarden.selftest import Proof, denied, held, unknown
from pinwarden.status import CHECK

WORKFLOW = "live-selftest.yml"
ELSEWHERE = "Elsewhere"
"""The name of the job that must not start on another branch."""
_MERGEABLE = ("CLEAN", "UNSTABLE", "HAS_HOOKS")
_ON_PULL_REQUESTS = ".github/workflows/validate.yml"


def merges(place: Scratch) -> Iterator[Proof]:
    """The imitation is refused, and then the App's own check opens the way: so it was the imitation that was refused."""
    job, app, head = place.job, place.the_app(), place.head("job")
    number = place.open(job, "job")
    pull = place.wait(lambda: job.pull(number), lambda found: found.merge_state != "UNKNOWN")
    if pull.merge_state in _MERGEABLE:
        why = f"no ruleset of {place.base.branch} requires {CHECK}"
        yield from (unknown(name, why) for name in ("required-from-app", "neutral-passes", "newest-decides"))
    else:
        job.check(place.base, CHECK, head, status="COMPLETED", conclusion="SUCCESS")
        said, then = refusal(lambda: app.merge(number, head)), job.pull(number)
        if not then.open or then.merge_state in _MERGEABLE:
            told = "merged" if not then.open else f"it could be merged ({then.merge_state})"
            yield held("required-from-app", so=False, seen=f"{told} on a check of {place.base.viewer}: name the App as its source, and give it no bypass")
            raise Refused("it was not tried after that")
        yield from _by_the_app(place, number, said)
    if (last := job.pull(number)).merge_state not in _MERGEABLE:
        raise Refused(f"the pull request can't be merged in any case ({last.merge_state})")
    said = refusal(lambda: app.merge(number, place.head("first")))
    yield denied("merge-lease", said, done=not job.pull(number).open)


def _by_the_app(place: Scratch, number: int, said: str) -> Iterator[Proof]:
    """Let the App's checks open and shut the way. Raises Refused where something else shuts it."""
    app, head = place.the_app(), place.head("job")

    def settled(*, open_: bool) -> str:
        return place.wait(lambda: app.pull(number), lambda found: (found.merge_state in _MERGEABLE) is open_).merge_state

    app.check(place.base, CHECK, head, status="COMPLETED", conclusion="NEUTRAL")
    neutral = settled(open_=True)
    if neutral not in _MERGEABLE:
        app.check(place.base, CHECK, head, status="COMPLETED", conclusion="SUCCESS")
        if (last := settled(open_=True)) not in _MERGEABLE:
            raise Refused(f"something else keeps the pull request from being merged as well ({last})")
    yield denied("required-from-app", said, done=False)
    yield held("neutral-passes", neutral in _MERGEABLE, f"with neutral: {neutral}")
    newest = app.check(place.base, CHECK, head, status="QUEUED")
    queued = settled(open_=False)
    yield held("newest-decides", queued not in _MERGEABLE, f"with a newer one that is queued: {queued}")
    app.complete(place.base, newest)
    settled(open_=True)


def starts(place: Scratch) -> Iterator[Proof]:
    app = place.the_app()
    place.open(app, "app")
    seen = place.wait(lambda: place.job.runs("app", "pull_request"), bool)
    if not seen:
        there = place.job.at(f"HEAD:{_ON_PULL_REQUESTS}")
        raised = "no run came" if there else f"the default branch has no {_ON_PULL_REQUESTS}, which would start"
        yield held("app-starts-workflows", so=False, seen=raised) if there else unknown("app-starts-workflows", raised)
        yield unknown("job-token-starts-none", raised)
        return
    yield held("app-starts-workflows", so=True, seen=f"run {seen[0]['id']}")
    if "job" not in place.pulls:
        raise Refused("the job's token opened no pull request")
    ran = [run for run in place.job.runs("job") if "action_required" not in (run["conclusion"], run["status"]) and run["status"] != "waiting"]
    yield held("job-token-starts-none", not ran, f"run {ran[0]['id']} started" if ran else "the App's pull request started one, its own none")


def elsewhere(place: Scratch, *, given: bool) -> Iterator[Proof]:
    """Start this workflow on a branch that is a copy of the default one; its job in the environment must not start there.

    `given` says whether this job, on the default branch, was given the environment's secret.
    """
    job = place.job
    place.move(job, "elsewhere", None, place.base.commit)
    job.dispatch(WORKFLOW, "elsewhere", {"scratch": job.full_name})
    runs = place.wait(lambda: job.runs("elsewhere", "workflow_dispatch"), lambda found: found and found[0]["status"] == "completed")
    yield held("dispatch-by-job", runs, f"run {runs[0]['id']}" if runs else "no run came")
    if not runs or runs[0]["status"] != "completed":
        yield unknown("environment-branches", "the run did not end in time" if runs else "no run came")
        return
    found = next((one for one in job.jobs(runs[0]["id"]) if one["name"] == ELSEWHERE), None)
    if found and (found["conclusion"] == "success" or found.get("steps")):
        yield held("environment-branches", so=False, seen="the job ran: let the environment pinwarden-report take the default branch alone")
    elif found is None or found["conclusion"] != "failure":
        yield unknown("environment-branches", f"the job came to {found['conclusion'] if found else 'nothing'}")
    elif not given:
        yield unknown("environment-branches", "refused; but the environment has no secret PINWARDEN_APP_KEY that the default branch is given")
    else:
        yield held("environment-branches", so=True, seen="refused there, and the default branch is given the secret")

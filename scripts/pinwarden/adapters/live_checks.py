"""The checks of a live self-test: each tries an assumption on a scratch repository, with a control beside it, and looks at what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from pinwarden.adapters import registry_commits, sandbox_probe
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.adapters.live_gates import elsewhere, merges, starts
from pinwarden.adapters.pull_request import ACTIONS, MOST_ANNOTATIONS
from pinwarden.adapters.scratch_repository import Actor, Scratch, refusal
from pinwarden.check_output import MOST_BYTES
from pinwarden.errors import OutsideError
from pinwarden.git_protocol import NotOurRef
from pinwarden.selftest import PREFIX, Proof, denied, held, unknown

_COMPARE = """
query($owner: String!, $name: String!, $branch: String!, $commit: String!) {
  repository(owner: $owner, name: $name) { ref(qualifiedName: $branch) { compare(headRef: $commit) { status aheadBy } } }
}
"""
Work = Callable[[Scratch], Iterator[Proof]]


def proofs(checks: Mapping[Work, tuple[str, ...]], place: Scratch) -> Iterator[Proof]:
    """Yield what each check finds; what could not be tried is unknown, with the reason."""
    for check, names in checks.items():
        told = set()
        try:
            for proof in check(place):
                told.add(proof.id)
                yield proof
        except (Unclear, Refused, Limited, OutsideError) as error:
            yield from (unknown(name, str(error)) for name in names if name not in told)


def viewers(place: Scratch) -> Iterator[Proof]:
    place.the_app()
    so = place.base.viewer == ACTIONS and place.app_viewer.endswith("[bot]") and place.app_viewer != ACTIONS
    yield held("viewer-names-app", so, f"a job's token is {place.base.viewer}, the App's is {place.app_viewer}")


def writes(place: Scratch) -> Iterator[Proof]:
    """Each refusal is of what is done right after, with the right lease."""
    job, base = place.job, place.base
    made = job.made(base, "job")
    place.move(job, "job", None, base.commit)
    try:
        said = refusal(lambda: place.move(job, "job", made, made))
    except Unclear as error:
        # What GitHub answers here is published nowhere; the same with the right lease tells whether it answers at all.
        said = str(error)
    moved = job.tip("job") != base.commit
    if not moved:
        place.move(job, "job", base.commit, made)
    yield denied("ref-lease", said, done=moved)
    signed = [job.by_tool("job")]
    if place.app:
        place.move(place.app, "app", None, place.app.made(base, "app"))
        place.heads["app"] = place.app.tip("app")
        signed.append(place.app.by_tool("app"))
    yield held("commit-signed", all(signed), f"signed and named, of {len(signed)} commits: {sum(signed)}")
    said = refusal(lambda: job.commit_on("job", base.commit, f"{PREFIX}/stale.md"))
    moved = job.tip("job") != made
    place.heads["first"] = made
    place.heads["job"] = job.commit_on("job", job.tip("job"), f"{PREFIX}/more.md")
    yield denied("commit-lease", said, done=moved)


def workflow_files(place: Scratch) -> Iterator[Proof]:
    for name, actor in (("job", place.job), ("app", place.app)):
        if actor:
            before = place.head(name)
            said = refusal(lambda actor=actor, name=name, before=before: actor.commit_on(name, before, f".github/workflows/{PREFIX}.yml"))  # type: ignore[misc]
            place.heads[name] = actor.tip(name)
            yield denied("workflow-files", said, done=place.heads[name] != before)


def reads(place: Scratch) -> Iterator[Proof]:
    job, first = place.job, place.head("first")
    try:
        with registry_commits.of_github(GitHub.from_environ(), job.full_name, "") as commits:
            commits.fetch([first])
            yield held("fetch-by-id", f"{PREFIX}/job.md" in commits.at(first).nodes, f"fetched {first}, which is no branch's tip")
    except NotOurRef as error:
        yield held("fetch-by-id", so=False, seen=str(error))
    ref = f"refs/heads/{job.prefix}/job"
    found = job.calls.query(_COMPARE, {**job.where, "branch": ref, "commit": first})["repository"]["ref"]["compare"] or {}
    trees = [job.at(f"{at}:{PREFIX}") or {} for at in (first, ref)]
    kinds = [tree.get("__typename") for tree in trees]
    so = (found.get("status"), found.get("aheadBy"), kinds) == ("BEHIND", 0, ["Tree", "Tree"]) and trees[0] != trees[1]
    yield held("compare-by-id", so, f"{found.get('status')}, ahead by {found.get('aheadBy')}; by path {kinds[0]} and {kinds[1]}")


def own_checks(place: Scratch) -> Iterator[Proof]:
    head, ids = place.head("job"), {}
    actors = [(place.job, place.base.viewer), *([(place.app, place.app_viewer)] if place.app else [])]
    named = []
    for actor, viewer in actors:
        ids[viewer] = actor.check(place.base, f"{PREFIX}/own", head, status="QUEUED")
        app = (actor.check_run(ids[viewer])["checkSuite"] or {}).get("app") or {}
        named.append((f"{app.get('slug')}[bot]", viewer, app.get("databaseId")))
    so = all(bot == viewer for bot, viewer, _ in named) and len({number for _, _, number in named}) == len(named)
    yield held("check-names-app", so, "; ".join(f"{viewer} made a check of {bot}, app {number}" for bot, viewer, number in named))
    if place.app:
        theirs = ids[place.app_viewer]
        said = refusal(lambda: place.job.complete(place.base, theirs))
        yield denied("check-owner", said, done=place.app.check_run(theirs)["conclusion"] is not None)
    else:
        yield unknown("check-owner", "there is no App's token")
    ends = []
    for actor, viewer in actors:
        said = refusal(lambda actor=actor, viewer=viewer: actor.complete(place.base, ids[viewer]))  # type: ignore[misc]
        found = actor.check_run(ids[viewer])
        ends.append((viewer, found["conclusion"], found["externalId"], said))
    told = "; ".join(f"{viewer}: {end}{f', {said}' if said else ''}" for viewer, end, _, said in ends)
    yield held("check-by-id", all((end, external) == ("SUCCESS", PREFIX) for _, end, external, _ in ends), told)


def limits(place: Scratch) -> Iterator[Proof]:
    note = {"path": f"{PREFIX}/job.md", "location": {"startLine": 1, "endLine": 1}, "annotationLevel": "NOTICE", "message": "x"}
    large = {"title": "x", "summary": "x" * MOST_BYTES, "text": "x" * MOST_BYTES, "annotations": [note] * MOST_ANNOTATIONS}
    ended, head = {"status": "COMPLETED", "conclusion": "NEUTRAL"}, place.head("job")
    # A small one first: what is refused after it is refused for its size.
    place.job.check(place.base, f"{PREFIX}/small", head, **ended)
    said = refusal(lambda: place.job.check(place.base, f"{PREFIX}/large", head, **ended, output=large))
    yield held("check-limits", not said, said or "taken")


TOKENS: Mapping[Work, tuple[str, ...]] = {
    viewers: ("viewer-names-app",),
    writes: ("ref-lease", "commit-signed", "commit-lease"),
    workflow_files: ("workflow-files",),
    reads: ("fetch-by-id", "compare-by-id"),
    own_checks: ("check-names-app", "check-owner", "check-by-id"),
    limits: ("check-limits",),
    merges: ("required-from-app", "neutral-passes", "newest-decides", "merge-lease"),
    starts: ("app-starts-workflows", "job-token-starts-none"),
}
"""What a job with both tokens tries, in this order: what comes later builds on what was made before."""


def dispatch(*, given: bool) -> Mapping[Work, tuple[str, ...]]:
    """Return what a job tries that starts the workflow on another branch; `given` says whether it has its environment's secret."""
    return {partial(elsewhere, given=given): ("dispatch-by-job", "environment-branches")}


def nothing(calls: Calls, full_name: str) -> Iterator[Proof]:
    """The token of a job with `permissions: {}`: it is a token, and writes nothing."""
    try:
        calls.get("/rate_limit")
        said = refusal(lambda: calls.post(f"/repos/{full_name}/git/blobs", {"content": "x"}))
        yield held("empty-permissions", said, said or "a blob was written")
    except (Unclear, Refused, Limited) as error:
        yield unknown("empty-permissions", str(error))


def sandbox() -> Iterator[Proof]:
    """What doctor --sandbox finds on this machine, in one."""
    try:
        found = sandbox_probe.checks()
    except OutsideError as error:
        yield unknown("sandbox-runner", error.message)
        return
    broken = [f"{check.name} ({check.hint})" for check in found if not check.ok]
    yield held("sandbox-runner", not broken, "; ".join(broken) or found[0].hint)


def actors(calls: Calls, app_calls: Calls | None, full_name: str, run: str) -> tuple[Actor, Actor | None]:
    """Return who acts: a job's token, and an App's where there is one. `run` makes the branches' names those of this run."""
    prefix = f"{PREFIX}-{run}"
    return Actor(calls, full_name, prefix), Actor(app_calls, full_name, prefix) if app_calls else None

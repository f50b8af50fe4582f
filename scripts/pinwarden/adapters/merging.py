"""The merge gate: reads every fact of a pull request anew, decides, and merges at once, bound to the head that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pinwarden import scan
from pinwarden.adapters import publisher_files, registry_commits, scanning, toolkit, trusting
from pinwarden.adapters.actions_io import Access, GitHub, Run
from pinwarden.adapters.git_http import UpstreamFailed
from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear, outside
from pinwarden.adapters.merge_pull import MergePulls, Seen
from pinwarden.adapters.pull_request import ACTIONS, PullRequests, Standing
from pinwarden.adapters.registry_commits import Commits
from pinwarden.adapters.registry_remote import is_file, listed_nodes
from pinwarden.adapters.scanning import Upstreams
from pinwarden.config import Config, Level, matching
from pinwarden.entry import Entry
from pinwarden.errors import Misuse, PinwardenError
from pinwarden.merge_policy import Decided, Decision, Edit, Facts, decide
from pinwarden.merge_policy import Run as CheckRun
from pinwarden.merge_report import Ending, Outcome, comment, ended
from pinwarden.pin_edit import one_pin
from pinwarden.plan import Request, plan_request
from pinwarden.shown import quoted
from pinwarden.status import CHECK
from pinwarden.tree import changed
from pinwarden.trust.case import State
from pinwarden.trust.standing import standing as standing_of
from pinwarden.trust.subject import subject_of
from pinwarden.upstream import Answer, Mirror, Question, Relation
from pinwarden.validation import Checked
from pinwarden.wish import Wish, reviewing_of

_TRIES = 3


@dataclass(slots=True)
class Gate:
    """One run over a registry in `repository`, owner/name. `now` gives seconds since 1970."""

    calls: Calls
    repository: str
    commits: Commits
    upstreams: Upstreams
    git: GitUpstreams
    mirrors: Sequence[Mirror]
    now: Callable[[], float]

    def run(self, numbers: Sequence[int], *, dry_run: bool) -> Iterator[Outcome]:
        """Decide each pull request, and merge it or say what it waits for, unless `dry_run` or the configuration has merging off.

        What fails for one is told, and the next is looked at.
        """
        for number in numbers:
            try:
                yield self._one(number, dry_run=dry_run)
            except Limited as error:
                yield Outcome(number, Decided(Decision.WAIT, (str(error),)), problem=str(error))
                return
            except (Unclear, Refused, PinwardenError) as error:
                yield Outcome(number, Decided(Decision.WAIT, ("it could not be read",)), problem=str(error))

    def _one(self, number: int, *, dry_run: bool) -> Outcome:
        decided, seen, enabled = self._decided(number)
        for attempt in range(_TRIES):
            if decided.decision is not Decision.MERGE or dry_run or not enabled:
                break
            try:
                return self._ended(number, decided, seen, MergePulls(self.calls, self.repository).merge(seen))
            except Unclear:
                # It may be done: what is there now tells.
                if (ending := self._done(number)) is not None:
                    return self._ended(number, decided, seen, ending)
            except Refused as error:
                if attempt == _TRIES - 1 or not error.again:
                    decided = Decided(Decision.WAIT, (f"GitHub did not merge it: {error.message}",))
                    break
            # Base or head moved: nothing that was read before counts.
            decided, seen, enabled = self._decided(number)
        if dry_run or not enabled or seen.state != "OPEN":
            return Outcome(number, decided)
        if decided.decision is Decision.MERGE:
            return Outcome(number, decided, problem="it is not known whether it was merged")
        pulls = MergePulls(self.calls, self.repository)
        if seen.queued:
            # The queue has it: what an older comment says is over, and there is nothing new to tell anybody.
            pulls.retell(number, seen, ended(Ending.QUEUED, seen.head))
        elif seen.by_tool:
            # Nobody else's pull request waits for this gate, whatever its branch is called.
            pulls.tell(number, comment(decided, seen.head))
        return Outcome(number, decided)

    def _ended(self, number: int, decided: Decided, seen: Seen, ending: Ending) -> Outcome:
        """Return what was done, with the comment that it waits brought up to date: it is done, whatever becomes of that."""
        try:
            MergePulls(self.calls, self.repository).retell(number, seen, ended(ending, seen.head))
        except (Unclear, Refused, Limited) as error:
            return Outcome(number, decided, ending, problem=f"its comment could not be brought up to date: {error}")
        return Outcome(number, decided, ending)

    def _done(self, number: int) -> Ending | None:
        again = MergePulls(self.calls, self.repository).read(number, "")
        if again.state == "MERGED":
            return Ending.MERGED
        return Ending.QUEUED if again.queued else None

    def _decided(self, number: int) -> tuple[Decided, Seen, bool]:
        """Return the decision, what it is about, and whether the configuration lets it be carried out."""
        pulls = MergePulls(self.calls, self.repository)
        config = self.config(tip := pulls.tip().commit)
        seen = pulls.read(number, config.bump.branch_prefix)
        standing = PullRequests(self.calls, self.repository).read(number, seen.head)
        if standing is None or standing.request.head != seen.head or standing.request.base != tip:
            raise Unclear("it moved while it was read")
        agents = config.merge.agents or config.review.agents
        facts = self._facts(number, seen, standing, config)
        # What is held from being proposed is held from being merged.
        policy = replace(config.merge, never=config.merge.never | config.bump.hold)
        return decide(facts, policy, agents, int(self.now())), seen, config.merge.enabled

    def config(self, tip: str) -> Config:
        """Return the configuration at the tip of the default branch: what a pull request writes into it holds from its merge on."""
        self.commits.fetch([tip])
        return self.commits.config(tip)

    def _facts(self, number: int, seen: Seen, standing: Standing, config: Config) -> Facts:
        start = PullRequests(self.calls, self.repository).merge_base(standing.request.base, seen.head)
        self.commits.fetch([start, standing.request.base, seen.head])
        edit, entry = self._edit(start, standing.request, config)
        by_tool = seen.by_tool and (bool(edit.problem) or seen.branch == f"{config.bump.branch_prefix}/{edit.server}")
        ours = by_tool and not edit.problem and not seen.strangers and not standing.request.external
        answer = self._answer(entry, edit, config, seen) if ours and entry else None
        checks = self._checks(start, standing, config) if ours else {}
        return Facts(
            number=number,
            head=seen.head,
            open=standing.open,
            draft=seen.draft,
            queued=seen.queued,
            external=standing.request.external,
            to_default=standing.base_branch == standing.branch,
            by_tool=by_tool,
            strangers=seen.strangers,
            labels=seen.labels,
            changes_requested=seen.changes_requested,
            shared=tuple(sorted(standing.others)),
            made_at=seen.made_at,
            edit=edit,
            answer=answer,
            recorded_id=seen.recorded_id,
            forward=self._forward(entry, edit) if ours and entry else None,
            checks=checks,
            level=self._level(standing.request, entry, config) if ours and entry else None,
        )

    def _edit(self, start: str, request: Request, config: Config) -> tuple[Edit, Entry | None]:
        before, after, tip = (listed_nodes(self.commits.objects, commit) for commit in (start, request.head, request.base))
        paths = sorted(changed(before, after))
        whole = paths[0] if len(paths) == 1 else ""
        path = whole.removeprefix(self.commits.prefix)
        entry_like = whole.startswith(self.commits.prefix) and path in matching([path], config.entries)
        same_kind = whole in before and whole in after and before[whole].kind == after[whole].kind and is_file(after[whole])
        old, new = (self._checked(commit, path, config) if entry_like and same_kind else None for commit in (start, request.head))
        return one_pin(paths, old, new, stale=before.get(whole) != tip.get(whole)), new.entry if new else None

    def _checked(self, commit: str, path: str, config: Config) -> Checked | None:
        registry = self.commits.at(commit)
        self.commits.read((registry, [path]))
        return next(iter(registry.check(list(registry.files([path])), config.policy)), None)

    def _answer(self, entry: Entry, edit: Edit, config: Config, seen: Seen) -> Answer | None:
        track = config.bump.track(edit.server)
        question = Question(edit.server, str(entry.project), edit.new, entry.directory, entry.branch, track, seen.recorded_id)
        return dict(self.upstreams.survey([question])).get(question)

    def _forward(self, entry: Entry, edit: Edit) -> bool | None:
        try:
            return self.git.relation(str(entry.project), edit.new, edit.old) is Relation.AHEAD
        except UpstreamFailed:
            return None

    def _level(self, request: Request, entry: Entry, config: Config) -> Level | None:
        """Return the publisher's level by the list on the default branch; None where no policy asks, or it could not be told."""
        if config.merge.trust == frozenset(Level):
            return None
        registry = self.commits.at(request.base)
        self.commits.read((registry, [config.publishers]))
        publishers = publisher_files.read(registry, config, None)
        checked = Checked(entry.server, entry.path, entry, ())
        questions = {question.server: question for question in scan.inquire([checked], config).questions}
        (case,) = trusting.cases([subject_of(checked)], questions, publishers, self.mirrors, datetime.fromtimestamp(self.now(), UTC).date())
        found = standing_of(case)
        return None if found.state is State.UNCHECKED else found.level

    def _checks(self, start: str, standing: Standing, config: Config) -> Mapping[str, CheckRun]:
        """Return our own check runs of the head, each held against what would be planned now."""
        request = standing.request
        change = self.commits.change(start, request.head, request.base, config)
        reviewing = reviewing_of(config, Wish(), toolkit.fingerprint(), may_start=True)
        plan = plan_request(request, change, reviewing, label="merge", known={})
        wanted = {check.name: check.external_id for check in (*plan.checks, *([plan.aggregate] if plan.aggregate else []))}
        return {name: CheckRun(run.conclusion, run.title, _same(name, run.external_id, wanted.get(name))) for name, run in standing.known.items()}


def _same(name: str, found: str, wanted: str | None) -> bool:
    """Tell whether a check was made for these inputs; the one for all for this pull request as well. The base's other files may have moved."""
    number, _, inputs = found.partition(":")
    this, _, expected = (wanted or "").partition(":")
    return wanted is not None and inputs.rpartition(":")[2] == expected.rpartition(":")[2] and (name != CHECK or number == this)


@contextmanager
def gate(
    prefix: str, mirrors: Sequence[Mirror], now: Callable[[], float], calls_of: Callable[[str, str], Calls] = Calls
) -> Iterator[tuple[Gate, Config, tuple[int, ...]]]:
    """Give the gate, the configuration, and the numbers of the open pull requests that look like bumps.

    Raises Misuse without an App's token or away from the default branch, OutsideError where GitHub can't be read.
    """
    access, github, run = Access.from_environ(), GitHub.from_environ(), Run.from_environ()
    if access is None:
        raise Misuse("merge-pins merges in a repository on GitHub", "set GITHUB_REPOSITORY, and GITHUB_TOKEN to an App's token")
    calls = calls_of(access.api_url, access.token)
    try:
        with outside(access.repository, "nothing was merged by this call; run again"):
            pulls = MergePulls(calls, access.repository)
            found = pulls.tip()
            if found.viewer == ACTIONS or not found.viewer.endswith("[bot]"):
                raise Misuse(
                    f"merge-pins does not run as {quoted(found.viewer)}",
                    "give it the token of an App of your own: any workflow can imitate the checks of GITHUB_TOKEN, and a merge by it starts no build",
                )
            if run.event and run.ref != f"refs/heads/{found.branch}":
                raise Misuse(f"pins are merged from the default branch alone, and this run is on {quoted(run.ref)}", f"start it on {found.branch}")
            with (
                registry_commits.of_github(github, access.repository, prefix) as commits,
                scanning.upstreams(mirrors) as upstreams,
                scanning.connection(github) as http,
            ):
                made = Gate(calls, access.repository, commits, upstreams, GitUpstreams(http, mirrors), mirrors, now)
                config = made.config(found.commit)
                yield made, config, pulls.candidates(f"{config.bump.branch_prefix}/")
    finally:
        calls.close()

"""Answers questions about pins from the upstream repositories themselves, over git's own protocol.

One `ls-refs` per repository, however many entries share it. Only for what moved: the commits between a pin and the
tracked ref, which prove that one descends from the other, and the trees at both ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

from pinwarden.adapters.git_http import GitHttp, UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Commit, Objects, reached
from pinwarden.git_protocol import NotOurRef
from pinwarden.tree import normal
from pinwarden.upstream import (
    Answer,
    Answered,
    DirectoryState,
    Failure,
    Mirror,
    Question,
    RefKind,
    Relation,
    Unanswered,
    directory_state,
    read_at,
    tip_of,
    wanted_prefixes,
)

Pair = tuple[str, str]
"""The tracked ref's commit, and the pin."""

CONCURRENT = 16


class GitUpstreams:
    """Upstreams read over `http`, through `mirrors` where they fit. `dates` asks for every pin's commit as well."""

    def __init__(self, http: GitHttp, mirrors: Sequence[Mirror] = (), *, dates: bool = False) -> None:
        self._http = http
        self._mirrors = mirrors
        self._dates = dates

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""
        return self._http.requests

    def survey(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        """Yield each question with its answer, in the order in which answers come."""
        by_repository: dict[str, list[Question]] = defaultdict(list)
        for question in questions:
            by_repository[question.repository].append(question)
        pool = ThreadPoolExecutor(CONCURRENT)
        try:
            futures = [pool.submit(self._repository, group) for group in by_repository.values()]
            for future in as_completed(futures):
                yield from future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def relation(self, project: str, tip: str, pin: str) -> Relation:
        """Tell how two commits of `project` relate. Raises UpstreamFailed."""
        return Relation.SAME if tip == pin else self._relation(f"{read_at(project, self._mirrors)}.git", tip, pin)[0]

    def _repository(self, questions: list[Question]) -> list[tuple[Question, Answer]]:
        try:
            return list(self._answers(questions))
        except UpstreamFailed as failed:
            return [(question, Unanswered(failed.failure, failed.detail)) for question in questions]
        except OSError as error:
            # This machine failed, a full disk say: it must not cost the answers of other repositories.
            return [(question, Unanswered(Failure.ERROR, f"this machine: {error.strerror or error}")) for question in questions]

    def _answers(self, questions: list[Question]) -> Iterator[tuple[Question, Answer]]:
        url = f"{read_at(questions[0].project, self._mirrors)}.git"
        refs = self._http.ls_refs(url, wanted_prefixes(questions))
        head = refs.get("HEAD")
        default = head.symref.removeprefix("refs/heads/") if head and head.symref else None
        answers = {question: Answered(tip_of(question, refs), default) for question in questions}
        for question, answer in answers.items():
            if answer.tip.commit == question.commit:
                answers[question] = replace(answer, relation=Relation.SAME, behind=0)
        moved = {question: answer.tip.commit for question, answer in answers.items() if answer.relation is None and _can_move(answer) and answer.tip.commit}
        failed: dict[Question, Unanswered] = {}
        relations, states = self._history(url, moved, failed)
        pinned = self._pins(url, {question.commit for question in questions}) if self._dates else None
        for question, answer in answers.items():
            relation, behind = relations.get((moved.get(question, ""), question.commit), (None, None))
            commit = pinned.get(question.commit) if pinned is not None else None
            answered = replace(
                answer,
                relation=answer.relation or relation,
                behind=behind if answer.behind is None else answer.behind,
                directory=states.get(question),
                pinned_at=commit.committed_at if commit else None,
                pin_exists=None if pinned is None else commit is not None,
            )
            yield question, failed.get(question, answered)

    def _history(
        self, url: str, moved: Mapping[Question, str], failed: dict[Question, Unanswered]
    ) -> tuple[dict[Pair, tuple[Relation, int | None]], dict[Question, DirectoryState]]:
        relations: dict[Pair, tuple[Relation, int | None]] = {}
        for pair in {(tip, question.commit) for question, tip in moved.items()}:
            try:
                relations[pair] = self._relation(url, *pair)
            except UpstreamFailed as error:
                failed.update({q: Unanswered(error.failure, error.detail) for q, tip in moved.items() if (tip, q.commit) == pair})
        ahead = {question: tip for question, tip in moved.items() if relations.get((tip, question.commit), ())[:1] == (Relation.AHEAD,)}
        try:
            return relations, self._directories(url, ahead) if ahead else {}
        except UpstreamFailed as error:
            failed.update({question: Unanswered(error.failure, error.detail) for question in ahead})
            return relations, {}

    def _relation(self, url: str, tip: str, pin: str) -> tuple[Relation, int | None]:
        """Tell how `tip` relates to `pin` by the commits between them, and how many these are where `tip` is ahead.

        A pack of what `tip` has and `pin` has not connects the two exactly where `pin` is an ancestor; ids are computed
        from content, so an upstream can hide a connection but not invent one.
        """
        try:
            commits = self._commits(url, [tip], haves=[pin])
            found = reached(tip, commits)
            if pin in found:
                return Relation.AHEAD, len(found & commits.keys())
        except NotOurRef as error:
            raise UpstreamFailed(Failure.ERROR, "the tracked ref moved while it was read") from error
        try:
            behind = tip in reached(pin, self._commits(url, [pin], haves=[tip]))
        except NotOurRef:
            return Relation.PIN_UNKNOWN, None
        return (Relation.BEHIND if behind else Relation.DIVERGED), None

    def _directories(self, url: str, ahead: Mapping[Question, str]) -> dict[Question, DirectoryState]:
        """Compare each pin's directory with that at its tip, by the ids of their trees."""
        ends = sorted({*ahead.values(), *(question.commit for question in ahead)})
        within = {question: normal(question.directory) for question in ahead}
        with Objects.temporary() as objects:
            try:
                self._fetch(objects, url, ends, depth=1, keep="blob:none" if any(within.values()) else "tree:0")
            except NotOurRef as error:
                raise UpstreamFailed(Failure.ERROR, "upstream withdrew a commit while it was read") from error
            commits = objects.commits()
            trees = {end: objects.trees(end, sorted({path for path in within.values() if path})) for end in ends} if any(within.values()) else {}
        states = {}
        for question, tip in ahead.items():
            path = within[question]
            new, old = ((trees[end][path] if path else commits[end].tree) if end in commits else None for end in (tip, question.commit))
            states[question] = directory_state(old, new)
        return states

    def _pins(self, url: str, pins: set[str]) -> dict[str, Commit]:
        """Return those pins that upstream has: all in one request, or one by one where it misses some."""
        try:
            return dict(self._commits(url, sorted(pins), depth=1))
        except NotOurRef:
            return {pin: commit for pin in pins if len(pins) > 1 for pin, commit in self._pins(url, {pin}).items()}

    def _commits(self, url: str, wants: Sequence[str], *, haves: Sequence[str] = (), depth: int | None = None) -> Mapping[str, Commit]:
        with Objects.temporary() as objects:
            self._fetch(objects, url, wants, haves=haves, depth=depth, keep="tree:0")
            return objects.commits()

    def _fetch(self, objects: Objects, url: str, wants: Sequence[str], *, haves: Sequence[str] = (), depth: int | None = None, keep: str) -> None:
        try:
            with self._http.fetch(url, wants, haves=haves, depth=depth, keep=keep) as pack:
                objects.add(pack)
        except BadPack as error:
            raise UpstreamFailed(Failure.ERROR, f"the pack is not acceptable to git: {error}") from error


def _can_move(answer: Answered) -> bool:
    return answer.tip.kind in (RefKind.BRANCH, RefKind.RELEASE)

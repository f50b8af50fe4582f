"""Answers questions about pins from GitHub's GraphQL, fifty repositories a query, and from git where GraphQL can't tell."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.adapters.github_graphql import GitHubGraphql, Limited, Refused, TooMuch
from pinwarden.github_answer import read
from pinwarden.github_query import Asked, can_ask, grouped, write
from pinwarden.upstream import Answer, Failure, Mirror, Question, Unanswered, read_at

_OWNER_AND_NAME = re.compile(r"([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+)\Z")

BATCH = 50
"""Repositories a query: GitHub ends what takes longer than ten seconds, and answers about a hundred have been seen to."""
CONCURRENT = 2
"""Queries at a time: GitHub grants GraphQL a minute of its processors a minute."""
_FAILURES_IN_A_ROW = 30
"""After so many queries without one whole answer, no more are sent: halving a batch down to each of its repositories takes six."""


@dataclass(slots=True)
class _Told:
    """What a batch came to."""

    answers: dict[Question, Answer] = field(default_factory=dict)
    elsewhere: list[Question] = field(default_factory=list)


class GitHubUpstreams:
    """Upstreams at the GitHub whose web pages are at `server_url`, read with `graphql`; all others, and the rest, with `git`."""

    def __init__(self, graphql: GitHubGraphql, git: GitUpstreams, server_url: str, mirrors: Sequence[Mirror] = (), *, batch: int = BATCH) -> None:
        self._graphql = graphql
        self._git = git
        self._server = f"{server_url}/"
        self._mirrors = mirrors
        self._batch = batch
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._off = False

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, to the API and to git."""
        return self._graphql.requests + self._git.requests

    def survey(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        """Yield each question with its answer, in the order in which answers come. Raises OutsideError where the token is wrong."""
        named, elsewhere = [], []
        for question in questions:
            place = named_at(question.project, self._mirrors, self._server)
            if place and can_ask(question):
                named.append((*place, question))
            else:
                elsewhere.append(question)
        asked = grouped(named)
        pool = ThreadPoolExecutor(CONCURRENT)
        try:
            futures = [pool.submit(self._ask, asked[start : start + self._batch]) for start in range(0, len(asked), self._batch)]
            for future in as_completed(futures):
                told = future.result()
                elsewhere += told.elsewhere
                yield from told.answers.items()
        finally:
            pool.shutdown(cancel_futures=True)
        yield from self._git.survey(elsewhere)

    def _ask(self, batch: Sequence[Asked]) -> _Told:
        told = _Told()
        waiting = [batch]
        while waiting:
            part = waiting.pop()
            everything = [question for asked in part for question in asked.questions]
            if self._off:
                told.elsewhere += everything
                continue
            try:
                document = self._graphql.ask(*write(part))
            except TooMuch:
                self._failed()
                waiting += _smaller(part, len(part), told)
            except Limited as limited:
                told.answers |= {question: Unanswered(Failure.ERROR, str(limited)) for question in everything}
            except Refused:
                self._off = True
                told.elsewhere += everything
            else:
                outcome = read(part, document)
                told.answers |= outcome.answers
                told.elsewhere += outcome.elsewhere
                self._in_a_row = 0 if outcome.answers or outcome.elsewhere else self._in_a_row + 1
                waiting += _smaller(outcome.again, len(part), told)
        return told

    def _failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            self._off = self._off or self._in_a_row >= _FAILURES_IN_A_ROW


def named_at(project: str, mirrors: Sequence[Mirror], server: str) -> tuple[str, str] | None:
    """Return owner and name of a repository of the GitHub whose web pages are below `server`, None for any other."""
    url = read_at(project, mirrors)
    if not url.lower().startswith(server.lower()):
        return None
    match = _OWNER_AND_NAME.match(url[len(server) :])
    return (match[1], match[2]) if match else None


def _smaller(again: Sequence[Asked], size: int, told: _Told) -> list[Sequence[Asked]]:
    """Return what to ask again in queries of half the `size`; one repository alone is left to git."""
    half = size // 2
    if half == 0:
        told.elsewhere += [question for asked in again for question in asked.questions]
        return []
    return [again[start : start + half] for start in range(0, len(again), half)]

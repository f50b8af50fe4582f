"""Rules about a pin that only its upstream can answer. One rule, one function, as in the rest of this package.

Each is given a question and its answer, and yields what is wrong; at most one speaks about the same place for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pinwarden.entry import COMMIT
from pinwarden.rules.rule import Problem
from pinwarden.rules.upstream import BRANCH, PROJECT
from pinwarden.shown import quoted
from pinwarden.upstream import Answer, Answered, Failure, Question, RefKind, Relation, Unanswered

OnlineRule = Callable[[Question, Answer], Iterator[Problem]]


def upstream_unread(_: Question, answer: Answer) -> Iterator[Problem]:
    if unread(answer):
        why = answer.detail if isinstance(answer, Unanswered) else "how the tracked ref leads to the pin was not told"
        yield Problem(PROJECT, f"upstream could not be read, so nothing is known of the pin: {why}", "run again; the host's status page may tell more")


def project_gone(_: Question, answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Unanswered) and answer.failure is Failure.GONE:
        yield Problem(PROJECT, f"the repository is gone or private: {answer.detail}", "find its new home, or remove the entry")


def project_moved(_: Question, answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Unanswered) and answer.failure is Failure.MOVED:
        yield Problem(PROJECT, f"the repository moved to {answer.detail}", "check that the owner is the same, then write the new address")


def project_replaced(question: Question, answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Answered) and question.repository_id is not None and answer.repository_id not in (None, question.repository_id):
        yield Problem(
            PROJECT,
            f"another repository has this name: its id was {question.repository_id} and is {answer.repository_id}",
            "find out who owns the name now before anything is built from it",
        )


def project_archived(_: Question, answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Answered) and answer.archived:
        yield Problem(PROJECT, "the repository is archived: nobody will mend it", "find who maintains it now, or accept that")


def tracked_ref_gone(question: Question, answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Answered) and answer.tip.commit is None and answer.tip.kind is not RefKind.PULL:
        default = f"; the default branch is {quoted(answer.default_branch)}" if answer.default_branch else ""
        what = quoted(question.branch) if question.branch else "the tracked ref"
        yield Problem(BRANCH, f"upstream has no {what}{default}", "name a branch that exists, or leave it out to follow the default branch")


def tracked_ref_not_branch(_: Question, answer: Answer) -> Iterator[Problem]:
    kinds = {RefKind.TAG: "a tag, which is not expected to move", RefKind.PULL: "a pull request, which its author can change", RefKind.COMMIT: "a commit"}
    if isinstance(answer, Answered) and answer.tip.kind in kinds:
        yield Problem(BRANCH, f"{quoted(answer.tip.ref)} is {kinds[answer.tip.kind]}, so nothing leads from it to the pin", "name a branch")


def commit_unknown(_: Question, answer: Answer) -> Iterator[Problem]:
    if isinstance(answer, Answered) and _unknown(answer):
        yield Problem(COMMIT, "upstream does not have this commit", "pin a commit of the tracked branch: git rev-parse <ref>")


def impostor_commit(_: Question, answer: Answer) -> Iterator[Problem]:
    if not isinstance(answer, Answered) or _unknown(answer):
        return
    if answer.relation in (Relation.BEHIND, Relation.DIVERGED):
        yield Problem(
            COMMIT,
            f"{quoted(answer.tip.ref)} does not lead to this commit: a fork, a withdrawn branch or a rewritten history may",
            "pin a commit of the tracked branch; a host finds commits of forks under the name of the original",
        )


def unread(answer: Answer) -> bool:
    """Tell whether an answer leaves open what a rule asks."""
    if isinstance(answer, Unanswered):
        return answer.failure is Failure.ERROR
    followed = answer.tip.kind in (RefKind.BRANCH, RefKind.RELEASE) and answer.tip.commit is not None
    return followed and answer.relation is None and not _unknown(answer)


def _unknown(answer: Answered) -> bool:
    return answer.pin_exists is False or answer.relation is Relation.PIN_UNKNOWN


ONLINE_RULES: tuple[OnlineRule, ...] = (
    upstream_unread,
    project_gone,
    project_moved,
    project_replaced,
    project_archived,
    tracked_ref_gone,
    tracked_ref_not_branch,
    commit_unknown,
    impostor_commit,
)

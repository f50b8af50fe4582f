"""What GitHub's GraphQL answered: which questions it settles, which are to be asked again, and which git must answer.

Null is never an answer here: what is missing, hidden, moved meanwhile or of an unknown shape is left to git.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pinwarden.github_query import Asked
from pinwarden.tree import normal
from pinwarden.upstream import (
    Answer,
    Answered,
    Failure,
    Question,
    RefKind,
    Relation,
    Signature,
    Tip,
    Unanswered,
    directory_state,
    full_names,
    kind_of,
)

Json = Any

SETTLED = frozenset({"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"})
"""Errors that another query would meet again."""
_RELATIONS = {"BEHIND": Relation.AHEAD, "AHEAD": Relation.BEHIND, "DIVERGED": Relation.DIVERGED}
"""GitHub says how the pin stands to the ref; a relation says how the ref stands to the pin."""


class _NotTold(Exception):
    """The answer does not tell what git could."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one answer means for the questions of its batch; each is in exactly one of the three."""

    answers: Mapping[Question, Answer]
    elsewhere: tuple[Question, ...]
    """For git."""
    again: tuple[Asked, ...]
    """For a smaller query: the answer was partial."""


def read(batch: Sequence[Asked], document: Mapping[str, Json]) -> Outcome:
    """Sort out an answer to the query about `batch`."""
    found = document.get("data")
    data: Mapping[str, Json] = found if isinstance(found, dict) else {}
    kinds = errors_by_alias(document.get("errors"))
    answers: dict[Question, Answer] = {}
    elsewhere: list[Question] = []
    again: list[Asked] = []
    for number, asked in enumerate(batch):
        alias = f"r{number}"
        wrong = kinds.get(alias, set()) | kinds.get("", set())
        if wrong - SETTLED or (alias not in data and not wrong):
            again.append(asked)
        elif wrong or not isinstance(data.get(alias), dict):
            elsewhere += asked.questions
        else:
            told = _answers(asked, data[alias])
            answers |= told
            elsewhere += [question for question in asked.questions if question not in told]
    return Outcome(answers, tuple(elsewhere), tuple(again))


def errors_by_alias(errors: Json) -> dict[str, set[str]]:
    """Return the kinds of errors by the alias that they are about; the empty alias stands for all."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for error in errors if isinstance(errors, list) else ():
        path = error.get("path") if isinstance(error, dict) else None
        alias = str(path[0]) if isinstance(path, list) and path else ""
        kinds[alias if alias != "rateLimit" else ""].add(str(error.get("type", "")) if isinstance(error, dict) else "")
    return dict(kinds)


def _answers(asked: Asked, node: Mapping[str, Json]) -> dict[Question, Answer]:
    name = node.get("nameWithOwner")
    if not isinstance(name, str):
        return {}
    if name.lower() != f"{asked.owner}/{asked.name}".lower():
        return {question: Unanswered(Failure.MOVED, _address(question, name)) for question in asked.questions}
    told: dict[Question, Answer] = {}
    for question in asked.questions:
        try:
            told[question] = _answer(asked, question, node)
        except (_NotTold, KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue
    return told


def _address(question: Question, name: str) -> str:
    return f"{question.project.rsplit('/', 2)[0]}/{name}"


def _answer(asked: Asked, question: Question, node: Mapping[str, Json]) -> Answered:
    """Raises _NotTold, and whatever a shape raises that is not GitHub's."""
    number = asked.pins.index(question.commit)
    pin = _whole(node[f"p{number}"], "Commit")
    tip, head = _tip(asked, question, node)
    relation = state = behind = None
    if tip.commit == question.commit:
        relation, behind = Relation.SAME, 0
    elif head is not None:
        compared = head[f"c{number}"]
        relation = _relation(compared, head["target"]["oid"], question.commit)
        behind = int(compared["behindBy"]) if relation is Relation.AHEAD else None
    if relation is Relation.AHEAD and head is not None:
        state = directory_state(*_trees(asked, question, node, head["target"], pin))
    default = node["defaultBranchRef"]
    return Answered(
        tip,
        default["name"] if default else None,
        relation,
        state,
        pinned_at=int(datetime.fromisoformat(pin["committedDate"]).timestamp()),
        behind=behind,
        pin_exists=True,
        repository_id=int(node["databaseId"]),
        archived=bool(node["isArchived"]),
        pin_signature=_signature(pin["signature"]),
        tip_signature=_signature(head["target"]["signature"]) if head else None,
    )


def _tip(asked: Asked, question: Question, node: Mapping[str, Json]) -> tuple[Tip, Json]:
    """Return where the tracked ref stands and, of a branch, its node."""
    branch = question.branch or None
    if branch and not full_names(branch):
        return Tip(branch, RefKind.COMMIT, branch), None
    number = asked.branches.index(branch)
    if branch is None:
        head = node[f"h{number}"]
        _whole(head and head["target"], "Commit")
        return Tip(f"refs/heads/{node['defaultBranchRef']['name']}", RefKind.BRANCH, head["target"]["oid"]), head
    names = full_names(branch)
    if kind_of(names[0]) is RefKind.BRANCH and (head := node[f"h{number}"]):
        _whole(head["target"], "Commit")
        return Tip(names[0], RefKind.BRANCH, head["target"]["oid"]), head
    found = node[f"t{number}"]
    target = found and found["target"]
    if target and target["__typename"] == "Tag":
        target = target["target"]
    return Tip(names[-1], kind_of(names[-1]), _whole(target, "Commit")["oid"]), None


def _relation(compared: Json, tip: str, pin: str) -> Relation:
    if compared["baseTarget"]["oid"] != tip or compared["headTarget"]["oid"] != pin:
        raise _NotTold
    return _RELATIONS[compared["status"]]


def _trees(asked: Asked, question: Question, node: Mapping[str, Json], tip: Json, pin: Json) -> tuple[str, str]:
    """Return the ids of the built directory's trees, at the pin and at the tip."""
    path = normal(question.directory)
    if not path:
        return pin["tree"]["oid"], tip["tree"]["oid"]
    number, directory = asked.branches.index(question.branch or None), asked.directories.index(path)
    if node[f"s{number}"]["oid"] != tip["oid"]:
        raise _NotTold
    old, new = node[f"o{asked.pins.index(question.commit)}_{directory}"], node[f"n{number}_{directory}"]
    return _whole(old, "Tree")["oid"], _whole(new, "Tree")["oid"]


def _whole(found: Json, kind: str) -> Json:
    if found is None or found["__typename"] != kind:
        raise _NotTold
    return found


def _signature(found: Json) -> Signature:
    if found is None or found["state"] == "UNSIGNED":
        return Signature.UNSIGNED
    return Signature.VALID if found["isValid"] is True else Signature.UNVERIFIED

"""Check runs that are there already: read by their ids, and completed, many in one document. After an unclear answer they are read again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.check_output import Output
from pinwarden.conclusion import Conclusion

_TRIES = 3
_MOST_IDS = 100
"""Of one `nodes`. Source: GitHub's GraphQL schema."""
_MOST_CHECKS = 20
_MOST_DOCUMENT = 450_000
"""Bytes of one document's variables."""
FIELDS = "__typename ... on CheckRun { id databaseId name externalId status conclusion title }"
NOT_PLANNED = "it is not the check run that was planned"


@dataclass(frozen=True, slots=True)
class CheckRun:
    """How a check run stands. `conclusion` is None while it is not completed, and in GitHub's own word where it is."""

    id: str
    number: int
    """That of its page."""
    name: str
    external_id: str
    conclusion: str | None
    title: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What one check run is to come to."""

    id: str
    name: str
    external_id: str
    conclusion: Conclusion
    output: Output

    def done(self, found: CheckRun | None) -> bool:
        return found is not None and (found.conclusion, found.title) == (self.conclusion.upper(), self.output.title)

    def plain(self) -> Completion:
        """Return the same with nothing shown but the conclusion."""
        return replace(self, output=Output(self.output.title, "GitHub did not take what this check has to show; the page of the job has it."))

    def of(self, found: CheckRun | None) -> bool:
        """Tell whether `found` is what was planned under this id."""
        return found is not None and (found.name, found.external_id) == (self.name, self.external_id)


def selection(ids: Sequence[str]) -> tuple[str, str, dict[str, Any]]:
    """Return what a query needs to read check runs by their ids: declarations, fields, variables."""
    parts = [list(ids[start : start + _MOST_IDS]) for start in range(0, len(ids), _MOST_IDS)]
    declared = "".join(f", $n{number}: [ID!]!" for number in range(len(parts)))
    fields = " ".join(f"n{number}: nodes(ids: $n{number}) {{ {FIELDS} }}" for number in range(len(parts)))
    return declared, fields, {f"n{number}": part for number, part in enumerate(parts)}


def found_in(data: Mapping[str, Any]) -> dict[str, CheckRun]:
    """Return the check runs in an answer, by id."""
    nodes = [node for name, rows in data.items() if name[:1] == "n" and name[1:].isdecimal() for node in rows]
    return {node["id"]: _run(node) for node in nodes if node and node["__typename"] == "CheckRun"}


def _run(node: Mapping[str, Any]) -> CheckRun:
    ended = node["conclusion"] if node["status"] == "COMPLETED" else None
    return CheckRun(node["id"], node["databaseId"] or 0, node["name"], node["externalId"] or "", ended, node["title"] or "")


class CheckRuns:
    """The check runs of one repository, which has a node id."""

    def __init__(self, calls: Calls, repository: str) -> None:
        self._calls = calls
        self._repository = repository

    def complete(self, wanted: Sequence[Completion], known: Mapping[str, CheckRun]) -> dict[str, str]:
        """Bring check runs to what is wanted, and return by name why those that are not there are not.

        `known` is how they stand; one that is not what was planned is not touched.
        """
        problems = {one.name: NOT_PLANNED for one in wanted if not one.of(known.get(one.id))}
        pending = [one for one in wanted if one.name not in problems and not one.done(known[one.id])]
        failed: dict[str, str] = {}
        for attempt in range(_TRIES):
            failed = {}
            for batch in _batches(pending, _MOST_CHECKS if attempt == 0 else 1):
                # What is refused again and again may be so for what it shows; what it comes to must be known all the same.
                shown = [one.plain() for one in batch] if attempt == _TRIES - 1 else batch
                try:
                    failed |= self._write(shown)
                except Unclear as error:
                    failed |= {one.name: str(error) for one in batch}
                except (Limited, Refused) as error:
                    if isinstance(error, Refused) and error.again:
                        failed |= {one.name: error.message for one in batch}
                        continue
                    # What was asked after this would be refused as well, a look among it.
                    why = f"{error}; {error.hint}".removesuffix("; ") if isinstance(error, Refused) else str(error)
                    return problems | failed | {one.name: why for one in pending[pending.index(batch[0]) :]}
            pending, problem = self._left([one for one in pending if one.name in failed])
            if problem or not pending:
                return problems | {one.name: problem for one in pending}
        return problems | {one.name: failed[one.name] for one in pending}

    def _left(self, unsure: Sequence[Completion]) -> tuple[list[Completion], str]:
        """Return those that are not there yet, and why that is not known, if it is not."""
        if not unsure:
            return [], ""
        declared, fields, variables = selection([one.id for one in unsure])
        try:
            now = found_in(self._calls.query(f"query({declared.removeprefix(', ')}) {{ {fields} }}", variables))
        except (Unclear, Refused, Limited) as error:
            return list(unsure), f"it is not known whether it was written: {error}"
        return [one for one in unsure if not one.done(now.get(one.id))], ""

    def _write(self, batch: Sequence[Completion]) -> dict[str, str]:
        """Complete check runs in one document; return by name those of which the answer does not say that they are."""
        names = ", ".join(f"$c{number}: UpdateCheckRunInput!" for number in range(len(batch)))
        fields = " ".join(f"c{number}: updateCheckRun(input: $c{number}) {{ checkRun {{ {FIELDS} }} }}" for number in range(len(batch)))
        given = {f"c{number}": _input(one, self._repository) for number, one in enumerate(batch)}
        data = self._calls.mutate(f"mutation({names}) {{ {fields} }}", given, writes=len(batch))
        # What GitHub does not take is sometimes answered with nothing, and no error.
        nodes = [(data.get(f"c{number}") or {}).get("checkRun") for number in range(len(batch))]
        return {one.name: "GitHub did not take it" for one, node in zip(batch, nodes, strict=True) if not (node and one.done(_run(node)))}


def _input(one: Completion, repository: str) -> dict[str, Any]:
    output: dict[str, Any] = {"title": one.output.title, "summary": one.output.summary}
    if one.output.text:
        output["text"] = one.output.text
    if note := one.output.annotation:
        place = {"startLine": note.line, "endLine": note.line}
        output["annotations"] = [{"path": note.path, "location": place, "annotationLevel": note.level, "title": note.title, "message": note.message}]
    return {"repositoryId": repository, "checkRunId": one.id, "status": "COMPLETED", "conclusion": one.conclusion.upper(), "output": output}


def _batches(pending: Sequence[Completion], most: int) -> Iterator[list[Completion]]:
    """Yield what goes into one document each, at most so many."""
    batch: list[Completion] = []
    size = 0
    for one in pending:
        length = len(json.dumps(_input(one, "")))
        if batch and (len(batch) == most or size + length > _MOST_DOCUMENT):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch

"""The registry's own list of publishers, `publishers.yml`: read strictly, every row with numbers, evidence and an end."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator

from pinwarden.config import Config, matching
from pinwarden.document import Defect, Document, read
from pinwarden.errors import Misuse
from pinwarden.finding import START, Finding, Position, Severity
from pinwarden.rules import Problem
from pinwarden.shown import quoted
from pinwarden.validation import MOST_FINDINGS, explain

LONGEST_DAYS = 366
"""How long a row may stand after a maintainer checked it."""


_Place = tuple[str | int, ...]

_HINTS = {
    "empty-document": "write version: 1 and publishers: [], or remove the file",
    "file-size": "a row is a few hundred bytes; keep only rows here",
    "nesting-depth": "a row has five levels",
}
"""What to do about the file where the reader speaks of an entry."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An account of a forge. `id` is its number there, which a new owner of the login does not get."""

    host: str
    login: str
    id: int
    exclude: frozenset[str] = frozenset()
    """Names of repositories, in lower case."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One repository of a forge, `name` as owner/name."""

    host: str
    name: str
    id: int


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain, in lower case, and how and when a maintainer saw that it is the publisher's."""

    name: str
    method: str
    checked: date
    subdomains: bool = False


@dataclass(frozen=True, slots=True)
class Publisher:
    """One row."""

    id: str
    name: str
    url: str
    evidence: str
    checked: date
    expires: date
    suspended: bool = False
    owners: tuple[Owner, ...] = ()
    repositories: tuple[Listed, ...] = ()
    domains: tuple[Domain, ...] = ()


def publishers_findings(raw: bytes, validator: Draft202012Validator, source: str) -> list[Finding]:
    """Return what is wrong with the bytes of a list, each on its line. `source` names the file, `validator` holds `publishers.schema.json`."""
    document = read(raw)
    if isinstance(document, Defect):
        return [_finding(source, document.at, Problem((), document.message, _HINTS.get(document.rule, document.hint)))]
    problems = {problem.path: problem for error in validator.iter_errors(document.value) for _, problem in explain(error)}
    if _is_list(document):
        problems |= {problem.path: problem for problem in _row_problems(document.value)}
    if not problems:
        problems = {problem.path: problem for problem in _list_problems(document.value)}
    placed = [_finding(source, document.position(problem.path), problem) for problem in problems.values()]
    return sorted(placed, key=lambda finding: (finding.line, finding.column))[:MOST_FINDINGS]


def read_publishers(raw: bytes | None, validator: Draft202012Validator, source: str) -> tuple[Publisher, ...]:
    """Read the bytes of a list, None where there is no file: then nobody is known. Raises Misuse, with the line, where it is not valid."""
    if raw is None:
        return ()
    for finding in publishers_findings(raw, validator, source):
        raise Misuse(f"{source}:{finding.line}: {finding.message}", finding.hint)
    document = read(raw)
    value: Any = document.value if isinstance(document, Document) else {}
    return tuple(_publisher(row) for row in value["publishers"])


def unreadable(source: str) -> Finding:
    """Return what is said of a list that is no file."""
    return _finding(
        source, START, Problem((), "the list of publishers is not a regular file that can be read", "replace the link or folder by the file itself")
    )


def mixed_change(config: Config, own: Config, changed: Collection[str]) -> list[Finding]:
    """Return what is said of a change that touches both the list and entries: who adds an entry must not vouch for it in the same breath.

    `changed` are all paths of the change, removed ones too. It may not call another file the list either, or put its entries
    elsewhere: `config` is the configuration that counts, `own` the one that the change leaves.
    """
    lists = config.publishers != own.publishers or config.publishers in changed
    entries = sorted({path for pattern in (config.entries, own.entries) for path in matching(changed, pattern)})
    if not lists or not entries:
        return []
    more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
    message = f"one change touches the list of publishers and an entry: {quoted(entries[0])}{more}"
    hint = "make two pull requests; the list's maintainers review theirs on its own"
    return [Finding("", own.publishers, 1, 1, "publishers-with-entries", Severity.ERROR, message, hint)]


def _finding(source: str, at: Position, problem: Problem) -> Finding:
    return Finding("", source, at.line, at.column, "publishers-invalid", Severity.ERROR, problem.message, problem.hint)


def _is_list(document: Document) -> bool:
    rows = document.value.get("publishers") if isinstance(document.value, dict) else None
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _row_problems(value: Any) -> Iterator[Problem]:
    """Say of single rows what a schema can't say, or not clearly; a row of any shape may come."""
    for number, row in enumerate(value["publishers"]):
        path: _Place = ("publishers", number)
        name = row.get("name")
        if isinstance(name, str) and not name.isprintable():
            yield Problem((*path, "name"), f"the name {quoted(name)} holds characters that can't be seen", "write it in visible characters")
        if not row.keys() & {"owners", "repositories", "domains"}:
            yield Problem((*path,), "the row names nothing that is the publisher's", "add owners, repositories or domains")
        yield from _date_problems(path, row)


def _date_problems(path: _Place, row: Any) -> Iterator[Problem]:
    domains = row.get("domains")
    dated = [((*path, key), row.get(key)) for key in ("checked", "expires")]
    for number, domain in enumerate(domains if isinstance(domains, list) else ()):
        if isinstance(domain, dict):
            dated.append(((*path, "domains", number, "checked"), domain.get("checked")))
    for place, text in dated:
        if isinstance(text, str) and _date(text) is None:
            yield Problem(place, f"{quoted(text)} is not a day", "write it as 2026-11-25")
    checked, expires = (_date(row[key]) if isinstance(row.get(key), str) else None for key in ("checked", "expires"))
    if checked and expires and not 0 < (expires - checked).days <= LONGEST_DAYS:
        yield Problem(
            (*path, "expires"),
            f"the row is to end {(expires - checked).days} days after it was checked, 1 to {LONGEST_DAYS} are possible",
            "check the claim again and set both dates",
        )


def _list_problems(value: Any) -> Iterator[Problem]:
    """Say what rows that are valid by themselves do to each other: nothing may be two publishers'."""
    seen: dict[tuple[str, ...], str] = {}
    for number, row in enumerate(value["publishers"]):
        path: _Place = ("publishers", number)
        for place, words, key in _names(path, row):
            if key in seen:
                yield Problem(place, f"{words} stands here a second time, after {quoted(seen[key])}", "keep it in one row")
            seen.setdefault(key, row["id"])


def _names(path: _Place, row: Any) -> Iterator[tuple[_Place, str, tuple[str, ...]]]:
    yield (*path, "id"), f"the publisher {quoted(row['id'])}", ("publisher", row["id"])
    for kind, name in (("owners", "login"), ("repositories", "name")):
        for number, one in enumerate(row.get(kind, ())):
            place = (*path, kind, number)
            yield (*place, name), f"{one['host']}/{one[name]}", (kind, one["host"], one[name].lower())
            yield (*place, "id"), f"the id {int(one['id'])} at {one['host']}", (kind, one["host"], "id", str(int(one["id"])))
    for number, one in enumerate(row.get("domains", ())):
        yield (*path, "domains", number, "name"), f"the domain {one['name']}", ("domain", one["name"])


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-25") else None
    except ValueError:
        return None


def _publisher(row: Any) -> Publisher:
    return Publisher(
        id=row["id"],
        name=row["name"],
        url=row["url"],
        evidence=row["evidence"],
        checked=date.fromisoformat(row["checked"]),
        expires=date.fromisoformat(row["expires"]),
        suspended=row.get("status") == "suspended",
        owners=tuple(
            Owner(one["host"], one["login"], int(one["id"]), frozenset(name.lower() for name in one.get("exclude", ()))) for one in row.get("owners", ())
        ),
        repositories=tuple(Listed(one["host"], one["name"], int(one["id"])) for one in row.get("repositories", ())),
        domains=tuple(Domain(one["name"], one["method"], date.fromisoformat(one["checked"]), one.get("subdomains", False)) for one in row.get("domains", ())),
    )

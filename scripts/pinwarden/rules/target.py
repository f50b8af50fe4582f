"""The rules of an entry's source for a source that no file names: of a command line, or of a submodule."""

from __future__ import annotations

import json

from pinwarden.document import Defect, read
from pinwarden.entry import Entry
from pinwarden.finding import Severity
from pinwarden.rules import RULES, Policy, Problem
from pinwarden.target import Target


def target_problems(target: Target, policy: Policy) -> list[Problem]:
    """Return what an entry with this source would be refused for; the path of each names the key."""
    source = {"project": target.project, "commit": target.head, **({"directory": target.directory} if target.directory else {})}
    problems = _problems(target.server, source, policy)
    if target.base is not None:
        problems += [problem for problem in _problems(target.server, source | {"commit": target.base}, policy) if problem not in problems]
    return problems


def project_problem(project: str, policy: Policy) -> str | None:
    """Return the first reason for which an entry with this `source.project` would be refused."""
    return next((problem.message for problem in _problems("submodule", {"project": project, "commit": "0" * 40}, policy)), None)


def _problems(server: str, source: dict[str, str], policy: Policy) -> list[Problem]:
    # JSON is YAML, so this is the one way in: what is refused in a file is refused here, in the same words.
    document = read(json.dumps({"name": server, "type": "server", "source": source}).encode())
    if isinstance(document, Defect):
        return [Problem(("source",), document.message, document.hint)]
    entry = Entry.of(server, "", document)
    return [problem for rule, severity in RULES if severity is Severity.ERROR for problem in rule(entry, policy)]

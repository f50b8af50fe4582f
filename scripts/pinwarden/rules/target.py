"""The rules of an entry's source for a source that no file names: of a command line, or of a submodule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from pinwarden.document import Defect, read
from pinwarden.entry import Entry
from pinwarden.finding import Severity
from pinwarden.rules import RULES, Policy, Problem
from pinwarden.target import Target


def target_problems(target: Target, policy: Policy) -> list[Problem]:
    """Return what an entry with this source would be refused for; the path of each names the option. A project names its server, so it comes first."""
    source = {"project": target.project, "commit": target.head, **({"directory": target.directory} if target.directory else {})}
    problems = _options(_problems(target.server, source, policy), "--head")
    if target.base is not None:
        of_base = _options(_problems(target.server, source | {"commit": target.base}, policy), "--base")
        problems += [problem for problem in of_base if problem not in problems]
    if target.base == target.head:
        problems.append(Problem(("--base",), "base and head are the same commit: nothing lies between them", "leave --base out to read everything at head"))
    return sorted(problems, key=lambda problem: problem.path != ("--project",))


def project_problem(project: str, policy: Policy) -> str | None:
    """Return the first reason for which an entry with this `source.project` would be refused."""
    return next((problem.message for problem in _problems("submodule", {"project": project, "commit": "0" * 40}, policy)), None)


def _options(problems: Iterable[Problem], commit: str) -> list[Problem]:
    names = {"commit": commit, "name": "--server"}
    # What is wrong with all of a source is said of the source.
    return [replace(one, path=(names.get(str(one.path[-1]), f"--{one.path[-1]}"),)) if one.path != ("source",) else one for one in problems]


def _problems(server: str, source: dict[str, str], policy: Policy) -> list[Problem]:
    # JSON is YAML, so this is the one way in: what is refused in a file is refused here, in the same words.
    document = read(json.dumps({"name": server, "type": "server", "source": source}).encode())
    if isinstance(document, Defect):
        return [Problem(("source",), document.message, document.hint)]
    entry = Entry.of(server, "", document)
    return [problem for rule, severity in RULES if severity is Severity.ERROR for problem in rule(entry, policy)]

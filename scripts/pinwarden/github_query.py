"""Questions about pins as one GraphQL query, and its answer as answers: fifty repositories at once, each ref asked for once.

Whatever an entry says travels as the value of a variable; the text is made of field names and numbers of ours alone.
Source: GitHub's GraphQL schema (Repository, Ref.compare, GitObject); gitrevisions(7) for what an expression means.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pinwarden.config import Track
from pinwarden.rules.upstream import REF_FORBIDDEN
from pinwarden.tree import normal
from pinwarden.upstream import Question, RefKind, full_names, kind_of

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")

MOST_QUESTIONS = 100
"""About one repository in one query: a registry may pin a thousand folders of one."""

_FRAGMENTS = {
    "repository": "on Repository{databaseId nameWithOwner isArchived defaultBranchRef{name}}",
    "branch": "on Ref{target{...commit}}",
    "tag": "on Ref{target{__typename oid ...on Tag{target{__typename oid}}}}",
    "compared": "on Comparison{status behindBy baseTarget{oid} headTarget{oid}}",
    "named": "on GitObject{__typename oid}",
    "commit": "on GitObject{__typename oid ...on Commit{committedDate tree{oid} signature{isValid state}}}",
}

Variables = dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions that one alias of a query asks, all about the repository owner/name."""

    owner: str
    name: str
    questions: tuple[Question, ...]

    @property
    def pins(self) -> list[str]:
        """The distinct pins, in the order of their aliases."""
        return list(dict.fromkeys(question.commit for question in self.questions))

    @property
    def branches(self) -> list[str | None]:
        """The distinct tracked branches that name a ref, in the order of their aliases; None is the default branch."""
        return list(dict.fromkeys(question.branch or None for question in self.questions if not question.branch or full_names(question.branch)))

    @property
    def directories(self) -> list[str]:
        """The distinct built directories as git names them, in the order of their aliases; the root is none of them."""
        return list(dict.fromkeys(path for question in self.questions if (path := normal(question.directory))))


def can_ask(question: Question) -> bool:
    """Tell whether GraphQL answers `question` as well as git does.

    Releases need every tag. A name that git would refuse could mean something else in an expression.
    """
    path = normal(question.directory)
    odd = (question.branch and (REF_FORBIDDEN.search(question.branch) or not question.branch.isprintable())) or not path.isprintable()
    return not odd and bool(_COMMIT.match(question.commit)) and question.track is Track.BRANCH and not path.startswith(("/", "../")) and path != ".."


def grouped(questions: Iterable[tuple[str, str, Question]]) -> list[Asked]:
    """Put questions about the same owner and name together, never more than MOST_QUESTIONS; names ignore case."""
    by_name: defaultdict[tuple[str, str], list[tuple[str, str, Question]]] = defaultdict(list)
    for owner, name, question in questions:
        by_name[owner.lower(), name.lower()].append((owner, name, question))
    return [
        Asked(*group[0][:2], tuple(question for _, _, question in group[start : start + MOST_QUESTIONS]))
        for group in by_name.values()
        for start in range(0, len(group), MOST_QUESTIONS)
    ]


def write(batch: Sequence[Asked]) -> tuple[str, Variables]:
    """Return the text of a query about `batch`, and its variables. Alias `r<n>` is `batch[n]`."""
    values = _Values()
    aliases = "\n".join(f"r{number}:{_repository(asked, values)}" for number, asked in enumerate(batch))
    # A fragment that nothing uses would be an error.
    fragments = "".join(f"fragment {name} {text}\n" for name, text in _FRAGMENTS.items() if name == "commit" or f"...{name}" in aliases)
    return f"query({values.declarations}){{\nrateLimit{{cost remaining resetAt}}\n{aliases}\n}}\n{fragments}", values.variables


@dataclass(slots=True)
class _Values:
    """The variables of a query; equal values of one type share one."""

    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, value: str, kind: str = "String") -> str:
        return f"${self._names.setdefault((kind, value), f'v{len(self._names)}')}"

    @property
    def declarations(self) -> str:
        return ",".join(f"${name}:{kind}!" for (kind, _), name in self._names.items())

    @property
    def variables(self) -> Variables:
        return {name: value for (_, value), name in self._names.items()}


def _repository(asked: Asked, values: _Values) -> str:
    fields = [*_refs(asked, values), *_pins(asked, values)]
    return f"repository(owner:{values.of(asked.owner)},name:{values.of(asked.name)}){{...repository {' '.join(fields)}}}"


def _refs(asked: Asked, values: _Values) -> Iterator[str]:
    pins, directories = asked.pins, asked.directories
    for number, branch in enumerate(asked.branches):
        mine = [question for question in asked.questions if (question.branch or None) == branch]
        names = full_names(branch) if branch else ()
        if names and kind_of(names[0]) is not RefKind.BRANCH:
            yield f"t{number}:ref(qualifiedName:{values.of(names[0])}){{...tag}}"
            continue
        numbers = sorted({pins.index(question.commit) for question in mine})
        compared = " ".join(f"c{pin}:compare(headRef:{values.of(pins[pin])}){{...compared}}" for pin in numbers)
        found = f"ref(qualifiedName:{values.of(names[0])})" if names else "defaultBranchRef"
        yield f"h{number}:{found}{{...branch {compared}}}"
        for name in names[1:]:
            yield f"t{number}:ref(qualifiedName:{values.of(name)}){{...tag}}"
        revision = names[0] if names else "HEAD"
        within = sorted({directories.index(path) for question in mine if (path := normal(question.directory))})
        for place in within:
            yield f"n{number}_{place}:object(expression:{values.of(f'{revision}:{directories[place]}')}){{...named}}"
        if within:
            # Asked after the trees: were the ref moved in between, this would not be its commit.
            yield f"s{number}:object(expression:{values.of(revision)}){{oid}}"


def _pins(asked: Asked, values: _Values) -> Iterator[str]:
    directories = asked.directories
    for number, pin in enumerate(asked.pins):
        yield f"p{number}:object(oid:{values.of(pin, 'GitObjectID')}){{...commit}}"
        within = sorted({directories.index(path) for question in asked.questions if question.commit == pin and (path := normal(question.directory))})
        for place in within:
            yield f"o{number}_{place}:object(expression:{values.of(f'{pin}:{directories[place]}')}){{...named}}"

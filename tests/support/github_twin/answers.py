"""What an operation is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

if TYPE_CHECKING:
    from support.github_twin.documents import Documents
    from support.github_twin.limits import Limits
    from support.github_twin.repositories import Repository
    from support.github_twin.tokens import Token
    from support.github_twin.world import World

Json = Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a document (None for no body), and headers. `raw` is a body that is not JSON."""

    status: int
    document: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: tuple[str, bytes] | None = None
    """Content type and bytes."""


class Refused(Exception):
    """GitHub says no. `extra` goes into the document beside the message."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None, **extra: Json) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.extra = extra

    @property
    def answer(self) -> Answer:
        document = {"message": self.message, **self.extra, "documentation_url": "https://docs.github.com/rest", "status": str(self.status)}
        return Answer(self.status, document, self.headers)


def invalid(resource: str, message: str | None = None, *, field: str | None = None, code: str = "custom") -> Refused:
    """Say that a request's content can't be."""
    error = {"resource": resource, "code": code} | ({"field": field} if field else {}) | ({"message": message} if message else {})
    return Refused(422, "Validation Failed", errors=[error])


NOT_FOUND = "Not Found"


class NotCovered(Exception):
    """GitHub has this, the twin has not."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked against the contract, by somebody who may make it."""

    world: World
    documents: Documents
    limits: Limits
    token: Token
    path: str
    """Without the part before /repos."""
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    headers: Mapping[str, str]
    """Names in lower case."""
    repository_or_none: Repository | None

    @property
    def repository(self) -> Repository:
        if self.repository_or_none is None:
            raise Refused(404, NOT_FOUND)
        return self.repository_or_none

    def number(self, name: str) -> int:
        """Return a parameter of the path that is a number."""
        return int(self.parameters[name])

    def lacking(self, what: str) -> NotCovered:
        """Say that GitHub has a variant of this operation which the twin has not."""
        return NotCovered(what)


@dataclass(frozen=True, slots=True)
class Handler:
    """The code behind an operation, and what it needs: any one of `needs`, each `permission:level`."""

    run: Callable[[Call], Answer]
    needs: tuple[str, ...]
    content: bool
    """Whether it creates content that people are shown, which GitHub limits more tightly."""


HANDLERS: dict[str, Handler] = {}


def operation(name: str, *needs: str, content: bool = False) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Say that a function answers an operation."""

    def register(run: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        assert name not in HANDLERS, name
        HANDLERS[name] = Handler(run, needs, content)
        return run

    return register


Item = TypeVar("Item")


def paged(call: Call, items: Sequence[Item], wrap: Callable[[list[Item]], Json] = list) -> Answer:
    """Answer one page of a list, with links to the others. `wrap` makes the document of a page."""
    size = max(1, min(100, int(call.query.get("per_page", 30))))
    page = max(1, int(call.query.get("page", 1)))
    last = max(1, -(-len(items) // size))
    part = list(items[(page - 1) * size : page * size])
    relations: dict[str, int] = {}
    if page > 1:
        relations |= {"prev": page - 1}
    if page < last:
        relations |= {"next": page + 1, "last": last}
    if page > 1:
        relations |= {"first": 1}
    links = ", ".join(f'<{_page_url(call, number)}>; rel="{relation}"' for relation, number in relations.items())
    return Answer(200, wrap(part), {"Link": links} if links else {})


def _page_url(call: Call, number: int) -> str:
    return f"{call.world.url}{call.path}?{urlencode({**call.query, 'page': str(number)})}"

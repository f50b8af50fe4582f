"""A whole GitHub on loopback: REST, GraphQL and git over the same bare repositories."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from support import git_server
from support.git_server import Behaviour, GitServer, Redirect, Status
from support.github_twin.answers import Answer, Refused
from support.github_twin.api import Api
from support.github_twin.asking import Incoming, Outgoing
from support.github_twin.clock import Clock
from support.github_twin.contract import Contract
from support.github_twin.faults import Cut, Drop, Fault, Logged, Request, Rule, Slow
from support.github_twin.graphql_mutator import Writing
from support.github_twin.limits import Limits, Secondary
from support.github_twin.merge_queue import leave
from support.github_twin.pulls import enqueue
from support.github_twin.repositories import QueueEntry, Repository
from support.github_twin.snapshot import snapshot
from support.github_twin.tokens import Kind, Token
from support.github_twin.world import App, Event, World
from support.token_canary import CANARY


class GitHubTwin(GitServer):
    """Serves the bare repositories `root`/owner/name.git as GitHub does; `url` is the base of REST, GraphQL and git.

    Time is logical (`clock`). `latency` is in seconds, for every request, and real.
    """

    handler: ClassVar[type[git_server.Handler]]

    def __init__(self, root: Path, contract: Contract, *, secondary: Secondary | None = None) -> None:
        super().__init__(root, missing=Status(401, {"WWW-Authenticate": 'Basic realm="GitHub"'}))
        self.clock = Clock()
        self.world = World(self.root, self.clock)
        self.limits = Limits(self.clock, secondary)
        self.api = Api(self.world, contract, self.limits)
        self.latency = 0.0
        self.log: list[Logged] = []
        self.world.url = self.url

    # What a test sets up.

    def add(self, full_name: str, files: Mapping[str, str | bytes] | None = None, *, branch: str = "main") -> Repository:
        """Add a repository with `files` in its first commit, or the one that lies in `root`."""
        return self.world.add(full_name, files, branch=branch)

    def repository(self, full_name: str) -> Repository:
        """Return a repository. Raises KeyError where there is none."""
        found = self.world.find(full_name)
        if found is None:
            raise KeyError(full_name)
        return found

    def app(self, slug: str, permissions: Mapping[str, str], *, number: int = 4242, public_key: str = "") -> App:
        """Register a GitHub App."""
        self.world.apps[number] = app = App(number, slug, permissions, public_key)
        return app

    def actions_token(self, repository: Repository, **permissions: str) -> str:
        """Make a job's GITHUB_TOKEN, such as `actions_token(repository, contents="write")`."""
        return self.world.token(Kind.ACTIONS, [repository], permissions)

    def app_token(self, app: App, repositories: Iterable[Repository] | None = None, permissions: Mapping[str, str] | None = None) -> str:
        """Make an installation's token, with the app's permissions or fewer."""
        return self.world.token(Kind.INSTALLATION, repositories, app.permissions if permissions is None else permissions, app_id=app.id)

    def personal_token(self, login: str, repositories: Iterable[Repository] | None = None, **permissions: str) -> str:
        """Make a person's fine-grained token."""
        return self.world.token(Kind.PERSONAL, repositories, permissions, login=login)

    def enqueue(self, repository: Repository, number: int, who: str = "ada") -> QueueEntry:
        """Let a person put a pull request into the merge queue: a branch with its merge, and the event `merge_group`, unless it conflicts."""
        with self.world.lock:
            return enqueue(Writing(self.world, Token(Kind.PERSONAL, who), repository), repository.pulls[number])

    def dequeue(self, repository: Repository, number: int) -> None:
        """Let a person take a pull request out of the merge queue."""
        with self.world.lock:
            leave(self.world, repository, repository.pulls[number])

    def token(self, text: str) -> Token:
        """Return what a token's text stands for."""
        return self.world.tokens[text]

    def fault(
        self,
        fault: Fault,
        *,
        times: int | None = 1,
        skip: int = 0,
        operation: str | None = None,
        writes: bool | None = None,
        when: Callable[[Request], bool] = lambda _: True,
    ) -> None:
        """Let something go wrong for the next `times` requests that match, after `skip` others. Times None: for all of them.

        `operation` is GitHub's name of a REST operation, `query`, or a mutation's name. One thing goes wrong at a time, in the
        order of the calls; a request that it happens to is not counted by those after it. Any number may happen Meanwhile.
        """

        def matches(request: Request) -> bool:
            named = operation in (None, request.operation, *request.mutations)
            return named and writes in (None, request.writes) and when(request)

        self.api.rules.append(Rule(fault, times, skip, matches))

    def cut_off(self, after: int) -> None:
        """Do the next `after` writes, tell nobody of the last one, and answer nothing from then on: who asks is as good as killed."""
        last = Rule(Drop(applied=True), 1 if after else 0, after - 1, lambda request: request.writes)
        self.api.rules += [last, Rule(Drop(), None, 0, lambda _: last.times == 0)]

    def mend(self) -> None:
        """Forget every fault."""
        self.api.rules.clear()

    # What a test looks at.

    @property
    def events(self) -> list[Event]:
        """What could have started workflows, in order."""
        return self.world.events

    @property
    def violations(self) -> list[str]:
        """Answers of the twin's that GitHub's description doesn't allow."""
        return self.api.violations

    @property
    def lacking(self) -> list[str]:
        """What was asked that GitHub has and the twin has not."""
        return self.api.lacking

    @property
    def wrong(self) -> list[str]:
        """Requests that GitHub's description doesn't allow."""
        return self.api.wrong

    @property
    def asked(self) -> list[Request]:
        """All requests so far, those of git among them."""
        return [each.request for each in self.log]

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(each.request.writes and each.status < 400 for each in self.log)

    def snapshot(self, repository: Repository) -> dict[str, Any]:
        """Return what a repository holds, without ids and times."""
        with self.world.lock:
            return snapshot(repository)

    def counts(self) -> Counter[str]:
        """Count requests by operation; a GraphQL document with mutations counts as each of them."""
        return Counter(name for request in self.asked for name in (request.mutations or (request.operation,)))

    # What the server does.

    def note(self, request: git_server.Request) -> Behaviour | None:
        """Let git in where GitHub would."""
        _look(request.path, request.headers, b"")
        # What is kept of a request never holds the token.
        behaviour = super().note(replace(request, headers={name: value for name, value in request.headers.items() if name != "authorization"}))
        token, status = self._git_token(request.headers), 200
        with self.world.lock:
            found = self.world.find(request.repository) if token and request.repository else None
            moved = found is not None and found.full_name.lower() != request.repository.lower()
            if found is None or token is None or (found.private and not token.covers(found.id)):
                behaviour = self.missing if behaviour is None else behaviour
            elif found.ip_allow_list and token.kind is not Kind.ANONYMOUS:
                behaviour = Status(403)
            elif moved:
                behaviour = Redirect(found.full_name)
            status = behaviour.code if isinstance(behaviour, Status | Redirect) else status
            kind = token.kind if token else Kind.ANONYMOUS
            self.log.append(Logged(Request(request.method, "git", request.command, request.repository, kind, 0), status, 0))
        return behaviour

    def _git_token(self, headers: Mapping[str, str]) -> Token | None:
        """Return who asks through git; None where the password is wrong."""
        scheme, _, text = headers.get("authorization", "").partition(" ")
        try:
            secret = base64.b64decode(text).decode().partition(":")[2] if scheme.lower() == "basic" else text
            return self.world.who(secret)
        except (Refused, binascii.Error, UnicodeDecodeError):
            return None


class _Handler(git_server.Handler):
    """Answers the API's requests, and leaves git's to the git server."""

    def _serve(self, body: bytes) -> None:
        twin = self.server.owner
        assert isinstance(twin, GitHubTwin)
        if twin.latency:
            twin.closing.wait(twin.latency)
        if unquote(urlsplit(self.path).path).endswith(("/info/refs", "/git-upload-pack")):
            super()._serve(body)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        _look(self.path, headers, body)
        outgoing = None
        try:
            outgoing = twin.api.answer(Incoming(self.command, self.path, headers, body))
        finally:
            if outgoing is None:
                twin.violations.append(f"the twin failed at {self.command} {self.path}")
        kind, content = _content(outgoing.answer) if outgoing.answer else ("", b"")
        sent = content[: outgoing.delivery.sent] if isinstance(outgoing.delivery, Cut) else content
        status = outgoing.answer.status if outgoing.answer else 0
        with twin.world.lock:
            # Before it is sent: who has the answer may look at the log.
            twin.log.append(Logged(outgoing.request, status, len(sent), outgoing.fault))
        self._deliver(twin, outgoing, kind, content)

    def do_PATCH(self) -> None:  # noqa: N802 - http.server's name
        self._serve(self._body())

    def do_PUT(self) -> None:  # noqa: N802 - http.server's name
        self._serve(self._body())

    def do_DELETE(self) -> None:  # noqa: N802 - http.server's name
        self._serve(self._body())

    def _deliver(self, twin: GitHubTwin, outgoing: Outgoing, kind: str, content: bytes) -> None:
        """Send an answer as it is meant to arrive."""
        answer = outgoing.answer
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        match outgoing.delivery:
            case Cut(sent):
                self.wfile.write(content[:sent])
                self.close_connection = True
            case Slow(seconds, parts):
                size = -(-len(content) // parts) or 1
                for start in range(0, len(content), size):
                    twin.closing.wait(seconds)
                    self.wfile.write(content[start : start + size])
            case None:
                self.wfile.write(content)


GitHubTwin.handler = _Handler


def _look(target: str, headers: Mapping[str, str], body: bytes) -> None:
    """A token belongs into one header and nowhere else, least of all into what is published."""
    others = [value for name, value in headers.items() if name != "authorization"]
    CANARY.look("the address, another header or the body of a request", "\n".join([target, *others, body.decode(errors="replace")]))
    if "authorization" in headers:
        CANARY.look_at_processes()


def _content(answer: Answer) -> tuple[str, bytes]:
    if answer.raw is not None:
        return answer.raw
    return "application/json; charset=utf-8", b"" if answer.document is None else json.dumps(answer.document).encode()

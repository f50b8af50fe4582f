"""The way of a request: who asks, for what, may they, is it right; then the answer, held against the contract."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from support.github_twin import rest_actions, rest_checks, rest_git, rest_issues, rest_pulls, rest_releases, rest_repositories, rest_settings
from support.github_twin.answers import HANDLERS, NOT_FOUND, Answer, Call, Handler, NotCovered, Refused
from support.github_twin.asking import Asked, Incoming, Outgoing, understood
from support.github_twin.contract import Contract, Operation, Problem
from support.github_twin.documents import Documents
from support.github_twin.faults import Broken, Cut, Drop, Fail, Fault, Meanwhile, Partial, Request, Rule, Slow
from support.github_twin.graphql_engine import Engine, ip_refusal, partial
from support.github_twin.graphql_mutations import CONTENT
from support.github_twin.graphql_objects import Objects
from support.github_twin.graphql_reading import Document
from support.github_twin.limits import Limits
from support.github_twin.operations import OPERATIONS
from support.github_twin.repositories import Repository
from support.github_twin.tokens import ANONYMOUS, Kind, Token
from support.github_twin.world import World

Json = Any
VERSION = "2022-11-28"
_MODULES = (rest_actions, rest_checks, rest_git, rest_issues, rest_pulls, rest_releases, rest_repositories, rest_settings)
"""Each registers its handlers when it is imported."""
_NEVER_OPEN = ("administration", "environments", "secrets", "variables")
"""What only those who may are shown, of public repositories as well."""
assert HANDLERS.keys() == OPERATIONS, HANDLERS.keys() ^ OPERATIONS


class Api:
    """Answers requests from a world."""

    def __init__(self, world: World, contract: Contract, limits: Limits) -> None:
        self.world = world
        self.contract = contract
        self.limits = limits
        self.documents = Documents(world, contract)
        self.engine = Engine(contract)
        self.rules: list[Rule] = []
        self.violations: list[str] = []
        """Answers of ours that GitHub's description doesn't allow."""
        self.lacking: list[str] = []
        """What was asked that GitHub has and the twin has not."""
        self.wrong: list[str] = []
        """Requests that GitHub's description doesn't allow."""

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer one request, with whatever goes wrong."""
        with self.world.lock:
            try:
                token = self._token(incoming)
            except Refused as refused:
                asked = understood(self.world, self.contract, self.engine, incoming)
                return Outgoing(asked.request(incoming.method, ANONYMOUS, len(incoming.body)), refused.answer)
            asked = understood(self.world, self.contract, self.engine, incoming)
            request = asked.request(incoming.method, token, len(incoming.body))
            faults = self._faults(request)
            self.limits.in_flight += 1
        try:
            return self._with(faults, request, incoming, token, asked)
        finally:
            with self.world.lock:
                self.limits.in_flight -= 1

    def _faults(self, request: Request) -> list[Fault]:
        """Return what happens to a request: all that happens meanwhile, and the first other rule that applies."""
        found: list[Fault] = []
        spoilt = False
        for rule in self.rules:
            aside = isinstance(rule.fault, Meanwhile)
            if (aside or not spoilt) and rule.applies(request):
                found.append(rule.fault)
                spoilt = spoilt or not aside
        return found

    def _with(self, faults: list[Fault], request: Request, incoming: Incoming, token: Token, asked: Asked) -> Outgoing:
        name = ", ".join(type(fault).__name__ for fault in faults)
        for fault in faults:
            if isinstance(fault, Meanwhile) and not fault.after:
                fault.act()
        for fault in faults:
            if isinstance(fault, Drop) and not fault.applied:
                return Outgoing(request, None, fault=name)
            if isinstance(fault, Fail) and not fault.applied:
                return Outgoing(request, fault.answer, fault=name)
        with self.world.lock:
            answer = self._answered(incoming, token, asked, faults)
        for fault in faults:
            if isinstance(fault, Meanwhile) and fault.after:
                fault.act()
        return _spoilt(faults, Outgoing(request, answer, fault=name), asked.document)

    def _token(self, incoming: Incoming) -> Token:
        """Return who asks. Raises Refused."""
        if "user-agent" not in incoming.headers:
            raise Refused(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.")
        scheme, _, secret = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("", "bearer", "token"):
            raise Refused(401, "Bad credentials")
        if secret.count(".") == 2:
            app = rest_actions.app_of(self.world.apps, secret)
            if app is None:
                raise Refused(401, "A JSON web token could not be decoded")
            return Token(Kind.JWT, app.login, app.id)
        return self.world.who(secret.strip())

    def _answered(self, incoming: Incoming, token: Token, asked: Asked, faults: list[Fault]) -> Answer:
        resource = "graphql" if asked.document is not None else "core"
        try:
            answer = self._graphql(token, asked, faults) if asked.document is not None else self._rest(incoming, token, asked, faults)
        except Refused as refused:
            answer = refused.answer
            if asked.operation is not None and asked.operation.described:
                answer = self._held(asked.operation, answer)
        except NotCovered as lacking:
            self.lacking.append(str(lacking))
            answer = Refused(501, f"GitHub has this and its twin has not: {lacking}").answer
        if asked.document is None:
            answer = self._conditional(incoming, answer)
            if answer.status != 304 and asked.operation is not None and asked.operation.name != "rate-limit/get":
                self.limits.charge(token, resource)
        elif asked.document.parsed is not None and answer.status == 200:
            self.limits.charge(token, resource, asked.document.cost)
        headers = {**self.limits.headers(token, resource), **answer.headers, "X-GitHub-Api-Version-Selected": VERSION}
        return replace(answer, headers=headers)

    def _graphql(self, token: Token, asked: Asked, faults: list[Fault]) -> Answer:
        assert asked.document is not None
        if token.kind in (Kind.ANONYMOUS, Kind.JWT):
            raise Refused(401, "This endpoint requires you to be authenticated.")
        if asked.malformed or not isinstance(asked.body, dict):
            raise Refused(400, "Problems parsing JSON")
        writes = asked.document.mutations
        try:
            self.limits.admit(token, "graphql", points=5 if writes else 1, content=sum(name in CONTENT for name in writes))
        except Refused as refused:
            if "Retry-After" in refused.headers:
                raise
            # The limit of an hour is told with status 200.
            return Answer(200, {"errors": [{"type": "RATE_LIMITED", "message": refused.message}]}, refused.headers)
        most = next((fault.mutations for fault in faults if isinstance(fault, Fail)), None)
        return self.engine.answer(Objects(self.world, self.documents, token), self.limits, asked.body, asked.document, most=most)

    def _rest(self, incoming: Incoming, token: Token, asked: Asked, faults: list[Fault]) -> Answer:
        operation, handler = asked.operation, HANDLERS.get(asked.operation.name) if asked.operation else None
        if operation is None or asked.parameters is None:
            raise Refused(404, NOT_FOUND)
        writes = incoming.method != "GET"
        if operation.name != "rate-limit/get":
            self.limits.admit(token, "core", points=5 if writes else 1, content=int(handler is not None and handler.content))
        if handler is None:
            raise NotCovered(operation.name)
        if (version := incoming.headers.get("x-github-api-version", VERSION)) != VERSION:
            raise NotCovered(f"version {version} of the API")
        repository = None
        if "repo" in asked.parameters:
            found = self._repository(token, asked)
            if isinstance(found, Answer):
                return found
            repository = found
            self._may(token, handler, repository)
        if asked.malformed:
            raise Refused(400, "Problems parsing JSON")
        if problems := self.contract.check_request(operation, asked.parameters, asked.query, asked.body):
            self.wrong += [f"{operation.name}: {problem.field} {problem.message}" for problem in problems]
            errors = [{"resource": operation.name, "field": problem.field, "code": "invalid", "message": problem.message} for problem in problems]
            raise Refused(422, f"Invalid request. {problems[0].field} {problems[0].message}", errors=errors)
        call = Call(self.world, self.documents, self.limits, token, asked.path, asked.parameters, asked.query, asked.body, incoming.headers, repository)
        answer = handler.run(call)
        for fault in faults:
            if isinstance(fault, Broken):
                fault.change(answer.document)
        return self._held(operation, answer)

    def _repository(self, token: Token, asked: Asked) -> Repository | Answer:
        """Return the repository that the path names, or the answer that leads to its new name. Raises Refused."""
        assert asked.parameters is not None
        name = f"{asked.parameters['owner']}/{asked.parameters['repo']}"
        repository = self.world.find(name)
        if repository is None or (repository.private and not token.covers(repository.id)):
            raise Refused(404, NOT_FOUND)
        if repository.ip_allow_list and token.kind is not Kind.ANONYMOUS:
            raise Refused(403, ip_refusal(repository))
        if repository.full_name.lower() == name.lower():
            return repository
        assert asked.operation is not None
        rest = asked.path.split("/", 4)[4:]
        url = f"{self.world.url}/repositories/{repository.id}" + "".join(f"/{part}" for part in rest)
        if asked.query:
            url += "?" + "&".join(f"{quote(key)}={quote(value)}" for key, value in asked.query.items())
        status, message = (301, "Moved Permanently") if asked.operation.method == "GET" else (307, "Temporary Redirect")
        document = {"message": message, "url": url, "documentation_url": "https://docs.github.com/rest"}
        return Answer(status, document, {"Location": url})

    def _may(self, token: Token, handler: Handler, repository: Repository) -> None:
        """Refuse what a token may not do. Raises Refused."""
        needs = [tuple(need.split(":")) for need in handler.needs]
        if not needs:
            return
        accepted = {"X-Accepted-GitHub-Permissions": "; ".join(f"{name}={level}" for name, level in needs)}
        open_to_all = not repository.private and all(level == "read" and name not in _NEVER_OPEN for name, level in needs)
        if token.kind is Kind.JWT or (token.kind is Kind.ANONYMOUS and not open_to_all):
            raise Refused(401, "Requires authentication")
        if open_to_all:
            return
        if repository.archived and any(level == "write" for _, level in needs):
            raise Refused(403, "Repository was archived so is read-only.")
        if not any(token.may(repository.id, name, level) for name, level in needs):
            raise Refused(403, token.refusal, accepted)

    def _held(self, operation: Operation, answer: Answer) -> Answer:
        """Hold an answer against GitHub's description; one that breaks it becomes a 500, and is remembered."""
        if answer.raw is not None or answer.status in (301, 304, 307):
            return answer
        problems: list[Problem] = self.contract.check_answer(operation, answer.status, answer.document)
        if not problems:
            return answer
        self.violations += [f"{operation.name} {answer.status}: {problem.field} {problem.message}" for problem in problems]
        return Refused(500, "the twin broke GitHub's contract", errors=self.violations[-len(problems) :]).answer

    def _conditional(self, incoming: Incoming, answer: Answer) -> Answer:
        """Give an answer its ETag, or say that the client has it already."""
        if incoming.method != "GET" or answer.status != 200:
            return answer
        content = answer.raw[1] if answer.raw else json.dumps(answer.document, sort_keys=True).encode()
        tag = answer.headers.get("ETag", f'W/"{hashlib.sha256(content).hexdigest()}"')
        known = [each.strip().removeprefix("W/") for each in incoming.headers.get("if-none-match", "").split(",")]
        headers = {**answer.headers, "ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        return Answer(304, headers=headers) if tag.removeprefix("W/") in known else replace(answer, headers=headers)


def _spoilt(faults: list[Fault], outgoing: Outgoing, document: Document | None) -> Outgoing:
    """Return what is sent in place of an answer to a request that was carried out."""
    for fault in faults:
        match fault:
            case Fail(applied=True):
                outgoing = replace(outgoing, answer=fault.answer)
            case Drop(applied=True):
                outgoing = replace(outgoing, answer=None)
            case Cut() | Slow():
                outgoing = replace(outgoing, delivery=fault)
            case Partial(kept, message, kind) if document is not None and outgoing.answer is not None:
                outgoing = replace(outgoing, answer=partial(outgoing.answer, document, kept, message, kind))
    return outgoing

"""Whole reviews by the real command lines, unmodified, in their images, through the shipped stack, against a scripted model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from jsonschema import Draft202012Validator

from containment.sandboxes import KEY
from pinwarden.reviewer import DEFAULT_BUDGET
from pinwarden.sandbox import PROVIDERS
from support.commands import SCRIPTS, run_command
from support.git_server import GitServer
from support.models import READ, REVIEW, Models, Step
from support.provider import Answer, Cut, document, event, events
from support.reviews import Change

VALID = Draft202012Validator(json.loads((SCRIPTS.parent / "schemas" / "review.schema.json").read_bytes()))
TIMEOUT = 45
"""Seconds of an agent whose provider fails."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one review."""

    code: int
    review: dict[str, Any]
    ledger: list[dict[str, Any]]
    log: str
    provider: Models


class Reviews:
    """Runs the whole command with a scripted model."""

    def __init__(self, root: Path, host: str, stack: ExitStack) -> None:
        self.root = root
        self._host = host
        self._stack = stack
        self.change = Change(root, stack.enter_context(GitServer(root / "upstreams")))
        self.head: dict[str, bytes] = {"server.py": b"x = 2\n"}

    def provider(self, turns: Sequence[Sequence[Step]], then: tuple[int, Answer] | None = None, read: int = READ) -> Models:
        return self._stack.enter_context(Models(self._host, turns, then, read))

    def given(self, provider: Models) -> dict[str, str]:
        """The environment of a command that asks this provider."""
        keys = {known.key_variable: KEY for known in PROVIDERS.values()}
        return keys | {"XDG_CACHE_HOME": str(self.root / "cache"), "RUNNER_TEMP": "", "PINWARDEN_PROVIDER_URL": provider.url}

    def run(
        self,
        agent: str,
        *arguments: str,
        turns: Sequence[Sequence[Step]] = (REVIEW,),
        then: tuple[int, Answer] | None = None,
        full: bool = False,
        read: int = READ,
        first: Sequence[Answer] = (),
        upstream: str = "",
    ) -> Seen:
        provider = self.provider(turns, then, read)
        provider.answer(*first)
        self.change.serve({"server.py": b"x = 1\n"}, self.head)
        output = self.root / "review"
        options = [*self.change.options(output, full=full), "--agent", agent, *arguments]
        done = run_command("run_review", *options, given=self.given(provider) | ({"PINWARDEN_PROVIDER_URL": upstream} if upstream else {}))
        assert done.returncode in (0, 1), done.stderr
        review = json.loads((output / "review.json").read_bytes())
        assert list(VALID.iter_errors(review)) == []
        # The key is the provider's alone: not in what was printed, not in a file of the run.
        assert KEY not in done.stdout + done.stderr
        assert [path for path in output.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []
        told = output / "ledger.jsonl"
        ledger = [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []
        return Seen(done.returncode, review, ledger, (output / "agent.log").read_text(), provider)

    def fail(self, agent: str, failure: Failure) -> Seen:
        """Run a review whose provider fails."""
        then = (2, failure.answer(agent)) if failure.answer else None
        return self.run(agent, "--timeout", str(TIMEOUT), then=then, read=failure.read, upstream=failure.upstream)


def failing(status: int, code: str, **headers: str) -> Answer:
    """An error in a form that both providers' clients read."""
    return document({"type": "error", "error": {"type": code, "code": code, "message": "no"}}, status, **headers)


def began(agent: str, *rest: Any) -> Answer:
    """The beginning of an answer, and then `rest`."""
    if agent == "codex":
        return events(event("response.created", response={"id": "resp_x", "status": "in_progress"}), *rest)
    usage = {"input_tokens": 1, "output_tokens": 1}
    message: dict[str, Any] = {"id": "msg_x", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None, "usage": usage}
    return events(event("message_start", message=message), event("content_block_start", index=0, content_block={"type": "text", "text": ""}), *rest)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a provider fails, after two good answers where `answer` says how, and the reason that the review gives for it."""

    reason: str
    answer: Callable[[str], Answer] | None = None
    upstream: str = ""
    read: int = READ
    most_calls: int = 2 + 6
    """Two good answers, and a few that fail: nobody tries for minutes."""


STATUS = "the provider answered the last call with status {}"
BROKEN = "the provider's answer broke off or stood still"
FAILURES = {
    "budget spent": Failure("the budget was spent before the review was done", read=DEFAULT_BUDGET.tokens, most_calls=1),
    "400": Failure(STATUS.format(400), lambda _: failing(400, "invalid_request_error")),
    "401": Failure("the provider does not take the key", lambda _: failing(401, "authentication_error")),
    "403": Failure(STATUS.format(403), lambda _: failing(403, "permission_error")),
    "404": Failure(STATUS.format(404), lambda _: failing(404, "not_found_error")),
    "429": Failure(STATUS.format(429), lambda _: failing(429, "rate_limit_error")),
    "500": Failure(STATUS.format(500), lambda _: failing(500, "api_error")),
    "529": Failure(STATUS.format(529), lambda _: failing(529, "overloaded_error")),
    "no head": Failure("the provider did not begin to answer in time", lambda _: Answer(held=Event())),
    "stalled": Failure(BROKEN, lambda agent: began(agent, Event())),
    "cut": Failure(BROKEN, lambda agent: began(agent, Cut())),
    "nobody there": Failure("the provider can't be reached", upstream="http://127.0.0.1:9", most_calls=0),
}

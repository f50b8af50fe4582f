"""The run-review action: its three steps around the real sandbox, the key in one of them alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from containment.conftest import gateway, provider  # noqa: F401  # fixtures
from containment.sandboxes import KEY, PRELUDE
from e2e.pull_request import PullRequest
from support.act import COMMIT, SLUG, Run
from support.git_server import GitServer
from support.provider import Provider
from support.reviews import PROJECT, Change

pytestmark = [pytest.mark.act, pytest.mark.engine]

CALLER = f"""
on: pull_request
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - id: review
        uses: {SLUG}/actions/run-review@{COMMIT}
        with:
          project: {PROJECT}
          head: HEAD
          base: BASE
          agent: claude
          model: claude-haiku-4-5
          images: claude=pinwarden/obedient
          output: OUTPUT
          api-key: {KEY}
"""
ASKS = """
body = json.dumps({"model": os.environ["PINWARDEN_MODEL"], "max_tokens": 10, "messages": [{"role": "user", "content": "hello"}]}).encode()
observe(status=asked(body))
os.write(1, b"##[error]forged\\n::error::forged\\n")
harmless()
"""


@pytest.fixture
def change(tmp_path: Path) -> Iterator[Change]:
    with GitServer(tmp_path / "upstreams") as server:
        yield Change(tmp_path, server)


def review(pull_request: PullRequest, change: Change, upstream: str, attack: str) -> tuple[Run, Path]:
    change.serve({"server.py": b"x = 1\n"}, {"server.py": b"x = 2\n", "attack.py": (PRELUDE + attack).encode()})
    output = change.root / "review"
    caller = CALLER.replace("HEAD", change.ids["head"]).replace("BASE", change.ids["base"]).replace("OUTPUT", str(output))
    env = {"PINWARDEN_MIRROR": f"https://github.com/={change.server.url}/", "PINWARDEN_PROVIDER_URL": upstream}
    # The runner's home is another than that of whoever runs the tests, where the engine's plugins may be.
    env |= {"DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker"))}
    env |= {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    return pull_request.validate(caller, env=env), output


def test_a_review_in_three_steps(pull_request: PullRequest, change: Change, provider: Provider) -> None:  # noqa: F811
    run, output = review(pull_request, change, provider.url, ASKS)
    assert run.succeeded, run.log
    assert run.outputs["review.review"] == {"review": str(output / "review.json"), "outcome": "complete", "conclusion": "success", "title": "low risk"}
    assert [(call.headers["x-api-key"], json.loads(call.body)["model"]) for call in provider.calls] == [(KEY, "claude-haiku-4-5")]
    assert "forged" not in run.log
    assert [annotation.message for annotation in run.annotations] == []
    assert not any(KEY.encode() in path.read_bytes() for path in output.rglob("*") if path.is_file())


def test_an_agent_that_fails_fails_the_step_and_is_collected(pull_request: PullRequest, change: Change, provider: Provider) -> None:  # noqa: F811
    run, output = review(pull_request, change, provider.url, "harmless()\nsys.exit(7)\n")
    assert run.jobs == {"review": "failure"}, run.log
    assert run.outputs["review.review"]["conclusion"] == "failure"
    assert json.loads((output / "review.json").read_bytes())["reasons"] == ["the agent ended with exit code 7"]


def test_an_engine_that_is_missing_blocks(pull_request: PullRequest, change: Change, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    run, output = review(pull_request, change, provider.url, ASKS)
    assert run.jobs == {"review": "failure"}, run.log
    assert "the agent was not run" in json.loads((output / "review.json").read_bytes())["reasons"][0]
    assert provider.calls == []

"""The map-labels action alone, as a registry with a reviewer of its own uses it."""

from __future__ import annotations

import pytest

from e2e.pull_request import PullRequest
from support.act import COMMIT, SLUG

pytestmark = pytest.mark.act

CALLER = f"""
on: pull_request
jobs:
  map:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - id: labels
        uses: {SLUG}/actions/map-labels@{COMMIT}
        with:
          labels: out/labels.txt
"""


def test_a_warning_passes_the_step_and_says_so(pull_request: PullRequest) -> None:
    pull_request.write("out/labels.txt", "security-risk:medium\n")
    run = pull_request.validate(CALLER)
    assert run.succeeded, run.log
    assert run.outputs["map.labels"] == {"risk": "medium", "blocked": "false", "conclusion": "neutral", "title": "medium risk"}


def test_a_block_fails_the_step(pull_request: PullRequest) -> None:
    pull_request.write("out/labels.txt", "security-risk:low\nsecurity-blocked\n")
    run = pull_request.validate(CALLER)
    assert run.jobs == {"map": "failure"}, run.log
    assert run.outputs["map.labels"] == {"risk": "low", "blocked": "true", "conclusion": "failure", "title": "low risk, blocked by the reviewer"}


def test_a_missing_file_fails_the_step_and_gives_no_risk(pull_request: PullRequest) -> None:
    run = pull_request.validate(CALLER)
    assert run.jobs == {"map": "failure"}, run.log
    assert run.outputs["map.labels"]["conclusion"] == "failure"
    assert not run.outputs["map.labels"].get("risk")
    assert [annotation.message for annotation in run.annotations] == [
        "the review gives no usable labels: there is no labels.txt. review again; until then this blocks"
    ]

"""What people copy works: each workflow in README.md and in examples/workflows, on the example registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from markdown_it import MarkdownIt

from e2e.pull_request import PullRequest
from support.act import ROOT

pytestmark = pytest.mark.act

README = ROOT / "README.md"
EXAMPLES = ROOT / "examples" / "workflows"


def workflows_in_readme() -> Iterator[tuple[str, str]]:
    """Find the YAML blocks that are whole workflows, each with its place."""
    tokens = MarkdownIt().parse(README.read_text()) if README.is_file() else []
    for token in tokens:
        if token.type == "fence" and token.info.split()[:1] in (["yaml"], ["yml"]):
            document = yaml.safe_load(token.content)
            if isinstance(document, dict) and "jobs" in document:
                line = token.map[0] + 1 if token.map else 0
                yield f"README.md:{line}", token.content


IN_README = dict(workflows_in_readme())
# Those for other events have tests of their own: test_nightly_workflow.py.
ON_PULL_REQUESTS = [path for path in sorted(EXAMPLES.glob("*.yml")) if "pull_request" in yaml.safe_load(path.read_text())[True]]
COPIED = {**IN_README, **{str(path.relative_to(ROOT)): path.read_text() for path in ON_PULL_REQUESTS}}


def test_readme_shows_a_workflow() -> None:
    assert IN_README


@pytest.mark.parametrize("place", COPIED)
def test_copied_workflow_passes_on_a_pull_request(pull_request: PullRequest, place: str) -> None:
    run = pull_request.validate(COPIED[place])
    assert run.succeeded, f"{place}: {run.log}"
    assert run.annotations == ()

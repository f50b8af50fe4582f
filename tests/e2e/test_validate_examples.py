"""What people copy to validate pull requests works on the example registry. Workflows for other events have tests of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from e2e.pull_request import PullRequest
from support.act import ROOT

pytestmark = pytest.mark.act

COPIED = [path for path in sorted((ROOT / "examples" / "workflows").glob("*.yml")) if "pull_request" in yaml.safe_load(path.read_text())[True]]


def test_there_are_both_forms() -> None:
    assert [path.stem for path in COPIED] == ["validate-reusable", "validate"]


@pytest.mark.parametrize("path", COPIED, ids=lambda path: path.stem)
def test_a_copied_workflow_passes_on_a_pull_request(pull_request: PullRequest, path: Path) -> None:
    run = pull_request.validate(path.read_text())
    assert run.succeeded, run.log
    assert run.annotations == ()

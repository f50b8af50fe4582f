"""What the documents say of the actions is what the actions say, and what the workflows give them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from support.action_tables import NEEDS, PAGE, README, ROOT, actions, page, readme


def used(job: dict[str, Any]) -> set[str]:
    """Return which of our actions a job uses, by name."""
    found = (re.match(r"(?:pinwarden/pinwarden|\$)(?:/actions/([a-z-]+))?(?:@|$)", step.get("uses", "")) for step in job["steps"])
    return {each[1] or "validate-pins" for each in found if each} - {"setup"}


JOBS = [
    pytest.param(job, id=f"{path.relative_to(ROOT)}:{name}")
    for folder in ("examples/workflows", ".github/workflows")
    for path in sorted((ROOT / folder).glob("*.yml"))
    for name, job in yaml.safe_load(path.read_text())["jobs"].items()
    if "steps" in job and used(job)
]
FOR_STEPS = {
    "actions/checkout": {"contents: read"},
    "actions/attest": {"id-token: write", "attestations: write"},
    "actions/deploy-pages": {"pages: write", "id-token: write"},
}
"""What a job's token may besides, for the sake of a step of somebody else's."""


def test_the_documents_are_as_they_are_made() -> None:
    """If this fails: make tables."""
    assert README.read_text() == readme(README.read_text())
    assert PAGE.read_text() == page()


def test_every_action_is_in_the_table_with_all_that_it_takes_and_gives() -> None:
    text = README.read_text()
    assert set(NEEDS) == set(actions())
    for name, action in actions().items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| [{name}]"))
        assert all(f"`{each}`" in row for each in [*(action.get("inputs") or {}), *(action.get("outputs") or {})])


@pytest.mark.parametrize("job", JOBS)
def test_a_job_holds_no_more_than_its_actions_need(job: dict[str, Any]) -> None:
    names = used(job)
    held = {f"{key}: {value}" for key, value in (job.get("permissions") or {}).items()}
    allowed = {each for name in names for wanted in NEEDS[name].permissions.values() for each in wanted}
    for step in job["steps"]:
        allowed |= FOR_STEPS.get(step.get("uses", "").partition("@")[0], set())
    assert held <= allowed


@pytest.mark.parametrize("job", JOBS)
def test_a_job_takes_no_other_secret_than_its_actions_need(job: dict[str, Any]) -> None:
    names = set(used(job))
    names, taken = used(job), set(re.findall(r"secrets\.(\w+)", str(job["steps"])))
    # An App's key makes the token that proposes as well.
    allowed = {secret for name in names for secret in NEEDS[name].secrets} | ({"PINWARDEN_APP_KEY"} if "bump-pins" in names else set())
    assert taken <= allowed


def test_what_an_action_says_of_its_token_names_what_it_needs() -> None:
    for name, action in actions().items():
        said = (action.get("inputs") or {}).get("token", {}).get("description", "")
        for wanted in (each for when, several in NEEDS[name].permissions.items() if when != "to attest" for each in several):
            if said and wanted != "contents: read":
                key, _, level = wanted.partition(": ")
                assert key in said, (name, wanted)
                assert level in said, (name, wanted)

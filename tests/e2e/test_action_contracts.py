"""What can be said about actions and workflows without running them: inputs arrive, nothing is spliced into a shell, all is pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.act import ROOT, SLUG, used

ACTIONS = [ROOT / "action.yml", *sorted(ROOT.glob("actions/*/action.yml"))]
OWN_WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
WORKFLOWS = [*OWN_WORKFLOWS, *sorted(ROOT.glob("examples/workflows/*.yml"))]
EVERY_FILE = [*ACTIONS, *WORKFLOWS]

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
PINNED_LINE = re.compile(r"uses: (?P<path>[\w./-]+)@[0-9a-f]{40} # (?P<comment>.+)")
MAX_SHELL_LINES = 5
ON = True
"""The key `on` of a workflow, as YAML 1.1 reads it."""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def load(path: Path) -> dict[object, Any]:
    loaded: dict[object, Any] = yaml.safe_load(path.read_bytes())
    return loaded


def steps(node: object) -> Iterator[dict[str, Any]]:
    """Find the steps of every job, or of a composite action."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "steps":
                yield from value
            else:
                yield from steps(value)


def expressions(names: object) -> dict[str, str]:
    assert isinstance(names, dict)
    return {name: "${{ inputs." + name + " }}" for name in names}


def test_front_door_has_the_inputs_and_outputs_of_the_action_behind_it() -> None:
    front, behind = load(ROOT / "action.yml"), load(ROOT / "actions" / "validate-pins" / "action.yml")
    assert front["inputs"] == behind["inputs"]
    assert {name: output["description"] for name, output in front["outputs"].items()} == {
        name: output["description"] for name, output in behind["outputs"].items()
    }


def test_front_door_forwards_every_input_and_output_by_name() -> None:
    front = load(ROOT / "action.yml")
    (step,) = front["runs"]["steps"]
    assert step["uses"] == "$/actions/validate-pins"
    assert step["with"] == expressions(front["inputs"])
    assert {name: output["value"] for name, output in front["outputs"].items()} == {
        name: "${{ steps." + step["id"] + ".outputs." + name + " }}" for name in front["outputs"]
    }


def test_reusable_workflow_forwards_every_input_and_output_by_name() -> None:
    called = load(ROOT / ".github" / "workflows" / "validate.yml")
    interface = called[ON]["workflow_call"]
    job = called["jobs"]["validate"]
    *_, step = job["steps"]
    behind = load(ROOT / "actions" / "validate-pins" / "action.yml")
    assert step["with"] == expressions(interface["inputs"])
    # A called workflow has a token of its own.
    assert set(interface["inputs"]) == set(behind["inputs"]) - {"token"}
    assert {name: given["default"] for name, given in interface["inputs"].items()} == {name: behind["inputs"][name]["default"] for name in interface["inputs"]}
    for name in behind["outputs"]:
        assert job["outputs"][name] == "${{ steps." + step["id"] + ".outputs." + name + " }}"
        assert interface["outputs"][name]["value"] == "${{ jobs.validate.outputs." + name + " }}"


@pytest.mark.parametrize("path", ACTIONS, ids=named)
def test_action_hands_every_input_on(path: Path) -> None:
    action = load(path)
    handed_on = [str(value) for step in steps(action) for key in ("env", "with") for value in step.get(key, {}).values()]
    for name in action.get("inputs", {}):
        assert any(re.search(rf"\$\{{\{{[^}}]*\binputs\.{name}\b(?!-)", value) for value in handed_on), name


def test_only_the_step_that_runs_the_agent_gets_the_key() -> None:
    given = {step["id"]: str(step.get("env", {})) for step in steps(load(ROOT / "actions" / "run-review" / "action.yml"))}
    assert [name for name, env in given.items() if "inputs.api-key" in env] == ["run"]


@pytest.mark.parametrize("path", EVERY_FILE, ids=named)
def test_shell_is_short_and_has_no_expression(path: Path) -> None:
    """What is spliced into a script is run; a variable is not."""
    for step in steps(load(path)):
        assert "${{" not in step.get("run", "")
        assert len(step.get("run", "").splitlines()) <= MAX_SHELL_LINES


@pytest.mark.parametrize("path", EVERY_FILE, ids=named)
def test_everything_used_is_pinned_or_our_own(path: Path) -> None:
    for reference in used(load(path)):
        if reference.startswith("$/"):
            place = ROOT / reference.removeprefix("$/")
            assert place.is_file() or (place / "action.yml").is_file()
        else:
            assert PINNED.fullmatch(reference)


@pytest.mark.parametrize("path", sorted(ROOT.glob("actions/**/Dockerfile")), ids=named)
def test_every_image_is_built_on_one_digest(path: Path) -> None:
    bases = re.findall(r"^(?:FROM|ARG BASE=)\s*(\S+)", path.read_text(), re.MULTILINE)
    given, used_ones = [base for base in bases if "@" in base], {base for base in bases if "@" not in base}
    assert len(given) == 1
    assert re.fullmatch(r"debian:bookworm-slim@sha256:[0-9a-f]{64}", given[0])
    assert used_ones == {"${BASE}"}


@pytest.mark.parametrize("path", EVERY_FILE, ids=named)
def test_every_pin_says_which_version_it_is(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if re.search(r"uses: [^$]", line)]
    for line in lines:
        pin = PINNED_LINE.search(line)
        assert pin, line
        if not pin["path"].startswith(SLUG):
            assert re.fullmatch(r"v\d+\.\d+\.\d+", pin["comment"]), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_workflow_grants_nothing_but_by_job(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert all(isinstance(job["permissions"], dict) for job in workflow["jobs"].values())


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if path.stem.startswith("validate") or "pull_request" in load(path)[ON]], ids=named)
def test_what_a_pull_request_starts_can_only_read(path: Path) -> None:
    for job in load(path)["jobs"].values():
        assert set(job["permissions"].values()) == {"read"}
        assert "secrets" not in job


@pytest.mark.parametrize("path", EVERY_FILE, ids=named)
def test_checkout_leaves_no_credential_behind(path: Path) -> None:
    for step in steps(load(path)):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False

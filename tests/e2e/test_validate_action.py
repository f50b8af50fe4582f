"""The validate-pins action on pull requests, as a runner runs it: what it checks, whom it believes, how it fails."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from e2e.pull_request import BASE, REPOSITORY, TOKEN, PullRequest
from support.act import COMMIT, ROOT, SLUG, Annotation, Run, as_act_reads_it

pytestmark = pytest.mark.act

CALLER = f"""
on: pull_request
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - id: pins
        uses: {SLUG}@{COMMIT}
"""
SHORT_PIN = """\
name: tide-tables
image: mcp/tide-tables
type: server
source:
  project: https://github.com/harbour-example/tide-tables-mcp
  commit: 5b1f0c7
"""
OTHER_HOST = """\
name: tide-tables
image: mcp/tide-tables
type: server
source:
  project: https://git.elsewhere.example/harbour/tide-tables-mcp
  commit: 5b1f0c7e93a84d26bb1e0c4f7a9d3e8265f4c01d
"""
SHORT_PIN_FINDING = Annotation(
    "error",
    "the commit has 7 characters, 40 are required. write all 40 characters, in lower case: git rev-parse <ref>",
    "servers/tide-tables/server.yaml",
    6,
    3,
    "commit-length",
)


def test_good_pull_request_passes_and_says_what_was_checked(pull_request: PullRequest) -> None:
    run = pull_request.validate(CALLER)
    assert run.succeeded, run.log
    assert run.outputs["check.pins"] == {"valid": "true", "checked": "5"}
    assert run.annotations == ()


def test_configuration_is_asked_for_at_the_base_with_the_token(pull_request: PullRequest) -> None:
    run = pull_request.validate(CALLER)
    assert run.succeeded, run.log
    asked = [(request.method, request.target) for request in pull_request.api.requests]
    assert asked == [
        ("GET", f"/repos/{REPOSITORY}/git/commits/{BASE}"),
        ("GET", f"/repos/{REPOSITORY}/contents/.github/pinwarden.yml?ref={BASE}"),
    ]
    assert all(request.authorization.endswith(TOKEN) for request in pull_request.api.requests)
    assert TOKEN not in run.log


def test_short_pin_fails_the_job_on_its_line(pull_request: PullRequest) -> None:
    pull_request.write("servers/tide-tables/server.yaml", SHORT_PIN)
    run = pull_request.validate(CALLER)
    assert run.jobs == {"check": "failure"}, run.log
    assert run.annotations == (SHORT_PIN_FINDING,)
    assert run.outputs["check.pins"] == {"valid": "false", "checked": "5"}


def test_only_the_servers_named_are_checked(pull_request: PullRequest) -> None:
    pull_request.write("servers/tide-tables/server.yaml", SHORT_PIN)
    run = pull_request.validate(CALLER + "        with:\n          servers: star-atlas, bird-calls\n")
    assert run.succeeded, run.log
    assert run.outputs["check.pins"] == {"valid": "true", "checked": "2"}


def test_annotations_name_files_from_the_root_of_the_repository(pull_request: PullRequest) -> None:
    pull_request.move_registry("catalog")
    pull_request.write("catalog/servers/tide-tables/server.yaml", SHORT_PIN)
    pull_request.base_has({"catalog/.github/pinwarden.yml": "allowed-hosts: [github.com, gitlab.com]\n"})
    run = pull_request.validate(CALLER + "        with:\n          registry: catalog\n")
    assert [(found.file, found.line, found.column, found.title) for found in run.annotations] == [
        ("catalog/servers/tide-tables/server.yaml", 6, 3, "commit-length"),
    ], run.log
    assert run.outputs["check.pins"] == {"valid": "false", "checked": "5"}


@pytest.mark.parametrize(("base_allows", "passes"), [("github.com, gitlab.com", False), ("github.com, gitlab.com, git.elsewhere.example", True)])
def test_change_can_not_allow_its_own_host(pull_request: PullRequest, base_allows: str, passes: bool) -> None:
    """The second case is the control: the same change passes once the base allows the host."""
    pull_request.write("servers/tide-tables/server.yaml", OTHER_HOST)
    pull_request.write(".github/pinwarden.yml", "allowed-hosts: [github.com, gitlab.com, git.elsewhere.example]\n")
    pull_request.base_has({".github/pinwarden.yml": f"allowed-hosts: [{base_allows}]\n"})
    run = pull_request.validate(CALLER)
    assert run.succeeded is passes, run.log
    assert [found.title for found in run.annotations] == ([] if passes else ["project-host"])


def test_base_without_configuration_means_the_defaults(pull_request: PullRequest) -> None:
    """The change's own file does not step in for the missing one: bird-calls is on a host that only that file allows."""
    pull_request.base_has({})
    run = pull_request.validate(CALLER)
    assert run.jobs == {"check": "failure"}, run.log
    assert [(found.title, found.file) for found in run.annotations] == [("project-host", "servers/bird-calls/server.yaml")]


HOSTILE_MODULES = ("yaml", "pip", "venv", "json", "jsonschema", "sitecustomize", "usercustomize", "actions_toolkit", "pinwarden", "validate_pins")


@pytest.fixture
def marker(pull_request: PullRequest, tmp_path: Path) -> Path:
    """A file that appears once Python imports a module from the pull request's work tree."""
    marker = tmp_path / "imported"
    for module in HOSTILE_MODULES:
        pull_request.write(f"{module}.py", f"open({str(marker)!r}, 'a').write('{module} ')\nraise RuntimeError('{module}.py of the workspace was run')\n")
    return marker


def in_hostile_environment(workflow: str) -> str:
    return workflow.replace("    steps:\n", "    env:\n      PYTHONPATH: ${{ github.workspace }}\n    steps:\n")


def test_modules_in_the_workspace_are_not_imported(pull_request: PullRequest, marker: Path) -> None:
    run = pull_request.validate(in_hostile_environment(CALLER))
    assert run.succeeded, run.log
    assert run.outputs["check.pins"] == {"valid": "true", "checked": "5"}
    assert not marker.exists()


def test_modules_in_the_workspace_are_not_imported_while_the_environment_is_made(pull_request: PullRequest, marker: Path, tmp_path: Path) -> None:
    """Other tests may have left a finished environment; this one starts without."""
    fresh = tmp_path / "temp"
    fresh.mkdir(mode=0o700)
    run = pull_request.validate(in_hostile_environment(CALLER), env={"SHARED_RUNNER_TEMP": str(fresh)})
    assert run.succeeded, run.log
    assert list(fresh.glob("pinwarden/*/complete"))
    assert not marker.exists()


def test_control_a_careless_step_does_import_from_the_workspace(pull_request: PullRequest, marker: Path) -> None:
    """Without this, the tests above could pass because the trap does not work."""
    careless = CALLER.partition("      - id: pins")[0] + "      - run: python3 -c 'import json'\n"
    run = pull_request.validate(in_hostile_environment(careless))
    assert run.jobs == {"check": "failure"}
    assert marker.exists()


def only_message(run: Run) -> str:
    """What the run's page says: one error, under the project's name."""
    (annotation,) = run.annotations
    assert (annotation.level, annotation.title) == ("error", "pinwarden")
    return annotation.message


def test_api_that_fails_fails_the_check(pull_request: PullRequest) -> None:
    pull_request.api.failing = 500
    run = pull_request.validate(CALLER)
    assert run.jobs == {"check": "failure"}
    assert run.outputs["check.pins"] == {"valid": "", "checked": ""}
    assert f"{pull_request.api.url}: {REPOSITORY} at {BASE}: the API kept failing" in only_message(run)


def test_api_that_does_not_know_the_token_fails_the_check(pull_request: PullRequest) -> None:
    pull_request.api.failing = 401
    run = pull_request.validate(CALLER)
    assert run.jobs == {"check": "failure"}
    assert "the API answered 401" in only_message(run)
    assert "contents: read" in only_message(run)


def test_api_that_is_away_fails_the_check(pull_request: PullRequest) -> None:
    with socket.socket() as taken:
        # Bound and not listening: connections are refused, and nobody else can get the port.
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        run = pull_request.validate(CALLER, env={"GITHUB_API_URL": url})
    assert run.jobs == {"check": "failure"}
    assert f"{url}: {REPOSITORY} at {BASE}: no answer" in only_message(run)


def test_missing_checkout_is_told(pull_request: PullRequest) -> None:
    forgetful = CALLER.partition("      - uses: actions/checkout")[0] + CALLER[CALLER.index("      - id: pins") :]
    run = pull_request.validate(forgetful)
    assert run.jobs == {"check": "failure"}
    assert "no entries match servers/*/server.yaml" in only_message(run)
    assert "actions/checkout" in only_message(run)


def test_own_ci_checks_the_example_registry(pull_request: PullRequest) -> None:
    """`$/actions/…` in a workflow, and a registry in a folder of another project's repository."""
    pull_request.move_registry("examples/registry")
    pull_request.base_has({"examples/registry/.github/pinwarden.yml": "allowed-hosts: [github.com, gitlab.com]\n"})
    run = pull_request.validate(as_act_reads_it((ROOT / ".github" / "workflows" / "ci.yml").read_text()), job="example")
    assert run.succeeded, run.log
    assert run.log.startswith("5 entries checked: 0 errors, 0 warnings")


def test_reusable_workflow_gives_its_caller_the_outputs(pull_request: PullRequest) -> None:
    caller = (ROOT / "examples" / "workflows" / "validate-reusable.yml").read_text()
    caller += """
  after:
    needs: validate
    runs-on: ubuntu-latest
    steps:
      - id: seen
        env:
          VALID: ${{ needs.validate.outputs.valid }}
          CHECKED: ${{ needs.validate.outputs.checked }}
        run: printf 'valid=%s\\nchecked=%s\\n' "$VALID" "$CHECKED" >> "$GITHUB_OUTPUT"
"""
    run = pull_request.validate(caller)
    assert run.succeeded, run.log
    assert run.outputs["after.seen"] == {"valid": "true", "checked": "5"}


def test_reusable_workflow_fails_on_a_short_pin(pull_request: PullRequest) -> None:
    pull_request.write("servers/tide-tables/server.yaml", SHORT_PIN)
    run = pull_request.validate((ROOT / "examples" / "workflows" / "validate-reusable.yml").read_text())
    assert run.jobs == {"validate": "failure"}, run.log
    assert run.annotations == (SHORT_PIN_FINDING,)

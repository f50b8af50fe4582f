"""live-selftest.yml as it is copied: its jobs get what they need, hand their results on, and a ✘ fails the run.

act knows no environment and gives every job the same token, so what GitHub would refuse is proved in
tests/integration/test_selftest.py; and the job that builds images is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from pinwarden.selftest import LIVE
from support.act import ROOT, Act, Run, commit_all
from support.github_twin.twin import GitHubTwin

pytestmark = pytest.mark.act
NAME = "acme/scratch"
EXAMPLE = ROOT / "examples/workflows/live-selftest.yml"
ALL = "needs: [tokens, dispatch, nothing, sandbox]"
PATH = ".github/workflows/live-selftest.yml"


@dataclass
class Place:
    """A scratch repository, and a work tree with the workflow."""

    act: Act
    twin: GitHubTwin
    root: Path

    def __post_init__(self) -> None:
        validate = (ROOT / "examples/workflows/validate.yml").read_text()
        self.repository = self.twin.add(NAME, {PATH: EXAMPLE.read_text(), ".github/workflows/validate.yml": validate})
        self.repository.environments = {"pinwarden-report": ("main",)}
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.app = self.twin.app("pinwarden-acme", {"contents": "write", "pull_requests": "write", "checks": "write"}, number=77, public_key=public)
        self.key = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def run(self, needs: str = "tokens, dispatch, nothing", *, branch: str = "main", job: str = "table", **permissions: str) -> Run:
        """Run the table with those jobs before it, or one other job."""
        workspace = self.root / "workspace"
        (workspace / PATH).parent.mkdir(parents=True)
        text = EXAMPLE.read_text()
        assert text.count(ALL) == 1
        (workspace / PATH).write_text(text.replace(ALL, f"needs: [{needs}]"))
        commit_all(workspace)
        url, token = self.twin.url, self.twin.actions_token(self.repository, **permissions)
        env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_GRAPHQL_URL": f"{url}/graphql", "GITHUB_REPOSITORY": NAME}
        env |= {"GITHUB_REF": f"refs/heads/{branch}", "TOOLKIT": str(self.act.toolkit), "GITHUB_RUN_ID": "5"}
        payload = {"ref": f"refs/heads/{branch}", "inputs": {"scratch": NAME}, "repository": {"full_name": NAME, "default_branch": "main"}}
        secrets, variables = {"PINWARDEN_APP_KEY": self.key}, {"PINWARDEN_CLIENT_ID": self.app.client_id}
        return self.act.run(workspace, PATH, "workflow_dispatch", payload, env=env, token=token, secrets=secrets, variables=variables, job=job)


@pytest.fixture
def place(act: Act, github_twin: GitHubTwin, tmp_path: Path) -> Place:
    return Place(act, github_twin, tmp_path)


def rows(run: Run) -> dict[str, str]:
    """Return the marks of the table by assumption."""
    cells = [line.split(" | ") for line in run.summary.splitlines() if line.startswith("| ") and line.count(" | ") == 3]
    return {name.strip("`"): mark.removeprefix("| ") for mark, name, *_ in cells if name.startswith("`")}


def test_a_token_that_writes_where_none_may_is_found_and_fails_the_run(place: Place) -> None:
    run = place.run(contents="write", actions="write")
    assert run.jobs == {"tokens": "success", "dispatch": "success", "nothing": "success", "table": "failure"}, run.log
    found = rows(run)
    assert found.keys() == LIVE.keys()
    assert {name for name, mark in found.items() if mark == "✘"} == {"empty-permissions"}
    proved = {"viewer-names-app", "commit-signed", "commit-lease", "ref-lease", "workflow-files", "fetch-by-id", "compare-by-id"}
    assert proved | {"dispatch-by-job", "environment-branches"} <= {name for name, mark in found.items() if mark == "✔"}
    assert found["sandbox-runner"] == "?"
    assert place.key not in run.log


def test_where_nothing_is_allowed_nothing_is_claimed(place: Place) -> None:
    run = place.run("nothing")
    assert run.succeeded, run.log
    assert {name: mark for name, mark in rows(run).items() if mark != "?"} == {"empty-permissions": "✔"}


def test_on_another_branch_only_the_job_that_must_not_start_is_there(place: Place) -> None:
    run = place.run(branch="pinwarden-selftest-5-1/elsewhere", job="elsewhere")
    assert run.jobs == {"elsewhere": "success"}
    assert place.twin.writes == 0


def test_the_job_elsewhere_is_the_one_that_is_looked_for() -> None:
    from pinwarden.adapters.live_gates import ELSEWHERE, WORKFLOW

    workflow = yaml.safe_load(EXAMPLE.read_text())
    assert EXAMPLE.name == WORKFLOW
    assert [name for name, job in workflow["jobs"].items() if job["name"] == ELSEWHERE] == ["elsewhere"]
    assert {name for name, job in workflow["jobs"].items() if "!=" in job["if"]} == {"elsewhere"}
    assert all(job["environment"] == workflow["jobs"]["elsewhere"]["environment"] for job in workflow["jobs"].values() if "environment" in job)

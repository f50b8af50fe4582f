"""The review workflow as registries copy it, run whole: plan, review in the real sandbox, report, record."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from containment.conftest import gateway, provider  # noqa: F401  # fixtures
from containment.sandboxes import KEY, PRELUDE
from pinwarden.adapters import engine
from support.act import ROOT, Act, Run, commit_all
from support.github_twin.client import Client
from support.github_twin.faults import Meanwhile
from support.github_twin.repositories import Pull
from support.github_twin.twin import GitHubTwin
from support.provider import Provider
from support.review_world import ReviewWorld

pytestmark = [pytest.mark.act, pytest.mark.engine]

ALL = "security-review"
CONFIG = "review:\n  agents: [claude]\n"
FINDING = """
write("report.md", REPORT.replace("## Detailed Findings\\n", "## Detailed Findings\\n\\n### [LEVEL] It does what @admins would not like\\n\\nEvidence: head attack.py:1\\n"))
write("labels.txt", RISK + "level\\n")
"""
SAYS = {
    "mail": FINDING.replace("LEVEL", "CRITICAL").replace("level", "critical"),
    "time": FINDING.replace("LEVEL", "MEDIUM").replace("level", "medium"),
    "weather": "harmless()\n",
    "crash": "sys.exit(7)\n",
    "sleepy": "harmless()\ntime.sleep(600)\n",
}
CHECKOUT_FREE = {"visibility": "public", "full_name": "acme/registry", "default_branch": "main"}


@dataclass
class Flow:
    """Runs the workflow of the registry for its pull requests."""

    act: Act
    world: ReviewWorld
    provider: Provider
    root: Path
    text: str
    variables: dict[str, str]
    secrets: dict[str, str]

    def run(self, pull: Pull, event: str = "pull_request_target", *, head: str = "", text: str = "", **inputs: object) -> Run:
        workspace = self.root / f"run-{len(list(self.root.iterdir()))}"
        path = workspace / ".github/workflows/review.yml"
        path.parent.mkdir(parents=True)
        path.write_text(text or self.text)
        commit_all(workspace)
        sha = head or self.world.head(pull)
        payload: dict[str, object] = {"repository": CHECKOUT_FREE, "ref": "refs/heads/main"}
        if event == "workflow_dispatch":
            payload["inputs"] = {"pull-request": str(pull.number), "head-sha": sha, **inputs}
        else:
            payload["pull_request"] = {
                "number": pull.number,
                "head": {"sha": sha, "ref": pull.head},
                "base": {"ref": "main", "sha": self.world.registry.git.branch("main")},
            }
        url = self.world.twin.url
        env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "acme/registry", "GITHUB_REF": "refs/heads/main"}
        env["GITHUB_RUN_ID"] = str(100 + len(list(self.root.iterdir())))
        env |= {"PINWARDEN_MIRROR": f"https://github.com/={url}/", "PINWARDEN_PROVIDER_URL": self.provider.url}
        # The runner's home is another than that of whoever runs the tests, where the engine's plugins may be.
        env |= {"DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker")), "SHARED_ATTESTATIONS": str(self.root.parent / "attested")}
        env |= {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
        token = self.world.twin.actions_token(self.world.registry, contents="write", pull_requests="write", checks="write")
        done = self.act.run(workspace, ".github/workflows/review.yml", event, payload, env=env, token=token, secrets=self.secrets, variables=self.variables)
        assert KEY not in done.log
        assert token not in done.log
        return done


@pytest.fixture
def world(github_twin: GitHubTwin) -> ReviewWorld:
    servers = {name: ({"server.py": "x = 1\n"}, {"server.py": "x = 2\n", "attack.py": PRELUDE + says}) for name, says in SAYS.items()}
    return ReviewWorld(github_twin, servers, CONFIG)


@pytest.fixture
def flow(act: Act, world: ReviewWorld, provider: Provider, tmp_path: Path) -> Flow:  # noqa: F811
    """The example as it is, but for the image of an agent that does what the reviewed repository says."""
    text = (ROOT / "examples/workflows/review.yml").read_text()
    (tmp_path / "runs").mkdir()
    return Flow(act, world, provider, tmp_path / "runs", text, {"PINWARDEN_IMAGES": "claude=pinwarden/obedient"}, {"ANTHROPIC_API_KEY": KEY})


@pytest.fixture
def started() -> Callable[[], list[str]]:
    """Tell which containers the engine made since the test began."""
    before = engine.docker("info", "--format", "{{.SystemTime}}").strip()
    return lambda: engine.docker(
        "events",
        "--since",
        before,
        "--until",
        engine.docker("info", "--format", "{{.SystemTime}}").strip(),
        "--filter",
        "event=create",
        "--format",
        "{{.Actor.Attributes.image}}",
    ).splitlines()


def comment_of(pull: Pull) -> str:
    (comment,) = pull.comments
    return str(comment.body)


def records(world: ReviewWorld) -> dict[str, bytes]:
    """Return the records on their branch, by path."""
    git = world.registry.git
    tip = git.branch("pinwarden-audits")
    listed = git.run("ls-tree", "-r", "--name-only", tip).stdout.decode().splitlines() if tip else []
    return {path: git.run("cat-file", "blob", f"{tip}:{path}").stdout for path in listed if path.endswith(".json")}


def test_three_targets(flow: Flow, world: ReviewWorld) -> None:
    pull = world.pull(world.moved("mail", "time", "weather"))
    # The branch of records is there, as it is from the first review of a registry on.
    world.twin.world.push(world.registry, "pinwarden-audits", {"README.md": "# Records\n"})
    before = len(world.twin.asked)
    run = flow.run(pull)
    assert run.jobs == {"plan": "success", "review": "failure", "report": "success", "record": "success"}, run.log
    checks = world.checks(world.head(pull))
    assert {name: (check.conclusion, check.title) for name, check in checks.items()} == {
        f"{ALL}/claude/mail": ("failure", "critical risk"),
        f"{ALL}/claude/time": ("neutral", "medium risk"),
        f"{ALL}/claude/weather": ("success", "low risk"),
        ALL: ("failure", "critical risk"),
    }
    assert pull.labels == ["security-risk:critical"]
    assert "mail" in comment_of(pull)
    assert "@admins" not in comment_of(pull)
    kept = records(world)
    assert sorted({path.split("/")[1] for path in kept}) == ["mail", "time", "weather"]
    (attested,) = (json.loads(path.read_text()) for path in (flow.root.parent / "attested").iterdir())
    assert {one["digest"]["sha256"] for one in attested["subject"]} == {hashlib.sha256(raw).hexdigest() for raw in kept.values()}
    assert not any(b"would not like" in raw and b"markdown" in raw for raw in kept.values())
    api = [request.operation for request in world.twin.asked[before:] if request.operation not in ("fetch", "ls-refs")]
    assert len(api) <= 12, api


def test_what_comes_from_another_repository_waits_and_is_reviewed_when_a_maintainer_says_so(
    flow: Flow, world: ReviewWorld, started: Callable[[], list[str]]
) -> None:
    pull = world.pull(world.moved("weather"), fork="eve")
    run = flow.run(pull)
    assert run.jobs == {"plan": "success"}, run.log
    assert set(world.states(world.head(pull)).values()) == {"queued"}
    assert world.checks(world.head(pull))[ALL].title == "a maintainer must start this review"
    assert (started(), flow.provider.calls) == ([], [])
    run = flow.run(pull, "workflow_dispatch")
    assert run.succeeded, run.log
    assert world.states(world.head(pull)) == {f"{ALL}/claude/weather": "success", ALL: "success"}


def test_words_from_another_repository_are_green_at_once(flow: Flow, world: ReviewWorld, started: Callable[[], list[str]]) -> None:
    pull = world.pull({"README.md": "# Better\n"}, fork="eve")
    run = flow.run(pull)
    assert run.jobs == {"plan": "success"}, run.log
    assert world.states(world.head(pull)) == {ALL: "success"}
    assert (pull.comments, pull.labels, started()) == ([], [], [])


def test_a_crash_and_a_timeout_block(flow: Flow, world: ReviewWorld) -> None:
    pull = world.pull(world.moved("crash", "sleepy"))
    run = flow.run(pull, "workflow_dispatch", timeout="4")
    assert (run.jobs["review"], run.jobs["report"]) == ("failure", "success"), run.log
    assert set(world.states(world.head(pull)).values()) == {"failure"}
    assert {check.title for check in world.checks(world.head(pull)).values()} == {"review did not complete"}
    assert pull.labels == []


def test_a_missing_artifact_and_a_job_that_did_not_run_block(flow: Flow, world: ReviewWorld) -> None:
    pull = world.pull(world.moved("weather"))
    without = flow.text.replace("if: always() && steps.review.outputs.review", "if: false")
    assert without != flow.text
    run = flow.run(pull, text=without)
    assert run.jobs["report"] == "success", run.log
    assert set(world.states(world.head(pull)).values()) == {"failure"}
    start = flow.text.index("      - name: Review in the sandbox")
    broken = f"{flow.text[:start]}      - name: Ends early\n        run: exit 1\n{flow.text[start:]}"
    run = flow.run(pull, text=broken)
    assert (run.jobs["review"], run.jobs["report"]) == ("failure", "success"), run.log
    assert set(world.states(world.head(pull)).values()) == {"failure"}


def test_a_second_run_keeps_what_was_reviewed_and_force_reviews_again(flow: Flow, world: ReviewWorld) -> None:
    pull = world.pull(world.moved("weather"))
    assert flow.run(pull).succeeded
    checks, writes = len(world.registry.checks), world.twin.writes
    again = flow.run(pull)
    assert again.jobs == {"plan": "success"}, again.log
    assert (len(world.registry.checks), world.twin.writes) == (checks, writes)
    forced = flow.run(pull, "workflow_dispatch", force="true")
    assert forced.succeeded, forced.log
    assert len(world.registry.checks) == 2 * checks
    assert len(pull.comments) == 1


def test_a_push_during_the_review_leaves_the_old_result_nowhere(flow: Flow, world: ReviewWorld) -> None:
    """Containment case 44."""
    pull = world.pull(world.moved("weather"))
    old = world.head(pull)
    world.twin.fault(Meanwhile(lambda: world.twin.world.push(world.registry, "change", world.moved("time"))), operation="query", skip=1)
    run = flow.run(pull)
    assert world.head(pull) != old
    assert run.jobs["review"] == "success", run.log
    assert set(world.states(old).values()) == {"failure"}
    assert (world.states(world.head(pull)), pull.labels, pull.comments) == ({}, [], [])


def test_a_record_written_by_hand_reviews_nothing(flow: Flow, world: ReviewWorld) -> None:
    pull = world.pull(world.moved("weather"))
    assert flow.run(pull).succeeded
    kept = records(world)
    other = world.pull(world.moved("weather") | {"README.md": "again\n"}, "another")
    world.twin.world.push(world.registry, "pinwarden-audits", {path.replace(".json", "-by-hand.json"): raw for path, raw in kept.items()})
    run = flow.run(other)
    assert run.jobs["review"] == "success", run.log


def test_gate_mode(flow: Flow, world: ReviewWorld) -> None:
    """The App makes the checks; what a job's own token set under the same name counts for nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    world.twin.app("pinwarden-acme", {"contents": "write", "pull_requests": "write", "issues": "write", "checks": "write"}, number=77, public_key=public)
    pull = world.pull(world.moved("weather"))
    job = Client(world.twin.url, world.twin.actions_token(world.registry, checks="write"))
    for name in (ALL, f"{ALL}/claude/weather"):
        made = job.ask("POST", "/repos/acme/registry/check-runs", {"name": name, "head_sha": world.head(pull), "conclusion": "success", "status": "completed"})
        assert made.status == 201
    flow.variables, flow.secrets = (
        flow.variables | {"PINWARDEN_CLIENT_ID": "77"},
        flow.secrets | {"PINWARDEN_APP_KEY": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()},
    )
    run = flow.run(pull)
    assert run.succeeded, run.log
    assert {name: check.conclusion for name, check in world.checks(world.head(pull), 77).items()} == {f"{ALL}/claude/weather": "success", ALL: "success"}
    assert "imitated" not in comment_of(pull)

"""The live self-test against the tests' GitHub: with every assumption true, with each made false, and with GitHub unreadable."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import selftest
from pinwarden.adapters.github_calls import Calls
from pinwarden.adapters.live_checks import TOKENS
from pinwarden.errors import Misuse, OutsideError
from pinwarden.selftest import LIVE, PREFIX, State
from support.act import ROOT
from support.commands import run_command
from support.github_twin.faults import Fail
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin
from support.review_world import requests_of, set_environment

NAME = "acme/scratch"
WORKFLOWS = ROOT / "examples" / "workflows"
JOB = {"contents": "write", "pull_requests": "write", "checks": "write", "actions": "read"}
H, F, U = State.HOLDS, State.FAILS, State.UNKNOWN


@dataclass
class Scratch:
    """A scratch repository that is set up as live-selftest.yml says, and the parts of the self-test on it."""

    twin: GitHubTwin
    patch: pytest.MonkeyPatch
    folder: Path
    with_app: bool = True

    def __post_init__(self) -> None:
        files = {f".github/workflows/{name}.yml": (WORKFLOWS / f"{name}.yml").read_text() for name in ("live-selftest", "validate")}
        self.repository: Repository = self.twin.add(NAME, {"README.md": "# Scratch\n", **files})
        self.app = self.twin.app("pinwarden-acme", {"contents": "write", "pull_requests": "write", "checks": "write"}, number=77)
        self.repository.required = {"security-review": 77}
        self.repository.environments = {"pinwarden-report": ("main",)}

    def calls(self, url: str, token: str) -> Calls:
        return Calls(url, token, sleep=self.twin.clock.advance, clock=lambda: self.twin.clock.now)

    def part(self, name: str, *more: str, token: str = "", **permissions: str) -> int:
        url, attempt = self.twin.url, "1"
        given = {"GITHUB_REPOSITORY": NAME, "GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "5"}
        given |= {"GITHUB_RUN_ATTEMPT": attempt, "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_REF": "refs/heads/main"}
        given["GITHUB_TOKEN"] = token or self.twin.actions_token(self.repository, **permissions)
        given |= {"PINWARDEN_APP_TOKEN": self.twin.app_token(self.app, [self.repository])} if self.with_app and name == "tokens" else {}
        self.patch.delenv("PINWARDEN_APP_TOKEN", raising=False)
        set_environment(self.patch, given)
        output = self.folder / "results" / f"{name}.json"
        arguments = ["--part", name, "--scratch", NAME, "--output", str(output), *more]
        return selftest.main(arguments, self.calls, lambda seconds: self.twin.clock.advance(int(seconds)))

    def run(self) -> dict[str, State]:
        self.part("tokens", **JOB)
        self.part("dispatch", "--secret-here", "true", contents="write", actions="write")
        self.part("nothing")
        return self.found()

    def found(self) -> dict[str, State]:
        rows = [row for path in (self.folder / "results").glob("*.json") for row in json.loads(path.read_text())["proofs"]]
        return {row["id"]: State(row["state"]) for row in rows}

    def left(self) -> tuple[list[str], list[str]]:
        """Return the branches that are there besides the default one, and the open pull requests."""
        branches = [name for name in self.repository.git.store.refs("refs/heads/") if PREFIX in name]
        return branches, [pull.title for pull in self.repository.pulls.values() if pull.state == "open"]


@pytest.fixture
def place(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scratch:
    return Scratch(github_twin, monkeypatch, tmp_path)


def test_all_is_proved_and_nothing_is_left(place: Scratch) -> None:
    found = place.run()
    assert {name: state for name, state in found.items() if state is not H} == {}
    assert found.keys() == LIVE.keys() - {"sandbox-runner"}
    assert place.left() == ([], [])
    assert place.repository.git.branch("main") == place.repository.activities[-1].after
    assert sum(requests_of(place.twin).values()) <= 75


def lax(*rules: str) -> Callable[[Scratch], None]:
    return lambda place: place.repository.lax.update(rules)


def bypass(place: Scratch) -> None:
    place.repository.bypass = frozenset({place.app.login})


def open_environment(place: Scratch) -> None:
    place.repository.environments = {}


def any_source(place: Scratch) -> None:
    place.repository.required = {"security-review": None}


@pytest.mark.parametrize(
    ("made_false", "broken"),
    [
        (lax("check-owner"), {"check-owner"}),
        (lax("check-source"), {"required-from-app"}),
        (lax("neutral"), {"neutral-passes"}),
        (lax("newest"), {"newest-decides"}),
        (any_source, {"required-from-app"}),
        (bypass, {"required-from-app"}),
        (lax("ref-lease"), {"ref-lease"}),
        (lax("commit-lease"), {"commit-lease"}),
        (lax("merge-lease"), {"merge-lease"}),
        (lax("workflow-files"), {"workflow-files"}),
        (lax("signatures"), {"commit-signed"}),
        (lax("job-token"), {"job-token-starts-none"}),
        (open_environment, {"environment-branches"}),
    ],
    ids=["owner", "source", "neutral", "newest", "any-source", "bypass", "ref", "commit", "merge", "workflows", "signatures", "job-token", "environment"],
)
def test_control_what_is_not_so_is_found(place: Scratch, made_false: Callable[[Scratch], None], broken: set[str]) -> None:
    made_false(place)
    found = place.run()
    assert {name for name, state in found.items() if state is F} == broken
    assert place.left() == ([], [])


def test_control_a_token_that_may_write_is_found(place: Scratch) -> None:
    place.part("nothing", contents="write")
    assert place.found() == {"empty-permissions": F}


def test_control_a_token_that_is_none_proves_nothing(place: Scratch) -> None:
    place.part("nothing", token="ghs_nobodys")
    assert place.found() == {"empty-permissions": U}


def test_without_an_app_its_rows_say_so(place: Scratch) -> None:
    place.with_app = False
    place.part("tokens", **JOB)
    found = place.found()
    of_app = {
        "viewer-names-app",
        "check-owner",
        "required-from-app",
        "neutral-passes",
        "newest-decides",
        "merge-lease",
        "app-starts-workflows",
        "job-token-starts-none",
    }
    assert {name for name, state in found.items() if state is U} == of_app
    assert F not in found.values()


def test_without_a_ruleset_or_a_workflow_or_a_secret_nothing_is_claimed(place: Scratch) -> None:
    place.repository.required = {}
    place.twin.world.push(place.repository, "main", {".github/workflows/validate.yml": None})
    place.part("tokens", **JOB)
    place.part("dispatch", contents="write", actions="write")
    found = place.found()
    assert {name for name, state in found.items() if state is not H} == {
        "required-from-app",
        "neutral-passes",
        "newest-decides",
        "app-starts-workflows",
        "job-token-starts-none",
        "environment-branches",
    }
    assert F not in found.values()


def test_an_app_that_starts_nothing_is_found(place: Scratch) -> None:
    text = (WORKFLOWS / "validate.yml").read_text().replace("  pull_request:\n", "")
    place.twin.world.push(place.repository, "main", {".github/workflows/validate.yml": text})
    place.part("tokens", **JOB)
    assert {name for name, state in place.found().items() if state is F} == {"app-starts-workflows"}


def test_something_else_that_blocks_proves_nothing(place: Scratch) -> None:
    place.repository.required["build"] = None
    place.part("tokens", **JOB)
    found = place.found()
    assert (found["required-from-app"], F in found.values()) == (U, False)


@pytest.mark.parametrize("operation", ["createCheckRun", "updateRefs", "createCommitOnBranch", "git/create-commit", "createPullRequest"])
def test_what_can_t_be_tried_is_unknown(place: Scratch, operation: str, capsys: pytest.CaptureFixture[str]) -> None:
    place.twin.fault(Fail(502), times=None, operation=operation)
    place.part("tokens", **JOB)
    found = place.found()
    assert F not in found.values()
    assert U in found.values()
    assert found.keys() == {name for names in TOKENS.values() for name in names}
    place.twin.mend()
    assert (place.left() == ([], [])) or "remove by hand" in capsys.readouterr().err


def test_a_repository_that_can_t_be_read_gives_no_result(place: Scratch) -> None:
    place.twin.fault(Fail(502), times=None, operation="query")
    with pytest.raises(OutsideError):
        place.part("tokens", **JOB)


def test_no_other_repository_is_written_to(place: Scratch) -> None:
    with pytest.raises(Misuse):
        place.part("tokens", "--scratch", "acme/registry", **JOB)
    assert place.twin.writes == 0


def written(folder: Path, **states: str) -> Path:
    """Write a part's file with these states of assumptions."""
    rows = [{"id": name.replace("_", "-"), "state": state, "seen": "seen"} for name, state in states.items()]
    (folder / "part").mkdir(parents=True, exist_ok=True)
    (folder / "part" / "results.json").write_text(json.dumps({"proofs": rows}))
    return folder


def test_the_table_fails_where_one_fails(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    folder = written(tmp_path / "results", check_owner="fails", ref_lease="holds", merge_lease="unknown")
    done = run_command("selftest", "--results", folder, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    assert "✘ check-owner:" in done.stdout
    assert f"1 holds, 1 fails, {len(LIVE) - 2} unknown of {len(LIVE)}" in done.stdout
    assert [line.split(" | ")[0] for line in summary.read_text().splitlines() if "-lease`" in line or "-owner`" in line] == ["| ✘", "| ?", "| ✔", "| ?"]


def test_the_table_passes_where_none_fails(tmp_path: Path) -> None:
    assert run_command("selftest", "--results", written(tmp_path, check_owner="holds")).returncode == 0


def test_a_file_of_somebody_else_s_proves_nothing_and_takes_nothing_away(tmp_path: Path) -> None:
    written(tmp_path, check_owner="holds")
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "link.json").symlink_to("part/results.json")
    done = run_command("selftest", "--results", tmp_path)
    assert done.returncode == 0
    assert "✔ check-owner" in done.stdout
    assert done.stderr.count("warning: ") == 2


def test_no_proof_at_all_is_no_success(tmp_path: Path) -> None:
    done = run_command("selftest", "--results", tmp_path)
    assert (done.returncode, "nothing was proved" in done.stderr) == (3, True)


def test_a_machine_without_an_engine_keeps_nothing_in(tmp_path: Path) -> None:
    output = tmp_path / "sandbox.json"
    done = run_command("selftest", "--part", "sandbox", "--output", output, XDG_CACHE_HOME=str(tmp_path), DOCKER_HOST="unix:///nonexistent.sock")
    assert done.returncode == 0
    assert [(row["id"], row["state"]) for row in json.loads(output.read_text())["proofs"]] == [("sandbox-runner", "fails")]


@pytest.mark.engine
def test_the_sandbox_of_an_engine_is_proved(tmp_path: Path) -> None:
    output = tmp_path / "sandbox.json"
    done = run_command("selftest", "--part", "sandbox", "--output", output, XDG_CACHE_HOME=str(tmp_path), PINWARDEN_IMAGES="claude=pinwarden/obedient")
    assert done.returncode == 0
    assert [(row["id"], row["state"]) for row in json.loads(output.read_text())["proofs"]] == [("sandbox-runner", "holds")]

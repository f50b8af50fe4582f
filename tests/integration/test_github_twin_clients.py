"""Clients that were not written for it take the tests' GitHub for GitHub: PyGithub, our own adapter, git under act's rules, the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from github import Auth, Github, GithubException

from pinwarden.adapters.github_rest import read_file
from pinwarden.errors import OutsideError
from support.github_twin.client import Client
from support.github_twin.contract import Contract
from support.github_twin.twin import GitHubTwin

ROOT = Path(__file__).resolve().parents[2]


def test_pygithub(github_twin: GitHubTwin) -> None:
    registry = github_twin.add("acme/registry", {"a": "1\n"})
    token = github_twin.actions_token(registry, contents="write", pull_requests="write", checks="write", statuses="write")
    with Github(base_url=github_twin.url, auth=Auth.Token(token), retry=None) as client:
        repository = client.get_repo("acme/registry")
        assert (repository.id, repository.archived, repository.default_branch) == (registry.id, False, "main")
        head = repository.get_branch("main").commit
        repository.create_git_ref("refs/heads/bump/a", head.sha)
        repository.update_file("a", "bump", "2\n", repository.get_contents("a").sha, branch="bump/a")  # type: ignore[union-attr]
        pull = repository.create_pull("main", "bump/a", title="Bump", body="why")
        assert [file.filename for file in pull.get_files()] == ["a"]
        assert [each.number for each in repository.get_pulls(head="acme:bump/a")] == [1]
        pull.create_issue_comment("hello")
        assert [comment.body for comment in pull.get_issue_comments()] == ["hello"]
        run = repository.create_check_run("security-review", pull.head.sha, status="in_progress")
        run.edit(conclusion="success", output={"title": "t", "summary": "s"})
        commit = repository.get_commit(pull.head.sha)
        assert [each.conclusion for each in commit.get_check_runs()] == ["success"]
        commit.create_status("success", context="ci")
        assert commit.get_combined_status().state == "success"
        assert pull.merge(sha=pull.head.sha, merge_method="squash").merged
        assert repository.compare(head.sha, "main").ahead_by == 1
        assert client.get_rate_limit().rate.used > 0
        with pytest.raises(GithubException) as refused:
            repository.create_git_ref("refs/heads/main", head.sha)
        assert refused.value.status == 422
    assert github_twin.wrong == []


def test_pages_are_followed(github_twin: GitHubTwin) -> None:
    registry = github_twin.add("acme/registry", {"a": "1\n"})
    for number in range(65):
        registry.git.move((f"refs/heads/b{number:02d}", registry.git.branch("main"), None))
    with Github(base_url=github_twin.url, auth=Auth.Token(github_twin.actions_token(registry)), retry=None) as client:
        assert len(list(client.get_repo("acme/registry").get_branches())) == 66
    assert github_twin.counts()["repos/list-branches"] == 3


def test_our_own_adapter_reads_a_file(github_twin: GitHubTwin) -> None:
    registry = github_twin.add("acme/registry", {"a/b": "1\n"})
    tip = registry.git.branch("main")
    assert tip is not None
    token = github_twin.actions_token(registry, contents="read")
    assert read_file(github_twin.url, token, "acme/registry", "a/b", tip) == b"1\n"
    assert read_file(github_twin.url, token, "acme/registry", "none", tip) is None
    github_twin.world.rename(registry, "acme/catalog")
    assert read_file(github_twin.url, token, "acme/registry", "a/b", tip) == b"1\n"
    with pytest.raises(OutsideError):
        read_file(github_twin.url, token, "acme/none", "a/b", tip)


def test_the_command_line(tmp_path: Path, github_contract: Contract) -> None:
    setup = {
        "repositories": {"acme/registry": {"files": {"a": "1\n"}, "actions_may_create_pull_requests": False}},
        "tokens": {"job": {"kind": "GITHUB_TOKEN", "repositories": ["acme/registry"], "permissions": {"pull_requests": "write"}}},
    }
    (tmp_path / "setup.json").write_text(json.dumps(setup))
    options = ["--contract", str(ROOT / "out/cache/github"), "--setup", str(tmp_path / "setup.json")]
    command = [sys.executable, "-m", "support.github_twin", str(tmp_path / "repositories"), *options]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        client = Client(started["url"], started["tokens"]["job"])
        refused = client.ask("POST", "/repos/acme/registry/pulls", {"title": "t", "head": "x", "base": "main"})
        assert refused.document["message"] == "GitHub Actions is not permitted to create or approve pull requests."
        said, _ = process.communicate()
    assert process.returncode == 0
    report = json.loads(said)
    assert [(request["operation"], request["status"]) for request in report["requests"]] == [("pulls/create", 403)]
    assert started["tokens"]["job"] not in said

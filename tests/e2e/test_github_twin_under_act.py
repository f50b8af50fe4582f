"""A workflow under act takes the tests' GitHub for GitHub: the API, GraphQL and git at one address."""

from __future__ import annotations

from pathlib import Path

from support.act import Act, commit_all
from support.github_twin.twin import GitHubTwin
from support.token_canary import CANARY

WORKFLOW = r"""
on: workflow_dispatch
jobs:
  bump:
    runs-on: ubuntu-latest
    steps:
      - env:
          TOKEN: ${{ github.token }}
        shell: python
        run: |
          import json, os, subprocess, urllib.request

          def ask(url, **body):
              headers = {"Authorization": "Bearer " + os.environ["TOKEN"]}
              request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
              with urllib.request.urlopen(request) as answer:
                  return json.load(answer)

          api, registry = os.environ["GITHUB_API_URL"], os.environ["GITHUB_REPOSITORY"]
          found = ask(os.environ["GITHUB_GRAPHQL_URL"], query='{ repository(owner: "acme", name: "registry") { defaultBranchRef { target { oid } } } }')
          tip = found["data"]["repository"]["defaultBranchRef"]["target"]["oid"]
          git = ["git", "ls-remote", os.environ["GITHUB_SERVER_URL"] + "/" + registry, "refs/heads/main"]
          assert subprocess.run(git, check=True, capture_output=True, text=True).stdout.split()[0] == tip
          ask(f"{api}/repos/{registry}/git/refs", ref="refs/heads/bump", sha=tip)
"""


def test_a_workflow_reads_and_writes(act: Act, github_twin: GitHubTwin, tmp_path: Path) -> None:
    registry = github_twin.add("acme/registry", {"README.md": "hello\n"})
    token = github_twin.actions_token(registry, contents="write")
    workspace = tmp_path / "workspace"
    (workspace / ".github/workflows").mkdir(parents=True)
    (workspace / ".github/workflows/bump.yml").write_text(WORKFLOW)
    commit_all(workspace)
    told = {"GITHUB_API_URL": github_twin.url, "GITHUB_GRAPHQL_URL": f"{github_twin.url}/graphql", "GITHUB_SERVER_URL": github_twin.url}
    env = {**told, "GITHUB_REPOSITORY": "acme/registry"}
    run = act.run(workspace, ".github/workflows/bump.yml", "workflow_dispatch", {"repository": {"full_name": "acme/registry"}}, env=env, token=token)
    assert run.succeeded, run.log
    assert registry.git.branch("bump") == registry.git.branch("main")
    assert [request.operation for request in github_twin.asked] == ["query", "advertise", "ls-refs", "git/create-ref"]
    assert token not in run.log


def test_a_workflow_that_prints_its_token_is_seen(act: Act, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    (workspace / ".github/workflows").mkdir(parents=True)
    steps = '    steps:\n      - env:\n          TOKEN: ${{ github.token }}\n        run: echo "$TOKEN"\n'
    (workspace / ".github/workflows/leak.yml").write_text(f"on: workflow_dispatch\njobs:\n  leak:\n    runs-on: ubuntu-latest\n{steps}")
    commit_all(workspace)
    run = act.run(workspace, ".github/workflows/leak.yml", "workflow_dispatch", {}, token="ghs_a-token-of-this-workflow")
    assert run.succeeded, run.log
    assert CANARY.drain() == ["what a workflow printed"]

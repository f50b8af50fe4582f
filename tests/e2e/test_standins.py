"""What stands in for GitHub's own actions in tests behaves as they do where our workflows depend on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.act import Act, Run, commit_all
from support.github_twin.twin import GitHubTwin

pytestmark = pytest.mark.act
UPLOAD = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1"
DOWNLOAD = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1"
ATTEST = "actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2"
TOKEN = "actions/create-github-app-token@bcd2ba49218906704ab6c1aa796996da409d3eb1 # v3.2.0"
Runner = Callable[..., Run]
DIGEST = "sha256:" + "d" * 64
PUSHED = ", push-to-registry: true, create-storage-record: false"


@pytest.fixture
def run(act: Act, tmp_path: Path) -> Runner:
    def go(workflow: str, **given: object) -> Run:
        workspace = tmp_path / "workspace"
        (workspace / ".github/workflows").mkdir(parents=True, exist_ok=True)
        for word, action in {"UPLOAD": UPLOAD, "DOWNLOAD": DOWNLOAD, "ATTEST": ATTEST, "TOKEN": TOKEN}.items():
            workflow = workflow.replace(f"uses: {word}", f"uses: {action}")
        (workspace / ".github/workflows/it.yml").write_text(workflow)
        if not (workspace / ".git").is_dir():
            commit_all(workspace)
        return act.run(workspace, ".github/workflows/it.yml", "workflow_dispatch", {"repository": {"full_name": "acme/registry"}}, **given)  # type: ignore[arg-type]

    return go


ARTIFACTS = """
on: workflow_dispatch
jobs:
  make:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        index: [0, 1]
    steps:
      - run: |
          mkdir -p out/deep out/.hidden && echo "review ${{ matrix.index }}" > out/review.json
          echo log > out/deep/log && echo secret > out/.hidden/x
      - uses: UPLOAD
        with:
          name: review-7-${{ matrix.index }}
          path: out/review.json
      - uses: UPLOAD
        with:
          name: folder-${{ matrix.index }}
          path: out
      - uses: UPLOAD
        with:
          name: several-${{ matrix.index }}
          path: |
            out/*.json
            out/deep
  take:
    needs: make
    runs-on: ubuntu-latest
    steps:
      - uses: DOWNLOAD
        with:
          pattern: review-7-*
          path: ${{ github.workspace }}/all
      - uses: DOWNLOAD
        with:
          pattern: review-7-1
          path: one
      - uses: DOWNLOAD
        with:
          name: folder-1
          path: named
      - uses: DOWNLOAD
        with:
          pattern: several-*
          path: merged
          merge-multiple: true
      - uses: DOWNLOAD
        with:
          pattern: none-*
          path: none
      - id: seen
        run: echo "files=$(find all one named merged none -type f 2>/dev/null | LC_ALL=C sort | tr '\\n' ' ')" >> "$GITHUB_OUTPUT"
"""


def test_artifacts_go_from_job_to_job(run: Runner) -> None:
    done = run(ARTIFACTS)
    assert done.succeeded, done.log
    assert done.outputs["take.seen"]["files"].split() == [
        "all/review-7-0/review.json",
        "all/review-7-1/review.json",
        "merged/deep/log",
        "merged/review.json",
        "named/deep/log",
        "named/review.json",
        "one/review-7-1/review.json",
    ]


STEP = """
on: workflow_dispatch
jobs:
  it:
    runs-on: ubuntu-latest
    steps:
      - run: echo 1 > a && echo 2 > b && echo '{}' > no.json
      - uses: UPLOAD
        with:
          name: x
          path: a
      - uses: %s
"""


@pytest.mark.parametrize(
    ("step", "result", "said"),
    [
        ("UPLOAD\n        with: {name: x, path: b}", "failure", "an artifact with this name already exists"),
        ("UPLOAD\n        with: {name: x, path: b, overwrite: true}", "success", ""),
        ("UPLOAD\n        with: {name: y, path: c}", "success", "No files were found"),
        ("UPLOAD\n        with: {name: y, path: c, if-no-files-found: ignore}", "success", "No files were found"),
        ("UPLOAD\n        with: {name: y, path: c, if-no-files-found: error}", "failure", "No files were found"),
        ("UPLOAD\n        with: {name: 'y/z', path: b}", "failure", "not valid"),
        ("DOWNLOAD\n        with: {name: y}", "failure", "Artifact not found for name: y"),
        ("DOWNLOAD\n        with: {name: 'x*'}", "failure", "Artifact not found for name: x*"),
        ("ATTEST\n        with: {subject-path: c}", "failure", "Could not find subject at path c"),
        ("ATTEST\n        with: {subject-path: a, predicate-type: t}", "failure", "predicate-type and one of"),
        ("ATTEST\n        with: {subject-digest: 'sha256:12', subject-name: ghcr.io/acme/x}", "failure", "subject-digest must be"),
        (f"ATTEST\n        with: {{subject-digest: '{DIGEST}', subject-name: x{PUSHED}}}", "failure", "Invalid image name: x"),
        (f"ATTEST\n        with: {{subject-digest: '{DIGEST}', subject-name: ghcr.io/acme/x, sbom-path: no.json{PUSHED}}}", "failure", "Unsupported SBOM"),
        ("TOKEN\n        with: {client-id: x, private-key: ''}", "failure", "The 'private-key' input must be set"),
        ("TOKEN\n        with: {private-key: k}", "failure", "The 'client-id' input must be set"),
        ("TOKEN\n        with: {client-id: x, private-key: k}", "failure", "not a private key"),
    ],
)
def test_what_a_step_does(run: Runner, tmp_path: Path, step: str, result: str, said: str) -> None:
    done = run(STEP % step, env={"SHARED_ARTIFACTS": str(tmp_path / "kept")})
    assert done.jobs == {"it": result}, done.log
    told = [annotation for annotation in done.annotations if said in annotation.message] if said else []
    if "ignore" in step:
        assert told == []
        assert said in done.log
    else:
        assert [annotation.level for annotation in told] == ([] if not said else ["error" if result == "failure" else "warning"])
    kept = {path.relative_to(tmp_path / "kept").as_posix(): path.read_text() for path in (tmp_path / "kept").rglob("*") if path.is_file()}
    assert kept == ({"x/b": "2\n"} if "overwrite" in step else {"x/a": "1\n"})


ATTESTED = """
on: workflow_dispatch
jobs:
  it:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir records && printf 1 > records/a.json && printf 2 > records/b.json
      - id: first
        uses: ATTEST
        with:
          subject-path: records/*.json
      - id: second
        uses: ATTEST
        with:
          subject-path: records/a.json
          predicate-type: https://example.org/review
          predicate: '{"risk": "low"}'
      - run: |
          echo '{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT"}' > list.json
      - uses: ATTEST
        with:
          subject-name: ghcr.io/acme/x
          subject-digest: sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
          sbom-path: list.json
          push-to-registry: true
          create-storage-record: false
      - run: test -s "$BUNDLE"
        env:
          BUNDLE: ${{ steps.second.outputs.bundle-path }}
"""


def test_a_test_sees_what_was_attested(run: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "attestations"
    done = run(ATTESTED, env={"SHARED_ATTESTATIONS": str(folder)})
    assert done.succeeded, done.log
    first, second, third = (json.loads(path.read_text()) for path in sorted(folder.iterdir()))
    assert [subject["name"] for subject in first["subject"]] == ["a.json", "b.json"]
    assert first["predicateType"] == "https://slsa.dev/provenance/v1"
    assert second["subject"] == [{"name": "a.json", "digest": {"sha256": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"}}]
    assert (second["predicateType"], second["predicate"]) == ("https://example.org/review", {"risk": "low"})
    assert third["subject"] == [{"name": "ghcr.io/acme/x", "digest": {"sha256": DIGEST.removeprefix("sha256:")}}]
    assert (third["predicateType"], third["predicate"]["SPDXID"]) == ("https://spdx.dev/Document/v2.3", "SPDXRef-DOCUMENT")


TOKENS = """
on: workflow_dispatch
jobs:
  it:
    runs-on: ubuntu-latest
    steps:
      - id: app
        uses: TOKEN
        with:
          client-id: ${{ vars.APP_ID }}
          private-key: ${{ secrets.APP_KEY }}
          permission-checks: write
      - env:
          TOKEN: ${{ steps.app.outputs.token }}
        shell: python
        run: |
          import json, os, urllib.request
          query = json.dumps({"query": "{ viewer { login } }"}).encode()
          request = urllib.request.Request(os.environ["GITHUB_API_URL"] + "/graphql", query, {"Authorization": "Bearer " + os.environ["TOKEN"]})
          print("I am", json.load(urllib.request.urlopen(request))["data"]["viewer"]["login"])
          print("token", os.environ["TOKEN"])
"""


@pytest.mark.parametrize("right", [True, False])
def test_an_app_s_token_is_asked_for(run: Runner, github_twin: GitHubTwin, right: bool) -> None:
    registry = github_twin.add("acme/registry", {"README.md": "hello\n"})
    key, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    private = (key if right else other).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    app = github_twin.app("pinwarden", {"checks": "write", "contents": "write"}, public_key=public)
    env = {"GITHUB_API_URL": github_twin.url, "GITHUB_REPOSITORY": "acme/registry"}
    done = run(TOKENS, env=env, secrets={"APP_KEY": private}, variables={"APP_ID": app.client_id}, masked=True)
    assert done.succeeded == right, done.log
    tokens = [text for text, token in github_twin.world.tokens.items() if token.app_id == app.id]
    assert len(tokens) == right
    if not right:
        assert [annotation.message for annotation in done.annotations] == ["401 A JSON web token could not be decoded"]
        return
    made = github_twin.token(tokens[0])
    assert (made.permissions, made.repositories) == ({"checks": "write"}, frozenset({registry.id}))
    assert "I am pinwarden[bot]" in done.log
    assert "token ***" in done.log
    assert tokens[0] not in done.log

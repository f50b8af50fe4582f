"""The merge workflow as registries copy it, with ten pull requests of every kind: the right ones are merged, and cut off and run again it ends the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from support.act import ROOT, Act, Run, commit_all
from support.github_twin.repositories import Review
from support.github_twin.twin import GitHubTwin
from support.merge_world import MergeWorld
from support.review_world import path_of

pytestmark = pytest.mark.act

NAMES = ("plain", "second", "unreviewed", "risky", "held", "persons", "rewound", "objected", "named")
MERGED = {"plain", "second"}


def ten(twin: GitHubTwin, patch: pytest.MonkeyPatch) -> MergeWorld:
    """Open ten pull requests: one for each name, and one from a fork."""
    world = MergeWorld(twin, patch, NAMES)
    pulls = {name: world.bump(name) for name in NAMES if name != "named"}
    pulls["named"] = world.reviews.pull(world.reviews.moved("named"), "pinwarden/named")
    fork = world.reviews.pull({"README.md": "# Mine\n"}, "pinwarden/plain", fork="eve")
    twin.world.push(world.registry, pulls["persons"].head, {path_of("plain"): "x\n"})
    for name, pull in pulls.items():
        if name != "unreviewed":
            world.review(pull, *(("high risk", "neutral") if name == "risky" else ()))
    world.review(fork, "nothing to review")
    world.calls.post(f"/repos/acme/registry/issues/{pulls['held'].number}/labels", {"labels": ["pin-hold"]})
    pulls["objected"].reviews.append(Review(1, "ada", "CHANGES_REQUESTED", "", world.reviews.head(pulls["objected"]), twin.clock.now))
    world.upstream("rewound", world.reviews.old["rewound"])
    world.age()
    return world


def run(act: Act, world: MergeWorld, folder: Path) -> Run:
    """Run the example after a review's end, with the App's key alone."""
    path = folder / ".github/workflows/merge.yml"
    path.parent.mkdir(parents=True)
    path.write_text((ROOT / "examples/workflows/merge.yml").read_text())
    commit_all(folder)
    url = world.twin.url
    env = {"GITHUB_API_URL": url, "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "acme/registry", "GITHUB_REF": "refs/heads/main"}
    env |= {"PINWARDEN_MIRROR": f"https://github.com/={url}/", "GITHUB_GRAPHQL_URL": f"{url}/graphql"}
    payload: dict[str, Any] = {"action": "completed", "ref": "refs/heads/main", "repository": {"full_name": "acme/registry", "default_branch": "main"}}
    payload["workflow_run"] = {"head_branch": "refs/heads/$(touch hacked)"}
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    app = world.twin.app("pinwarden-acme", world.reviews.app.permissions, number=77, public_key=public)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    token = world.twin.actions_token(world.registry)
    secrets, variables = {"PINWARDEN_APP_KEY": private}, {"PINWARDEN_CLIENT_ID": app.client_id}
    return act.run(folder, ".github/workflows/merge.yml", "workflow_run", payload, env=env, token=token, secrets=secrets, variables=variables)


def merged(world: MergeWorld) -> set[str]:
    return {pull.head.removeprefix("pinwarden/") for pull in world.registry.pulls.values() if pull.merged is not None}


def test_ten_of_every_kind_and_cut_off_and_run_again_the_same_end(act: Act, github_contract: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for cut in (None, 1, 4):
        with GitHubTwin(tmp_path / f"github-{cut}", github_contract) as twin:
            world = ten(twin, monkeypatch)
            assert len(world.registry.pulls) == 10
            if cut is not None:
                # Of the writes the first is the token.
                twin.cut_off(after=1 + cut)
                assert not run(act, world, tmp_path / f"cut-{cut}").succeeded
                twin.mend()
            done = run(act, world, tmp_path / f"whole-{cut}")
            assert done.succeeded, done.log
            assert merged(world) == MERGED, done.log
            assert "is younger" not in done.summary
            for name in ("wait", "person", "never"):
                assert name in done.summary
            assert not any(review.state == "APPROVED" for pull in world.registry.pulls.values() for review in pull.reviews)
            assert twin.violations == []
            ends.append(twin.snapshot(world.registry))
    assert ends[1] == ends[0]
    assert ends[2] == ends[0]

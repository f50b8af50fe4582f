"""Refs, objects, contents, comparisons of the tests' GitHub; what it reads without git is what git reads."""

from __future__ import annotations

import base64
import subprocess
from itertools import product
from pathlib import Path

import pytest

from support.github_twin.client import Client, Json
from support.github_twin.git import Conflict, Git
from support.github_twin.repositories import Repository
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, File, Upstream, build

R = "/repos/acme/registry"
WORKFLOW = ".github/workflows/ci.yml"


@pytest.fixture
def registry(github_twin: GitHubTwin) -> Repository:
    return github_twin.add("acme/registry", {"servers/a/server.yaml": "commit: 1\n", "run.sh": "true\n"})


@pytest.fixture
def client(github_twin: GitHubTwin, registry: Repository) -> Client:
    return Client(github_twin.url, github_twin.actions_token(registry, contents="write"))


def tip(registry: Repository, branch: str = "main") -> str:
    oid = registry.git.branch(branch)
    assert oid is not None
    return oid


def test_a_ref_is_made_moved_and_deleted(client: Client, registry: Repository) -> None:
    old = tip(registry)
    made = client.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/bump/a", "sha": old})
    assert (made.status, made.document["object"]) == (201, {"type": "commit", "sha": old, "url": f"{client.url}{R}/git/commits/{old}"})
    tree = client.ask("POST", f"{R}/git/trees", {"base_tree": old, "tree": [{"path": "x", "mode": "100644", "content": "x"}]}).document["sha"]
    new = client.ask("POST", f"{R}/git/commits", {"tree": tree, "parents": [old], "message": "x"}).document["sha"]
    assert client.ask("PATCH", f"{R}/git/refs/heads/bump/a", {"sha": new}).status == 200
    assert client.get(f"{R}/git/ref/heads/bump/a").document["object"]["sha"] == new == tip(registry, "bump/a")
    assert [row["ref"] for row in client.get(f"{R}/git/matching-refs/heads/").document] == ["refs/heads/bump/a", "refs/heads/main"]
    assert client.ask("DELETE", f"{R}/git/refs/heads/bump/a").status == 204
    assert client.get(f"{R}/git/ref/heads/bump/a").status == 404
    assert [(row["activity_type"], row["ref"]) for row in client.get(f"{R}/activity").document] == [
        ("branch_deletion", "refs/heads/bump/a"),
        ("push", "refs/heads/bump/a"),
        ("branch_creation", "refs/heads/bump/a"),
        ("branch_creation", "refs/heads/main"),
    ]


def test_a_ref_is_not_made_twice_nor_to_nowhere(client: Client, registry: Repository) -> None:
    def make(ref: str, sha: str) -> tuple[int, str]:
        reply = client.ask("POST", f"{R}/git/refs", {"ref": ref, "sha": sha})
        return reply.status, reply.document["message"]

    assert make("refs/heads/main", tip(registry)) == (422, "Reference already exists")
    assert make("refs/heads/new", "0" * 39 + "1") == (422, "Object does not exist")
    assert make("heads/new", tip(registry)) == (422, "heads/new is not a valid ref name.")
    assert make("refs/heads/main/below", tip(registry)) == (422, "Reference update failed")


def test_a_rewind_needs_force(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    first = tip(registry)
    github_twin.world.push(registry, "main", {"b": "1"})
    reply = client.ask("PATCH", f"{R}/git/refs/heads/main", {"sha": first})
    assert (reply.status, reply.document["message"]) == (422, "Update is not a fast forward")
    assert client.ask("PATCH", f"{R}/git/refs/heads/main", {"sha": first, "force": True}).status == 200
    assert client.get(f"{R}/activity?activity_type=force_push").document[0]["after"] == first
    assert client.ask("PATCH", f"{R}/git/refs/heads/none", {"sha": first}).document["message"] == "Reference does not exist"


def test_a_ruleset_refuses_branches_by_pattern(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    registry.restricted = ("main", "bump/*")
    for ref, status in (("refs/heads/bump/a", 422), ("refs/heads/free", 201)):
        assert client.ask("POST", f"{R}/git/refs", {"ref": ref, "sha": tip(registry)}).status == status
    refused = client.ask("PATCH", f"{R}/git/refs/heads/main", {"sha": tip(registry)})
    assert refused.document["message"].startswith("Repository rule violations found\n\nCannot update ref")
    registry.bypass = frozenset({"github-actions[bot]"})
    assert client.ask("PATCH", f"{R}/git/refs/heads/main", {"sha": tip(registry)}).status == 200


def test_a_workflow_needs_a_permission_of_its_own(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    old = tip(registry)
    new = github_twin.world.push(registry, "topic", {WORKFLOW: "on: push\n"})
    refused = client.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/bump", "sha": new})
    assert (refused.status, refused.document["message"]) == (
        403,
        f"refusing to allow a GitHub App to create or update workflow `{WORKFLOW}` without `workflows` permission",
    )
    allowed = Client(client.url, github_twin.personal_token("ada", [registry], contents="write", workflows="write"))
    assert allowed.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/bump", "sha": new}).status == 201
    # What the default branch has may be had; what it had once and has no more may not: a stale branch is refused.
    stale = github_twin.world.push(registry, "main", {WORKFLOW: "on: push\n"})
    assert client.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/same", "sha": stale}).status == 201
    github_twin.world.push(registry, "main", {WORKFLOW: "on: [push]\n"})
    assert client.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/stale", "sha": stale}).status == 403
    assert client.ask("POST", f"{R}/git/refs", {"ref": "refs/heads/older", "sha": old}).status == 201


def test_a_bot_s_commit_is_verified_and_a_person_s_is_not(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    commit = {"tree": client.get(f"{R}/git/trees/main").document["sha"], "parents": [tip(registry)], "message": "x"}
    made = client.ask("POST", f"{R}/git/commits", commit).document
    assert (made["verification"]["verified"], made["author"]["name"], made["committer"]["name"]) == (True, "github-actions[bot]", "GitHub")
    named = client.ask("POST", f"{R}/git/commits", {**commit, "author": {"name": "A", "email": "a@b.example"}}).document
    assert (named["verification"]["verified"], named["verification"]["reason"], named["author"]["name"]) == (False, "unsigned", "A")
    person = Client(client.url, github_twin.personal_token("ada", [registry], contents="write"))
    assert person.ask("POST", f"{R}/git/commits", commit).document["verification"]["verified"] is False
    assert client.get(f"{R}/git/commits/{made['sha']}").document == made
    assert client.get(f"{R}/commits/{made['sha']}").document["commit"]["verification"]["verified"] is True


def test_a_commit_of_what_is_missing_is_refused(client: Client, registry: Repository) -> None:
    tree = client.get(f"{R}/git/trees/main").document["sha"]
    reply = client.ask("POST", f"{R}/git/commits", {"tree": "1" * 40, "message": "x"})
    assert (reply.status, reply.document["message"]) == (422, "Tree SHA does not exist")
    assert client.ask("POST", f"{R}/git/commits", {"tree": tree, "parents": ["1" * 40], "message": "x"}).status == 422


def test_trees_and_blobs(client: Client, registry: Repository) -> None:
    blob = client.ask("POST", f"{R}/git/blobs", {"content": base64.b64encode(b"\xff\x00").decode(), "encoding": "base64"}).document["sha"]
    assert base64.b64decode(client.get(f"{R}/git/blobs/{blob}").document["content"]) == b"\xff\x00"
    rows = [{"path": "servers/b/icon", "mode": "100644", "type": "blob", "sha": blob}, {"path": "run.sh", "mode": "100644", "type": "blob", "sha": None}]
    made = client.ask("POST", f"{R}/git/trees", {"base_tree": tip(registry), "tree": rows})
    assert made.status == 201
    whole = client.get(f"{R}/git/trees/{made.document['sha']}?recursive=1").document["tree"]
    assert [(row["path"], row["type"]) for row in whole] == [
        ("servers", "tree"),
        ("servers/a", "tree"),
        ("servers/a/server.yaml", "blob"),
        ("servers/b", "tree"),
        ("servers/b/icon", "blob"),
    ]
    assert client.ask("POST", f"{R}/git/trees", {"tree": [{"path": "x", "mode": "100644", "sha": "1" * 40}]}).status == 422
    assert client.get(f"{R}/git/trees/{'1' * 40}").status == 404


def test_contents(client: Client, registry: Repository) -> None:
    file = client.get(f"{R}/contents/servers/a/server.yaml?ref={tip(registry)}").document
    assert (base64.b64decode(file["content"]), file["encoding"], file["size"]) == (b"commit: 1\n", "base64", 10)
    assert [(row["name"], row["type"]) for row in client.get(f"{R}/contents/servers").document] == [("a", "dir")]
    assert client.get(f"{R}/contents/run.sh", Accept="application/vnd.github.raw+json").body == b"true\n"
    assert client.get(f"{R}/contents/none").status == 404
    assert client.get(f"{R}/contents/run.sh?ref=none").document["message"] == "No commit found for the ref none"


def test_a_file_is_written_only_over_the_one_that_was_seen(client: Client, registry: Repository) -> None:
    def put(sha: str | None) -> Json:
        body = {"message": "x", "content": base64.b64encode(b"new\n").decode(), "branch": "main"}
        return client.ask("PUT", f"{R}/contents/run.sh", body | ({"sha": sha} if sha else {}))

    seen = client.get(f"{R}/contents/run.sh").document["sha"]
    assert put(None).status == 422
    assert put("1" * 40).status == 409
    written = put(seen)
    assert written.status == 200
    assert written.document["commit"]["sha"] == tip(registry)
    assert written.document["commit"]["verification"]["verified"] is True
    assert put(seen).status == 409


def test_branches_and_commits(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    first = tip(registry)
    second = github_twin.world.push(registry, "main", {"servers/a/server.yaml": "commit: 2\n"}, message="two")
    assert client.get(f"{R}/branches/main").document["commit"]["sha"] == second
    assert client.get(f"{R}/branches/none").status == 404
    assert [row["sha"] for row in client.get(f"{R}/commits").document] == [second, first]
    assert [row["sha"] for row in client.get(f"{R}/commits?path=run.sh").document] == [first]
    one = client.get(f"{R}/commits/main").document
    assert (one["sha"], one["stats"], one["files"][0]["filename"]) == (second, {"additions": 1, "deletions": 1, "total": 2}, "servers/a/server.yaml")
    assert one["files"][0]["patch"] == "@@ -1 +1 @@\n-commit: 1\n+commit: 2"
    assert client.get(f"{R}/commits/none").status == 422


def test_a_commit_s_id_is_its_etag(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    pin = tip(registry)
    same = client.get(f"{R}/commits/main", Accept="application/vnd.github.sha", If_None_Match=f'"{pin}"')
    assert same.status == 304
    new = github_twin.world.push(registry, "main", {"b": "1"})
    moved = client.get(f"{R}/commits/main", Accept="application/vnd.github.sha", If_None_Match=f'"{pin}"')
    assert (moved.status, moved.body.decode()) == (200, new)


def test_comparisons(github_twin: GitHubTwin, client: Client, registry: Repository) -> None:
    first = tip(registry)
    main = github_twin.world.push(registry, "main", {"b": "1"})
    side = github_twin.world.push(registry, "side", {"c": "1"}, force_from=first)

    def compare(names: str) -> tuple[str, int, int]:
        found = client.get(f"{R}/compare/{names}").document
        return found["status"], found["ahead_by"], found["behind_by"]

    assert compare(f"{first}...main") == ("ahead", 1, 0)
    assert compare(f"main...{first}") == ("behind", 0, 1)
    assert compare("main...side") == ("diverged", 1, 1)
    assert compare(f"main...{main}") == ("identical", 0, 0)
    found = client.get(f"{R}/compare/{main}...{side}").document
    assert (found["merge_base_commit"]["sha"], [file["filename"] for file in found["files"]]) == (first, ["c"])
    assert client.get(f"{R}/compare/main...none").status == 404
    person = registry.git.commit(first)
    assert person is not None
    registry.git.move(("refs/heads/alien", registry.git.write_commit(person.tree, [], person.author, person.author, "alien"), None))
    assert client.get(f"{R}/compare/main...alien").document["message"] == "No common ancestor between main and alien."


def test_an_etag_spares_an_answer(client: Client, registry: Repository) -> None:
    first = client.get(R)
    again = client.get(R, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["x-ratelimit-used"] == "1"
    registry.archived = True
    assert client.get(R, If_None_Match=first.headers["etag"]).status == 200


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """A repository with deltas, a merge, tags, a submodule, a binary file, and a branch without common history."""
    root = tmp_path_factory.mktemp("packed")
    text = "".join(f"line {number}\n" for number in range(500))
    files: dict[str, str | bytes | File | None] = {
        "long.txt": text,
        "bin": b"\0\1\2",
        "sub/x": "x",
        "link": File("long.txt", "120000"),
        "module": File("1" * 40, "160000"),
    }
    commits = [
        Commit("base", files),
        Commit("left", {"long.txt": text + "left\n"}),
        Commit("right", {"sub/y": "y"}, parents=("base",)),
        Commit("merged", {"sub/y": "y"}, parents=("left", "right")),
        Commit("top", {"long.txt": text.replace("line 250\n", ""), "bin": None, "sub/x": None, "sub/z": "x"}),
        Commit("alien", {"a": "b"}, parents=()),
    ]
    branches = {"main": "top", "right": "right", "alien": "alien"}
    build(root, [Upstream("a/b", commits, branches=branches, tags={"light": "left"}, annotated_tags={"v1": "merged"})])
    git = Git(root / "a/b.git")
    git.run("repack", "-adq", "--depth=50", "--window=50")
    git.run("pack-refs", "--all")
    return git


def lines(git: Git, *arguments: str) -> list[str]:
    return git.run(*arguments).stdout.decode().splitlines()


def test_every_object_is_read_as_git_reads_it(packed: Git) -> None:
    rows = [row.split() for row in lines(packed, "cat-file", "--batch-all-objects", "--batch-check")]
    deltas = lines(packed, "cat-file", "--batch-all-objects", "--batch-check=%(deltabase)")
    assert any(row != "0" * 40 for row in deltas)
    for oid, kind, _ in rows:
        found = packed.store.read(oid)
        assert found is not None
        assert (found.kind, found.content) == (kind, packed.run("cat-file", kind, oid).stdout)
    assert packed.store.read("1" * 40) is None


def test_refs_are_read_as_git_reads_them(packed: Git) -> None:
    assert [f"{oid} {name}" for name, oid in packed.store.refs("refs/").items()] == lines(packed, "for-each-ref", "--format=%(objectname) %(refname)")
    names = ["main", "v1", "light", "HEAD", "refs/heads/right", "tags/v1", "main:sub", "v1:sub/y", "main:long.txt", "main:none", "none", "HEAD:"]
    for name in names:
        found = packed.resolve(name)
        expected = packed.run("rev-parse", "--verify", "--quiet", name, check=False).stdout.decode().strip()
        assert (found.oid if found else "") == expected, name


def test_histories_are_compared_as_git_compares_them(packed: Git) -> None:
    tips = lines(packed, "rev-list", "--all")
    for one, other in product(tips, tips):
        ahead, behind = packed.compare(one, other)
        assert [f"{behind}\t{len(ahead)}"] == lines(packed, "rev-list", "--left-right", "--count", f"{one}...{other}")
        base = packed.run("merge-base", one, other, check=False).stdout.decode().split()
        assert packed.merge_base(one, other) == (base[0] if base else None)


def test_a_written_tree_is_the_one_that_git_writes(packed: Git, tmp_path: Path) -> None:
    commit = packed.commit("main")
    assert commit is not None
    blob = packed.store.write("blob", b"new")
    tree = packed.edited(commit.tree, {"sub/new/deep": ("100755", blob), "sub.txt": ("100644", blob), "link": None, "sub/y": None, "sub/z": None})
    index = {"GIT_INDEX_FILE": str(tmp_path / "index"), "PATH": "/usr/local/bin:/usr/bin:/bin"}

    def git(*arguments: str, stdin: str = "") -> str:
        command = ["git", f"--git-dir={packed.folder}", *arguments]
        return subprocess.run(command, input=stdin, env=index, check=True, capture_output=True, text=True).stdout.strip()

    git("read-tree", commit.tree)
    gone = "".join(f"0 {'0' * 40}\t{path}\n" for path in ("link", "sub/y", "sub/z"))
    git("update-index", "--index-info", stdin=f"100755 {blob}\tsub/new/deep\n100644 {blob}\tsub.txt\n{gone}")
    assert tree == git("write-tree")
    packed.run("fsck", "--strict", "--no-dangling")


def test_refs_move_together_or_not_at_all(packed: Git) -> None:
    main, right = packed.store.ref("refs/heads/main"), packed.store.ref("refs/heads/right")
    with pytest.raises(Conflict):
        packed.move(("refs/heads/one", main, None), ("refs/heads/right", main, main))
    assert packed.store.ref("refs/heads/one") is None
    packed.move(("refs/heads/one", main, None), ("refs/heads/right", main, right))
    assert packed.store.ref("refs/heads/right") == main
    packed.move(("refs/heads/one", None, main), ("refs/heads/right", right, main))

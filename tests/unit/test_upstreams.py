"""The builder of upstream repositories: what is described is what git reads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.upstreams import EPOCH, Commit, File, Upstream, build


def git(repository: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    root = tmp_path_factory.mktemp("upstreams")
    upstream = Upstream(
        "Owner/name",
        [
            Commit("first", {"src/a.py": "1\n", "link": File("src/a.py", "120000"), "run": File("#!/bin/sh\n", "100755"), 'odd "name"\n': b"\x00\xff"}),
            Commit("side", {"side.txt": ""}, parents=("first",)),
            Commit("second", {"src": None, "b.py": "2"}, parents=("first",)),
            Commit("merge", parents=("second", "side"), message="Merge\n\nwith a body\n", when=EPOCH + 1),
            Commit("orphan", {"o": "o"}, parents=()),
            Commit("unreachable", {"u": File("1" * 40, "160000")}),
        ],
        branches={"trunk": "merge", "topic/x": "second", "orphan": "orphan"},
        tags={"light": "first"},
        annotated_tags={"v1": "second"},
        pulls={7: "side"},
        head="trunk",
    )
    ids = build(root, [upstream])
    return root / "Owner/name.git", ids["Owner/name"]


def test_refs_are_as_described(built: tuple[Path, dict[str, str]]) -> None:
    repository, ids = built
    lines = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    refs = dict(line.split() for line in lines)
    tag = refs.pop("refs/tags/v1")
    assert git(repository, "rev-parse", f"{tag}^{{commit}}").strip() == ids["second"] != tag
    assert refs == {
        "refs/heads/trunk": ids["merge"],
        "refs/heads/topic/x": ids["second"],
        "refs/heads/orphan": ids["orphan"],
        "refs/tags/light": ids["first"],
        "refs/pull/7/merge": ids["side"],
    }
    assert git(repository, "symbolic-ref", "HEAD").strip() == "refs/heads/trunk"


def test_history_is_as_described(built: tuple[Path, dict[str, str]]) -> None:
    repository, ids = built
    assert git(repository, "log", "-1", "--format=%P|%ct|%B", ids["merge"]).strip() == f"{ids['second']} {ids['side']}|{EPOCH + 1}|Merge\n\nwith a body"
    assert git(repository, "log", "-1", "--format=%P", ids["orphan"]).strip() == ""
    assert git(repository, "log", "-1", "--format=%P", ids["unreachable"]).strip() == ids["orphan"]


def test_files_are_as_described(built: tuple[Path, dict[str, str]]) -> None:
    repository, ids = built
    listed = git(repository, "ls-tree", "-r", "-z", ids["first"]).split("\0")
    assert sorted(line.split("\t")[0].split()[0] + " " + line.split("\t")[1] for line in listed if line) == [
        '100644 odd "name"\n',
        "100644 src/a.py",
        "100755 run",
        "120000 link",
    ]
    assert "b.py" in git(repository, "ls-tree", "--name-only", ids["merge"]).split()
    assert git(repository, "ls-tree", "--name-only", ids["second"], "src") == ""
    assert git(repository, "ls-tree", ids["unreachable"], "u").startswith("160000 commit 1111")


def test_repositories_are_sound_and_ids_are_the_same_again(built: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    git(built[0], "fsck", "--strict", "--no-dangling")
    described = [Upstream("a/b", [Commit("one", {"x": "1"})], branches={"main": "one"})]
    assert build(tmp_path / "1", described) == build(tmp_path / "2", described)


def test_a_description_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        build(tmp_path, [Upstream("a/b", [Commit("one")], branches={"main": "two"})])

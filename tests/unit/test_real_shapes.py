"""Generated upstreams of a real registry: they are there, quickly, and each pin is as far behind as asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from support.upstreams import Drift, Fate, Shapes, real_shapes


def git(shapes: Shapes, project: str, *arguments: str) -> str:
    path = shapes.repositories / f"{project.removeprefix('https://github.com/')}.git"
    done = subprocess.run(["git", "-C", str(path), *arguments], check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "failed"


def source(shapes: Shapes, server: str) -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load((shapes.registry / "servers" / server / "server.yaml").read_bytes()).get("source") or {}
    return found


def write(registry: Path, server: str, **fields: str) -> None:
    path = registry / "servers" / server / "server.yaml"
    path.parent.mkdir(parents=True)
    lines = [f"  {key}: {value}" for key, value in ({"project": f"https://github.com/o/{server}", "commit": "a" * 40} | fields).items()]
    path.write_text("\n".join([f"name: {server}", "type: server", "source:", *lines, ""]))


def test_every_fate_is_what_git_says(tmp_path: Path) -> None:
    registry = tmp_path / "in"
    fates = [fate for fate in Fate if fate is not Fate.REF_GONE]
    for fate in fates:
        write(registry, fate.value, directory="src/deep")
    shapes = real_shapes(registry, tmp_path / "out", {fate.value: Drift(fate, 3) for fate in fates})
    assert shapes.expected == {fate.value: fate.value for fate in fates}
    for fate in fates:
        server = fate.value
        project, pin, tip = source(shapes, server)["project"], shapes.pins[server], shapes.tips[server]
        assert source(shapes, server)["commit"] == pin
        counts = git(shapes, project, "rev-list", "--left-right", "--count", f"{pin}...{tip}").replace("\t", " ")
        trees = {git(shapes, project, "rev-parse", f"{commit}:src/deep") for commit in (pin, tip)}
        match fate:
            case Fate.CURRENT:
                assert counts == "0 0"
            case Fate.MOVED:
                assert (counts, len(trees), "failed" in trees) == ("0 3", 2, False)
            case Fate.OUTSIDE:
                assert (counts, len(trees), "failed" in trees) == ("0 3", 1, False)
                assert git(shapes, project, "rev-parse", f"{pin}^{{tree}}") != git(shapes, project, "rev-parse", f"{tip}^{{tree}}")
            case Fate.DIVERGED:
                assert counts == "1 3"
            case Fate.REWOUND:
                assert counts == "3 0"
            case Fate.DIRECTORY_GONE:
                assert (counts, len(trees), "failed" in trees) == ("0 3", 2, True)
            case Fate.PIN_UNKNOWN:
                assert git(shapes, project, "cat-file", "-t", pin) == "failed"
            case Fate.REPO_GONE:
                assert tip is None
                assert not (shapes.repositories / "o" / f"{server}.git").exists()


def test_a_whole_repository_can_move_without_a_change(tmp_path: Path) -> None:
    write(tmp_path / "in", "a")
    shapes = real_shapes(tmp_path / "in", tmp_path / "out", {"a": Drift(Fate.OUTSIDE, 2)})
    project = "https://github.com/o/a"
    assert git(shapes, project, "rev-list", "--count", f"{shapes.pins['a']}..{shapes.tips['a']}") == "2"
    assert git(shapes, project, "diff", "--stat", shapes.pins["a"], shapes.tips["a"] or "") == ""


def test_refs_that_are_gone(tmp_path: Path) -> None:
    write(tmp_path / "in", "default")
    write(tmp_path / "in", "named", branch="staging")
    write(tmp_path / "in", "tag", branch="v1.2")
    shapes = real_shapes(tmp_path / "in", tmp_path / "out", dict.fromkeys(["default", "named", "tag"], Fate.REF_GONE))
    assert shapes.expected == dict.fromkeys(["default", "named", "tag"], "ref-gone")
    assert git(shapes, "https://github.com/o/default", "rev-parse", "--verify", "HEAD") == "failed"
    assert git(shapes, "https://github.com/o/named", "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert git(shapes, "https://github.com/o/named", "cat-file", "-t", shapes.pins["named"]) == "commit"


@pytest.mark.parametrize(
    ("first", "second", "drifts"),
    [
        ("x", "y", {"a": Fate.REPO_GONE}),
        ("x", "y", {"a": Fate.REF_GONE}),
        ("x", "x", {"a": Fate.MOVED, "b": Fate.OUTSIDE}),
        ("x", "x/deep", {"a": Fate.DIRECTORY_GONE}),
        ("x", "y", {"c": Fate.MOVED}),
    ],
)
def test_fates_that_exclude_each_other_are_refused(tmp_path: Path, first: str, second: str, drifts: dict[str, Fate]) -> None:
    for server, directory in (("a", first), ("b", second)):
        write(tmp_path / "in", server, project="https://github.com/o/shared", directory=directory)
    with pytest.raises(ValueError, match=r"."):
        real_shapes(tmp_path / "in", tmp_path / "out", drifts)


def test_neighbours_in_one_repository_keep_their_own_fates(tmp_path: Path) -> None:
    for server in "abc":
        write(tmp_path / "in", server, project="https://github.com/o/shared", directory=f"src/{server}")
    drifts = {"a": Drift(Fate.MOVED, 2), "b": Drift(Fate.OUTSIDE, 5), "c": Drift(Fate.DIRECTORY_GONE, 1)}
    shapes = real_shapes(tmp_path / "in", tmp_path / "out", drifts)
    assert len(set(shapes.tips.values())) == 1
    for server, drift in drifts.items():
        assert git(shapes, "https://github.com/o/shared", "rev-list", "--count", f"{shapes.pins[server]}..{shapes.tips[server]}") == str(drift.commits)


def test_the_real_registry(registry_data: Path, tmp_path: Path) -> None:
    drifts: dict[str, Fate | Drift] = {
        "aws-core-mcp-server": Fate.DIRECTORY_GONE,
        "awslabs-valkey": Drift(Fate.OUTSIDE, 4),
        "dappier": Fate.REF_GONE,
        "box": Drift(Fate.DIVERGED, 2),
    }
    shapes = real_shapes(registry_data / "mcp-registry", tmp_path, drifts)
    servers = {path.parent.name for path in shapes.registry.glob("servers/*/server.yaml")}
    projects = {source(shapes, server)["project"] for server in servers if "project" in source(shapes, server)}
    assert (len(servers), len(shapes.pins), len(projects)) == (328, 249, 199)
    assert len(list(shapes.repositories.glob("*/*.git"))) == 199
    listed = {project: git(shapes, project, "for-each-ref", "--format=%(refname) %(objectname)%(*objectname)") for project in projects}
    for server, pin in shapes.pins.items():
        given = source(shapes, server)
        assert given["commit"] == pin
        if server not in drifts:
            assert shapes.tips[server] == pin
            assert git(shapes, given["project"], "rev-parse", f"{given.get('branch', 'HEAD')}^{{commit}}") == pin, server
            assert git(shapes, given["project"], "cat-file", "-t", f"{pin}:{given.get('directory', '')}") == "tree"
    verdicts = list(shapes.expected.values())
    assert [verdicts.count(word) for word in ("frozen-ref", "pull-ref", "directory-gone", "unchanged-directory", "ref-gone", "diverged")] == [16, 2, 1, 1, 1, 1]
    heads = {git(shapes, project, "symbolic-ref", "HEAD") for project in projects}
    assert heads == {"refs/heads/main", "refs/heads/master", "refs/heads/trunk", "refs/heads/develop"}
    assert all(listed.values())

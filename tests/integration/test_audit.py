"""audit: what is worth a person's time in any registry, on the entry's own lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import run_command
from support.git_server import GitServer, Status
from support.github_twin.contract import Contract
from support.github_twin.tokens import Kind
from support.github_twin.twin import GitHubTwin
from support.registries import write_config, write_entry
from support.upstreams import Commit, File, Upstream, build

PROJECT = "https://github.com/example/mono"
UPSTREAM = Upstream(
    "example/mono",
    [Commit("first", {"src/a/f": "1", "src/b/f": "1"}), Commit("second", {"src/a/f": "2"}), Commit("lost", {"src/a/f": "3"}, parents=("first",))],
    branches={"main": "second"},
    tags={"v1": "first"},
    pulls={3: "lost"},
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Path, GitServer]]:
    commits = build(tmp_path / "upstreams", [UPSTREAM])["example/mono"]
    registry = tmp_path / "registry"
    write_entry(registry, "current", commits["second"], project=PROJECT)
    write_entry(registry, "moved", commits["first"], project=PROJECT, directory="src")
    write_entry(registry, "idle", commits["first"], project=PROJECT, directory="src/b")
    write_entry(registry, "frozen", commits["first"], project=PROJECT, branch="v1")
    write_entry(registry, "pull", commits["lost"], project=PROJECT, branch="refs/pull/3/merge")
    write_entry(registry, "lost", commits["lost"], project=PROJECT)
    write_entry(registry, "gone", "a1" * 20, project=PROJECT, branch="v1")
    write_entry(registry, "unpinned", "main", project=PROJECT)
    with GitServer(tmp_path / "upstreams") as server:
        yield registry, server


def test_findings_stand_on_the_line_that_is_to_be_changed(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    done = run_command("audit", registry, "--format", "json", f"--mirror=https://github.com/={server.url}/")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["servers"] == 8
    assert {(finding["server"], finding["rule"], finding["severity"], finding["line"]) for finding in report["findings"]} == {
        ("frozen", "frozen-ref", "warning", 7),
        ("pull", "pull-ref", "error", 7),
        ("lost", "diverged", "error", 6),
        ("gone", "frozen-ref", "warning", 7),
        ("gone", "unreachable", "error", 6),
        ("unpinned", "commit-not-sha", "error", 6),
    }
    ages = {pin["server"]: pin["age_days"] for pin in report["pins"]}
    assert ages["gone"] is ages["unpinned"] is None
    assert ages["current"] >= 0


def test_the_text_ends_with_the_figures(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    write_entry(registry, "absent", "a1" * 20, project="https://github.com/example/absent")
    done = run_command("audit", registry, f"--mirror=https://github.com/={server.url}/")
    assert "9 entries, 9 pins: " in done.stdout
    assert re.search(r"^age of 6 pins: median [0-9]+ days, oldest ", done.stdout, re.MULTILINE)
    assert "of 2 pins whose upstream moved ahead, 1 (50%) would change nothing in the built directory" in done.stdout
    assert "error[repo-gone]" in done.stdout


def test_an_upstream_that_can_not_be_read_is_exit_code_3_and_the_rest_is_told(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    write_entry(registry, "forbidden", "a1" * 20, project="https://github.com/example/forbidden")
    server.behave("example/forbidden", Status(403))
    done = run_command("audit", registry, f"--mirror=https://github.com/={server.url}/")
    assert done.returncode == 3
    assert "error: forbidden: 127.0.0.1 answered 403" in done.stderr
    assert "error[diverged]" in done.stdout


def published(folder: Path, registry: Path, name: str) -> str:
    """Make a bare repository `folder`/name.git with the registry in its first commit; return its URL on GitHub."""
    files: dict[str, str | bytes | File | None] = {str(path.relative_to(registry)): path.read_text() for path in registry.rglob("*.*") if path.is_file()}
    noise = {f"noise/{number}": f"{number}\n" * 5000 for number in range(200)}
    links: dict[str, str | bytes | File | None] = {"servers/linked/server.yaml": File("../current/server.yaml", "120000")}
    build(folder, [Upstream(name, [Commit("first", {**files, **noise, **links})], branches={"main": "first"})])
    return f"https://github.com/{name}"


def test_a_registry_at_a_url_is_told_the_same_as_its_folder(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    write_config(registry, "bump:\n  hold: [moved]\n")
    url = published(server.root, registry, "catalog/registry")
    mirror = f"--mirror=https://github.com/={server.url}/"
    there = run_command("audit", f"{url}.git", "--format", "json", mirror)
    before = [request for request in server.requests if request.repository == "catalog/registry"]
    (registry / "servers/linked").mkdir()
    (registry / "servers/linked/server.yaml").symlink_to("../current/server.yaml")
    here = run_command("audit", registry, "--format", "json", mirror)
    assert there.stdout == here.stdout
    assert (there.returncode, json.loads(there.stdout)["servers"]) == (1, 9)
    assert [request.command for request in before] == ["ls-refs", "fetch", "fetch"]


def test_only_the_entries_files_are_fetched(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    url = published(server.root, registry, "catalog/registry")
    run_command("audit", registry, f"--mirror=https://github.com/={server.url}/")
    upstreams = server.sent
    run_command("audit", url, f"--mirror=https://github.com/={server.url}/")
    assert server.sent - 2 * upstreams < 20_000


def test_entries_may_be_elsewhere_in_a_registry_at_a_url(world: tuple[Path, GitServer]) -> None:
    registry, server = world
    (registry / "servers").rename(registry / "catalog")
    write_config(registry, "entries: 'catalog/*/server.yaml'\n")
    done = run_command("audit", published(server.root, registry, "catalog/registry"), "--format", "json", f"--mirror=https://github.com/={server.url}/")
    assert json.loads(done.stdout)["servers"] == 8


@pytest.mark.parametrize(
    ("place", "code", "message"),
    [
        ("http://github.com/a/b", 2, "scheme"),
        ("https://github.com/a", 2, "is not /owner/repo"),
        ("https://name:secret@github.com/a/b", 2, "user name or a credential"),
        ("https://github.com/example/absent", 3, "127.0.0.1 answered 404"),
        ("example/absent", 2, "or write https://host/owner/repo"),
        ("https://github.com/example/mono", 2, "no entries match"),
    ],
)
def test_what_is_no_registry_is_one_message(world: tuple[Path, GitServer], place: str, code: int, message: str) -> None:
    done = run_command("audit", place, f"--mirror=https://github.com/={world[1].url}/")
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_with_a_token_the_api_is_asked_and_knows_what_is_archived(world: tuple[Path, GitServer], github_contract: Contract) -> None:
    registry, server = world
    without = run_command("audit", registry, "--format", "json", f"--mirror=https://github.com/={server.url}/")
    with GitHubTwin(server.root, github_contract) as twin:
        given = {"GITHUB_API_URL": twin.url, "GITHUB_SERVER_URL": twin.url, "GITHUB_TOKEN": twin.world.token(Kind.PERSONAL, [])}
        arguments = (registry, "--format", "json", f"--mirror=https://github.com/={twin.url}/")
        done = run_command("audit", *arguments, given=given)
        assert json.loads(done.stdout) == json.loads(without.stdout)
        assert twin.counts()["query"] == 1
        twin.repository("example/mono").archived = True
        found = {(finding["server"], finding["rule"]) for finding in json.loads(run_command("audit", *arguments, given=given).stdout)["findings"]}
        assert {("current", "archived"), ("idle", "archived")} <= found
        wrong = run_command("audit", *arguments, given=given | {"GITHUB_TOKEN": "ghs_wrong"})
    assert (wrong.returncode, wrong.stdout) == (3, "")
    assert wrong.stderr == "error: 127.0.0.1 does not accept the token (401)\n  renew it, or unset it to read as a stranger does\n"


def test_a_private_registry_is_read_with_the_token(world: tuple[Path, GitServer], github_contract: Contract) -> None:
    registry, server = world
    url = published(server.root, registry, "catalog/registry")
    with GitHubTwin(server.root, github_contract) as twin:
        private = twin.add("catalog/registry")
        private.private = True
        mirror = f"--mirror=https://github.com/={twin.url}/"
        assert run_command("audit", url, mirror).returncode == 3
        given = {"GITHUB_API_URL": twin.url, "GITHUB_SERVER_URL": twin.url, "GITHUB_TOKEN": twin.actions_token(private, contents="read")}
        done = run_command("audit", url, "--format", "json", mirror, given=given)
    assert json.loads(done.stdout)["servers"] == 9
    assert given["GITHUB_TOKEN"] not in done.stdout + done.stderr

"""resolve-trust against a whole GitHub: every way in which a repository can change hands, and every way in which an answer can be missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinwarden.well_known import MOST_BYTES, WELL_KNOWN
from support.commands import run_command
from support.file_server import FileServer
from support.git_server import Status
from support.github_twin.faults import Fail, Partial
from support.github_twin.twin import GitHubTwin
from support.registries import write_config, write_entry
from support.upstreams import Commit, Upstream, build

COMMITS = [Commit("first", {"a": "1"}), Commit("second", {"a": "2"}), Commit("fork", {"a": "backdoor"}, parents=("second",))]


def day(ago: int = 0) -> str:
    return (datetime.now(UTC).date() - timedelta(days=ago)).isoformat()


@dataclass(slots=True)
class World:
    """A registry with one entry of acme's and one of nobody's; `row` is acme's row, to be changed by a test."""

    root: Path
    twin: GitHubTwin
    token: str = ""
    commits: dict[str, str] = field(default_factory=dict)
    row: dict[str, Any] = field(default_factory=dict)
    mirrors: list[str] = field(default_factory=list)

    def entry(self, server: str = "tool", project: str = "acme/tool", commit: str = "first", **source: str) -> None:
        write_entry(self.root, server, self.commits.get(commit, commit), project=f"https://github.com/{project}", **source)

    def save(self) -> None:
        (self.root / "publishers.yml").write_text(yaml.safe_dump({"version": 1, "publishers": [self.row]}))

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, Any]], str]:
        self.save()
        api = {"GITHUB_API_URL": self.twin.url, "GITHUB_SERVER_URL": self.twin.url, "GITHUB_TOKEN": self.token}
        mirrors = " ".join([f"https://github.com/={self.twin.url}/", *self.mirrors])
        given = api if environment is None else environment
        done = run_command("resolve_trust", "--registry", self.root, "--format", "json", *arguments, given=given, PINWARDEN_MIRROR=mirrors)
        assert self.token not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        servers = json.loads(done.stdout)["servers"] if done.stdout else []
        return done.returncode, {one["server"]: one for one in servers}, done.stderr

    def tool(self, *arguments: str) -> tuple[int, str, str, str]:
        """Return the exit code, and level, state and reasons of the entry of acme's."""
        code, servers, _ = self.run(*arguments)
        return code, servers["tool"]["level"], servers["tool"]["state"], "; ".join(servers["tool"]["why"])


def made(tmp_path: Path, github_twin: GitHubTwin) -> World:
    """Make the registry below `tmp_path`, and its upstreams."""
    upstreams = [Upstream(name, COMMITS, branches={"main": "second"}, tags={"v1": "first"}) for name in ("acme/tool", "else/tool", "jane/tool")]
    world = World(tmp_path / "registry", github_twin, commits=build(github_twin.root, upstreams)["acme/tool"])
    github_twin.world.organizations.add("acme")
    world.token = github_twin.actions_token(github_twin.add("acme-registry/registry", {"a": "1"}))
    world.row = {
        "id": "acme",
        "name": "Acme Inc.",
        "url": "https://acme.example",
        "evidence": "https://github.com/acme-registry/registry/issues/12",
        "checked": day(10),
        "expires": day(-100),
        "owners": [{"host": "github.com", "login": "acme", "id": github_twin.world.account_id("acme")}],
    }
    world.entry()
    world.entry("other", "else/tool")
    return world


@pytest.fixture
def world(tmp_path: Path, github_twin: GitHubTwin) -> World:
    return made(tmp_path, github_twin)


def single(world: World, name: str = "jane/tool") -> None:
    """Make acme's row one of a single repository."""
    del world.row["owners"]
    world.row["repositories"] = [{"host": "github.com", "name": name, "id": world.twin.repository(name).id}]
    world.entry(project=name)


# The table of what can happen to a repository.


def test_a_publisher_is_known_by_its_number(world: World) -> None:
    code, servers, _ = world.run()
    assert code == 0
    assert servers["tool"] == {
        "server": "tool",
        "level": "known",
        "state": "current",
        "row": "acme",
        "publisher": {"id": "acme", "name": "Acme Inc.", "url": "https://acme.example"},
        "method": "owner-id",
        "checked": day(),
        "why": ["source belongs to github.com/acme"],
    }
    assert (servers["other"]["level"], servers["other"]["state"], servers["other"]["publisher"]) == ("community", "unlisted", None)


def test_a_single_repository_is_known_by_its_number(world: World) -> None:
    single(world)
    _, servers, _ = world.run()
    assert (servers["tool"]["level"], servers["tool"]["method"]) == ("known", "repository-id")


def test_renamed(world: World) -> None:
    world.twin.world.rename(world.twin.repository("acme/tool"), "acme/tool-mcp")
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "moved")
    assert "called acme/tool-mcp now, the owner is the same; write that address in the entry" in why
    world.entry(project="acme/tool-mcp")
    assert world.tool()[:3] == (0, "known", "current")


def test_transferred(world: World) -> None:
    world.twin.world.rename(world.twin.repository("acme/tool"), "mallory/tool")
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "moved")
    assert "went to mallory/tool, which is another owner's" in why
    world.entry(project="mallory/tool")
    assert world.tool()[:3] == (0, "community", "unlisted")


def test_a_single_repository_that_is_transferred_does_not_take_its_row_along(world: World) -> None:
    single(world)
    world.twin.world.rename(world.twin.repository("jane/tool"), "mallory/tool")
    assert world.tool()[:3] == (1, "community", "moved")
    world.entry(project="mallory/tool")
    assert world.tool()[:3] == (1, "community", "moved")


@pytest.mark.parametrize("with_history", [True, False])
def test_registered_again(world: World, with_history: bool) -> None:
    """The login was left, and somebody took it, with the name of the repository and perhaps all of its history."""
    world.twin.world.rename_owner("acme", "acme-labs")
    if with_history:
        build(world.twin.root, [Upstream("acme/tool", COMMITS, branches={"main": "second"})])
        world.twin.add("acme/tool")
    else:
        world.twin.add("acme/tool", {"a": "backdoor"})
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "replaced")
    assert "another owner has this name" in why


def test_a_single_repository_s_name_taken_again(world: World) -> None:
    single(world)
    world.twin.world.rename(world.twin.repository("jane/tool"), "jane/kept")
    world.twin.add("jane/tool", {"a": "backdoor"})
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "replaced")
    assert "another repository has this name" in why


def test_the_owner_s_login_changed(world: World) -> None:
    world.twin.world.rename_owner("acme", "acme-labs")
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "moved")
    assert "the owner is the same; write that address in the entry, and acme-labs in the row" in why
    world.entry(project="acme-labs/tool")
    code, level, state, why = world.tool()
    assert (code, level, state) == (0, "known", "current")
    assert "write its login acme-labs in the row" in why
    world.row["owners"][0]["login"] = "acme-labs"
    assert "in the row" not in world.tool()[3]


def test_the_branch_was_rewritten(world: World) -> None:
    git = world.twin.repository("acme/tool").git
    world.twin.world.push(world.twin.repository("acme/tool"), "next", {"a": "9"}, force_from=world.commits["second"])
    world.entry(commit=git.branch("next") or "")
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "off-branch")
    assert "does not lead to this commit" in why


def test_a_commit_that_only_a_fork_has(world: World) -> None:
    world.entry(commit="fork")
    assert world.tool()[:3] == (1, "community", "off-branch")
    world.entry(commit="second")
    assert world.tool()[:3] == (0, "known", "current")


def test_a_commit_that_upstream_does_not_have(world: World) -> None:
    world.entry(commit="a1" * 20)
    code, _, state, why = world.tool()
    assert (code, state) == (1, "off-branch")
    assert "upstream does not have this commit" in why


@pytest.mark.parametrize("gone", ["removed", "private"])
def test_gone_or_private(world: World, gone: str) -> None:
    repository = world.twin.repository("acme/tool")
    if gone == "removed":
        world.twin.world.remove(repository)
    else:
        repository.private = True
    code, level, state, why = world.tool()
    assert (code, level, state) == (1, "community", "off-branch")
    assert "gone or private" in why


@pytest.mark.parametrize(("branch", "state"), [("v1", "current"), ("refs/pull/7/head", "off-branch")])
def test_a_tag_leads_to_its_commit_and_a_pull_request_does_not(world: World, branch: str, state: str) -> None:
    world.twin.repository("acme/tool").git.store.set_ref("refs/pull/7/head", world.commits["first"])
    world.entry(branch=branch)
    assert world.tool()[2] == state


def test_a_pin_of_a_release_that_no_branch_holds(world: World) -> None:
    repository = world.twin.repository("acme/tool")
    repository.git.store.set_ref("refs/tags/v2.0.0", world.commits["fork"])
    world.entry(commit="fork")
    assert world.tool()[2] == "off-branch"
    write_config(world.root, "bump: {track: releases}\n")
    assert world.tool()[:3] == (0, "known", "current")


@pytest.mark.parametrize(
    ("change", "state", "code"),
    [
        ({"status": "suspended"}, "suspended", 0),
        ({"checked": day(300), "expires": day()}, "expired", 1),
        ({"checked": day(-5), "expires": day(-100)}, "expired", 1),
    ],
)
def test_a_row_that_is_not_in_force(world: World, change: dict[str, str], state: str, code: int) -> None:
    world.row |= change
    assert world.tool()[:3] == (code, "community", state)
    assert world.twin.counts()["query"] == 1, "nothing more is asked of an entry that can't be known"


def test_the_row_s_last_day_counts(world: World) -> None:
    world.row |= {"checked": day(300), "expires": day(-1)}
    assert world.tool()[:3] == (0, "known", "current")


def test_an_excluded_repository(world: World) -> None:
    world.row["owners"][0]["exclude"] = ["Tool"]
    assert world.tool()[:3] == (0, "community", "excluded")


# Domains.


def remote(world: World, url: str) -> None:
    path = world.root / "servers" / "tool" / "server.yaml"
    path.write_text(f"name: tool\ntype: remote\nremote:\n  transport_type: sse\n  url: {url}\n")


@pytest.fixture
def domain(world: World) -> Iterator[FileServer]:
    """The web server of acme.example, which says that it is acme."""
    del world.row["owners"]
    world.row["domains"] = [{"name": "acme.example", "method": "well-known", "checked": day(200)}]
    remote(world, "https://acme.example/sse")
    with FileServer() as server:
        world.mirrors.append(f"https://acme.example/={server.url}/")
        server.files[WELL_KNOWN] = b"# ours\npublisher=acme\n"
        yield server


def test_a_domain_that_says_who_it_is(world: World, domain: FileServer) -> None:
    _, servers, _ = world.run()
    assert (servers["tool"]["level"], servers["tool"]["method"], servers["tool"]["checked"]) == ("known", "well-known", day())
    assert domain.asked == [WELL_KNOWN]
    assert world.twin.asked == [], "GitHub has no part in it"


@pytest.mark.parametrize(
    "answer",
    [404, 410, b"", b"publisher=beta\n", b"publisher=acme2\n", b"publisher=acme publisher=x\n", b"<h1>publisher=acme</h1>", "https://evil.example/file"],
)
def test_a_domain_that_lapsed_is_stale(world: World, domain: FileServer, answer: bytes | int | str) -> None:
    domain.files[WELL_KNOWN] = answer
    assert world.tool()[:3] == (1, "community", "stale")
    assert domain.asked == [WELL_KNOWN], "no redirect is followed"


@pytest.mark.parametrize("answer", [500, 403, b"x" * (MOST_BYTES + 1)])
def test_a_domain_that_does_not_answer_is_unchecked(world: World, domain: FileServer, answer: bytes | int | str) -> None:
    domain.files[WELL_KNOWN] = answer
    assert world.tool()[:3] == (3, "community", "unchecked")
    assert len(domain.asked) == 3


def test_a_check_by_a_person_lasts_three_months(world: World) -> None:
    del world.row["owners"]
    world.row["domains"] = [{"name": "acme.example", "method": "dns-txt", "checked": day(92), "subdomains": True}]
    remote(world, "https://mcp.acme.example/sse")
    _, servers, _ = world.run()
    assert (servers["tool"]["level"], servers["tool"]["method"], servers["tool"]["checked"]) == ("known", "dns-txt", day(92))
    world.row["domains"][0]["checked"] = day(93)
    assert world.tool()[:3] == (1, "community", "stale")


# What is not answered is not known.


def test_an_api_that_does_not_answer_leaves_everything_unchecked(world: World) -> None:
    assert world.tool()[1] == "known"
    world.twin.fault(Fail(404), operation="query", times=None)
    code, servers, _ = world.run()
    assert code == 3
    assert {(one["level"], one["state"], one["publisher"]) for one in servers.values()} == {("community", "unchecked", None)}


def test_an_answer_in_part_is_asked_for_again(world: World) -> None:
    world.twin.fault(Partial(1), operation="query")
    code, servers, _ = world.run()
    assert (code, servers["tool"]["level"], servers["other"]["state"]) == (0, "known", "unlisted")


def test_an_owner_that_lets_no_token_read(world: World) -> None:
    world.twin.repository("acme/tool").ip_allow_list = True
    code, level, state, why = world.tool()
    assert (code, level, state) == (3, "community", "unchecked")
    assert "does not let this token read it" in why


def test_a_pin_that_can_not_be_read(world: World) -> None:
    world.twin.behave("acme/tool", Status(403))
    world.twin.fault(Fail(404), operation="query", times=None, skip=1)
    assert world.tool()[:3] == (3, "community", "unchecked")


def test_without_a_token_nothing_is_asked_and_nothing_known(world: World) -> None:
    code, servers, errors = world.run(environment={"GITHUB_API_URL": world.twin.url, "GITHUB_SERVER_URL": world.twin.url})
    assert (code, {one["state"] for one in servers.values()}) == (3, {"unchecked"})
    assert "set GITHUB_TOKEN" in errors
    assert world.twin.asked == []


def test_a_wrong_token_is_said(world: World) -> None:
    api = {"GITHUB_API_URL": world.twin.url, "GITHUB_SERVER_URL": world.twin.url, "GITHUB_TOKEN": "ghs_wrong"}
    code, servers, errors = world.run(environment=api)
    assert (code, servers) == (3, {})
    assert "does not accept the token" in errors


def test_a_host_whose_ids_nobody_tells(world: World) -> None:
    write_config(world.root, "allowed-hosts: [github.com, git.example]\n")
    write_entry(world.root, "tool", world.commits["first"], project="https://git.example/acme/tool")
    assert world.tool()[:3] == (0, "community", "unlisted")
    world.row["owners"][0]["host"] = "git.example"
    code, level, state, why = world.tool()
    assert (code, level, state) == (3, "community", "unchecked")
    assert "git.example is not a GitHub that this run can ask" in why


# The list, the command.


def test_a_registry_without_a_list_asks_nobody(world: World) -> None:
    done = run_command("resolve_trust", "--registry", world.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 entries: 0 known; 2 community (2 unlisted)" in done.stdout
    assert world.twin.asked == []


def test_a_list_may_be_elsewhere(world: World, tmp_path: Path) -> None:
    world.run()
    (world.root / "publishers.yml").rename(tmp_path / "list.yml")
    world.row = {**world.row, "status": "suspended"}
    assert world.tool()[2] == "suspended"
    assert world.tool("--publishers", str(tmp_path / "list.yml"))[2] == "current"
    write_config(world.root, "publishers: lists/known.yml\n")
    (world.root / "lists").mkdir()
    (tmp_path / "list.yml").rename(world.root / "lists" / "known.yml")
    assert world.tool()[2] == "current"


def test_a_named_list_that_is_not_there_is_misuse(world: World, tmp_path: Path) -> None:
    code, servers, errors = world.run("--publishers", str(tmp_path / "none.yml"))
    assert (code, servers) == (2, {})
    assert "none.yml: no such file" in errors


def test_fifty_repositories_are_one_question(world: World) -> None:
    for number in range(120):
        world.entry(f"s{number}", f"nobody/s{number}")
    code, servers, _ = world.run()
    assert (code, servers["tool"]["level"], len(servers)) == (0, "known", 122)
    assert world.twin.counts()["query"] == 4, "three for 122 ids, one for the pin that counts"


def test_an_entry_that_is_not_valid_costs_the_others_nothing(world: World) -> None:
    write_entry(world.root, "other", "main", project="https://github.com/acme/tool")
    (world.root / "servers" / "other" / "server.yaml").write_text("name: [\n")
    code, servers, _ = world.run()
    assert (code, servers["tool"]["level"], servers["other"]["state"]) == (0, "known", "invalid")
    assert "the entry is not valid" in servers["other"]["why"][0]


def test_an_entry_that_claims_trust_gets_none(world: World) -> None:
    path = world.root / "servers" / "tool" / "server.yaml"
    path.write_text(path.read_text() + "trust: known\n")
    _, servers, _ = world.run()
    assert (servers["tool"]["level"], servers["tool"]["state"]) == ("community", "invalid")


def test_a_person_reads_a_table(world: World) -> None:
    world.run()
    api = {"GITHUB_API_URL": world.twin.url, "GITHUB_SERVER_URL": world.twin.url, "GITHUB_TOKEN": world.token}
    done = run_command("resolve_trust", "--registry", world.root, given=api, PINWARDEN_MIRROR=f"https://github.com/={world.twin.url}/")
    assert done.returncode == 0
    assert done.stdout == (
        "SERVER  LEVEL  STATE    PUBLISHER  WHY\n"
        f"tool    known  current  Acme Inc.  source belongs to github.com/acme (owner-id, checked {day()})\n"
        "\n"
        "2 entries: 1 known; 1 community (1 unlisted)\n"
        "Known says who publishes an entry, not that its code is safe: it is reviewed like any other.\n"
        "Community: the publisher's identity was not checked by this registry. Many good servers are.\n"
    )

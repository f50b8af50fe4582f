"""new-server against upstreams over git: what a URL comes to, and that a scan right after finds it current."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from pinwarden.errors import Misuse
from pinwarden.place import place
from support.commands import run_command
from support.git_server import GitServer, Redirect, Status
from support.registries import write_config, write_entry
from support.upstreams import Commit, File, Upstream, build

CASES = Path(__file__).resolve().parents[1] / "cases" / "new-server"
ACCEPT = {path.stem: json.loads(path.read_bytes()) for path in sorted(CASES.glob("accept/*.json"))}
REFUSE = {path.stem: json.loads(path.read_bytes()) for path in sorted(CASES.glob("refuse/*.json"))}
HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org")
WEATHER = "https://github.com/example/weather"

FILES: dict[str, str | bytes | File | None] = {
    "Dockerfile": "FROM scratch\n",
    "README.md": "# Weather MCP Server\n\nTells the weather of any place. It asks nobody.\n",
    "LICENSE": "MIT License\n\nCopyright\n",
    "src/time/Dockerfile": "FROM scratch\n",
    "src/time/slim.Dockerfile": "FROM scratch\n",
    "src/time/README.md": "# Time\n",
    "src/time/server.py": "",
    "odd folder/Dockerfile": "FROM scratch\n",
    "linked": File("src/time", "120000"),
    "vendored": File("a1" * 20, "160000"),
}
COMMITS = [
    Commit("first", FILES),
    Commit("featured", {"feature.py": ""}),
    Commit("tip", {"server.py": ""}, parents=("first",)),
    Commit("stray", {"evil.py": ""}, parents=()),
]
BRANCHES = {"main": "tip", "feature/new/x": "featured", "both": "featured"}


@dataclass
class World:
    """Upstreams behind one server, under the names of several hosts."""

    server: GitServer
    registry: Path
    ids: Mapping[str, str]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, url: str, *flags: str | Path, category: str = "weather") -> CompletedProcess[str]:
        given = [] if "--propose" in flags else [self.written(url), "--category", category, "--yes"]
        return run_command("new_server", *given, "--registry", self.registry, *flags, PINWARDEN_MIRROR=self.mirrors)

    def written(self, url: str) -> str:
        """Put commits in the place of their labels."""
        for label, commit in self.ids.items():
            url = url.replace(f"{{{label}}}", commit).replace(f"{{{label.upper()}}}", commit.upper())
        return url

    @property
    def mirrors(self) -> str:
        return " ".join(f"https://{host}/={self.server.url}/" for host in HOSTS)

    def entry(self, name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load(self.text(name))
        return loaded

    def text(self, name: str) -> str:
        return (self.registry / "servers" / name / "server.yaml").read_text()

    def upstream(self, name: str, files: Mapping[str, str | bytes | File | None], **refs: Any) -> None:
        build(self.server.root, [Upstream(name, [Commit("only", files)], **{"branches": {"main": "only"}, **refs})])


def made(root: Path) -> Mapping[str, str]:
    weather = Upstream(
        "example/weather", COMMITS, BRANCHES, tags={"v1": "first", "v2": "tip", "both": "tip"}, annotated_tags={"2025.4.24": "tip"}, pulls={3: "stray"}
    )
    return build(root, [weather, Upstream("example/empty", [])])["example/weather"]


def registry_in(folder: Path) -> Path:
    (folder / "servers").mkdir(parents=True)
    write_config(folder, f"allowed-hosts: [{', '.join(HOSTS)}]\n")
    return folder


def refused_unasked(url: str) -> str:
    """Return why a URL is refused before anybody is asked; empty where it is not."""
    try:
        place(re.sub(r"\{\w+\}", "a1" * 20, url))
    except Misuse as error:
        return f"{error.message} {error.hint}"
    return ""


@pytest.mark.parametrize("case", [case for case in REFUSE.values() if refused_unasked(case["url"])], ids=lambda case: case["about"])
def test_a_url_is_refused_unasked(case: Mapping[str, str]) -> None:
    assert case["message"] in refused_unasked(case["url"])
    assert "s3cret" not in refused_unasked(case["url"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("new-server")
    ids = made(folder / "upstreams")
    with GitServer(folder / "upstreams") as server:
        yield World(server, registry_in(folder / "registry"), ids)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    ids = made(tmp_path / "upstreams")
    with GitServer(tmp_path / "upstreams") as server:
        yield World(server, registry_in(tmp_path / "registry"), ids)


@pytest.fixture(scope="module")
def accepted(shared: World) -> Mapping[str, tuple[CompletedProcess[str], list[str]]]:
    """Every case through the command, into one registry: how it ended, and what was asked of upstream."""
    results = {}
    for name, case in ACCEPT.items():
        before = len(shared.server.requests)
        done = shared.run(case["url"], "--name", name, "--format", "json", *case.get("flags", []))
        results[name] = done, shared.server.commands()[before:]
    return results


@pytest.fixture(scope="module")
def scanned(shared: World, accepted: object) -> Mapping[str, dict[str, Any]]:  # the entries must be there
    done = run_command("bump_pins", "--registry", shared.registry, "--dry-run", "--format", "json", PINWARDEN_MIRROR=shared.mirrors)
    return {pin["server"]: pin for pin in json.loads(done.stdout)["pins"]}


@pytest.mark.parametrize("name", ACCEPT)
def test_a_url_comes_to_a_pinned_entry(shared: World, accepted: Mapping[str, tuple[CompletedProcess[str], list[str]]], name: str) -> None:
    case, (done, asked) = ACCEPT[name], accepted[name]
    assert done.returncode == 0, done.stderr
    commit = shared.ids[case.get("commit", "tip")]
    assert json.loads(done.stdout) == {"path": f"servers/{name}/server.yaml", "server": name, "commit": commit}
    wanted = {"project": case.get("project", WEATHER), "branch": case.get("branch"), "commit": commit}
    wanted |= {"directory": case.get("directory"), "dockerfile": case.get("dockerfile")}
    assert shared.entry(name)["source"] == {key: value for key, value in wanted.items() if value}
    # Whether a branch leads to a commit that is not its tip costs a look at the history between; nothing else does.
    assert asked[:1] == ["ls-refs"]
    if "verdict" not in case:
        assert asked == ["ls-refs", "fetch", "fetch"]


@pytest.mark.parametrize("name", ACCEPT)
def test_a_scan_right_after_finds_it_current(scanned: Mapping[str, dict[str, Any]], name: str) -> None:
    assert scanned[name]["verdict"] == ACCEPT[name].get("verdict", "current"), scanned[name]["reason"]


def test_at_least_25_shapes_are_current() -> None:
    assert sum(1 for case in ACCEPT.values() if "verdict" not in case) >= 25


def test_the_registry_validates(shared: World, accepted: object) -> None:  # the entries must be there
    done = run_command("validate_pins", "--registry", shared.registry, "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["checked"], report["findings"]) == (0, len(ACCEPT), [])


@pytest.mark.parametrize("name", [name for name, case in REFUSE.items() if not refused_unasked(case["url"])])
def test_a_url_is_refused_with_the_reason(shared: World, name: str) -> None:
    before = sorted(shared.registry.rglob("*"))
    done = shared.run(REFUSE[name]["url"], "--name", f"refused-{name}")
    assert done.returncode == (3 if name == "gone" else 2), done.stderr
    assert done.stderr.startswith("error: ")
    assert REFUSE[name]["message"] in done.stderr
    assert done.stdout == ""
    assert sorted(shared.registry.rglob("*")) == before


def test_what_the_url_itself_is_refused_for_asks_nobody(world: World) -> None:
    done = world.run("https://ada:s3cret@github.com/example/weather")
    assert (done.returncode, done.stdout, world.server.requests) == (2, "", [])
    assert "credential" in done.stderr
    assert "s3cret" not in done.stderr


def test_the_entry_is_written_as_the_others_are(world: World) -> None:
    assert world.run(f"{WEATHER}/tree/feature/new/x/src/time").returncode == 0
    assert (
        world.text("time")
        == f"""name: time
image: mcp/time
type: server
meta:
  category: weather
  tags:
    - time
    - weather
about:
  title: Time
source:
  project: https://github.com/example/weather
  branch: feature/new/x
  commit: {world.ids["featured"]}
  directory: src/time
"""
    )


def test_what_upstream_says_of_itself(world: World) -> None:
    done = world.run(WEATHER)
    assert world.entry("weather")["about"] == {"title": "Weather", "description": "Tells the weather of any place."}
    assert "note: licence, as upstream says: MIT License" in done.stderr
    assert f"servers/weather/server.yaml: weather is pinned to {world.ids['tip']}, and follows refs/heads/main (3 requests)" in done.stdout


def test_flags_go_before_what_was_found(world: World) -> None:
    assert world.run(WEATHER, "--title", "Sky", "--description", "Looks up: always.", "--name", "sky").returncode == 0
    assert world.entry("sky")["about"] == {"title": "Sky", "description": "Looks up: always."}


def test_without_a_terminal_nothing_is_asked(world: World) -> None:
    done = run_command("new_server", WEATHER, "--registry", world.registry, PINWARDEN_MIRROR=world.mirrors)
    assert done.returncode == 2
    assert "not a terminal" in done.stderr
    assert "--yes" in done.stderr
    assert world.server.requests == []


def test_what_is_missing_names_its_flag(world: World) -> None:
    done = run_command("new_server", WEATHER, "--registry", world.registry, "--yes", PINWARDEN_MIRROR=world.mirrors)
    assert done.returncode == 2
    assert "add --category" in done.stderr
    assert list((world.registry / "servers").iterdir()) == []


@pytest.mark.parametrize("there", ["weather", "Weather", "WEATHER"])
def test_nothing_is_overwritten(world: World, there: str) -> None:
    kept = write_entry(world.registry, there, "a1" * 20)
    before = kept.read_bytes()
    done = world.run(WEATHER)
    assert done.returncode == 2
    assert f'"servers/{there}" is there already' in done.stderr
    assert "add --name" in done.stderr
    assert kept.read_bytes() == before
    assert [path.name for path in (world.registry / "servers").iterdir()] == [there]
    # The control: another name is free.
    assert world.run(WEATHER, "--name", "sky").returncode == 0


@pytest.mark.parametrize("there", ["folder", "file", "dangling"])
def test_an_empty_folder_a_file_or_a_link_is_not_overwritten_either(world: World, tmp_path: Path, there: str) -> None:
    place_ = world.registry / "servers" / "weather"
    match there:
        case "folder":
            place_.mkdir()
        case "file":
            place_.write_text("mine")
        case _:
            place_.symlink_to(tmp_path / "elsewhere")
    assert world.run(WEATHER).returncode == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_linked_folder_of_entries_is_not_written_through(world: World, tmp_path: Path) -> None:
    (world.registry / "servers").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (world.registry / "servers").symlink_to(tmp_path / "elsewhere")
    done = world.run(WEATHER)
    assert done.returncode == 2
    assert "is a link" in done.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_registry_with_entries_elsewhere(world: World) -> None:
    write_config(world.registry, "entries: catalog/local/*/entry.yml\n")
    done = world.run(WEATHER, "--format", "json")
    assert json.loads(done.stdout)["path"] == "catalog/local/weather/entry.yml"
    assert (world.registry / "catalog/local/weather/entry.yml").is_file()


def test_entries_of_which_the_place_of_a_new_one_does_not_follow(world: World) -> None:
    write_config(world.registry, "entries: '*/*/server.yaml'\n")
    done = world.run(WEATHER)
    assert done.returncode == 2
    assert "leaves open where a new entry goes" in done.stderr


def test_the_same_place_twice_is_said(world: World) -> None:
    assert world.run(WEATHER).returncode == 0
    done = world.run(WEATHER, "--name", "again")
    assert done.returncode == 0
    assert 'note: "weather" is built from the same place already' in done.stderr


def test_a_linked_dockerfile_is_none(world: World) -> None:
    world.upstream("example/linked", {"Dockerfile": File("../../etc/passwd", "120000"), "real/Dockerfile": "FROM scratch\n"})
    url = "https://github.com/example/linked"
    done = world.run(url)
    assert done.returncode == 2
    assert '"Dockerfile" is a link' in done.stderr
    assert "add --dockerfile" in done.stderr
    assert "is a link, not a file" in world.run(url, "--dockerfile", "Dockerfile").stderr
    # The control: a file is taken.
    assert world.run(url, "--dockerfile", "real/Dockerfile").returncode == 0


def test_of_several_dockerfiles_none_is_guessed(world: World) -> None:
    world.upstream("example/several", {"a.Dockerfile": "", "b.Dockerfile": ""})
    world.upstream("example/single", {"a.Dockerfile": ""})
    assert "add --dockerfile" in world.run("https://github.com/example/several").stderr
    assert world.run("https://github.com/example/several", "--dockerfile=b.Dockerfile").returncode == 0
    assert world.run("https://github.com/example/single").returncode == 0
    assert world.entry("single")["source"]["dockerfile"] == "a.Dockerfile"


HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u200b\U000e0041"


def test_hostile_words_of_upstream_stay_words(world: World) -> None:
    readme = f'# {HOSTILE} x\\\nsource: {{commit: evil}} # "\'\n\n- a\n\n::error::owned {HOSTILE} "}}: &a *a !!python/object, {{{{ and more.\n'
    package = {"name": "x", "description": f"a\nsource:\n  commit: {'b' * 40}\n{HOSTILE} # : 'and' \"so\" on"}
    files = {"Dockerfile": "FROM scratch\n", "README.md": readme, "package.json": json.dumps(package), "LICENSE": f"{HOSTILE}::error::MIT\n"}
    world.upstream("example/hostile", files)
    done = world.run("https://github.com/example/hostile")
    assert done.returncode == 0, done.stderr
    entry, text = world.entry("hostile"), world.text("hostile")
    assert set(entry) == {"name", "image", "type", "meta", "about", "source"}
    assert set(entry["source"]) == {"project", "commit"}
    assert entry["source"]["commit"] != "b" * 40
    assert all(character.isprintable() or character == "\n" for character in text + done.stderr + done.stdout)
    assert "gnp.exe" in entry["about"]["description"]
    assert not any(line.startswith("::") for line in (done.stderr + done.stdout).splitlines())
    assert run_command("validate_pins", "--registry", world.registry).returncode == 0


@pytest.mark.parametrize(
    "content", [b"[" * 60_000, b"{" * 70_000, b'{"description": 5, "license": {}}', b"[]", b"\xff\xfe", b'{"description": "' + b"a" * 60_000 + b'"}']
)
def test_metadata_that_can_not_be_read_is_absent(world: World, content: bytes) -> None:
    world.upstream("example/odd", {"Dockerfile": "FROM scratch\n", "package.json": content, "pyproject.toml": content, "README.md": content})
    assert world.run("https://github.com/example/odd").returncode == 0
    assert len(world.text("odd")) < 1_000


def test_a_host_without_partial_clones(tmp_path: Path) -> None:
    ids = made(tmp_path / "upstreams")
    with GitServer(tmp_path / "upstreams", allow_filter=False) as server:
        world = World(server, registry_in(tmp_path / "registry"), ids)
        assert world.run(f"{WEATHER}/tree/main/src/time").returncode == 0
    assert world.entry("time")["source"]["commit"] == ids["tip"]


def test_a_repository_that_moved_is_not_followed(world: World) -> None:
    world.server.behave("example/old", Redirect("example/weather"))
    done = world.run("https://github.com/example/old")
    assert done.returncode == 2
    assert "moved to" in done.stderr


def test_a_host_that_fails_is_exit_code_3(world: World) -> None:
    world.server.behave("example/weather", Status(403))
    done = world.run(WEATHER)
    assert done.returncode == 3
    assert "can't be read" in done.stderr
    assert list((world.registry / "servers").iterdir()) == []


def test_a_repository_that_says_nothing_of_itself(world: World) -> None:
    world.upstream("example/bare", {"Dockerfile": "FROM scratch\n"})
    done = world.run("https://github.com/example/bare")
    assert done.returncode == 0
    assert world.server.commands("example/bare") == ["ls-refs", "fetch"]
    assert world.entry("bare")["about"] == {"title": "Bare"}
    assert "no licence was found" in done.stderr


def test_a_url_and_a_proposal_at_once(world: World) -> None:
    assert world.run("", "--propose", "x").returncode == 2
    assert run_command("new_server", "--registry", world.registry).returncode == 2
    assert run_command("new_server", WEATHER, "--propose", "x", "--registry", world.registry).returncode == 2


@pytest.mark.parametrize("branch", ["refs/pull/3/merge", "pull/3/merge", "refs/changes/01/1/1", "a1" * 20, "nothing"])
def test_what_is_no_branch_is_not_followed(world: World, branch: str) -> None:
    done = world.run(WEATHER, "--branch", branch)
    assert done.returncode == 2
    assert "is neither a branch nor a tag" in done.stderr or "upstream has no branch or tag" in done.stderr
    assert list((world.registry / "servers").iterdir()) == []


def test_a_branch_that_would_speak_to_git(world: World) -> None:
    done = world.run(WEATHER, "--branch", "main\nref-prefix refs/")
    assert done.returncode == 2
    assert world.server.requests == []


def test_a_folder_that_no_entry_can_name_is_refused_before_anything_is_asked(world: World) -> None:
    world.upstream("example/odd", {"src/\x1b[2J/Dockerfile": ""})
    done = world.run("https://github.com/example/odd", "--directory", "src/\x1b[2J")
    assert done.returncode == 2
    assert "has characters that a build context can't name" in done.stderr
    assert "\x1b" not in done.stderr

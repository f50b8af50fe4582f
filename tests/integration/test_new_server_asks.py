"""new-server in a terminal: a real pty, where only what is missing is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.test_new_server import HOSTILE, WEATHER, World, made, registry_in
from support.git_server import GitServer
from support.registries import write_entry
from support.terminal import Terminal
from support.upstreams import File


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    ids = made(tmp_path / "upstreams")
    with GitServer(tmp_path / "upstreams") as server:
        yield World(server, registry_in(tmp_path / "registry"), ids)


def asking(world: World, url: str, *flags: str) -> Terminal:
    return Terminal("new_server", [url, "--registry", str(world.registry), *flags], world.registry.parent, {"PINWARDEN_MIRROR": world.mirrors})


def names(world: World) -> list[str]:
    return sorted(path.name for path in (world.registry / "servers").iterdir())


def test_only_what_is_missing_is_asked(world: World) -> None:
    write_entry(world.registry, "other", "a1" * 20).write_text("name: other\ntype: remote\nmeta:\n  category: sky\n")
    with asking(world, WEATHER, "--format", "json") as terminal:
        shown = terminal.until("category (here: sky): ")
        for word in ("name", "title", "description", "Dockerfile"):
            assert word not in shown
        terminal.enter("weather\n")
        preview = terminal.until("Write it? [Y/n] ")
        assert "servers/weather/server.yaml" in preview
        assert "  title: Weather\r\n" in preview
        assert names(world) == ["other"]
        terminal.enter("\n")
    assert terminal.returncode == 0, terminal.seen
    assert json.loads(terminal.stdout) == {"path": "servers/weather/server.yaml", "server": "weather", "commit": world.ids["tip"]}
    assert world.entry("weather")["meta"] == {"category": "weather", "tags": ["weather"]}


def test_what_can_not_be_taken_is_asked_again(world: World) -> None:
    write_entry(world.registry, "sky", "a1" * 20)
    world.upstream("example/sky", {"x.Dockerfile": "", "y.Dockerfile": "", "Dockerfile": File("x.Dockerfile", "120000")})
    with asking(world, "https://github.com/example/sky") as terminal:
        terminal.until('Dockerfile in the root; "Dockerfile" is a link, which is not followed: ')
        terminal.enter("Dockerfile\n")
        terminal.until("is a link, not a file")
        terminal.until("Dockerfile in the root")
        terminal.enter("../x\n")
        terminal.until("is not a path below")
        terminal.enter("y.Dockerfile\n")
        terminal.until('"servers/sky" is there already')
        terminal.until("name of the entry: ")
        terminal.enter("SKY\n")
        terminal.until("can't be the name of an image")
        terminal.enter("sky-2\n")
        terminal.until("category")
        terminal.enter("\n")
        terminal.until("it is empty")
        terminal.enter("\x1b[A\n")
        terminal.until("characters that don't show")
        terminal.enter("weather\n")
        terminal.until("description in one sentence (empty for none): ")
        terminal.enter("\n")
        terminal.until("Write it?")
        terminal.enter("maybe\n")
        terminal.until("neither yes nor no")
        terminal.enter("y\n")
    assert terminal.returncode == 0, terminal.seen
    assert world.entry("sky-2")["source"]["dockerfile"] == "y.Dockerfile"
    assert "description" not in world.entry("sky-2")["about"]


def test_no_is_no(world: World) -> None:
    with asking(world, WEATHER, "--category", "weather") as terminal:
        terminal.until("Write it? [Y/n] ")
        terminal.enter("n\n")
    assert (terminal.returncode, terminal.stdout, names(world)) == (1, "", [])
    assert "nothing was written" in terminal.seen


def test_the_end_of_input_is_no_answer(world: World) -> None:
    with asking(world, WEATHER) as terminal:
        terminal.until("category: ")
        terminal.enter("\x04")
    assert (terminal.returncode, names(world)) == (2, [])
    assert "nothing was written: there was no answer" in terminal.seen


def test_an_interrupt_leaves_nothing(world: World) -> None:
    with asking(world, WEATHER) as terminal:
        terminal.until("category: ")
        terminal.enter("\x03")
    assert (terminal.returncode, names(world)) == (130, [])
    assert "Traceback" not in terminal.seen


def test_with_yes_nobody_is_asked_in_a_terminal_either(world: World) -> None:
    with asking(world, WEATHER, "--yes") as terminal:
        pass
    assert (terminal.returncode, names(world)) == (2, [])
    assert "add --category" in terminal.seen


def test_nothing_of_upstream_or_of_others_moves_the_cursor(world: World) -> None:
    write_entry(world.registry, "other", "a1" * 20).write_text('name: other\ntype: remote\nmeta:\n  category: "\\e[2J\\a"\n')
    world.upstream("example/hostile", {"Dockerfile.\x1b[2J": File("x", "120000"), "Dockerfile.\u202ea": "", "README.md": f"# {HOSTILE}\n"})
    with asking(world, "https://github.com/example/hostile") as terminal:
        terminal.until("which is not followed: ")
        terminal.enter("Dockerfile.\u202ea\n")
        terminal.until("has characters that a build context can't name")
        terminal.enter("\x04")
    assert "\x1b" not in terminal.seen
    assert terminal.seen.count("\u202e") == 1  # what was typed, as a terminal shows it
    world.upstream("example/told", {"Dockerfile": "", "README.md": f"# {HOSTILE}\n\n{HOSTILE} tells what is what.\n", "LICENSE": HOSTILE})
    with asking(world, "https://github.com/example/told") as terminal:
        terminal.until("category")
        terminal.enter("x\n")
        terminal.until("Write it?")
        terminal.enter("n\n")
    assert "\x1b" not in terminal.seen
    assert "\u202e" not in terminal.seen

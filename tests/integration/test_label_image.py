"""label-image: what an image is built with, what the pin does not cover, and that what was built so is what verify-image wants."""

from __future__ import annotations

import csv
import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command
from support.git_server import GitServer, Status
from support.image_registry import ImageRegistry
from support.registries import write_entry
from support.upstreams import Commit, File, Upstream, build

PROJECT = "https://github.com/example/tools"
OCI = "org.opencontainers.image."
FLOATING = "FROM python:3.12\nRUN curl https://example.com/i.sh | sh\n"
UPSTREAM = Upstream(
    "example/tools",
    [
        Commit(
            "first",
            {
                "Dockerfile": "FROM scratch\nCOPY here /here\n",
                "here": "root",
                "servers/a b/build/Dockerfile.prod": FLOATING,
                "servers/time/Dockerfile": "FROM scratch AS first\nCOPY here /here\nFROM scratch AS last\nCOPY here /here\n",
                "servers/time/here": "time",
                "servers/link/Dockerfile": File("../../Dockerfile", "120000"),
            },
        )
    ],
    branches={"main": "first"},
)


class World:
    def __init__(self, root: Path, server: GitServer) -> None:
        self.root, self.server = root / "registry", server
        self.pin = build(server.root, [UPSTREAM])["example/tools"]["first"]

    def entry(self, name: str, *about: str, **source: str) -> None:
        path = write_entry(self.root, name, self.pin, project=PROJECT, **source)
        if about:
            path.write_text(path.read_text() + "about:\n" + "".join(f"  {line}\n" for line in about))

    def run(self, name: str, *arguments: str, given: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        mirror = {"PINWARDEN_MIRROR": f"https://github.com/={self.server.url}/"}
        return run_command("label_image", "--registry", self.root, f"--server={name}", *arguments, given=mirror | (given or {}))

    def told(self, name: str, code: int = 0) -> dict[str, Any]:
        done = self.run(name, "--format=json")
        assert done.returncode == code, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    root = tmp_path / "upstreams"
    root.mkdir()
    with GitServer(root) as server:
        yield World(tmp_path, server)


def test_an_entry_of_a_whole_repository(world: World) -> None:
    world.entry("tools")
    told = world.told("tools")
    assert told["labels"] == {f"{OCI}revision": world.pin, f"{OCI}source": PROJECT, f"{OCI}url": f"{PROJECT}/tree/{world.pin}", f"{OCI}title": "tools"}
    assert told["build_args"]["SOURCE_COMMIT"] == world.pin
    assert told["build_args"]["SOURCE_DATE_EPOCH"].isdecimal()
    assert (told["context"], told["file"], told["target"], told["findings"]) == (f"{PROJECT}.git#{world.pin}", "Dockerfile", None, [])


def test_an_entry_of_a_directory_with_words_about_it(world: World) -> None:
    world.entry(
        "time", 'title: "Time, \\"now\\" # and\\tthen"', "description: >-", "  of many", "  lines $(id) `id`", directory="servers/time", buildTarget="first"
    )
    told = world.told("time")
    assert told["context"] == f"{PROJECT}.git#{world.pin}:servers/time"
    assert told["labels"][f"{OCI}title"] == 'Time, "now" # and then'
    assert told["labels"][f"{OCI}description"] == "of many lines $(id) `id`"
    words = shlex.split(told["command"])
    assert words[:2] == ["docker", "build"]
    assert words[-1] == told["context"]
    assert [words[index + 1] for index, word in enumerate(words) if word == "--label"] == [f"{key}={value}" for key, value in told["labels"].items()]
    assert words[words.index("--target") + 1] == "first"


def test_what_the_pin_does_not_cover(world: World) -> None:
    world.entry("ab", directory="servers/a b", dockerfile="build/Dockerfile.prod")
    told = world.told("ab")
    assert told["labels"][f"{OCI}url"].endswith("/servers/a%20b")
    assert [(finding["rule"], finding["severity"], finding["line"]) for finding in told["findings"]] == [("floating-build-input", "warning", 8)] * 2
    assert 'line 1: the image "python:3.12" has no digest' in told["findings"][0]["message"]
    text = world.run("ab")
    assert (text.returncode, text.stdout.count("\n"), text.stderr.count("floating-build-input")) == (0, 1, 2)


@pytest.mark.parametrize("source", [{"directory": "servers/none"}, {"dockerfile": "Other"}, {"directory": "servers/link"}, {"dockerfile": "servers"}])
def test_a_pin_without_a_dockerfile(world: World, source: dict[str, str]) -> None:
    world.entry("x", **source)
    [finding] = world.told("x", code=1)["findings"]
    assert (finding["rule"], finding["severity"]) == ("dockerfile-missing", "error")


def test_an_upstream_that_can_not_be_read_takes_no_label_away(world: World) -> None:
    world.entry("tools")
    world.server.behave("example/tools", Status(403))
    told = world.told("tools", code=3)
    assert told["labels"][f"{OCI}revision"] == world.pin
    assert told["build_args"] == {"SOURCE_COMMIT": world.pin}


def test_misuse_is_told(world: World) -> None:
    write_entry(world.root, "unpinned", "main", project=PROJECT)
    done = world.run("unpinned")
    assert (done.returncode, "unpinned/server.yaml:6:" in done.stderr) == (2, True)
    remote = world.root / "servers" / "remote" / "server.yaml"
    remote.parent.mkdir()
    remote.write_text("name: remote\ntype: remote\nremote: {transport_type: sse, url: https://example.com/sse}\n")
    done = world.run("remote")
    assert (done.returncode, "nothing is built for it" in done.stderr) == (2, True)


def test_the_outputs_of_a_step_are_lists_that_hold_any_text(world: World, tmp_path: Path) -> None:
    world.entry("time", 'title: "a, \\"b\\" # c=d"', directory="servers/time")
    output = tmp_path / "output"
    output.touch()
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(output), "GITHUB_WORKSPACE": str(world.root)}
    assert world.run("time", "--format=github", given=workflow).returncode == 0
    written = outputs(output.read_text())
    assert [row[0] for row in csv.reader(written["labels"].splitlines())] == [f"{key}={value}" for key, value in world.told("time")["labels"].items()]
    assert all(len(row) == 1 for name in ("labels", "build-args") for row in csv.reader(written[name].splitlines()))
    assert (written["context"], written["revision"]) == (f"{PROJECT}.git#{world.pin}:servers/time", world.pin)


def test_an_image_that_was_built_so_is_what_was_pinned(world: World, tmp_path: Path, image_tools: Path) -> None:
    """The printed line, run as it is but for the address of the upstream and the tag."""
    world.entry("time", "title: It's $HOME", directory="servers/time")
    with ImageRegistry(tmp_path, image_tools) as images:
        image = f"{images.host}/mcp/time:1"
        words = shlex.split(world.told("time")["command"])
        words[words.index("--tag") + 1] = image
        words[-1] = words[-1].replace("https://github.com", world.server.url)
        for command in (words, ["docker", "push", "--quiet", image], ["docker", "image", "rm", "--force", image]):
            subprocess.run(command, env={**os.environ, "DOCKER_BUILDKIT": "0"}, check=True, capture_output=True)
        done = run_command("verify_image", "--registry", world.root, "--server=time", f"--image={image}", "--labels-only", "--format=json")
        assert done.returncode == 0, done.stdout
        config = json.loads(images.blob("mcp/time", images.manifest("mcp/time", "1")["config"]["digest"]))
        assert config["config"]["Labels"] == world.told("time")["labels"]


def outputs(text: str) -> dict[str, str]:
    """Read a file of outputs as the runner does."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, mark, delimiter = line.partition("<<")
        assert mark, line
        value = []
        for more in lines:
            if more == delimiter:
                break
            value.append(more)
        found[name] = "\n".join(value)
    return found

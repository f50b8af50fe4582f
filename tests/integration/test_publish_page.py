"""publish-page as a command: what it writes, what it refuses, and what it never takes for more than it is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest

from support.commands import run_command
from support.page_world import PageWorld, commit, everyday


def rows(page: Path) -> dict[str, Any]:
    return {row["server"]: row for row in json.loads((page / "index.json").read_text())["servers"]}


def states(row: Any) -> list[str]:
    return [row[column]["state"] for column in ("pin", "upstream", "publisher", "review", "image")]


def test_with_nothing_given_nothing_but_the_entry_is_checked(tmp_path: Path) -> None:
    page = everyday(tmp_path).publish([])
    found = rows(page)
    assert states(found["weather"]) == ["ok", *["not checked"] * 4]
    assert states(found["notes"]) == ["problem", *["not checked"] * 4]
    assert states(found["tickets"]) == ["not checked"] * 5
    document = json.loads((page / "index.json").read_text())
    notes = [figure["note"] for figure in document["figures"]]
    assert notes == [None, None, "no scan was given", "no records were given", "no image was looked at", "publishers were not looked up"]
    assert not any(source["given"] for source in document["sources"])


def test_a_usual_day(tmp_path: Path) -> None:
    page = everyday(tmp_path).publish()
    document = json.loads((page / "index.json").read_text())
    assert [(figure["count"], figure["of"]) for figure in document["figures"]] == [(5, 10), (8, 9), (6, 8), (3, 8), (2, 8), (3, 10)]
    assert [(one["server"], one["what"].split()[0]) for one in document["attention"]] == [
        ("notes", "entry"),
        ("ledger", "publisher"),
        ("birdsong", "image"),
        ("birdsong", "review"),
        ("ledger", "review"),
        ("ferries", "upstream:"),
        ("mailroom", "review"),
        ("birdsong", "pin"),
    ]
    found = rows(page)
    assert {server: row["review"]["of"] for server, row in found.items()} == {
        **dict.fromkeys(("atlas", "birdsong", "ledger", "mailroom", "weather"), "for this pin"),
        "calendar": "for an older pin",
        **dict.fromkeys(("ferries", "tides"), "never"),
        **dict.fromkeys(("notes", "tickets"), None),
    }
    assert found["weather"]["review"]["unbroken"] == {"commit": commit("weather-1"), "day": "2026-08-11", "whole": True}
    assert found["mailroom"]["review"]["unbroken"] is None, "patterns alone carry nothing"
    assert found["birdsong"]["pin"] | {"says": "", "url": ""} == {
        "state": "ok", "says": "", "commit": commit("birdsong"), "url": "", "committed": "2025-11-01", "age_days": 388, "behind": 48,
    }  # fmt: skip


def test_what_was_of_an_older_pin_is_not_of_this_one(tmp_path: Path) -> None:
    world = PageWorld(tmp_path)
    world.entry("weather")
    world.scan("weather", "current", "at the pin", old=commit("before"), at=1_790_000_000, behind=0)
    world.record("weather", commit("before"))
    world.image("weather", pin=commit("before"))
    (row,) = rows(world.publish()).values()
    assert states(row) == ["ok", *["not checked"] * 4]
    assert row["pin"]["committed"] is None
    assert row["pin"]["behind"] is None


@pytest.mark.parametrize("verdict", ["current", "moved"])
def test_a_review_of_another_folder_or_repository_is_not_of_this_pin(tmp_path: Path, verdict: str) -> None:
    world = PageWorld(tmp_path)
    pin = world.entry("weather", directory="src/weather")
    world.record("weather", pin, directory="src/other", day="2026-01-01")
    world.record("weather", pin, project="https://github.com/example/other", day="2026-01-02")
    (row,) = rows(world.publish()).values()
    assert row["review"]["of"] == "never"
    world.record("weather", pin, directory="src/weather", day="2026-01-03")
    (row,) = rows(world.publish()).values()
    assert row["review"]["of"] == "for this pin"


def test_a_chain_that_is_broken_ends_where_it_is(tmp_path: Path) -> None:
    world = PageWorld(tmp_path)
    pin = world.entry("weather")
    world.record("weather", pin, base=commit("b"), day="2026-03-01")
    world.record("weather", commit("b"), base=commit("a"), risk=None, day="2026-02-01")
    world.record("weather", commit("a"), base=pin, day="2026-01-01")
    (row,) = rows(world.publish()).values()
    assert row["review"]["unbroken"] == {"commit": commit("b"), "day": "2026-03-01", "whole": False}
    world.record("weather", commit("b"), base=commit("a"), day="2026-02-02")
    (row,) = rows(world.publish()).values()
    assert row["review"]["unbroken"] == {"commit": commit("a"), "day": "2026-02-02", "whole": False}


def test_a_record_that_lies_or_is_broken_counts_for_nothing(tmp_path: Path) -> None:
    world = PageWorld(tmp_path)
    pin = world.entry("weather")
    whole = world.record("weather", pin)
    text = whole.read_text()
    for name, content in (("nothing", b""), ("deep", b"[" * 100_000), ("elsewhere", text.replace(pin, commit("x")).encode())):
        (whole.parent / f"full-claude-{'cd' * 6}-{len(name)}.1.json").write_bytes(content)
    whole.write_text(text.replace('"2026-11-20T03:00:00Z"', '"2026-99-20T03:00:00Z"'))
    page = world.publish()
    assert json.loads((page / "index.json").read_text())["records_not_read"] == 4
    assert rows(page)["weather"]["review"]["of"] == "never"


def test_records_are_read_from_a_branch(tmp_path: Path) -> None:
    world = everyday(tmp_path)
    options = world.options()
    git = ["git", "-C", str(world.registry), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["commit", "-q", "-m", "entries"],
        ["checkout", "-q", "--orphan", "pinwarden-audits"],
        ["rm", "-rqf", "."],
    ):
        subprocess.run([*git, *arguments], check=True)
    (tmp_path / "records" / "audits").rename(world.registry / "audits")
    for arguments in (["add", "."], ["commit", "-q", "-m", "records"], ["checkout", "-q", "main"]):
        subprocess.run([*git, *arguments], check=True)
    given = [*options[:4], "--records", "pinwarden-audits", *options[6:]]
    page = world.publish(given, GITHUB_ACTIONS="true", GITHUB_REPOSITORY="acme/registry", GITHUB_WORKSPACE=str(world.registry))
    document = json.loads((page / "index.json").read_text())
    assert document["figures"][3]["count"] == 3
    assert document["registry"] == "acme/registry"
    assert len(document["revision"]) == 40
    assert rows(page)["atlas"]["review"]["reviews"][0]["url"].startswith("https://github.com/acme/registry/blob/pinwarden-audits/audits/atlas/")


def test_a_command_that_fails_on_another_commit(tmp_path: Path) -> None:
    """Run as it stands on the page, by a shell, with a docker that tells what it is told to."""
    world = everyday(tmp_path)
    verify = rows(world.publish())["weather"]["verify"]
    assert commit("weather") in verify
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\n[ "$1" = pull ] || echo "$LABEL"\n')
    docker.chmod(0o755)
    for label, code in ((commit("weather"), 0), (commit("other"), 1), ("", 1), (f"{commit('weather')} ", 1)):
        done = subprocess.run(["sh", "-c", verify], env={"PATH": f"{docker.parent}:/usr/bin:/bin", "LABEL": label}, capture_output=True, check=False)
        assert done.returncode == code, label
    docker.write_text("#!/bin/sh\nexit 1\n")
    assert subprocess.run(["sh", "-c", verify], env={"PATH": f"{docker.parent}:/usr/bin:/bin"}, capture_output=True, check=False).returncode == 1


def test_an_image_that_can_t_be_named_safely_has_no_command(tmp_path: Path) -> None:
    world = PageWorld(tmp_path)
    text = world.entry("weather") and (world.registry / "servers/weather/server.yaml").read_text()
    for image in ("mcp/x; rm -rf .", "mcp/$(id)", "--help", "mcp/x\\u0000"):
        world.entry("weather", text=text.replace("mcp/weather", json.dumps(image).replace("\\\\", "\\")))
        assert rows(world.publish())["weather"]["verify"] is None


def test_badges_are_drawings_with_words(tmp_path: Path) -> None:
    page = everyday(tmp_path).publish()
    titles = {}
    for path in sorted((page / "badges").iterdir()):
        drawn = minidom.parse(str(path)).documentElement
        assert drawn
        titles[path.stem] = drawn.getAttribute("aria-label")
        assert {node.localName for node in drawn.getElementsByTagName("*")} <= {"title", "rect", "circle", "path", "text"}
    assert titles["weather"] == f"weather: pin {commit('weather')[:7]}, upstream ok, review of this pin, image ok"
    assert titles["tides"] == f"tides: pin {commit('tides')[:7]}, upstream not checked, review not of this pin, image not checked"
    assert titles["notes"] == "notes: no valid pin, needs attention"
    assert "tickets" not in titles


def test_a_source_that_is_old_is_said_to_be(tmp_path: Path) -> None:
    world = everyday(tmp_path)
    world.scanned = "2025-01-01T00:00:00Z"
    page = world.publish()
    told = {source["name"]: source["stale"] for source in json.loads((page / "index.json").read_text())["sources"]}
    assert told["scan of the upstreams"] is True
    assert "older than 7 days when this was made" in (page / "index.html").read_text()


def test_another_folder_than_a_page_is_left_alone(tmp_path: Path) -> None:
    world = everyday(tmp_path)
    page = world.publish()
    world.publish()
    (page / "notes.txt").write_text("mine")
    done = run_command("publish_page", "--registry", world.registry, "--output", page)
    assert done.returncode == 2
    assert "holds other files than an earlier page" in done.stderr
    assert (page / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("option", ["--scan", "--trust", "--images", "--records"])
@pytest.mark.parametrize("content", [b"", b"[]", b'{"servers": [{}]}', b"[" * 100_000, b'{"checked_at": "2026-99-99T00:00:00Z", "servers": []}', None])
def test_what_is_not_what_it_should_be_is_named(tmp_path: Path, option: str, content: bytes | None) -> None:
    world = everyday(tmp_path)
    place = tmp_path / "given"
    if content is not None:
        path = place / "weather.json" if option == "--images" else place
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    done = run_command("publish_page", "--registry", world.registry, "--output", tmp_path / "page", option, place)
    assert done.returncode == 2
    assert "given" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "page").exists()


def test_the_real_registry_stays_small(tmp_path: Path, registry_data: Path) -> None:
    """With everything that can be said of each entry."""
    world = PageWorld(tmp_path)
    servers = sorted(path.parent.name for path in (registry_data / "mcp-registry").glob("servers/*/server.yaml"))
    import yaml

    acme = {"id": "acme", "name": "Acme Inc.", "url": "https://acme.example"}
    for server in servers:
        source = yaml.safe_load((registry_data / f"mcp-registry/servers/{server}/server.yaml").read_bytes()).get("source") or {}
        pin, project = source.get("commit"), source.get("project")
        world.trust(server, "current", "source belongs to github.com/acme", publisher=acme, method="owner-id", checked="2026-11-25")
        if pin:
            reason = '"refs/heads/main" moved ahead and changed the repository'
            world.scan(server, "moved", reason, new=commit(server), old=pin, project=project, at=1_780_000_000, behind=12)
            world.record(server, pin, project=project, base=commit("before"))
            world.record(server, commit(server), project=project, base=pin, risk="high")
            world.image(server, ("label-mismatch", f"linux/amd64 is labelled {commit('y')}, the pin is {pin}"), pin=pin)
    done = run_command("publish_page", "--registry", registry_data / "mcp-registry", "--output", tmp_path / "page", *world.options())
    assert done.returncode == 0, done.stderr
    assert len(rows(tmp_path / "page")) == len(servers) == 328
    assert (tmp_path / "page" / "index.html").stat().st_size < 1_500_000
    assert (tmp_path / "page" / "index.json").stat().st_size < 1_500_000

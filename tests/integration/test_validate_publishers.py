"""validate-pins and the list of publishers: a list that is not right, and a change that touches it together with an entry."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.commands import run_command
from support.registries import write_config, write_entry

GOOD = (Path(__file__).resolve().parents[1] / "cases" / "publishers" / "valid-all-parts" / "publishers.yml").read_text()
COMMIT = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry in git with two entries and a list."""
    root = tmp_path / "registry"
    write_entry(root, "weather", COMMIT)
    write_entry(root, "time", COMMIT)
    (root / "publishers.yml").write_text(GOOD)
    git(root, "init", "--quiet", "--initial-branch=main")
    save(root)
    return root


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@people.example", "-c", "commit.gpgSign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def save(root: Path) -> None:
    git(root, "add", "--all", ".")
    git(root, "commit", "--quiet", "--message=change")


def check(root: Path, *arguments: str) -> tuple[int, list[tuple[str, str, int]]]:
    done = run_command("validate_pins", "--registry", root, "--format", "json", *arguments)
    assert "Traceback" not in done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, [(finding["rule"], finding["path"], finding["line"]) for finding in document["findings"]]


def since(root: Path) -> tuple[int, list[tuple[str, str, int]]]:
    return check(root, "--changed-since", "main~1")


MIXED = (1, [("publishers-with-entries", "publishers.yml", 1)])
FINE: tuple[int, list[object]] = (0, [])


def test_a_list_that_is_right_is_not_spoken_of(registry: Path) -> None:
    assert check(registry) == FINE


def test_a_list_that_is_not_right_is_an_error_on_its_line(registry: Path) -> None:
    (registry / "publishers.yml").write_text(GOOD.replace("id: 1234", "id: acme"))
    assert check(registry) == (1, [("publishers-invalid", "publishers.yml", 12)])
    done = run_command("resolve_trust", "--registry", registry)
    assert (done.returncode, done.stdout) == (2, "")
    assert "publishers.yml:12: publishers[0].owners[0].id is not integer" in done.stderr


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_a_list_that_is_no_file_is_an_error(registry: Path, kind: str, tmp_path: Path) -> None:
    path = registry / "publishers.yml"
    path.unlink()
    if kind == "link":
        (tmp_path / "elsewhere.yml").write_text(GOOD)
        path.symlink_to(tmp_path / "elsewhere.yml")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert check(registry) == (1, [("publishers-invalid", "publishers.yml", 1)])
    done = run_command("resolve_trust", "--registry", registry)
    assert (done.returncode, done.stdout) == (2, "")
    assert "publishers.yml:1: the list of publishers is not a regular file" in done.stderr


def test_the_configuration_names_the_list(registry: Path) -> None:
    write_config(registry, "publishers: lists/known.yml\n")
    (registry / "publishers.yml").write_text("nonsense\n")
    (registry / "lists").mkdir()
    (registry / "lists" / "known.yml").write_text("version: 2\npublishers: []\n")
    assert check(registry) == (1, [("publishers-invalid", "lists/known.yml", 1)])


@pytest.mark.parametrize("path", ["../publishers.yml", "/etc/publishers.yml", "lists/../../x.yml", ".git/x.yml", "publishers.json", "a\\\\b.yml", ""])
def test_the_list_is_in_the_registry(registry: Path, path: str) -> None:
    write_config(registry, f'publishers: "{path}"\n')
    done = run_command("resolve_trust", "--registry", registry)
    assert (done.returncode, done.stdout) == (2, "")
    assert ".github/pinwarden.yml:1: publishers is not of the required form" in done.stderr


# A change touches the list, or entries.


def test_a_change_of_the_list_alone(registry: Path) -> None:
    (registry / "publishers.yml").write_text(GOOD.replace("Acme Inc.", "Acme"))
    save(registry)
    assert since(registry) == FINE


def test_a_change_of_entries_alone(registry: Path) -> None:
    write_entry(registry, "birds", COMMIT)
    write_entry(registry, "weather", "a" * 40)
    save(registry)
    assert since(registry) == FINE


@pytest.mark.parametrize("entry", ["new", "changed", "removed", "renamed", "replaced by a link"])
@pytest.mark.parametrize("rows", ["changed", "removed"])
def test_a_change_of_both(registry: Path, entry: str, rows: str) -> None:
    weather = registry / "servers" / "weather"
    match entry:
        case "new":
            write_entry(registry, "birds", COMMIT)
        case "changed":
            write_entry(registry, "weather", "a" * 40)
        case "renamed":
            git(registry, "mv", "servers/weather", "servers/birds")
            write_entry(registry, "birds", COMMIT)
        case _:
            (weather / "server.yaml").unlink()
            weather.rmdir()
    if entry.startswith("replaced"):
        weather.symlink_to("time")
    if rows == "changed":
        (registry / "publishers.yml").write_text(GOOD.replace("Acme Inc.", "Acme"))
    else:
        (registry / "publishers.yml").unlink()
    save(registry)
    code, found = since(registry)
    assert code == 1
    assert [one for one in found if one[0] != "not-a-file"] == MIXED[1]


def test_what_is_not_committed_yet_counts(registry: Path) -> None:
    write_entry(registry, "birds", COMMIT)
    (registry / "publishers.yml").write_text(GOOD.replace("Acme Inc.", "Acme"))
    assert check(registry, "--changed-since", "main") == MIXED


def test_a_new_list_with_a_new_entry(registry: Path) -> None:
    (registry / "publishers.yml").unlink()
    save(registry)
    (registry / "publishers.yml").write_text(GOOD)
    write_entry(registry, "birds", COMMIT)
    save(registry)
    assert since(registry) == MIXED


def test_a_change_can_not_call_another_file_the_list(registry: Path) -> None:
    write_config(registry, "publishers: known.yml\n")
    (registry / "known.yml").write_text(GOOD)
    write_entry(registry, "birds", COMMIT)
    save(registry)
    assert since(registry) == (1, [("publishers-with-entries", "known.yml", 1)])


def test_a_change_can_not_put_its_entries_elsewhere(registry: Path) -> None:
    write_config(registry, "entries: catalog/*/server.yaml\n")
    (registry / "publishers.yml").write_text(GOOD.replace("Acme Inc.", "Acme"))
    path = registry / "catalog" / "birds" / "server.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(write_entry(registry, "birds", COMMIT).read_bytes())
    (registry / "servers" / "birds" / "server.yaml").unlink()
    save(registry)
    code, found = since(registry)
    assert (code, found) == MIXED


def test_other_files_of_an_entry_s_folder_are_no_entry(registry: Path) -> None:
    (registry / "servers" / "weather" / "readme.md").write_text("hello\n")
    (registry / "publishers.yml").write_text(GOOD.replace("Acme Inc.", "Acme"))
    save(registry)
    assert since(registry) == FINE


def test_both_changes_one_after_the_other_are_fine(registry: Path) -> None:
    (registry / "publishers.yml").write_text(GOOD.replace("Acme Inc.", "Acme"))
    save(registry)
    assert since(registry) == FINE
    write_entry(registry, "birds", COMMIT)
    save(registry)
    assert since(registry) == FINE
    assert check(registry, "--changed-since", "main~2") == MIXED

"""Whatever is pinned here is looked after: each lock, each action and each workflow, and nothing new is taken in its first week."""

from __future__ import annotations

import subprocess
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
UPDATES = yaml.safe_load((ROOT / ".github/dependabot.yml").read_bytes())["updates"]
ECOSYSTEMS = {"requirements.txt": "pip", "package-lock.json": "npm", "action.yml": "github-actions"}


def places() -> list[tuple[str, str]]:
    """Return ecosystem and folder of every file in which Dependabot would find a pin."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    found = set()
    for path in map(PurePosixPath, listed):
        if path.parts[:2] in (("tests", "cases"), ("tests", "support")):
            continue  # input of tests, and what stands in for other people's actions
        if path.parts[-3:-1] == (".github", "workflows"):
            found.add(("github-actions", "/"))
        elif path.parts[:2] == ("examples", "workflows") or path.name in ECOSYSTEMS:
            folder = "" if path.parent == PurePosixPath() else str(path.parent)
            found.add((ECOSYSTEMS.get(path.name, "github-actions"), f"/{folder}"))
    return sorted(found)


@pytest.mark.parametrize(("ecosystem", "folder"), places())
def test_every_pin_is_looked_after(ecosystem: str, folder: str) -> None:
    (update,) = [update for update in UPDATES if update["package-ecosystem"] == ecosystem]
    assert any(fnmatchcase(folder, pattern) and folder.count("/") == pattern.count("/") for pattern in update["directories"])


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update["package-ecosystem"])
def test_nothing_is_taken_in_its_first_week(update: dict[str, dict[str, int]]) -> None:
    assert update["cooldown"] == {"default-days": 7}


def test_there_are_places() -> None:
    assert {ecosystem for ecosystem, _ in places()} == {"pip", "npm", "github-actions"}
    assert len(places()) > 10

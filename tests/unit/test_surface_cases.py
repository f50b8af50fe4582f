"""What the surface says of whole changes: `tests/cases/changes/<group>/<case>/{base,head}`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinwarden.risk import Risk
from pinwarden.surface.digest import digest, raised
from pinwarden.surface.fact import Change, Kind, Surface
from pinwarden.tree import Blob

CASES = Path(__file__).resolve().parents[1] / "cases" / "changes"
QUIET = (None, Risk.INFO, Risk.LOW)


def cases(group: str) -> list[Path]:
    return sorted(path for path in (CASES / group).iterdir() if path.is_dir())


def surface(case: Path) -> Surface:
    sides = []
    for side in ("base", "head"):
        root = case / side
        sides.append({path.relative_to(root).as_posix(): Blob(path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()})
    base, head = sides
    same = {path for path in base.keys() & head.keys() if base[path] == head[path]}
    return digest({path: blob for path, blob in base.items() if path not in same}, {path: blob for path, blob in head.items() if path not in same})


def told(found: Surface) -> str:
    return "\n".join(f"{item.risk} {item.kind} {item.change} {item.key}: {item.says} {item.evidence}" for item in found.items)


@pytest.mark.parametrize("case", cases("recipient"), ids=lambda case: case.name)
def test_a_new_recipient_is_high_and_shown_with_its_line(case: Path) -> None:
    found = surface(case)
    items = [item for item in found.items if item.kind is Kind.RECIPIENT and item.change is Change.ADDED and item.risk.weight >= Risk.HIGH.weight]
    assert items, told(found)
    for item in items:
        for place in item.evidence:
            line = (case / place.side / place.path).read_text().split("\n")[place.line - 1]
            assert line.strip()


@pytest.mark.parametrize("case", cases("mail-harmless"), ids=lambda case: case.name)
def test_a_harmless_mail_change_stays_quiet(case: Path) -> None:
    found = surface(case)
    assert raised(found) in QUIET, told(found)


@pytest.mark.parametrize("case", [*cases("everyday"), *cases("benign")], ids=lambda case: f"{case.parent.name}-{case.name}")
def test_an_everyday_change_stays_quiet(case: Path) -> None:
    found = surface(case)
    assert raised(found) in QUIET, told(found)
    assert found.reasons == ()


@pytest.mark.parametrize("case", cases("malicious"), ids=lambda case: case.name)
def test_an_attack_is_at_least_as_high_as_its_case_says(case: Path) -> None:
    due = Risk((case / "about.txt").read_text().partition(":")[0])
    found = surface(case)
    risk = raised(found)
    assert risk is not None
    assert risk.weight >= due.weight, told(found)

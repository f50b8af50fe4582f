"""The containment suite: one test for each numbered case, each with a control; together they make out/containment/results.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from containment.sandboxes import Sandboxes, bridge_address
from pinwarden.adapters import engine
from support.provider import Provider

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "out" / "containment" / "results.json"


@dataclass(frozen=True, slots=True)
class Result:
    attempted: str
    observed: str
    control: str
    contained: bool


_results: dict[str, Result] = {}


class Case:
    """Takes what was seen of one case, and fails the test where it is not contained, or where its control proves nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def judge(self, *, attempted: object, observed: str, contained: bool, control: str, harmed: bool) -> None:
        """`attempted` is what the attack says it did: nothing means that it was not made. `harmed`: the control's attack succeeded."""
        _results[self.name] = Result(str(attempted)[:300], observed[:300], control[:300], bool(attempted) and contained and harmed)
        assert attempted, "the attack was not made"
        assert contained, observed
        assert harmed, f"the control proves nothing: {control}"


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    found = re.fullmatch(r"test_(\d\d_\w+)", request.node.name)
    assert found, "a case's name starts with its number"
    name = found[1].replace("_", "-")
    _results[name] = Result("", "it did not come to its end", "", contained=False)
    return Case(name)


@pytest.fixture(scope="session")
def gateway() -> str:
    """This machine's address on the engine's own bridge."""
    return bridge_address()


@pytest.fixture
def provider(gateway: str) -> Iterator[Provider]:
    with Provider(gateway) as running:
        yield running


@pytest.fixture
def sandboxes(tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Sandboxes:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RUNNER_TEMP", raising=False)
    return Sandboxes(tmp_path, provider.url, engine.image_id("pinwarden/obedient"), engine.image_id("pinwarden/proxy"))


def pytest_sessionfinish() -> None:
    if _results:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({name: asdict(result) for name, result in sorted(_results.items())}, indent=2) + "\n")

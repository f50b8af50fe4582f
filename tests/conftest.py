"""What all tests share: tiers (what a machine may lack), the real registry, and no network beyond this machine."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from support.axe import AXE, FILE
from support.github_twin.operations import fingerprint
from support.token_canary import CANARY

if TYPE_CHECKING:
    from support.github_twin.contract import Contract
    from support.github_twin.twin import GitHubTwin

ROOT = Path(__file__).resolve().parents[1]
TEST_DATA = Path(os.environ.get("PINWARDEN_TEST_DATA") or ROOT.parent / "shared" / "data")
REQUIRE_ALL = os.environ.get("PINWARDEN_REQUIRE_ALL_TIERS") == "1"

# No test depends on how fast the machine is; a run that must be complete must also be the same again.
settings.register_profile("pinwarden", deadline=None, derandomize=REQUIRE_ALL, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pinwarden")
set_hypothesis_home_dir(ROOT / "out" / "hypothesis")


@dataclass(frozen=True, slots=True)
class Tier:
    """Tests that need something which a machine may lack. Its name is the marker of its tests."""

    name: str
    lacking: Callable[[], str | None]
    """Says what is missing; None where nothing is."""
    enable: str
    """The command that brings it."""


@cache
def _without_act() -> str | None:
    beside = shutil.which("act", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))))
    if beside is None:
        return "act is not installed"
    done = subprocess.run([beside, "--version"], capture_output=True, check=False)
    return None if done.returncode == 0 else f"{beside} does not run on this machine"


@cache
def _without_registry_data() -> str | None:
    missing = [part for part in ("mcp-registry/servers", "cases/invalid", "cases/valid-odd") if not (TEST_DATA / part).is_dir()]
    return f"no {missing[0]} in {TEST_DATA}" if missing else None


GUARDDOG_CACHE = ROOT / "out" / "cache"


@cache
def _without_guarddog() -> str | None:
    found = list(GUARDDOG_CACHE.glob("pinwarden/*/lib/python3*/site-packages/guarddog"))
    return None if found else "GuardDog's environment is not made"


IMAGES = ("pinwarden/proxy", "pinwarden/obedient", "pinwarden/agent-claude", "pinwarden/agent-codex", "pinwarden/agent-guarddog")


@cache
def _without_engine() -> str | None:
    if shutil.which("docker") is None:
        return "there is no docker command"
    for command, lacking in ((["info"], "no container engine answers"), (["compose", "version"], "docker has no compose command")):
        if subprocess.run(["docker", *command], capture_output=True, check=False).returncode:
            return lacking
    if subprocess.run(["docker", "image", "inspect", *IMAGES], capture_output=True, check=False).returncode:
        return f"the engine lacks an image: {' or '.join(IMAGES)}"
    return None


GITHUB_CONTRACT = ROOT / "out" / "cache" / "github"


@cache
def _without_github_contract() -> str | None:
    marker = GITHUB_CONTRACT / "complete"
    if marker.is_file() and marker.read_text().strip() == fingerprint():
        return None
    return "GitHub's API descriptions are not fetched" if shutil.which("npm") else "npm is not installed, which fetches GitHub's API descriptions"


AXE_FOLDER = ROOT / "out" / "cache" / "axe"


@cache
def _without_chromium() -> str | None:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))) or not shutil.which("chromedriver"):
        return "chromium or chromedriver is not installed"
    marker = AXE_FOLDER / "complete"
    if marker.is_file() and marker.read_text().strip() == AXE.integrity:
        return None
    return "axe-core is not fetched" if shutil.which("npm") else "npm is not installed, which fetches axe-core"


IMAGE_TOOLS = ROOT / "out" / "cache" / "image-tools" / "usr" / "bin"
"""Where .ci/image-tools puts a registry server and cosign."""


@cache
def _without_image_tools() -> str | None:
    if not (IMAGE_TOOLS.parent.parent / "complete").is_file():
        return "there is no registry server and no cosign"
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return "no container engine answers, which builds the images"
    return None


def _without_npm() -> str | None:
    return None if shutil.which("npm") else "npm is not installed"


TIERS = (
    Tier("act", _without_act, "make test (it installs act from the lock)"),
    Tier("chromium", _without_chromium, "Debian, as root: apt-get install chromium chromium-driver npm; then make test"),
    Tier("engine", _without_engine, "an engine (Debian, as root: make engine), then make images test-images agent-images"),
    Tier("github_contract", _without_github_contract, "make test, with npm installed"),
    Tier("guarddog", _without_guarddog, "make test (it makes the environment from GuardDog's lock)"),
    Tier("image_tools", _without_image_tools, "an engine (Debian, as root: make engine), then make test (it unpacks both from Debian's packages)"),
    Tier("npm", _without_npm, "npm (Debian, as root: apt-get install npm)"),
    Tier("registry_data", _without_registry_data, "make test PINWARDEN_TEST_DATA=<folder with mcp-registry/ and cases/>"),
)


@pytest.fixture(scope="session")
def registry_data() -> Path:
    """The folder with a copy of a real registry (mcp-registry/servers) and of odd entries (cases/). Read only."""
    # A fixture of a wider scope is made before the test's own setup, where tiers are skipped.
    if reason := _without_registry_data():
        pytest.skip(reason)
    return TEST_DATA


@pytest.fixture(scope="session")
def guarddog_cache() -> Path:
    """A cache folder (XDG_CACHE_HOME) in which GuardDog's environment is ready, so that no test installs it."""
    if reason := _without_guarddog():
        pytest.skip(reason)
    return GUARDDOG_CACHE


@pytest.fixture(scope="session")
def axe() -> Path:
    """The script of axe-core."""
    if reason := _without_chromium():
        pytest.skip(reason)
    return AXE_FOLDER / FILE


@pytest.fixture(scope="session")
def image_tools() -> Path:
    """A folder with the programs docker-registry and cosign; an engine answers as well."""
    if reason := _without_image_tools():
        pytest.skip(reason)
    return IMAGE_TOOLS


@pytest.fixture(scope="session")
def github_contract() -> Contract:
    """GitHub's published API descriptions."""
    from support.github_twin.contract import Contract

    if reason := _without_github_contract():
        pytest.skip(reason)
    return Contract.at(GITHUB_CONTRACT)


@pytest.fixture
def github_twin(tmp_path: Path, github_contract: Contract) -> Iterator[GitHubTwin]:
    """A GitHub on loopback. Fails a test in which it broke GitHub's contract, or was asked for what it lacks.

    A test that wants either clears `violations` or `lacking` when it has seen them.
    """
    from support.github_twin.twin import GitHubTwin

    with GitHubTwin(tmp_path / "github", github_contract) as twin:
        yield twin
    assert twin.violations == []
    assert twin.lacking == []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for tier, fixture in (
            ("registry_data", "registry_data"),
            ("guarddog", "guarddog_cache"),
            ("github_contract", "github_contract"),
            ("image_tools", "image_tools"),
        ):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(tier)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for tier in TIERS:
        if item.get_closest_marker(tier.name) and (reason := tier.lacking()):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if "github_contract" not in getattr(item, "fixturenames", ()):
        return (yield)
    with CANARY.watching():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what let a token get where none belongs, whatever else it proves."""
    report = yield
    for title, text in report.sections:
        CANARY.look(title, text)
    if report.when == "call" and "github_contract" in (given := getattr(item, "funcargs", {})) and "tmp_path" in given:
        CANARY.look_at_files(given["tmp_path"])
    if leaks := CANARY.drain():
        report.outcome, report.longrepr = "failed", f"a token was seen in {', '.join(sorted(set(leaks)))}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkippedTiers(), "skipped-tiers")
    sys.addaudithook(_stay_on_this_machine)
    sys.addaudithook(CANARY.heard)


class SkippedTiers:
    """Counts what was skipped, and ends the run with a table of it."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.ran: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        tiers = [tier.name for tier in TIERS if tier.name in report.keywords]
        if report.when == "call" and not report.skipped:
            self.ran.update(tiers)
        if report.skipped and not hasattr(report, "wasxfail"):
            lacking = [tier.name for tier in TIERS if tier.name in tiers and tier.lacking()]
            self.counts[", ".join(lacking) or "-", _reason(report.longrepr)] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.counts["-", _reason(report.longrepr)] += 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.counts and REQUIRE_ALL and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.counts:
            terminalreporter.write_line(f"every tier ran: {', '.join(sorted(self.ran))}" if len(self.ran) == len(TIERS) else "no tier was skipped")
            return
        terminalreporter.section("skipped tiers")
        enable = {tier.name: tier.enable for tier in TIERS}
        rows = [(name, str(count), reason, enable.get(name.split(", ")[0], "-")) for (name, reason), count in sorted(self.counts.items())]
        for line in _table([("tier", "tests", "reason", "how to run it"), *rows]):
            terminalreporter.write_line(line)
        if REQUIRE_ALL:
            terminalreporter.write_line("PINWARDEN_REQUIRE_ALL_TIERS=1: a skipped tier fails the run", red=True)


def _reason(longrepr: object) -> str:
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(text).removeprefix("Skipped: ")


def _table(rows: list[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _stay_on_this_machine(event: str, arguments: tuple[object, ...]) -> None:
    """Keep the test process from asking any other machine, a name server included."""
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not _loopback(arguments[1][0]):
        raise ConnectionRefusedError(f"a test asked for {arguments[1][0]}: only this machine answers tests")
    if event == "socket.getaddrinfo" and _loopback(arguments[0]) is None:
        raise socket.gaierror(socket.EAI_NONAME, f"a test asked for {arguments[0]!r}: only this machine answers tests")


def _loopback(host: object) -> bool | None:
    """Tell whether an address or name is this machine's; None for a name that only a name server would know."""
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return address.is_loopback or address.is_unspecified

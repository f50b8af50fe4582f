"""The canary sings: every way for a token to get out, done on purpose. Without it the same leak goes unseen."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lint.test_tiers import run
from pinwarden.adapters.github_calls import Calls, Unclear
from support.commands import run_watched
from support.github_twin.client import Client
from support.github_twin.twin import GitHubTwin
from support.token_canary import CANARY, TokenCanary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def token(github_twin: GitHubTwin) -> str:
    return github_twin.actions_token(github_twin.add("acme/registry", {"a": "b"}), contents="write")


@pytest.mark.parametrize("before", ["", "a", "ab", "x-access-token:"])
@pytest.mark.parametrize("after", ["", "c", "cd"])
def test_a_token_is_found_within_base64(before: str, after: str) -> None:
    canary = TokenCanary()
    canary.plant("ghs_a-token-of-this-test")
    canary.look("plain", f"{before}ghs_a-token-of-this-test{after}")
    canary.look("base64", base64.b64encode(f"{before}ghs_a-token-of-this-test{after}".encode()).decode())
    canary.look("another", base64.b64encode(f"{before}ghs_a-token-of-that-test{after}".encode()).decode())
    assert canary.drain() == ["plain", "base64"]
    assert canary.drain() == []


LINE = "import os, subprocess, sys; subprocess.run(['git', '-c', 'http.extraHeader=' + os.environ['GITHUB_TOKEN'], 'version'], check=True)"
PRINT = "import os, sys; print(os.environ['GITHUB_TOKEN'], file=sys.stderr)"
RAISE = "import os; raise RuntimeError(os.environ['GITHUB_TOKEN'])"
GOOD = "import os, subprocess; subprocess.run(['git', 'version'], check=True); assert os.environ['GITHUB_TOKEN']"


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (LINE, ["the command line of git"]),
        (PRINT, ["what a command printed"]),
        (RAISE, ["what a command printed"]),
        (GOOD, []),
    ],
    ids=["line", "print", "raise", "good"],
)
def test_a_command_that_leaks_is_seen(token: str, code: str, seen: list[str]) -> None:
    run_watched([sys.executable, "-I", "-c", code], {"PATH": os.environ["PATH"], "GITHUB_TOKEN": token})
    assert CANARY.drain() == seen


def test_a_token_in_a_command_line_is_seen_however_it_is_written(token: str) -> None:
    header = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    for line in (["true", token], [b"true", os.fsencode(token)], ["git", "-c", f"http.extraHeader=Authorization: Basic {header}", "version"]):
        subprocess.run(line, check=True, capture_output=True)
    os.system(f"true {token}")
    assert CANARY.drain() == ["the command line of a process that was started"] * 4
    subprocess.run(["true"], env={"PATH": os.environ["PATH"], "GITHUB_TOKEN": token}, check=True)
    assert CANARY.drain() == []


ASK = """
import http.client, os, sys
connection = http.client.HTTPConnection(sys.argv[1])
connection.request("GET", "/repos/acme/registry", headers={"Authorization": "Bearer " + sys.stdin.read(), "User-Agent": "t"})
assert connection.getresponse().status == 200
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows other processes' command lines")
def test_a_grandchild_that_asks_with_a_token_in_its_command_line_is_seen(token: str, github_twin: GitHubTwin) -> None:
    # The shell knows the token from a variable; no hook of this process sees what it starts.
    netloc = github_twin.url.removeprefix("http://")
    for shell, seen in (('"$@" "$T"; true', True), ('"$@"; true', False)):
        command = ["sh", "-c", f'printf %s "$T" | {shell}', "sh", sys.executable, "-I", "-c", ASK, netloc]
        subprocess.run(command, env={"PATH": os.environ["PATH"], "T": token}, check=True)
        assert set(CANARY.drain()) == ({"the command line of a process that was running"} if seen else set())


@pytest.mark.parametrize(
    "leak",
    [
        lambda client: client.get(f"/repos/acme/registry?access_token={client.token}"),
        lambda client: client.get("/repos/acme/registry", X_Note=client.token),
        lambda client: client.ask("POST", "/repos/acme/registry/git/blobs", {"content": f"my token is {client.token}"}),
        lambda client: client.get(f"/acme/registry/info/refs?service=git-upload-pack&t={client.token}"),
    ],
    ids=["address", "header", "body", "git"],
)
def test_a_request_that_leaks_is_seen(token: str, github_twin: GitHubTwin, leak: Callable[[Client], object]) -> None:
    client = Client(github_twin.url, token)
    client.get("/repos/acme/registry")
    assert CANARY.drain() == []
    leak(client)
    assert CANARY.drain()
    # What such a request is to the twin is told elsewhere.
    github_twin.wrong.clear()


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or the measurement of coverage looks at exceptions")
@pytest.mark.parametrize("leaks", [True, False])
def test_an_exception_that_leaks_is_seen_though_it_is_caught(token: str, leaks: bool) -> None:
    def sleep(_: float) -> None:
        raise RuntimeError(f"cut off while {token if leaks else 'a token'} was in use")

    calls = Calls("http://127.0.0.1:1", "another", sleep=sleep, clock=lambda: 0.0)
    for expected in (Unclear, RuntimeError):
        with pytest.raises(expected):
            calls.post("/x", {})
    calls.close()
    assert set(CANARY.drain()) == ({"an exception in github_calls.py"} if leaks else set())


PROBE = """
import logging, pytest
from support.token_canary import CANARY
TOKEN = "ghs_a-token-of-this-probe"
CANARY.plant(TOKEN)
def test_print(github_contract): print(TOKEN)
def test_log(github_contract): logging.getLogger("urllib3").debug("%s", {"Authorization": TOKEN})
def test_file(github_contract, tmp_path): (tmp_path / "plan").write_text(TOKEN)
def test_good(github_contract, tmp_path): (tmp_path / "plan").write_text("nothing"); print("nothing")
"""


def test_what_a_test_prints_logs_or_writes_is_looked_at(github_contract: object, tmp_path: Path) -> None:
    probe = tmp_path / "test_probe.py"
    probe.write_text(PROBE)
    done = run("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), f"--confcutdir={ROOT}", "-p", "conftest", "--color=no", str(probe))
    failed = [line.partition("::")[2] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed == [
        "test_print - a token was seen in Captured stdout call",
        "test_log - a token was seen in Captured log call",
        "test_file - a token was seen in the file plan",
    ], done.stdout
    assert "1 passed" in done.stdout

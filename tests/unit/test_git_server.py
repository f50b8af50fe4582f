"""The git host of the tests, asked by real git."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.git_server import Drop, Garbage, GitServer, Hang, Redirect, Status, Truncated
from support.upstreams import Commit, Upstream, build


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hosted")
    commits = [Commit("first", {"a.txt": "1"}), Commit("second", {"a.txt": "2", "sub/b.txt": "3"}), Commit("hidden", {"a.txt": "4"})]
    build(root, [Upstream("Owner/one", commits, branches={"main": "second"}), Upstream("owner/two", commits[:1], branches={"trunk": "first"}, head="trunk")])
    return root


@pytest.fixture
def server(root: Path) -> Iterator[GitServer]:
    with GitServer(root) as server:
        yield server


def git(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    return subprocess.run(["git", *map(str, arguments)], capture_output=True, text=True, check=False, env=environment)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(server: GitServer, repository: str) -> Answer:
    """Ask for the advertisement, as a client that is not git would."""
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc)) as connection:
        connection.request("GET", f"/{repository}/info/refs?service=git-upload-pack", headers={"Git-Protocol": "version=2"})
        with connection.getresponse() as answer:
            return Answer(answer.status, dict(answer.headers), answer.read())


@pytest.mark.parametrize("suffix", ["", ".git"])
def test_clone(server: GitServer, tmp_path: Path, suffix: str) -> None:
    done = git("clone", "--quiet", f"{server.url}/Owner/one{suffix}", tmp_path / "clone")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clone/sub/b.txt").read_text() == "3"
    assert server.commands("Owner/one") == ["advertise", "ls-refs", "fetch"]
    first = server.requests[0]
    assert (first.method, first.path) == ("GET", f"/Owner/one{suffix}/info/refs?service=git-upload-pack")
    assert first.headers["git-protocol"] == "version=2"


def test_older_protocol(server: GitServer) -> None:
    done = git("-c", "protocol.version=0", "ls-remote", "--symref", f"{server.url}/owner/two", "HEAD")
    assert done.stdout.startswith("ref: refs/heads/trunk\tHEAD")
    assert server.commands() == ["advertise"]


def test_version_2_is_advertised(server: GitServer) -> None:
    body = ask(server, "Owner/one").body
    assert [word for word in (b"version 2", b"ls-refs", b"filter") if word in body] == [b"version 2", b"ls-refs", b"filter"]


def test_a_commit_that_no_ref_leads_to_can_be_fetched(tmp_path: Path) -> None:
    hidden = build(tmp_path, [Upstream("o/r", [Commit("base", {"x": "1"}), Commit("hidden", {"x": "2"})], branches={"main": "base"})])["o/r"]["hidden"]
    with GitServer(tmp_path) as server:
        assert git("init", "--quiet", tmp_path / "clone").returncode == 0
        done = git("-C", tmp_path / "clone", "fetch", "--quiet", "--depth=1", f"{server.url}/o/r", hidden)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("allowed", [True, False])
def test_filter(root: Path, tmp_path: Path, allowed: bool) -> None:
    with GitServer(root, allow_filter=allowed) as server:
        done = git("clone", "--quiet", "--bare", "--filter=blob:none", f"{server.url}/Owner/one", tmp_path / "clone")
        assert ("filtering not recognized" not in done.stderr) is allowed
        missing = git("-C", tmp_path / "clone", "rev-list", "--objects", "--all", "--missing=print").stdout
        assert ("?" in missing) is allowed


def test_chunked_request(server: GitServer) -> None:
    wants = [f"want {number:040x}\n" for number in range(3000)]
    body = pkt_line("command=fetch\n") + b"0001" + b"".join(map(pkt_line, wants)) + b"0000"
    headers = {"Transfer-Encoding": "chunked", "Git-Protocol": "version=2", "Content-Type": "application/x-git-upload-pack-request"}
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc)) as connection:
        connection.request("POST", "/Owner/one/git-upload-pack", body=iter([body[:100], body[100:]]), encode_chunked=True, headers=headers)
        assert b"not our ref" in connection.getresponse().read()
    assert server.commands() == ["fetch"]


def pkt_line(line: str) -> bytes:
    return f"{len(line) + 4:04x}{line}".encode()


def test_unknown_repository(server: GitServer) -> None:
    assert ask(server, "no/where").status == 404
    assert ask(server, "..%2F../where").status == 404
    assert git("ls-remote", f"{server.url}/no/where").returncode == 128


def test_unknown_repository_as_github_answers(root: Path) -> None:
    with GitServer(root, missing=Status(401, {"WWW-Authenticate": 'Basic realm="GitHub"'})) as server:
        assert ask(server, "no/where").headers["WWW-Authenticate"] == 'Basic realm="GitHub"'
        assert "could not read Username" in git("ls-remote", f"{server.url}/no/where").stderr


def test_status_for_some_requests_only(server: GitServer) -> None:
    server.behave("Owner/one", Status(500), times=1)
    server.behave("Owner/one", Status(429, {"Retry-After": "7"}), times=1)
    answers = [ask(server, "Owner/one") for _ in range(3)]
    assert [answer.status for answer in answers] == [500, 429, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert ask(server, "owner/two").status == 200


def test_status_for_one_command(server: GitServer, tmp_path: Path) -> None:
    server.behave("Owner/one", Status(503), command="fetch")
    assert git("ls-remote", f"{server.url}/Owner/one").returncode == 0
    assert "503" in git("clone", f"{server.url}/Owner/one", tmp_path / "clone").stderr


def test_reset(server: GitServer) -> None:
    server.behave("Owner/one", Status(500))
    ask(server, "Owner/one")
    server.reset()
    assert server.requests == []
    assert ask(server, "Owner/one").status == 200


def test_redirect(server: GitServer) -> None:
    server.behave("old/name", Redirect("owner/two"))
    answer = ask(server, "old/name")
    assert (answer.status, answer.headers["Location"]) == (301, f"{server.url}/owner/two/info/refs?service=git-upload-pack")
    assert "refs/heads/trunk" in git("ls-remote", f"{server.url}/old/name").stdout


def test_drop(server: GitServer) -> None:
    server.behave("Owner/one", Drop())
    with pytest.raises(http.client.RemoteDisconnected):
        ask(server, "Owner/one")


def test_garbage(server: GitServer) -> None:
    server.behave("Owner/one", Garbage(b"zzzz"))
    answer = ask(server, "Owner/one")
    assert (answer.headers["Content-Type"], answer.body) == ("application/x-git-upload-pack-advertisement", b"zzzz")


def test_truncated(server: GitServer) -> None:
    whole = ask(server, "Owner/one").body
    server.behave("Owner/one", Truncated(20))
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server, "Owner/one")
    assert caught.value.partial == whole[:20]


def test_hang_ends_with_the_server(root: Path) -> None:
    with GitServer(root) as server:
        server.behave("Owner/one", Hang())
        address = urlsplit(server.url)
        connection = socket.create_connection((address.hostname or "", address.port or 0))
        connection.sendall(b"GET /Owner/one/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: x\r\n\r\n")
        assert ask(server, "owner/two").status == 200
    with connection:
        assert connection.recv(1) == b""

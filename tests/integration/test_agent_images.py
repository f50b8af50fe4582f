"""The agents' images and what they are made from: only what the locks name gets in, and nothing that an agent could change or use."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from pinwarden.adapters import engine
from pinwarden.agents import REVIEWERS
from pinwarden.reviewer import Agent
from pinwarden.sandbox import PROVIDERS

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = Path("actions/run-review/sandbox")
LOOK = """
for name in node npm npx pip pip3 curl wget gcc cc; do command -v "$name"; done
find / -xdev -writable ! -type l ! -path '/proc/*' ! -path '/dev/*' 2>/dev/null
id -u
"""


@pytest.mark.engine
@pytest.mark.parametrize("agent", Agent)
def test_an_image_has_no_package_manager_and_nothing_that_its_user_may_write(agent: Agent) -> None:
    said = engine.docker("run", "--rm", "--network", "none", "--entrypoint", "sh", f"pinwarden/agent-{agent}", "-c", LOOK).split()
    # What Debian gives to all; in the sandbox the root is read-only besides.
    assert said.pop() == "10001"
    assert "/tmp" in said
    assert set(said) <= {"/tmp", "/var/tmp", "/run/lock"}


@pytest.mark.engine
@pytest.mark.parametrize("agent", PROVIDERS)
def test_an_image_has_our_configuration_and_the_version_of_the_lock(agent: Agent) -> None:
    paths = REVIEWERS[agent].files
    read = ["run", "--rm", "--network", "none", "--entrypoint"]
    assert engine.docker(*read, "cat", f"pinwarden/agent-{agent}", *paths) == "".join(paths.values())
    lock = json.loads((ROOT / SANDBOX / "agents" / agent / "x64" / "package-lock.json").read_text())["packages"]
    [version] = [package["version"].partition("-")[0] for name, package in lock.items() if name]
    assert engine.image_label(f"pinwarden/agent-{agent}", "org.opencontainers.image.version") == version
    assert version in engine.docker(*read, "sh", f"pinwarden/agent-{agent}", "-c", f"HOME=/tmp {agent} --version")


@dataclass(frozen=True, slots=True)
class Index:
    """A package index on loopback, whose only package is not the one that its makers released."""

    url: str
    integrity: str


@pytest.fixture
def index() -> Iterator[Index]:
    files = {"package.json": b'{"name": "@openai/codex", "version": "0.169.0-linux-x64"}', "vendor/x86_64-unknown-linux-musl/bin/codex": b"#!/bin/sh\n"}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    archive_bytes = packed.getvalue()
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(archive_bytes).digest()).decode()}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".tgz"):
                body = archive_bytes
            elif unquote(self.path) == "/@openai/codex":
                address = f"http://{self.headers['Host']}/codex.tgz"
                version = {"name": "@openai/codex", "version": "0.169.0-linux-x64", "dist": {"tarball": address, "integrity": integrity}}
                body = json.dumps({"name": "@openai/codex", "versions": {version["version"]: version}, "dist-tags": {}}).encode()
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Index(f"http://127.0.0.1:{server.server_port}/", integrity)
        server.shutdown()
        thread.join()


def collected(root: Path, index: Index, change: str = "", *, optional: bool = False, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    """Collect what Codex's image is made from, in a copy of the toolkit; `change` is put into its lock as the package's hash."""
    for part in (SANDBOX / "agents", Path("scripts")):
        shutil.copytree(ROOT / part, root / part)
    lock = root / SANDBOX / "agents" / "codex" / "x64" / "package-lock.json"
    document = json.loads(lock.read_text())
    if change:
        document["packages"]["node_modules/@openai/codex-linux-x64"]["integrity"] = change
    if optional:
        wanted = lock.with_name("package.json")
        wanted.write_text(wanted.read_text().replace('"dependencies"', '"optionalDependencies"'))
        document["packages"][""]["optionalDependencies"] = document["packages"][""].pop("dependencies")
        document["packages"]["node_modules/@openai/codex-linux-x64"]["optional"] = True
    lock.write_text(json.dumps(document))
    given = {"PATH": path, "HOME": str(root), "npm_config_registry": index.url, "npm_config_fetch_retries": "0"}
    command = [sys.executable, "-I", str(root / SANDBOX / "agents" / "context.py"), "codex", "x86_64", str(root / "context")]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


@pytest.mark.npm
def test_a_package_that_is_not_the_locks_is_refused(tmp_path: Path, index: Index) -> None:
    done = collected(tmp_path, index)
    assert done.returncode == 1
    assert "EINTEGRITY" in done.stderr
    assert not (tmp_path / "context" / "version").exists()


@pytest.mark.npm
def test_the_same_package_is_taken_where_the_lock_names_it(tmp_path: Path, index: Index) -> None:
    """The control: it is the lock's hash that refuses."""
    done = collected(tmp_path, index, index.integrity)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "context" / "version").read_text() == "0.169.0"
    assert (tmp_path / "context" / "program" / "vendor" / "x86_64-unknown-linux-musl" / "bin" / "codex").is_file()


@pytest.mark.npm
def test_why_platform_packages_are_direct_dependencies(tmp_path: Path, index: Index) -> None:
    """An optional one with another hash is left out, and npm says nothing: only what is missing then ends the build."""
    done = collected(tmp_path, index, optional=True)
    assert "EINTEGRITY" not in done.stderr
    assert done.returncode == 1


def test_without_npm_it_is_said_how_to_get_it(tmp_path: Path, index: Index) -> None:
    done = collected(tmp_path, index, path=str(tmp_path))
    assert (done.returncode, done.stderr) == (
        1,
        "error: npm is not installed, which fetches what the lock names; Debian: apt-get install npm, macOS: brew install node\n",
    )

"""A registry of images on loopback: the real server, with a folder of its own.

with OciRegistry(tmp_path, PASSWORD_HASH) as registry: … f"{registry.host}/acme/image" …
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import yaml

COMMAND = Path(__file__).resolve().parents[2] / "out" / "cache" / "image-tools" / "usr" / "bin" / "docker-registry"
"""Where .ci/image-tools puts it."""
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


class OciRegistry:
    """Answers under `host` to everybody, or only to whoever brings the password that `htpasswd`, a bcrypt hash, is of."""

    def __init__(self, root: Path, htpasswd: str = "") -> None:
        self.root = root
        settings = {
            "version": "0.1",
            "log": {"level": "info", "accesslog": {"disabled": False}},
            "storage": {"filesystem": {"rootdirectory": str(root / "images")}},
            # Without an address it would listen on all of the machine's.
            "http": {"addr": "127.0.0.1:0"},
        }
        if htpasswd:
            (root / "htpasswd").write_text(f"token:{htpasswd}\n")
            settings["auth"] = {"htpasswd": {"realm": "test", "path": str(root / "htpasswd")}}
        (root / "config.yml").write_text(yaml.safe_dump(settings))

    def __enter__(self) -> Self:
        command = [str(COMMAND), "serve", str(self.root / "config.yml")]
        with (self.root / "access.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE, text=True, env={"PATH": os.defpath})
        assert self._process.stderr
        said = []
        for line in self._process.stderr:
            said.append(line)
            if found := _LISTENING.search(line):
                self.host = found[1]
                break
        else:
            self._process.wait()
            raise AssertionError("".join(said))
        # Whoever logs into a pipe that nobody reads stands still.
        self._reading = Thread(target=deque, args=(self._process.stderr, 0))
        self._reading.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait()
        self._reading.join()
        assert self._process.stderr
        self._process.stderr.close()

    @property
    def asked(self) -> list[str]:
        """Method and path of every request so far, but the questions whether it is a registry."""
        lines = (self.root / "access.log").read_text().splitlines()
        return [found[1] for line in lines if (found := re.search(r'"((?:HEAD|GET) /v2/\S+) HTTP', line)) and found[1] != "GET /v2/"]

    def digests(self, repository: str) -> dict[str, str]:
        """Return the digest of each tag of an image, as the server has them on its disk."""
        folder = self.root / "images" / "docker" / "registry" / "v2" / "repositories" / repository / "_manifests" / "tags"
        return {path.parents[1].name: path.read_text() for path in folder.glob("*/current/link")}

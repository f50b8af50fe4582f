"""A change of one upstream, served over git's own protocol, and run-review's options for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.git_server import GitServer
from support.upstreams import Commit, Upstream, build

PROJECT = "https://github.com/ada/mail"


class Change:
    """Serves the upstream ada/mail with the commits base and head, and others beside it."""

    def __init__(self, root: Path, server: GitServer) -> None:
        self.root = root
        self.server = server
        self.ids: dict[str, str] = {}

    def serve(self, base: Any, head: Any, *others: Upstream) -> None:
        commits = [Commit("base", base), Commit("head", head)]
        self.ids = build(self.root / "upstreams", [Upstream("ada/mail", commits, branches={"main": "head"}), *others])["ada/mail"]

    def options(self, output: Path, *, full: bool = False) -> list[str | Path]:
        commits = ["--head", self.ids["head"], *([] if full else ["--base", self.ids["base"]])]
        return ["--project", PROJECT, *commits, "--output", output, "--mirror", f"https://github.com/={self.server.url}/"]

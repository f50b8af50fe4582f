"""A GitHub on loopback from the command line, for workflows under act and for looking around.

    PYTHONPATH=tests out/venv/bin/python -m support.github_twin ROOT --contract out/cache/github --setup setup.json

`setup.json`: repositories by name (`files` of the first commit, and any setting of a Repository), tokens by name:

    {"repositories": {"acme/registry": {"files": {"README.md": "…"}, "actions_may_create_pull_requests": false}},
     "tokens": {"job": {"kind": "GITHUB_TOKEN", "repositories": ["acme/registry"], "permissions": {"contents": "write"}}}}

Prints one line of JSON, `url` and `tokens`; serves until its standard input ends; then prints what was asked and what was wrong, and
ends with 1 where it broke GitHub's contract or lacked something.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from support.github_twin.contract import Contract
from support.github_twin.tokens import Kind
from support.github_twin.twin import GitHubTwin


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m support.github_twin", description="A GitHub on loopback, until standard input ends.")
    parser.add_argument("root", type=Path, help="the folder of the bare repositories, owner/name.git")
    parser.add_argument("--contract", type=Path, default=Path("out/cache/github"), help="what `make out/cache/github/complete` made")
    parser.add_argument("--setup", type=Path, help="repositories and tokens, in JSON")
    arguments = parser.parse_args()
    setup = json.loads(arguments.setup.read_text()) if arguments.setup else {}
    with GitHubTwin(arguments.root, Contract.at(arguments.contract)) as twin:
        tokens = arrange(twin, setup)
        print(json.dumps({"url": twin.url, "tokens": tokens}), flush=True)
        sys.stdin.read()
        requests = [{**asdict(each.request), "status": each.status} for each in twin.log]
        wrong = {"violations": twin.violations, "lacking": twin.lacking}
        print(json.dumps({"requests": requests, "events": [asdict(event) for event in twin.events], "wrong": twin.wrong, **wrong}))
        return 1 if any(wrong.values()) else 0


def arrange(twin: GitHubTwin, setup: dict[str, Any]) -> dict[str, str]:
    """Add what a setup names; return the tokens' texts by their names."""
    for name, wanted in setup.get("repositories", {}).items():
        repository = twin.add(name, wanted.pop("files", None))
        for setting, value in wanted.items():
            setattr(repository, setting, value)
    return {
        name: twin.world.token(Kind(wanted["kind"]), [twin.repository(each) for each in wanted.get("repositories", ())] or None, wanted.get("permissions", {}))
        for name, wanted in setup.get("tokens", {}).items()
    }


if __name__ == "__main__":
    sys.exit(main())

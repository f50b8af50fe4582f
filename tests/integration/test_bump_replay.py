"""One month of a real registry's history, replayed: every bump that landed is proposed, once, and nothing else is."""

from __future__ import annotations

import json
from collections import defaultdict
from graphlib import TopologicalSorter
from itertools import groupby
from pathlib import Path
from typing import Any

from integration.test_bump_pull_requests import ENTRY
from pinwarden import scan
from pinwarden.adapters import bumping
from pinwarden.adapters.actions_io import Access
from pinwarden.adapters.bump_plan import BumpPlan
from pinwarden.adapters.github_calls import Calls
from pinwarden.adapters.registry_files import Registry
from pinwarden.evidence import read_block
from pinwarden.upstream import Mirror
from support.github_twin.client import Client
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

MONTH = "2026-06"


def landed(registry_data: Path) -> list[dict[str, Any]]:
    """Return the month's changes of pins, oldest first, without those that moved to another project or back."""
    rows = [json.loads(line) for line in (registry_data / "mcp-registry/pin_history.jsonl").read_text().splitlines()]
    month = [row for row in rows if row["date"].startswith(MONTH) and row["event"] == "change" and row["old"] != row["new"]]
    return sorted(month, key=lambda row: str(row["date"]))


def test_every_landed_bump_is_proposed_once(registry_data: Path, github_twin: GitHubTwin, tmp_path: Path) -> None:
    rows = landed(registry_data)
    assert len(rows) > 50
    upstreams: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        upstreams[row["project"]][row["new"]].add(row["old"])
    names = {project: f"up/r{number}" for number, project in enumerate(sorted(upstreams))}
    chains = [
        Upstream(names[project], [Commit(label, {"server.py": label}) for label in TopologicalSorter(after).static_order()], branches={"main": rows[0]["old"]})
        for project, after in upstreams.items()
    ]
    chains = [Upstream(each.name, each.commits, branches={"main": each.commits[0].label}) for each in chains]
    ids = build(Path(github_twin.root), chains)
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row["server"], row)
    folder = tmp_path / "registry"
    for server, row in first.items():
        path = folder / "servers" / server / "server.yaml"
        path.parent.mkdir(parents=True)
        commit = ids[names[row["project"]]][row["old"]]
        path.write_text(ENTRY.format(name=server, commit=commit).replace(f"up/{server}", names[row["project"]]))
    files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("server.yaml")}
    registry = github_twin.add("acme/registry", files)
    access = Access(github_twin.url, "acme/registry", github_twin.actions_token(registry, contents="write", pull_requests="write"))
    person = Client(github_twin.url, github_twin.personal_token("ada", [registry], contents="write", pull_requests="write"))
    expected = []
    for (project, new), group in groupby(rows, key=lambda row: (row["project"], row["new"])):
        servers = sorted({row["server"] for row in group})
        commit = ids[names[project]][new]
        github_twin.repository(names[project]).git.store.set_ref("refs/heads/main", commit)
        work = Registry(folder)
        config = work.config()
        inquiry = scan.inquire(work.check(work.entries(config, servers), config.policy), config)
        place = bumping.registry_of(inquiry, "", work.checker(config.policy))
        pins = bumping.scanned(inquiry, [Mirror("https://github.com/", f"{github_twin.url}/")]).pins
        with bumping.proposals(pins, bumping.Work(config, inquiry, place, (), access), lambda url, token: Calls(url, token, sleep=github_twin.clock.advance, clock=lambda: github_twin.clock.now)) as known:  # fmt: skip
            planned = known.planned(pins, config, bumping.Wish(most=500, servers=servers), github_twin.clock.now, {})
            done = known.apply(planned, place, BumpPlan(0, pins, {}, {}))
        assert sorted((one.server, one.action, one.problem) for one in done) == [(server, "open", "") for server in servers]
        for one in done:
            expected.append((one.server, commit))
            assert person.ask("PUT", f"/repos/acme/registry/pulls/{one.number}/merge", {}).status == 200
            entry = folder / "servers" / one.server / "server.yaml"
            entry.write_text(entry.read_text().replace(next(pin.old or "" for pin in pins if pin.server == one.server), commit))
        github_twin.clock.advance(3600)
    proposed = [read_block(pull.body or "") for pull in registry.pulls.values()]
    assert sorted((one.server, one.new) for one in proposed if one) == sorted(expected)
    assert len(expected) == len(rows)

"""A pull request on the tests' GitHub with its plan and queued check runs, as plan-reviews leaves them, and reviews as their jobs do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pinwarden.adapters.github_calls import Calls
from pinwarden.adapters.reporting import Reporting, Told
from pinwarden.adapters.review_files import read_artifacts
from pinwarden.labels import Labels
from pinwarden.risk import Risk
from pinwarden.status import checks_of
from support.github_twin.client import Client
from support.github_twin.repositories import CheckRun, Pull, Repository
from support.github_twin.twin import GitHubTwin

Json = Any
SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
COMPLETE, INCOMPLETE = json.loads((SCHEMAS / "review.schema.json").read_bytes())["examples"]
PERMISSIONS = {"checks": "write", "pull_requests": "write", "contents": "write"}
FINDING = {"severity": "high", "title": "mail leaves", "evidence": [{"side": "head", "path": "src/server.py", "line": 12, "verified": True}]}


def review(server: str = "mail", risk: str | None = "low", *, agent: str = "claude", blocked: bool = False, **changed: Json) -> dict[str, Json]:
    """Return a review that follows the schema, complete with a risk, without one incomplete."""
    whole = COMPLETE if risk else INCOMPLETE
    labels = list(Labels(Risk(risk), blocked).listed()) if risk else []
    about = {"server": server, "agent": agent, "model": "claude-sonnet-4-5" if agent == "claude" else None, "risk": risk, "blocked": blocked, "labels": labels}
    findings = [FINDING | {"severity": risk, "title": f"a {risk} thing"}] if risk else []
    made: dict[str, Json] = whole | about | {"project": f"https://github.com/ada/{server}", "surface": [], "findings": findings} | changed
    return made


@dataclass
class Reviewed:
    """The pull request 1 of acme/registry. `calls` pace themselves by the twin's clock."""

    twin: GitHubTwin
    folder: Path
    servers: Sequence[str] = ("mail", "notes", "time")
    agents: Sequence[str] = ("claude",)
    gate: bool = True
    plan: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.registry: Repository = self.twin.add("acme/registry", {"README.md": "x\n"})
        self.head = self.twin.world.push(self.registry, "change", {f"servers/{server}/server.yaml": "x\n" for server in self.servers})
        person = Client(self.twin.url, self.twin.personal_token("ada", [self.registry], **PERMISSIONS))
        person.ask("POST", "/repos/acme/registry/pulls", {"title": "t", "head": "change", "base": "main"})
        self.app_token = self.twin.app_token(self.twin.app("pinwarden", PERMISSIONS, number=77), [self.registry])
        self.token = self.app_token if self.gate else self.twin.actions_token(self.registry, **PERMISSIONS)
        self.client = Client(self.twin.url, self.token)
        pairs = [(agent, server) for server in self.servers for agent in self.agents]
        base = self.registry.git.branch("main")
        self.external = f"1:{base}:{'e' * 64}"
        self.plan |= {
            "version": 1,
            "targets": [self._target(server) for server in self.servers],
            "agents": list(self.agents),
            "pull_request": {"number": 1, "head": self.head, "base": base, "commit": self.head, "external": False},
            "identity": "gate" if self.gate else "advisory",
            "checks": [{**self.queue(f"security-review/{agent}/{server}"), "server": server, "agent": agent, "reasons": []} for agent, server in pairs],
            "aggregate": self.queue("security-review"),
            "shared": [],
            "reviews": [
                {"server": server, "agent": agent, "model": "claude-sonnet-4-5" if agent == "claude" else None, "artifact": f"pinwarden-review-1-1-{number}"}
                for number, (agent, server) in enumerate(pairs)
            ],
            "start": True,
            "details": "public",
        }
        self.reviews = self.folder / "reviews"
        self.reviews.mkdir(parents=True)

    def _target(self, server: str) -> Json:
        about = {key: COMPLETE[key] for key in ("mode", "base", "head", "directory")}
        return {"server": server, "project": f"https://github.com/ada/{server}", **about, "path": f"servers/{server}/server.yaml", "line": 1}

    def queue(self, name: str) -> Json:
        made = self.client.ask("POST", "/repos/acme/registry/check-runs", {"name": name, "head_sha": self.head, "external_id": self.external}).document
        return {"name": name, "id": made["node_id"], "external_id": self.external, "conclusion": None, "title": None}

    def leave(self, document: Json, *, number: int | None = None) -> Path:
        """Leave a review in its artifact, or in the artifact with this number; a string is left as it is."""
        if number is None:
            number = next(place for place, one in enumerate(self.plan["reviews"]) if (one["server"], one["agent"]) == (document["server"], document["agent"]))
        path: Path = self.reviews / self.plan["reviews"][number]["artifact"] / "review.json"
        path.parent.mkdir()
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    def calls(self, *_: str) -> Calls:
        return Calls(self.twin.url, self.token, sleep=self.twin.clock.advance, clock=lambda: self.twin.clock.now)

    def tell(self) -> Told:
        """Report as the command does."""
        calls = self.calls()
        try:
            return Reporting(calls, "acme/registry", self.twin.url).tell(self.plan, checks_of(self.plan, read_artifacts(self.reviews)))
        finally:
            calls.close()

    @property
    def pull(self) -> Pull:
        return self.registry.pulls[1]

    def check(self, name: str = "security-review") -> CheckRun:
        """Return the newest check run of a name."""
        return next(check for check in reversed(self.registry.checks.values()) if check.name == name)

    def came_to(self) -> dict[str, str | None]:
        """Return the conclusion of each planned check, by server, and of the aggregate under an empty name."""
        rows = [*self.plan["checks"], self.plan["aggregate"]]
        return {row["name"].removeprefix("security-review").rpartition("/")[2]: self.check(row["name"]).conclusion for row in rows}

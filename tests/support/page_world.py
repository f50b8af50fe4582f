"""A registry whose page has something of everything: its entries on disk, and what the other commands print of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.commands import run_command
from support.registries import write_entry

Json = dict[str, Any]


def commit(name: str) -> str:
    """A commit's id, the same for the same name."""
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


@dataclass
class PageWorld:
    """What publish-page is given. `root` is an empty folder."""

    root: Path
    pins: list[Json] = field(default_factory=list)
    pinned_at: dict[str, int] = field(default_factory=dict)
    behind: dict[str, int] = field(default_factory=dict)
    publishers: list[Json] = field(default_factory=list)
    scanned: str = "2026-11-25T02:17:00Z"
    checked_at: str = "2026-11-25T02:20:00Z"

    @property
    def registry(self) -> Path:
        return self.root / "registry"

    def entry(self, server: str, *, text: str | None = None, **source: str) -> str:
        """Write an entry at the pin of its name, or as `text`; return the pin."""
        path = write_entry(self.registry, server, commit(server), project=f"https://github.com/example/{server}", **source)
        if text is not None:
            path.write_text(text)
        return commit(server)

    def scan(self, server: str, verdict: str, reason: str, *, new: str | None = None, at: int | None = None, behind: int | None = None, **more: Any) -> None:
        action = "open" if verdict == "moved" else "none" if verdict in ("current", "unchanged-directory", "frozen-ref") else "report"
        project = f"https://github.com/example/{server}"
        pin = {"server": server, "project": project, "ref": "refs/heads/main", "old": commit(server), "new": new, "verdict": verdict, "action": action}
        self.pins.append({**pin, "reason": reason, **more})
        if at is not None:
            self.pinned_at[server] = at
        if behind is not None:
            self.behind[server] = behind

    def trust(self, server: str, state: str, *why: str, publisher: Json | None = None, method: str | None = None, checked: str | None = None) -> None:
        level = "known" if publisher else "community"
        row = {"server": server, "level": level, "state": state, "publisher": publisher, "method": method, "checked": checked, "why": list(why)}
        self.publishers.append(row)

    def record(
        self, server: str, head: str, *, base: str | None = None, agent: str = "claude", risk: str | None = "low", day: str = "2026-11-20", **more: Any
    ) -> Path:
        """Write the record of a review; a `risk` of None is that of one that did not complete."""
        mode = "differential" if base else "full"
        findings = [{"severity": risk, "title": "A finding", "evidence": []}] if risk else []
        about = {"version": 1, "server": server, "mode": mode, "project": f"https://github.com/example/{server}", "base": base, "head": head, "directory": None}
        came = {"agent": agent, "finished": f"{day}T03:00:00Z", "outcome": "complete" if risk else "incomplete", "risk": risk, "blocked": False}
        written = about | came | {"findings": findings, "reasons": [] if risk else ["it took too long"]} | more
        path = self.root / "records" / "audits" / server / head / f"{mode}-{agent}-{'ab' * 6}-{day.replace('-', '')}.1.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(written))
        return path

    def image(self, server: str, *reasons: tuple[str, str], pin: str | None = None, **more: Any) -> None:
        told = {"image": f"mcp/{server}", "digest": f"sha256:{hashlib.sha256(server.encode()).hexdigest()}", "pin": pin or commit(server)}
        listed = [{"reason": code, "platform": None, "message": message} for code, message in reasons]
        document = told | {"platforms": [], "signature": {}, "ok": not reasons, "reasons": listed, "checked": "2026-11-25T02:30:00Z"} | more
        path = self.root / "images" / f"{server}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document))

    def options(self) -> list[str | Path]:
        """Write what was gathered; return the options that name it."""
        plan = {"version": 1, "requests": 1, "pins": self.pins, "ids": {}, "briefs": {}, "scanned": self.scanned, "pinned-at": self.pinned_at}
        (self.root / "plan.json").write_text(json.dumps(plan | {"behind": self.behind}))
        (self.root / "trust.json").write_text(json.dumps({"checked_at": self.checked_at, "servers": self.publishers}))
        for name in ("records", "images"):
            (self.root / name).mkdir(exist_ok=True)
        return ["--scan", self.root / "plan.json", "--trust", self.root / "trust.json", "--records", self.root / "records", "--images", self.root / "images"]

    def publish(self, options: Sequence[str | Path] | None = None, **environment: str) -> Path:
        """Write the page; return its folder."""
        output = self.root / "page"
        given = self.options() if options is None else options
        done = run_command("publish_page", "--registry", self.registry, "--output", output, *given, given=environment)
        assert done.returncode == 0, done.stderr
        return output


def everyday(root: Path) -> PageWorld:
    """A registry of ten entries, as one looks on a usual day."""
    world = PageWorld(root)
    acme = {"id": "acme", "name": "Acme Inc.", "url": "https://acme.example"}
    by_owner: Json = {"publisher": acme, "method": "owner-id", "checked": "2026-11-25"}
    for server in ("atlas", "birdsong", "calendar", "ferries", "ledger", "mailroom", "tides", "weather"):
        world.entry(server)
    world.entry("notes", text="name: notes\nimage: mcp/notes\ntype: server\nsource:\n  project: https://github.com/example/notes\n  commit: main\n")
    world.entry("tickets", text="name: tickets\ntype: remote\nremote:\n  url: https://mcp.acme.example/tickets\n")
    world.scan("atlas", "current", '"refs/heads/main" is at the pin', at=1_795_000_000, behind=0)
    world.scan("birdsong", "moved", '"refs/heads/main" moved ahead and changed the repository', new=commit("birdsong-new"), at=1_762_000_000, behind=48)
    world.scan("calendar", "unchanged-directory", '"refs/heads/main" moved ahead, nothing changed in "src"', at=1_790_000_000, behind=3)
    world.scan("ferries", "diverged", f'"refs/heads/main" is at {commit("x")}, which does not contain the pin: its history was rewritten', at=1_780_000_000)
    world.scan("ledger", "current", '"refs/heads/main" is at the pin', at=1_794_000_000, behind=0)
    world.scan("mailroom", "moved", '"refs/heads/main" moved ahead and changed the repository', new=commit("mailroom-new"), at=1_793_000_000, behind=1)
    world.scan("tides", "error", "the host did not answer in time")
    world.scan("weather", "current", '"refs/heads/main" is at the pin', at=1_795_400_000, behind=0)
    for server in ("atlas", "weather"):
        world.trust(server, "current", "source belongs to github.com/acme", **by_owner)
    world.trust("tickets", "current", "remote belongs to acme.example", publisher=acme, method="dns-txt", checked="2026-11-01")
    world.trust("ledger", "replaced", "another owner has this name: its id is 4242, not 1234; build nothing new from it before you know who")
    for server in ("birdsong", "calendar", "ferries", "mailroom", "notes", "tides"):
        world.trust(server, "unlisted", "no row names it")
    world.record("weather", commit("weather"), base=commit("weather-2"), day="2026-11-22")
    world.record("weather", commit("weather-2"), base=commit("weather-1"), risk="medium", day="2026-10-02")
    world.record("weather", commit("weather-1"), day="2026-08-11")
    world.record("atlas", commit("atlas"), day="2026-11-20")
    world.record("atlas", commit("atlas"), agent="codex", risk="info", day="2026-11-21")
    world.record("calendar", commit("calendar-0"), day="2026-03-01")
    world.record("ledger", commit("ledger"), risk="critical", day="2026-11-19")
    world.record("mailroom", commit("mailroom-new"), base=commit("mailroom"), risk="critical", day="2026-11-25")
    world.record("mailroom", commit("mailroom"), agent="guarddog", day="2026-11-12")
    world.record("birdsong", commit("birdsong"), risk=None, day="2026-11-18")
    for server in ("atlas", "weather"):
        world.image(server)
    world.image("birdsong", ("label-mismatch", f"linux/arm64 is labelled {commit('y')}, the pin is {commit('birdsong')}"))
    world.image("calendar", ("registry-failed", "the registry did not answer"))
    world.image("mailroom", pin=commit("mailroom-0"))
    return world

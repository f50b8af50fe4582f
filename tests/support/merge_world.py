"""A registry on the tests' GitHub with pull requests of bump-pins that were reviewed, and the gate that merges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pinwarden.adapters import merging, planning
from pinwarden.adapters.registry_repository import TRAILER, RegistryRepository
from pinwarden.evidence import Evidence, as_block
from pinwarden.merge_report import Outcome
from pinwarden.upstream import Mirror
from pinwarden.wish import Wish
from support.github_twin.repositories import Pull
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld, entry, path_of, set_environment

DAY = 86_400
CONFIG = "merge:\n  enabled: true\n"


@dataclass
class MergeWorld:
    """`servers` each have an upstream with an old and a new commit; the registry has the old ones."""

    twin: GitHubTwin
    patch: pytest.MonkeyPatch
    servers: tuple[str, ...] = ("alpha", "beta")
    config: str = CONFIG

    def __post_init__(self) -> None:
        self.reviews = ReviewWorld(self.twin, {name: ({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}) for name in self.servers}, self.config)
        self.registry = self.reviews.registry
        self.token = self.twin.app_token(self.reviews.app, [self.registry])
        self.calls = self.reviews.calls(self.twin.url, self.token)
        self.bumps = RegistryRepository(self.calls, "acme/registry", "pinwarden")

    def set(self, token: str = "", event: str = "") -> None:
        set_environment(self.patch, self.reviews.environment(event, token=token or self.token, PINWARDEN_MIRROR=f"https://github.com/={self.twin.url}/"))

    def bump(self, name: str, *, text: str | None = None, path: str = "", new: str = "", repository_id: int | None = None, branch: str = "") -> Pull:
        """Open a pull request as bump-pins does; `text` in place of the entry with its new pin."""
        old, new = self.reviews.old[name], new or self.reviews.new[name]
        base = self.bumps.read({}).base
        message = f"Bump {name} to {new[:12]}\n\n{old}\n{new}\n\n{TRAILER}: {branch or name} {old} {new}\n"
        head = self.bumps.commit(base, path or path_of(name), entry(name, new) if text is None else text, message)
        self.bumps.move(base, branch or name, None, head)
        number = self.twin.repository(f"up/{name}").id if repository_id is None else repository_id
        evidence = Evidence(name, f"https://github.com/up/{name}", "refs/heads/main", old, new, "moved", head, number)
        return self.registry.pulls[self.bumps.open(base, branch or name, f"Bump {name}", as_block(evidence))["number"]]

    def review(self, pull: Pull, title: str = "low risk", conclusion: str = "success", names: Mapping[str, tuple[str, str]] | None = None) -> None:
        """Plan the pull request's checks with the App's token, as they are, and let every one come to `conclusion`; `names` differ."""
        self.set()
        head = self.reviews.head(pull)
        planning.of_pull_request(pull.number, head, "", Wish(force=True), self.reviews.calls)
        when = datetime.fromtimestamp(self.twin.clock.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for check in self.reviews.checks(head, self.reviews.app.id).values():
            check.status, check.completed = "completed", when
            check.conclusion, check.title = (names or {}).get(check.name, (conclusion, title))

    def ready(self, name: str, **more: str) -> Pull:
        """Return a pull request that can be merged."""
        pull = self.bump(name, **more)  # type: ignore[arg-type]
        self.review(pull)
        self.age()
        return pull

    def age(self, days: int = 4) -> None:
        self.twin.clock.advance(days * DAY)
        # An installation's token is good for an hour.
        self.token = self.twin.app_token(self.reviews.app, [self.registry])
        self.calls = self.reviews.calls(self.twin.url, self.token)
        self.bumps = RegistryRepository(self.calls, "acme/registry", "pinwarden")

    def run(self, *numbers: int, dry_run: bool = False, token: str = "") -> dict[int, Outcome]:
        self.set(token)
        mirrors = [Mirror("https://github.com/", f"{self.twin.url}/")]
        with merging.gate("", mirrors, lambda: self.twin.clock.now, self.reviews.calls) as (gate, _, found):
            return {one.number: one for one in gate.run(numbers or found, dry_run=dry_run)}

    def upstream(self, name: str, commit: str) -> None:
        self.twin.repository(f"up/{name}").git.store.set_ref("refs/heads/main", commit)

    def text(self, name: str) -> str:
        commit = self.registry.git.commit("main")
        assert commit
        found = self.registry.git.entry_object(commit.tree, path_of(name))
        assert found
        return found.content.decode()

    @property
    def root(self) -> Path:
        return Path(self.twin.root)

"""Whatever upstreams, people and runs do in whatever order: nobody's work is lost, nothing is proposed twice, and a quiet night changes nothing."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.test_bump_pull_requests import DAY, World, text_on
from pinwarden.errors import OutsideError
from pinwarden.evidence import read_block
from support.github_twin.client import Client
from support.github_twin.twin import GitHubTwin

STEPS = st.one_of(
    st.tuples(st.just("upstream"), st.sampled_from("abc"), st.sampled_from(["old", "new", "newer"])),
    st.tuples(st.just("person-pushes"), st.sampled_from("abc")),
    st.tuples(st.just("person-closes"), st.sampled_from("abc")),
    st.tuples(st.just("merge"), st.sampled_from("abc")),
    st.tuples(st.just("days"), st.integers(1, 5)),
    st.tuples(st.just("cut"), st.integers(1, 9)),
    st.tuples(st.just("run")),
)


class Story:
    """Applies steps, and keeps what people did."""

    def __init__(self, twin: GitHubTwin, root: Path) -> None:
        self.world = World(twin, root)
        self.theirs: dict[str, str] = {}
        self.client = Client(twin.url, twin.personal_token("ada", [self.world.registry], contents="write", pull_requests="write"))

    def step(self, kind: str, *given: Any) -> None:
        world, twin = self.world, self.world.twin
        branch = f"pinwarden/{given[0]}" if given else ""
        open_pulls = [pull for pull in world.registry.pulls.values() if pull.head == branch and pull.state == "open"]
        if kind == "upstream":
            world.move(*given)
        elif kind == "person-pushes" and world.registry.git.branch(branch):
            self.theirs[branch] = twin.world.push(world.registry, branch, {f"note-{given[0]}": f"mine {len(self.theirs)}"}, who="ada")
        elif kind == "person-closes" and open_pulls:
            self.client.ask("PATCH", f"/repos/acme/registry/pulls/{open_pulls[0].number}", {"state": "closed"})
        elif kind == "merge" and open_pulls and branch not in self.theirs:
            self.client.ask("PUT", f"/repos/acme/registry/pulls/{open_pulls[0].number}/merge", {})
        elif kind == "days":
            twin.clock.advance(given[0] * DAY)
        elif kind == "cut":
            twin.cut_off(after=given[0])
            self.run()
            twin.mend()
        elif kind == "run":
            self.run()

    def run(self) -> None:
        with suppress(OutsideError):  # where it was cut off
            self.world.run()

    def check(self) -> None:
        registry = self.world.registry
        for branch, commit in self.theirs.items():
            tip = registry.git.branch(branch)
            assert tip
            assert commit in [tip, *(one.oid for one in registry.git.history(tip))], f"a person's commit on {branch} is lost"
        opened = [pull for pull in registry.pulls.values() if pull.state == "open"]
        assert len({pull.head for pull in opened}) == len(opened)
        for pull in opened:
            name = pull.head.rpartition("/")[2]
            evidence = read_block(pull.body or "")
            if evidence and evidence.head == registry.git.branch(pull.head):
                assert f"commit: {evidence.new} # reviewed\n" in text_on(registry, pull.head, name)
                made = registry.git.commit(evidence.head)
                assert made
                assert [each.path for each in registry.git.changes(made.parents[0], evidence.head)] == [f"servers/{name}/server.yaml"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_in_any_order(github_contract: Any, steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "checkouts").mkdir()
        with GitHubTwin(Path(folder) / "github", github_contract) as twin:
            story = Story(twin, Path(folder) / "checkouts")
            for step in steps:
                story.step(*step)
                story.check()
            story.run()
            story.run()
            before, writes = twin.snapshot(story.world.registry), twin.writes
            story.run()
            assert (twin.snapshot(story.world.registry), twin.writes) == (before, writes), "a quiet night changed something"
            story.check()
            assert twin.violations == []

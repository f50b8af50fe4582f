"""The steps of a release that read and write the repository: what they come to, wherever they are killed, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pinwarden.adapters.github_calls import Calls
from pinwarden.errors import Misuse, OutsideError, PinwardenError
from releasing import plan
from releasing.__main__ import check, main
from releasing.finishing import finish
from releasing.plan import version_of
from support.github_twin.client import Client
from support.github_twin.faults import Drop, Fail, Meanwhile
from support.github_twin.snapshot import snapshot
from support.github_twin.twin import GitHubTwin

ROOT = Path(__file__).resolve().parents[2]
NAME = "acme/pinwarden"
V = version_of("1.2.0")
COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid signature { isValid wasSignedByGitHub } } } }"""
CHANGES = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-25\n\n- One thing.\n\n## [1.1.0] - 2026-10-01\n\n- Another.\n"
DIGEST = "sha256:" + "d" * 64
REFERENCES = {part: f"ghcr.io/acme/pinwarden-{'proxy' if part == 'proxy' else f'agent-{part}'}@{DIGEST}" for part in plan.PARTS}
FILES = {plan.CHANGELOG: CHANGES, plan.IMAGES: (ROOT / plan.IMAGES).read_text(), ".github/workflows/release.yml": "on: push\n"}


class AtOnce(Calls):
    """Calls that do not wait between writes."""

    def __init__(self, api_url: str, token: str) -> None:
        super().__init__(api_url, token, sleep=lambda _: None)


@dataclass
class Project:
    """A repository that can be released, checked out in the working folder, in a job's environment."""

    twin: GitHubTwin
    patch: pytest.MonkeyPatch
    folder: Path

    def __post_init__(self) -> None:
        self.repository = self.twin.add(NAME, FILES)
        for name, text in FILES.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)
        self.patch.chdir(self.folder)
        token = self.twin.actions_token(self.repository, contents="write")
        self.set(
            GITHUB_API_URL=self.twin.url,
            GITHUB_REPOSITORY=NAME,
            GITHUB_TOKEN=token,
            GITHUB_SHA=self.head,
            GITHUB_REF="refs/heads/main",
            REGISTRY="ghcr.io",
            GITHUB_ACTIONS="true",
        )
        self.set(IMAGES=json.dumps(REFERENCES), GITHUB_OUTPUT=str(self.folder / "output"), GITHUB_SERVER_URL="https://github.com", GITHUB_STEP_SUMMARY="")

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.patch.setenv(name, value)

    @property
    def head(self) -> str:
        return self.repository.git.branch("main") or ""

    def tag(self, name: str) -> str | None:
        return self.repository.git.store.ref(f"refs/tags/{name}")

    def make_tag(self, name: str, commit: str) -> None:
        self.repository.git.run("update-ref", f"refs/tags/{name}", commit)

    def file(self, revision: str, path: str) -> str:
        return self.repository.git.run("cat-file", "blob", f"{revision}:{path}").stdout.decode()

    def check(self) -> str:
        """Return what the output `build` was set to."""
        (self.folder / "output").write_text("")
        check(V, AtOnce)
        (_, value, *_) = (self.folder / "output").read_text().splitlines()
        return value

    def finish(self) -> None:
        finish(V, AtOnce)

    def snapshot(self) -> dict[str, Any]:
        return snapshot(self.repository)


@pytest.fixture
def project(github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Project:
    return Project(github_twin, monkeypatch, tmp_path)


def test_a_release_is_one_commit_two_tags_and_the_changelog_s_words(project: Project) -> None:
    assert project.check() == "true"
    project.finish()
    made = project.tag("v1.2.0")
    assert made is not None
    assert project.tag("v1") == made
    commit = project.repository.git.commit(made)
    assert commit is not None
    assert (commit.parents, commit.author.name, bool(commit.signature)) == ((project.head,), "github-actions[bot]", True)
    changed = project.repository.git.run("diff", "--name-only", project.head, made).stdout.decode().split()
    assert changed == [plan.IMAGES]
    assert json.loads(project.file(made, plan.IMAGES)) == {"claude": "pinwarden/agent-claude", **REFERENCES}
    released = project.repository.releases["v1.2.0"]
    assert (released.name, released.draft) == ("v1.2.0", False)
    assert (released.body or "").startswith("- One thing.\n")
    assert f"`@{made} # v1.2.0`" in (released.body or "")
    assert project.snapshot()["branches"].keys() == {"refs/heads/main"}, "the branch keeps the names of what is built from it"


def test_the_same_version_again_is_refused_and_changes_nothing(project: Project) -> None:
    project.finish()
    before = project.snapshot()
    with pytest.raises(Misuse, match=r"1\.2\.0 is released, and a release never changes"):
        project.check()
    assert project.snapshot() == before


def test_the_same_version_is_not_released_anew_where_the_branch_moved(project: Project) -> None:
    project.finish()
    before = project.tag("v1.2.0")
    project.set(GITHUB_SHA=project.twin.world.push(project.repository, "main", {"new": "1"}))
    with pytest.raises(Misuse, match="a release never changes"):
        project.check()
    project.finish()
    assert (project.tag("v1.2.0"), project.tag("v1")) == (before, before)


def test_a_later_version_moves_the_major_s_tag_alone(project: Project) -> None:
    first = project.head
    project.make_tag("v1.1.0", first)
    project.make_tag("v1", first)
    project.twin.world.push(project.repository, "main", {"new": "1"})
    project.set(GITHUB_SHA=project.head)
    assert project.check() == "true"
    project.finish()
    assert (project.tag("v1.1.0"), project.tag("v1")) == (first, project.tag("v1.2.0"))


def writes(project: Project) -> int:
    return sum(request.writes for request in project.twin.asked)


@pytest.mark.parametrize("known", [False, True])
def test_killed_after_any_write_and_run_again_it_comes_to_the_same_end(
    github_twin: GitHubTwin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, known: bool
) -> None:
    """The other run is another one: it builds anew where no tag was made, so the digests may differ there, and never where one was."""
    ends, builds = [], []
    for cut in range(-1, 6):
        project = Project(github_twin, monkeypatch, tmp_path)
        if known:
            project.make_tag("v1", project.head)
        before = writes(project)
        if cut >= 0:
            github_twin.cut_off(after=cut)
            with pytest.raises(OutsideError) as killed:
                project.finish()
            assert "run the workflow again with the same version" in killed.value.hint
            github_twin.mend()
            made = project.tag("v1.2.0")
            builds.append(made is None and project.check() == "true")
        else:
            made = None
        project.finish()
        assert made in (None, project.tag("v1.2.0"))
        if cut < 0:
            assert writes(project) - before == 5, "tree, commit, tag, major's tag, release"
        ends.append(project.snapshot())
        github_twin.world.remove(project.repository)
    assert all(end == ends[0] for end in ends)
    assert builds == [True, True, True, False, False, False]


@pytest.mark.parametrize("skip", range(5))
@pytest.mark.parametrize("applied", [False, True])
def test_an_answer_that_is_lost_is_looked_after(project: Project, skip: int, applied: bool) -> None:
    project.twin.fault(Drop(applied=applied), writes=True, skip=skip)
    project.finish()
    assert project.tag("v1.2.0") == project.tag("v1") is not None
    assert list(project.repository.releases) == ["v1.2.0"]


def test_a_branch_that_moves_while_images_are_built_stops_it(project: Project) -> None:
    assert project.check() == "true"
    project.twin.world.push(project.repository, "main", {"new": "1"})
    before = project.snapshot()
    with pytest.raises(Misuse, match=r"main is at .* by now") as error:
        project.finish()
    assert "start the workflow again" in error.value.hint
    assert project.snapshot() == before


def test_a_tag_that_somebody_makes_meanwhile_is_not_replaced(project: Project) -> None:
    def somebody() -> None:
        project.make_tag("v1.2.0", project.head)

    project.twin.fault(Meanwhile(somebody), operation="git/create-ref")
    with pytest.raises(Misuse, match="which no release made"):
        project.finish()
    assert (project.tag("v1.2.0"), project.tag("v1"), project.repository.releases) == (project.head, None, {})


def person_s_commit(project: Project) -> None:
    """Let a person make a commit that says what a release's says, and tag it."""
    made = project.twin.world.push(project.repository, "other", {"x": "1"}, message="Release v1.2.0")
    project.make_tag("v1.2.0", made)


def person_s_commit_on_github(project: Project) -> None:
    """Let a person make such a commit on GitHub's page, which GitHub signs."""
    project.repository.git.run("update-ref", "refs/heads/other", project.head)
    client = Client(project.twin.url, project.twin.personal_token("ada", [project.repository], contents="write"))
    where = {"repositoryNameWithOwner": NAME, "branchName": "other"}
    added = [{"path": "x", "contents": "MQ=="}]
    given = {"branch": where, "message": {"headline": "Release v1.2.0"}, "expectedHeadOid": project.head, "fileChanges": {"additions": added}}
    done = client.graphql(COMMIT, input=given)["data"]["createCommitOnBranch"]["commit"]
    assert done["signature"] == {"isValid": True, "wasSignedByGitHub": True}
    project.make_tag("v1.2.0", done["oid"])


def branch_s_commit(project: Project) -> None:
    project.make_tag("v1.2.0", project.head)


def newer_version(project: Project) -> None:
    project.make_tag("v1.3.0", project.head)


@pytest.mark.parametrize("state", [person_s_commit, person_s_commit_on_github, branch_s_commit, newer_version])
def test_what_may_not_be_released_is_refused_by_both_steps(project: Project, state: Callable[[Project], None]) -> None:
    state(project)
    before = project.snapshot()
    for step in (project.check, project.finish):
        with pytest.raises(Misuse, match=r"which no release made|is not newer than"):
            step()
    assert project.snapshot() == before


@pytest.mark.parametrize("text", ["# Changelog\n", CHANGES.replace("[Unreleased]\n", "[Unreleased]\n\n- New.\n")])
def test_a_changelog_without_the_version_is_refused_before_anything_is_built(project: Project, text: str) -> None:
    (project.folder / plan.CHANGELOG).write_text(text)
    before = project.snapshot()
    for step in (project.check, project.finish):
        with pytest.raises(Misuse, match=r"CHANGELOG\.md"):
            step()
    assert project.snapshot() == before


@pytest.mark.parametrize(
    "told", ["", "{}", "[]", "nonsense", '{"proxy": 1}', "[" * 100_000, json.dumps(REFERENCES | {"proxy": f"ghcr.io/mallory/pinwarden-proxy@{DIGEST}"})]
)
def test_digests_that_were_not_verified_are_not_released(project: Project, told: str) -> None:
    project.set(IMAGES=told)
    with pytest.raises(Misuse, match=r"digests are told of|is not ghcr|what another job told is no"):
        project.finish()
    assert (project.tag("v1.2.0"), project.repository.releases) == (None, {})


@pytest.mark.parametrize("fault", [Fail(403, "Resource not accessible by integration"), Fail(500), Fail(429, "API rate limit exceeded")])
def test_a_refusal_says_what_to_do(project: Project, fault: Fail) -> None:
    project.twin.fault(fault, writes=True, times=None)
    with pytest.raises(PinwardenError) as error:
        project.finish()
    assert "run the workflow again with the same version" in error.value.hint
    assert project.tag("v1.2.0") is None


def test_a_token_that_may_only_read_is_enough_to_check(project: Project) -> None:
    project.set(GITHUB_TOKEN=project.twin.actions_token(project.repository, contents="read"))
    assert project.check() == "true"
    with pytest.raises(OutsideError, match="Resource not accessible"):
        project.finish()


@pytest.mark.parametrize("name", ["GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_REF", "REGISTRY", "GITHUB_TOKEN"])
def test_outside_of_its_workflow_it_says_what_is_missing(project: Project, name: str) -> None:
    project.patch.delenv(name)
    with pytest.raises(Misuse, match=r"is not set|is made in a repository on GitHub"):
        main(["finish", "1.2.0"])
    assert project.tag("v1.2.0") is None


@pytest.mark.parametrize("content", ["nonsense", '{"proxy": ["x"]}', '{"proxy": "ghcr.io/mallory/x@sha256:1"}'])
def test_digests_that_are_none_are_not_verified(project: Project, content: str) -> None:
    (project.folder / "digest-proxy").mkdir()
    (project.folder / "digest-proxy" / "proxy.json").write_text(content)
    with pytest.raises(Misuse, match=r"what another job told is no|digests are told of"):
        main(["verify", "."])

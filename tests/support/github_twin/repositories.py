"""What a host knows of a repository beside its git objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from support.github_twin.git import Git
from support.github_twin.settings import Settings

Json = Any


@dataclass(slots=True)
class Comment:
    """A comment in the conversation of a pull request. Times are seconds since 1970."""

    id: int
    number: int
    body: str
    user: str
    created: int
    updated: int


@dataclass(slots=True)
class Review:
    """What a person or an app said about a pull request."""

    id: int
    user: str
    state: str
    """APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING."""
    body: str
    commit: str
    submitted: int


@dataclass(slots=True)
class QueueEntry:
    """A place in the merge queue. Without a group there is neither `ref` nor `base` nor `head`."""

    id: int
    enqueuer: str
    enqueued: int
    state: str = "QUEUED"
    """QUEUED, AWAITING_CHECKS, MERGEABLE, UNMERGEABLE or LOCKED."""
    ref: str = ""
    base: str | None = None
    """The commit that the group is merged on: the base branch's, or the head of the group before it."""
    head: str | None = None


@dataclass(slots=True)
class Pull:
    """A pull request within one repository. While it is open, its head is where its branch is."""

    number: int
    id: int
    title: str
    body: str | None
    head: str
    """The branch's name."""
    base: str
    head_sha: str
    base_sha: str
    user: str
    created: int
    updated: int
    source: Repository | None = None
    """The fork that the branch is in; None for a branch of the same repository."""
    draft: bool = False
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    closed: int | None = None
    closed_by: str | None = None
    merged: int | None = None
    merged_by: str | None = None
    merge_commit: str | None = None
    maintainers_may_push: bool = False
    queued: QueueEntry | None = None


@dataclass(slots=True)
class CheckRun:
    """One check run. `app_id` is the app that made it; no other may change it."""

    id: int
    app_id: int
    name: str
    head_sha: str
    status: str
    started: str | None
    conclusion: str | None = None
    completed: str | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    user: str
    created: int


@dataclass(frozen=True, slots=True)
class Release:
    """A release: words about a tag. `target` is the branch or commit that the tag was to be made at, were there none."""

    id: int
    tag: str
    name: str | None
    body: str | None
    target: str
    user: str
    created: int
    draft: bool = False
    prerelease: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """One move of a ref. Ids are 40 zeros where there was or is none."""

    id: int
    ref: str
    before: str
    after: str
    kind: str
    """push, force_push, branch_creation, branch_deletion or pr_merge."""
    actor: str
    when: int


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A run of a workflow, ended. `jobs` have their conclusions by name; one that never started has no step."""

    id: int
    path: str
    event: str
    branch: str
    sha: str
    actor: str
    conclusion: str
    jobs: Mapping[str, str]
    created: int


@dataclass(slots=True, eq=False)
class Repository:
    """One repository. Its settings may be changed by a test at any time."""

    id: int
    owner: str
    name: str
    git: Git
    created: int
    private: bool = False
    archived: bool = False
    disabled: bool = False
    fork_of: int | None = None
    """The id of the repository that this is a fork of."""
    actions_may_create_pull_requests: bool = True
    """The switch "Allow GitHub Actions to create and approve pull requests"."""
    restricted: tuple[str, ...] = ()
    """Patterns of branches which a ruleset lets nobody make, move or delete without a bypass."""
    bypass: frozenset[str] = frozenset()
    """Logins which rules don't bind."""
    ip_allow_list: bool = False
    """Whether the owner refuses everybody who is authenticated and not listed, as some organisations do even for public code."""
    base_moves_at_merge: int = 0
    """How many of the next merges find that the base branch was just modified."""
    required: dict[str, int | None] = field(default_factory=dict)
    """Checks that a ruleset requires before a merge into the default branch, with the id of the app they must come from; None for any."""
    environments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Deployment branches by environment. One that is not here is made when a job names it, and lets every branch in."""
    lax: set[str] = field(default_factory=set)
    """Rules that this repository's GitHub does not keep, in a test's words: the control of what relies on them."""
    merge_queue: bool = False
    """Whether the default branch is merged into through a queue."""
    labels: dict[str, Json] = field(default_factory=dict)
    """By name in lower case: name, color, description, id."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    releases: dict[str, Release] = field(default_factory=dict)
    """By tag."""
    activities: list[Activity] = field(default_factory=list)
    runs: list[WorkflowRun] = field(default_factory=list)
    """The newest first."""
    permissions: dict[str, str] = field(default_factory=dict)
    """Collaborators: admin, write, read or none, by login."""
    workflows: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    last_number: int = 0

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def pushed(self) -> int:
        """When a branch moved last, in seconds since 1970."""
        return self.activities[0].when if self.activities else self.created

    @property
    def node_id(self) -> str:
        return f"R_{self.id}"

    @property
    def default_branch(self) -> str:
        return self.git.store.head.removeprefix("refs/heads/")

    def association(self, pull: Pull) -> str:
        """Say what the author of a pull request is to this repository, in GitHub's words. Who has a branch in it may write to it."""
        login = pull.user
        if login == self.owner:
            return "OWNER"
        if not login.endswith("[bot]") and (self.permissions.get(login, "none") != "none" or (pull.source is None and login not in self.permissions)):
            return "COLLABORATOR"
        if any(other.user == login and other.merged is not None for other in self.pulls.values()):
            return "CONTRIBUTOR"
        return "NONE" if login.endswith("[bot]") else "FIRST_TIME_CONTRIBUTOR"

    def refuses(self, ref: str, login: str) -> bool:
        """Tell whether a ruleset keeps somebody from moving a ref."""
        branch = re.sub(r"\Arefs/heads/", "", ref)
        return login not in self.bypass and any(fnmatchcase(branch, pattern) for pattern in self.restricted)

    def head_sha(self, pull: Pull) -> str:
        """Return a pull request's head: its branch's tip while it is open and the branch is there.

        The head is at refs/pull/N/head as well, and a fork's commits are in the repository from then on.
        """
        source, name = pull.source or self, f"refs/pull/{pull.number}/head"
        if pull.state == "open" and (tip := source.git.branch(pull.head)) and (tip != pull.head_sha or self.git.store.ref(name) is None):
            if pull.source is not None:
                self.git.run("fetch", "--quiet", "--no-tags", str(pull.source.git.folder), f"refs/heads/{pull.head}")
            pull.head_sha = tip
            self.git.store.set_ref(name, tip)
        return pull.head_sha

    def base_sha(self, pull: Pull) -> str:
        if pull.state == "open" and (tip := self.git.branch(pull.base)):
            pull.base_sha = tip
        return pull.base_sha

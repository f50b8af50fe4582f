"""The GraphQL client against the tests' GitHub: the same verdicts as git's, few requests, nothing lost and nothing misread when it misbehaves."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinwarden.adapters.git_http import Credential, GitHttp, Limits
from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.adapters.github_graphql import GitHubGraphql, Patience, TooMuch
from pinwarden.adapters.github_upstreams import GitHubUpstreams
from pinwarden.config import Track
from pinwarden.errors import OutsideError
from pinwarden.github_query import grouped, write
from pinwarden.upstream import Answer, Answered, Failure, Mirror, Question, Relation, Signature, Unanswered
from pinwarden.verdict import Pin, Verdict, judge
from support.github_twin.faults import Cut, Drop, Fail, Fault, Meanwhile, Partial, Request, Slow
from support.github_twin.tokens import Kind
from support.github_twin.twin import GitHubTwin
from support.upstreams import Commit, Upstream, build

MONO = Upstream(
    "example/mono",
    [
        Commit("first", {"src/a/main.py": "1", "src/b/main.py": "1", "README": "1"}),
        Commit("second", {"src/a/main.py": "2"}),
        Commit("third", {"src/a/main.py": "3", "src/new/main.py": "1"}),
        Commit("same-tree", {}),
        Commit("rewritten", {"src/a/main.py": "x"}, parents=("first",)),
        Commit("orphan", {"src/a/main.py": "y"}, parents=()),
    ],
    branches={"trunk": "third", "old": "first", "idle": "same-tree", "both": "third", "dir/@#'\"$&": "second"},
    tags={"v1": "second", "v1.0.0": "first", "v2.0.0rc1": "third", "both": "first"},
    annotated_tags={"v1.2.0": "second"},
    pulls={3: "second"},
    head="trunk",
)

# pin, further fields of the question, verdict
CASES: dict[str, tuple[str, dict[str, Any], Verdict]] = {
    "current": ("third", {}, Verdict.CURRENT),
    "moved": ("first", {}, Verdict.MOVED),
    "moved-directory": ("first", {"directory": "src/a"}, Verdict.MOVED),
    "moved-dotted": ("second", {"directory": "./src/a/"}, Verdict.MOVED),
    "new-directory": ("first", {"directory": "src/new"}, Verdict.MOVED),
    "other-directory": ("first", {"directory": "src/b"}, Verdict.UNCHANGED_DIRECTORY),
    "same-tree": ("third", {"branch": "idle"}, Verdict.UNCHANGED_DIRECTORY),
    "no-directory": ("first", {"directory": "src/none"}, Verdict.DIRECTORY_GONE),
    "file-as-directory": ("first", {"directory": "README"}, Verdict.DIRECTORY_GONE),
    "full-name": ("first", {"branch": "refs/heads/trunk", "directory": "src"}, Verdict.MOVED),
    "frozen": ("second", {"branch": "v1"}, Verdict.FROZEN_REF),
    "frozen-full": ("second", {"branch": "refs/tags/v1"}, Verdict.FROZEN_REF),
    "frozen-elsewhere": ("first", {"branch": "v1"}, Verdict.FROZEN_REF),
    "frozen-annotated": ("second", {"branch": "v1.2.0"}, Verdict.FROZEN_REF),
    "frozen-commit": ("second", {"branch": "c0ffee" * 6 + "c0ff"}, Verdict.FROZEN_REF),
    "branch-before-tag": ("first", {"branch": "both"}, Verdict.MOVED),
    "odd-branch": ("first", {"branch": "dir/@#'\"$&", "directory": "src/a"}, Verdict.MOVED),
    "pull": ("second", {"branch": "refs/pull/3/merge"}, Verdict.PULL_REF),
    "pull-short": ("second", {"branch": "pull/3/merge"}, Verdict.PULL_REF),
    "pull-none": ("second", {"branch": "refs/pull/4/merge"}, Verdict.PULL_REF),
    "no-branch": ("first", {"branch": "main"}, Verdict.REF_GONE),
    "no-prefix": ("first", {"branch": "trun"}, Verdict.REF_GONE),
    "diverged": ("rewritten", {}, Verdict.DIVERGED),
    "unrelated": ("orphan", {}, Verdict.DIVERGED),
    "rewound": ("third", {"branch": "old"}, Verdict.REWOUND),
    "unreachable": ("none", {}, Verdict.UNREACHABLE),
    "unknown-behind-a-tag": ("none", {"branch": "v1"}, Verdict.FROZEN_REF),
}
RELEASES = {"releases": ("first", Verdict.MOVED), "newer-than-release": ("third", Verdict.CURRENT)}
QUICK = Limits(connect=5, read=2, whole=5, wait=0, tries=2)
PATIENT = Patience(connect=5, read=2, whole=5, wait=0)


@dataclass
class Scene:
    """A GitHub, a token, and questions about what is there."""

    twin: GitHubTwin
    token: str
    slept: list[float] = field(default_factory=list)

    @property
    def mirrors(self) -> list[Mirror]:
        return [Mirror("https://github.com/", f"{self.twin.url}/")]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.twin.clock.now += int(seconds)

    @contextmanager
    def client(self, *, token: str | None = None, patience: Patience = PATIENT, batch: int = 50) -> Iterator[GitHubUpstreams]:
        secret = self.token if token is None else token
        with ExitStack() as stack:
            http = stack.enter_context(GitHttp(QUICK, credential=Credential(f"{self.twin.url}/", secret)))
            graphql = GitHubGraphql(f"{self.twin.url}/graphql", secret, patience, sleep=self.sleep, now=lambda: float(self.twin.clock.now))
            stack.enter_context(graphql)
            yield GitHubUpstreams(graphql, GitUpstreams(http, self.mirrors), self.twin.url, self.mirrors, batch=batch)

    def answers(self, questions: Sequence[Question], patience: Patience = PATIENT, batch: int = 50) -> dict[str, Answer]:
        with self.client(patience=patience, batch=batch) as client:
            listed = list(client.survey(questions))
        assert len(listed) == len(questions)
        assert len({question for question, _ in listed}) == len(questions)
        return {question.server: answer for question, answer in listed}

    def verdicts(self, questions: Sequence[Question]) -> dict[str, Verdict]:
        answers = self.answers(questions)
        return {question.server: judge(question, answers[question.server]).verdict for question in questions}

    def asked(self) -> list[str]:
        return [request.operation for request in self.twin.asked]

    def of_git(self, questions: Sequence[Question]) -> dict[str, Pin]:
        with GitHttp(QUICK) as http:
            return {question.server: judge(question, answer) for question, answer in GitUpstreams(http, self.mirrors).survey(questions)}


@pytest.fixture
def scene(github_twin: GitHubTwin) -> Scene:
    registry = github_twin.add("acme/registry", {"a": "1\n"})
    return Scene(github_twin, github_twin.actions_token(registry, contents="read"))


def question(server: str, name: str, pin: str, *, branch: str | None = None, directory: str | None = None, track: Track = Track.BRANCH) -> Question:
    return Question(server, f"https://github.com/{name}", pin, directory, branch, track)


def of_mono(scene: Scene) -> list[Question]:
    commits = build(scene.twin.root, [MONO])["example/mono"] | {"none": "a1" * 20}
    listed = [question(server, "example/mono", commits[pin], **more) for server, (pin, more, _) in CASES.items()]
    return listed + [question(server, "example/mono", commits[pin], track=Track.RELEASES) for server, (pin, _) in RELEASES.items()]


def many(scene: Scene, count: int, pin: str = "old") -> list[Question]:
    commits = [Commit("old", {"src/a": "1"}, when=1_700_000_000), Commit("new", {"src/a": "2"})]
    ids = build(scene.twin.root, [Upstream(f"up/r{number}", commits, branches={"main": "new"}) for number in range(count)])
    return [question(f"r{number}", f"up/r{number}", ids[f"up/r{number}"][pin], directory="src") for number in range(count)]


def test_every_verdict_is_the_one_that_git_gives(scene: Scene) -> None:
    questions = of_mono(scene)
    answers = scene.answers(questions)
    pins = {each.server: judge(each, answers[each.server]) for each in questions}
    due = {server: case[-1] for server, case in CASES.items()} | {server: case[-1] for server, case in RELEASES.items()}
    assert {server: pin.verdict for server, pin in pins.items()} == due
    assert pins == scene.of_git(questions)
    assert scene.asked().count("query") == 1


def test_only_what_graphql_can_t_tell_is_left_to_git(scene: Scene) -> None:
    questions = of_mono(scene)
    with GitHubGraphql(f"{scene.twin.url}/graphql", scene.token, PATIENT) as graphql:
        client = GitHubUpstreams(graphql, Nothing(), scene.twin.url, scene.mirrors)  # type: ignore[arg-type]
        left = {question.server for question, answer in client.survey(questions) if isinstance(answer, Unanswered)}
    nulls = {"new-directory", "no-directory", "file-as-directory", "pull-none", "no-branch", "no-prefix", "unreachable", "unknown-behind-a-tag"}
    assert left == nulls | set(RELEASES)


def test_what_graphql_knows_more_is_told(scene: Scene) -> None:
    [asked] = many(scene, 1)
    repository = scene.twin.add("up/r0")
    git = repository.git
    person = git.commit(asked.commit).author  # type: ignore[union-attr]
    tree = git.commit(asked.commit).tree  # type: ignore[union-attr]
    signed = git.write_commit(
        tree, [git.branch("main") or ""], person, person, "signed", signature="-----BEGIN PGP SIGNATURE-----\n\nforged\n-----END PGP SIGNATURE-----"
    )
    git.move(("refs/heads/main", signed, git.branch("main")))
    answer = scene.answers([asked])["r0"]
    assert isinstance(answer, Answered)
    assert (answer.repository_id, answer.archived, answer.default_branch) == (repository.id, False, "main")
    assert (answer.pinned_at, answer.pin_exists) == (1_700_000_000, True)
    assert (answer.pin_signature, answer.tip_signature) == (Signature.UNSIGNED, Signature.UNVERIFIED)
    repository.archived = True
    current = replace(asked, commit=signed)
    assert judge(current, scene.answers([current])["r0"]).verdict is Verdict.ARCHIVED


def test_fifty_repositories_are_one_query(scene: Scene) -> None:
    questions = many(scene, 120)
    with scene.client() as client:
        answers = dict(client.survey(questions))
        assert client.requests == len(scene.asked()) == 3
    assert all(isinstance(answer, Answered) and answer.relation is Relation.AHEAD for answer in answers.values())
    assert sorted(request.aliases for request in scene.twin.asked) == [21, 51, 51]


def test_an_archived_a_moved_and_a_replaced_repository(scene: Scene) -> None:
    archived, moved, replaced, kept = many(scene, 4, "new")
    scene.twin.repository("up/r0").archived = True
    scene.twin.world.rename(scene.twin.repository("up/r1"), "elsewhere/tool")
    asked = [archived, moved, replace(replaced, repository_id=1), replace(kept, repository_id=scene.twin.repository("up/r3").id)]
    answers = scene.answers(asked)
    verdicts = [judge(each, answers[each.server]).verdict for each in asked]
    assert verdicts == [Verdict.ARCHIVED, Verdict.REPO_MOVED, Verdict.REPO_REPLACED, Verdict.CURRENT]
    assert answers["r1"] == Unanswered(Failure.MOVED, "https://github.com/elsewhere/tool")
    assert scene.asked() == ["query"]


def test_a_name_that_was_taken_again_is_another_repository(scene: Scene) -> None:
    [asked] = many(scene, 1, "new")
    old = scene.twin.repository("up/r0")
    scene.twin.world.rename(old, "up/renamed")
    scene.twin.add("up/r0", {"a": "1"})
    answer = scene.answers([replace(asked, repository_id=old.id)])["r0"]
    assert judge(replace(asked, repository_id=old.id), answer).verdict in (Verdict.REPO_REPLACED, Verdict.UNREACHABLE)


def test_what_is_hidden_is_asked_of_git_and_then_as_a_stranger(scene: Scene) -> None:
    open_one, closed, secret, gone = many(scene, 4, "new")
    scene.twin.repository("up/r1").ip_allow_list = True
    scene.twin.repository("up/r2").private = True
    scene.twin.world.remove(scene.twin.repository("up/r3"))
    assert scene.verdicts([open_one, closed, secret, gone]) == {
        "r0": Verdict.CURRENT,
        "r1": Verdict.CURRENT,
        "r2": Verdict.REPO_GONE,
        "r3": Verdict.REPO_GONE,
    }
    of_git = [(logged.request.repository, logged.request.token, logged.status) for logged in scene.twin.log if logged.request.route == "git"]
    assert of_git.count(("up/r1", Kind.ACTIONS, 403)) == of_git.count(("up/r1", Kind.ANONYMOUS, 200)) == 1


def test_other_hosts_are_asked_as_strangers_and_never_get_the_token(scene: Scene) -> None:
    [here] = many(scene, 1, "new")
    other = replace(here, server="other", project="https://gitlab.com/up/r0")
    mirrors = [*scene.mirrors, Mirror("https://gitlab.com/", scene.twin.url.replace("127.0.0.1", "localhost") + "/")]
    with (
        GitHttp(QUICK, credential=Credential(f"{scene.twin.url}/", scene.token)) as http,
        GitHubGraphql(f"{scene.twin.url}/graphql", scene.token, PATIENT) as graphql,
    ):
        answers = dict(GitHubUpstreams(graphql, GitUpstreams(http, mirrors), scene.twin.url, mirrors).survey([here, other]))
    assert all(isinstance(answer, Answered) for answer in answers.values())
    assert [(request.operation, request.token) for request in scene.twin.asked] == [("query", Kind.ACTIONS), ("ls-refs", Kind.ANONYMOUS)]


def large(most: int) -> Callable[[Request], bool]:
    """Hit queries about more than `most` repositories."""
    return lambda request: request.aliases > most + 1


@pytest.mark.parametrize("status", [502, 504])
@pytest.mark.parametrize("most", [12, 1, 0])
def test_a_query_that_is_too_much_is_halved_down_to_one_repository(scene: Scene, status: int, most: int) -> None:
    questions = many(scene, 8 if most == 0 else 26)
    scene.twin.fault(Fail(status, "too much"), when=large(most), times=None)
    answers = scene.answers(questions)
    assert all(isinstance(answer, Answered) and answer.relation is Relation.AHEAD for answer in answers.values())
    assert ("ls-refs" in scene.asked()) == (most == 0)


def test_the_repositories_that_a_partial_answer_lacks_are_asked_again(scene: Scene) -> None:
    questions = many(scene, 20)
    scene.twin.fault(Partial(kept=5), when=large(6), times=None)
    answers = scene.answers(questions)
    assert all(isinstance(answer, Answered) for answer in answers.values())
    assert "ls-refs" not in scene.asked()
    assert scene.asked().count("query") == 5


@pytest.mark.parametrize("fault", [Fail(500), Fail(503), Drop(), Cut(700), Cut(0)])
def test_what_passes_by_itself_is_asked_again(scene: Scene, fault: Fault) -> None:
    questions = many(scene, 3)
    scene.twin.fault(fault, operation="query", times=2)
    assert set(scene.verdicts(questions).values()) == {Verdict.MOVED}
    assert scene.asked() == ["query"] * 3


def test_a_slow_answer_is_whole(scene: Scene) -> None:
    questions = many(scene, 2)
    scene.twin.fault(Slow(0.05), operation="query")
    assert set(scene.verdicts(questions).values()) == {Verdict.MOVED}


def test_an_answer_that_takes_too_long_is_not_waited_for(scene: Scene) -> None:
    questions = many(scene, 2)
    scene.twin.fault(Slow(1, parts=2), operation="query", times=None)
    answers = scene.answers(questions, replace(PATIENT, read=0.2, tries=1))
    assert all(isinstance(answer, Answered) and answer.relation is Relation.AHEAD for answer in answers.values())
    assert scene.asked().count("query") == 3
    assert "ls-refs" in scene.asked()


def test_an_answer_larger_than_the_limit_is_not_read(scene: Scene) -> None:
    questions = many(scene, 4)
    answers = scene.answers(questions, replace(PATIENT, answer_bytes=2000, tries=1))
    assert all(isinstance(answer, Answered) for answer in answers.values())
    assert "ls-refs" not in scene.asked()


@pytest.mark.parametrize("fault", [Fail(500), Fail(502), Drop(), Cut(700), Fail(404), Fail(403, "Resource not accessible by integration")])
def test_an_api_that_is_down_leaves_everything_to_git(scene: Scene, fault: Fault) -> None:
    questions = many(scene, 6)
    scene.twin.fault(fault, operation="query", times=None)
    assert set(scene.verdicts(questions).values()) == {Verdict.MOVED}


def test_an_api_that_is_down_is_not_asked_for_each_repository(scene: Scene) -> None:
    questions = many(scene, 40, "new")
    scene.twin.fault(Fail(502), operation="query", times=None)
    with scene.client(batch=5) as client:
        assert all(isinstance(answer, Answered) for _, answer in client.survey(questions))
    assert scene.asked().count("query") <= 32


SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fail(403, SECONDARY, {"Retry-After": "60"}), [60]),
        (Fail(429, "Too many requests", {"Retry-After": "7"}), [7]),
        (Fail(403, SECONDARY), [60]),
        (Fail(200, SECONDARY), [60]),
        (Fail(422, "abuse", extra={"errors": [{"code": "abuse"}]}), [60]),
        (Fail(200, "", extra={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}), [60]),
    ],
)
def test_a_limit_is_obeyed(scene: Scene, fault: Fault, waits: list[int]) -> None:
    questions = many(scene, 3)
    scene.twin.fault(fault, operation="query")
    assert set(scene.verdicts(questions).values()) == {Verdict.MOVED}
    assert scene.slept == waits
    assert scene.asked() == ["query", "query"]


def test_a_primary_limit_that_ends_soon_is_waited_for(scene: Scene) -> None:
    questions = many(scene, 2)
    token = scene.twin.token(scene.token)
    scene.twin.limits.exhaust(token, "graphql")
    scene.twin.limits.budget(token, "graphql").reset = scene.twin.clock.now + 50
    assert set(scene.verdicts(questions).values()) == {Verdict.MOVED}
    assert [round(seconds) for seconds in scene.slept] == [51]


def test_a_primary_limit_that_lasts_is_an_error_of_its_repositories_and_of_no_other(scene: Scene) -> None:
    questions = many(scene, 30)
    scene.twin.limits.exhaust(scene.twin.token(scene.token), "graphql")
    elsewhere = replace(questions[0], server="releases", track=Track.RELEASES)
    with scene.client(batch=10) as client:
        answers = dict(client.survey([*questions, elsewhere]))
    assert isinstance(answers[elsewhere], Answered)
    for each in questions:
        answer = answers[each]
        assert isinstance(answer, Unanswered)
        assert answer.failure is Failure.ERROR
        assert "rate limit" in answer.detail
    assert scene.slept == []
    assert scene.asked().count("query") <= 2


def test_an_hour_that_is_used_up_is_not_asked_into(scene: Scene) -> None:
    """The answer that used the last point says so; what comes after it is not sent before the hour ends."""
    questions = many(scene, 3)
    token = scene.twin.token(scene.token)
    budget = scene.twin.limits.budget(token, "graphql")
    budget.used, budget.reset = token.hourly - 1, scene.twin.clock.now + 40
    with GitHubGraphql(f"{scene.twin.url}/graphql", scene.token, PATIENT, sleep=scene.sleep, now=lambda: float(scene.twin.clock.now)) as graphql:
        for number in range(2):
            graphql.ask(*write(grouped([("up", f"r{number}", questions[number])])))
    assert scene.slept == [41]
    assert scene.twin.limits.hits == 0


def test_a_limit_without_end_is_given_up(scene: Scene) -> None:
    questions = many(scene, 2)
    scene.twin.fault(Fail(429, "no", {"Retry-After": "0"}), operation="query", times=None)
    answers = scene.answers(questions)
    assert all(isinstance(answer, Unanswered) and answer.failure is Failure.ERROR for answer in answers.values())
    assert scene.asked() == ["query"] * 10


def test_a_ref_that_moves_while_it_is_read_is_read_again(scene: Scene) -> None:
    questions = many(scene, 2, "new")
    scene.twin.fault(Meanwhile(lambda: scene.twin.world.push(scene.twin.repository("up/r0"), "main", {"src/a": "3"})), operation="query")
    assert scene.verdicts(questions) == {"r0": Verdict.MOVED, "r1": Verdict.CURRENT}


def test_a_wrong_token_is_told_at_once(scene: Scene) -> None:
    questions = many(scene, 3)
    with scene.client(token="ghs_wrong") as client, pytest.raises(OutsideError) as refused:
        list(client.survey(questions))
    assert "token" in refused.value.message
    assert "ghs_wrong" not in "".join(traceback.format_exception(refused.value))
    assert scene.asked().count("query") == 1


def test_the_token_is_in_one_header_and_nowhere_else(scene: Scene) -> None:
    questions = many(scene, 3)
    scene.twin.fault(Cut(10), operation="query", times=None)
    with (
        GitHttp(QUICK, credential=Credential(f"{scene.twin.url}/", scene.token)) as http,
        GitHubGraphql(f"{scene.twin.url}/graphql", scene.token, PATIENT) as graphql,
    ):
        client = GitHubUpstreams(graphql, GitUpstreams(http, scene.mirrors), scene.twin.url, scene.mirrors)
        told = list(client.survey(questions))
        shown = repr((told, client, graphql, http, Credential("x", scene.token)))
        with pytest.raises(TooMuch) as failed:
            graphql.ask("{ viewer { login } }", {})
    assert scene.token not in shown
    assert failed.value.__context__ is None
    assert scene.token not in "".join(traceback.format_exception(failed.value))
    assert all(scene.token not in request.path for request in scene.twin.requests)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Upstream, list[tuple[str, str | None, str | None]]]:
    """Any small history with merges and roots, two branches, a tag; and any pins, refs and directories of it."""
    count = draw(st.integers(2, 7))
    labels = [f"c{number}" for number in range(count)]
    commits = []
    for number, label in enumerate(labels):
        parents = draw(st.lists(st.sampled_from(labels[:number]), unique=True, max_size=2)) if number else []
        path = draw(st.sampled_from(["a/x", "b/x", "a/c/x", "top"]))
        content = draw(st.sampled_from(["1", "2", None]) if parents else st.sampled_from(["1", "2"]))
        commits.append(Commit(label, {path: content}, parents=tuple(parents)))
    some = st.sampled_from(labels)
    upstream = Upstream("", commits, branches={"main": draw(some), "dev": draw(some)}, annotated_tags={"v1": draw(some)})
    ref = st.sampled_from([None, "main", "dev", "v1", "none", "refs/heads/dev"])
    directory = st.sampled_from([None, "a", "a/c", "b", "a/x", "none"])
    return upstream, draw(st.lists(st.tuples(some | st.just("unknown"), ref, directory), min_size=1, max_size=8))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_of_any_history_the_api_says_what_git_says(scene: Scene, history: tuple[Upstream, list[tuple[str, str | None, str | None]]]) -> None:
    upstream, asked = history
    name = f"any/r{len(list(scene.twin.root.glob('any/*')))}"
    ids = build(scene.twin.root, [replace(upstream, name=name)])[name] | {"unknown": "a1" * 20}
    questions = [question(f"s{number}", name, ids[pin], branch=ref, directory=directory) for number, (pin, ref, directory) in enumerate(asked)]
    answers = scene.answers(questions)
    assert {each.server: judge(each, answers[each.server]) for each in questions} == scene.of_git(questions)


NAMES = st.text(st.characters(codec="utf-8") | st.sampled_from("\"'\\{}()$:@~^ \n/.-"), min_size=1, max_size=30)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=5))
def test_no_name_changes_what_is_asked(scene: Scene, names: list[tuple[str, str]]) -> None:
    """Whatever an entry names, the query is one that GitHub's schema allows, asks about that repository alone, and finds nothing."""
    if not (scene.twin.root / "up").exists():
        many(scene, 1)
    commit = scene.twin.repository("up/r0").git.branch("main") or ""
    questions = [question(f"s{number}", "up/r0", commit, branch=branch, directory=directory) for number, (branch, directory) in enumerate(names)]
    before = len(scene.twin.asked)
    with GitHubGraphql(f"{scene.twin.url}/graphql", scene.token, PATIENT) as graphql:
        client = GitHubUpstreams(graphql, Nothing(), scene.twin.url, scene.mirrors)  # type: ignore[arg-type]
        answers = dict(client.survey(questions))
    assert set(answers) == set(questions)
    asked = scene.twin.asked[before:]
    assert [(request.operation, request.aliases) for request in asked] in ([], [("query", 2)])
    assert all(isinstance(answer, Unanswered) or answer.tip.commit == commit for answer in answers.values())


class Nothing:
    """A git that answers nothing."""

    requests = 0

    def survey(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        return ((each, Unanswered(Failure.ERROR, "left to git")) for each in questions)

"""The git adapter against a host that misbehaves: repeated where that may help, given up where it may not, never silent."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pinwarden.adapters.git_http import GitHttp, Limits
from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.git_protocol import NotOurRef
from pinwarden.upstream import Answer, Answered, Failure, Mirror, Question, Refs, Relation, Unanswered
from support.git_server import Drop, GitServer, Hang, Redirect, Status, Truncated
from support.upstreams import Commit, Upstream, build

COUNT = 24
QUICK = Limits(wait=0)
"""No waiting between tries."""
IMPATIENT = Limits(read=1, wait=0)
"""A silent line is left after a moment."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, str]]]:
    path = tmp_path_factory.mktemp("upstreams")
    commits = [Commit("old", {"a": "1"}, when=1_700_000_000), Commit("new", {"a": "2"})]
    return path, build(path, [Upstream(f"example/r{number}", commits, branches={"main": "new"}) for number in range(COUNT)])


@pytest.fixture
def server(root: tuple[Path, dict[str, dict[str, str]]]) -> Iterator[GitServer]:
    with GitServer(root[0]) as running:
        yield running


def questions(root: tuple[Path, dict[str, dict[str, str]]], pin: str = "new") -> list[Question]:
    return [Question(name, f"https://github.com/{name}", commits[pin], None, None) for name, commits in root[1].items()]


def survey(server: GitServer, asked: list[Question], limits: Limits = QUICK, *, dates: bool = False) -> tuple[dict[str, Answer], int]:
    with GitHttp(limits) as http:
        upstreams = GitUpstreams(http, [Mirror("https://github.com/", f"{server.url}/")], dates=dates)
        answers = {question.server: answer for question, answer in upstreams.survey(asked)}
        return answers, upstreams.requests


def test_one_request_per_repository_where_nothing_moved(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    answers, sent = survey(server, questions(root))
    assert sent == len(server.requests) == COUNT
    assert all(isinstance(answer, Answered) and answer.relation is Relation.SAME for answer in answers.values())


def test_three_requests_for_a_repository_that_moved(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    _, sent = survey(server, questions(root, "old")[:1])
    assert sent == 3
    assert server.commands() == ["ls-refs", "fetch", "fetch"]


@pytest.mark.parametrize("fault", [Status(500), Status(503), Status(429, {"Retry-After": "0"}), Drop()])
def test_what_passes_by_itself_is_asked_again(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]], fault: Status | Drop) -> None:
    server.behave("example/r0", fault, times=2)
    answers, sent = survey(server, questions(root))
    assert isinstance(answers["example/r0"], Answered)
    assert sent == len(server.requests) == COUNT + 2


@pytest.mark.parametrize("fault", [Status(500), Status(429, {"Retry-After": "0"}), Drop(), Truncated(10)])
def test_half_of_a_host_failing_for_good_leaves_the_other_half_answered(
    server: GitServer, root: tuple[Path, dict[str, dict[str, str]]], fault: Status | Drop | Truncated
) -> None:
    for number in range(0, COUNT, 2):
        server.behave(f"example/r{number}", fault)
    answers, _ = survey(server, questions(root))
    assert len(answers) == COUNT
    for number in range(COUNT):
        answer = answers[f"example/r{number}"]
        if number % 2:
            assert isinstance(answer, Answered)
        else:
            assert isinstance(answer, Unanswered)
            assert answer.failure is Failure.ERROR
            assert answer.detail.startswith("127.0.0.1")


def test_a_host_that_fails_every_time_is_not_asked_four_times_for_each_repository(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    for number in range(COUNT):
        server.behave(f"example/r{number}", Status(500))
    answers, sent = survey(server, questions(root) * 3)
    assert all(isinstance(answer, Unanswered) for answer in answers.values())
    assert sent < COUNT * 4


def test_a_line_that_stays_silent_is_left_and_not_tried_again(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    server.behave("example/r0", Hang())
    answers, _ = survey(server, questions(root), IMPATIENT)
    assert answers["example/r0"] == Unanswered(Failure.ERROR, "127.0.0.1: no answer in time")
    assert server.commands("example/r0") == ["ls-refs"]
    assert sum(isinstance(answer, Answered) for answer in answers.values()) == COUNT - 1


def test_a_history_that_can_not_be_read_is_an_error_and_never_a_move(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    server.behave("example/r0", Truncated(60), command="fetch")
    server.behave("example/r1", Status(403), command="fetch")
    answers, _ = survey(server, questions(root, "old")[:3])
    assert [type(answers[f"example/r{number}"]) for number in range(3)] == [Unanswered, Unanswered, Answered]


def test_an_answer_larger_than_the_limit_is_refused(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    answers, _ = survey(server, questions(root)[:1], Limits(read=5, wait=0, answer_bytes=20))
    assert answers["example/r0"] == Unanswered(Failure.ERROR, "127.0.0.1: the answer is larger than the limit")


def test_no_redirect_is_followed_and_no_credential_is_sent(
    server: GitServer, root: tuple[Path, dict[str, dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    survey(server, questions(root)[:1])
    assert "authorization" not in server.requests[0].headers


def test_a_redirect_to_what_is_no_address_is_an_answer_like_any_other(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    server.behave("example/r0", Redirect("https://[::1"))
    answers, _ = survey(server, questions(root)[:2])
    assert answers["example/r0"] == Unanswered(Failure.MOVED, "https://[::1")
    assert isinstance(answers["example/r1"], Answered)


def test_dates_cost_one_request_more_and_tell_which_pins_are_gone(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    name = "example/r0"
    gone = Question("gone", f"https://github.com/{name}", "a1" * 20, None, None)
    old = Question("old", f"https://github.com/{name}", root[1][name]["old"], None, None)
    answers, _ = survey(server, [old, gone], dates=True)
    kept, lost = answers["old"], answers["gone"]
    assert isinstance(kept, Answered)
    assert isinstance(lost, Answered)
    assert (kept.pin_exists, kept.pinned_at) == (True, 1_700_000_000)
    assert (lost.pin_exists, lost.pinned_at, lost.relation) == (False, None, Relation.PIN_UNKNOWN)


class Withdrawing(GitHttp):
    """Reads as ever, but has lost a commit by the time its trees are asked for."""

    @contextmanager
    def fetch(
        self, url: str, wants: Sequence[str], *, haves: Sequence[str] = (), shallow: Sequence[str] = (), depth: int | None = None, keep: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        if depth:
            raise NotOurRef("not our ref")
        with super().fetch(url, wants, haves=haves, shallow=shallow, depth=depth, keep=keep) as pack:
            yield pack


class Full(GitHttp):
    """A client on a machine that has no room left."""

    def ls_refs(self, url: str, prefixes: Sequence[str]) -> Refs:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("client", "detail"), [(Withdrawing, "upstream withdrew a commit while it was read"), (Full, "this machine: No space left on device")])
def test_whatever_goes_wrong_between_two_questions_is_an_error_of_that_repository(
    server: GitServer, root: tuple[Path, dict[str, dict[str, str]]], client: type[GitHttp], detail: str
) -> None:
    with client(QUICK) as http:
        answers = dict(GitUpstreams(http, [Mirror("https://github.com/", f"{server.url}/")]).survey(questions(root, "old")[:2]))
    assert set(answers.values()) == {Unanswered(Failure.ERROR, detail)}


def test_one_connection_serves_all_the_questions_about_a_repository(server: GitServer, root: tuple[Path, dict[str, dict[str, str]]]) -> None:
    survey(server, questions(root, "old")[:1])
    assert len(server.requests) == 3
    assert len({request.connection for request in server.requests}) == 1

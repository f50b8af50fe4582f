"""A target from a command line is held to the rules of an entry's source."""

from __future__ import annotations

import pytest

from pinwarden.rules import Policy
from pinwarden.rules.target import project_problem, target_problems
from pinwarden.target import Target

GOOD = Target("weather", "https://github.com/ada/weather", "a" * 40, "b" * 40, "servers/weather")


def test_a_good_target() -> None:
    assert target_problems(GOOD, Policy()) == []
    assert project_problem(GOOD.project, Policy()) is None


@pytest.mark.parametrize(
    "project",
    [
        "ext::sh -c id",
        "file:///etc",
        "--upload-pack=id",
        "http://169.254.169.254/a/b",
        "https://user:token@github.com/ada/weather",
        "https://evil.example/ada/weather",
        "https://github.com/ada/weather\nx",
        "https://github.com/ada/\ud800",
        "",
    ],
)
def test_a_project_that_is_refused(project: str) -> None:
    assert target_problems(Target("weather", project, "a" * 40), Policy())
    assert project_problem(project, Policy())


@pytest.mark.parametrize("commit", ["main", "v1.0", "abc1234", "--output=x", "A" * 40, "", "a" * 40 + "\n"])
@pytest.mark.parametrize("side", ["base", "head"])
def test_a_commit_that_is_refused(commit: str, side: str) -> None:
    target = Target("weather", GOOD.project, **({"head": "a" * 40} | {side: commit}))
    assert [problem.path for problem in target_problems(target, Policy())][:1] == [(f"--{side}",)]


def test_the_same_commit_twice_is_no_change() -> None:
    [problem] = target_problems(Target("weather", GOOD.project, "a" * 40, "a" * 40), Policy())
    assert problem.path == ("--base",)
    assert "same commit" in problem.message


@pytest.mark.parametrize("project", ["", "https://github.com/ada/weather/", "https://github.com/"])
def test_a_project_that_names_no_server_is_the_projects_fault(project: str) -> None:
    assert target_problems(Target(project.rpartition("/")[2], project, "a" * 40), Policy())[0].path == ("--project",)


@pytest.mark.parametrize("directory", ["../up", "/etc", "a\\b", ".git/hooks", "-x", "$(id)"])
def test_a_directory_that_is_refused(directory: str) -> None:
    assert target_problems(Target("weather", GOOD.project, "a" * 40, directory=directory), Policy())


@pytest.mark.parametrize("server", ["../x", "a/b", "", ".", "a..b", "x\n"])
def test_a_server_name_that_is_refused(server: str) -> None:
    assert target_problems(Target(server, GOOD.project, "a" * 40), Policy())

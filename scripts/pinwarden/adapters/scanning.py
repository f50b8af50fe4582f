"""A scan as a terminal sees it: where upstreams are read, the client for the time of a run, and a progress bar."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from tqdm import tqdm

from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.git_http import Credential, GitHttp, Limits
from pinwarden.adapters.git_objects import require_git
from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.adapters.github_graphql import GitHubGraphql
from pinwarden.adapters.github_upstreams import GitHubUpstreams
from pinwarden.upstream import Answer, Mirror, Question

Item = TypeVar("Item")


class Upstreams(Protocol):
    """A client of upstream repositories."""

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""

    def survey(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        """Yield each question with its answer, in the order in which answers come."""


@contextmanager
def upstreams(mirrors: Sequence[Mirror], *, dates: bool = False, github: GitHub | None = None) -> Iterator[Upstreams]:
    """Give a client: of GitHub's API with git behind it where the environment (or `github`) holds a token, else of git alone.

    Raises OutsideError where git is missing, Misuse where the token can't be used.
    """
    require_git()
    github = github or GitHub.from_environ()
    with connection(github) as http:
        git = GitUpstreams(http, mirrors, dates=dates)
        if not github.token:
            yield git
            return
        with GitHubGraphql(github.graphql_url, github.token) as graphql:
            yield GitHubUpstreams(graphql, git, github.server_url, mirrors)


def connection(github: GitHub, limits: Limits = Limits()) -> GitHttp:  # noqa: B008  # immutable
    """Return a client of git that shows the token, where there is one, to its own GitHub alone."""
    return GitHttp(limits, credential=Credential(f"{github.server_url}/", github.token) if github.token else None)


def with_progress(answers: Iterator[Item], total: int) -> Iterator[Item]:
    """Pass answers on, with a bar on stderr where that is a terminal."""
    yield from tqdm(answers, total=total, unit="pin", desc="upstreams", leave=False, disable=not sys.stderr.isatty())


def mirror_argument(command: argparse.ArgumentParser) -> None:
    """Add --mirror."""
    command.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="FROM=TO",
        help="read upstreams whose URL starts with FROM at TO instead; may be repeated, and adds to PINWARDEN_MIRROR (separated by blanks)",
    )


def mirrors(args: argparse.Namespace) -> list[Mirror]:
    """Return the mirrors of the command line, where it takes any, and of PINWARDEN_MIRROR. Raises Misuse."""
    return [Mirror.parse(text) for text in [*getattr(args, "mirror", ()), *os.environ.get("PINWARDEN_MIRROR", "").split()]]

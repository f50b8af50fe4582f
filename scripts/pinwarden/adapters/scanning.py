"""A scan as a terminal sees it: where upstreams are read, the client for the time of a run, and a progress bar."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

from pinwarden.adapters.git_http import GitHttp
from pinwarden.adapters.git_objects import require_git
from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.upstream import Mirror

Item = TypeVar("Item")


@contextmanager
def upstreams(mirrors: Sequence[Mirror], *, dates: bool = False) -> Iterator[GitUpstreams]:
    """Give a client of upstream repositories. Raises OutsideError where git is missing."""
    require_git()
    with GitHttp() as http:
        yield GitUpstreams(http, mirrors, dates=dates)


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
    """Return the mirrors of the command line and of PINWARDEN_MIRROR. Raises Misuse."""
    return [Mirror.parse(text) for text in [*args.mirror, *os.environ.get("PINWARDEN_MIRROR", "").split()]]

"""Makes ahead what tests then look at, a few at the same time: for what mostly waits, for containers or for a provider that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest

_AT_ONCE = 4
Made = TypeVar("Made")


@contextmanager
def side_by_side(
    request: pytest.FixtureRequest, roots: pytest.TempPathFactory, makers: Mapping[str, Callable[..., Made]]
) -> Iterator[Mapping[str, Future[Made]]]:
    """Give what the chosen tests of the fixture's module look at, by the test's name.

    `makers` has a function for each test function; it gets an empty folder and the test's parameters by name.
    """
    chosen = [item for item in request.session.items if isinstance(item, pytest.Function) and item.module is request.module and item.originalname in makers]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            yield {test.name: pool.submit(makers[test.originalname], roots.mktemp("ahead"), **test.callspec.params) for test in chosen}
        finally:
            pool.shutdown(cancel_futures=True)

"""Running code of ours over hostile input in a child process: bounded in time and memory, gone afterwards."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Generic, TypeVar, cast

Result = TypeVar("Result")
Argument = TypeVar("Argument")


class Exceeded(Exception):
    """The child gave no answer within its bounds; the message is a reason that may be printed."""


class _Failed(Generic[Result]):
    """Marks an answer that is a reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def bounded(work: Callable[[Argument], Result], argument: Argument, *, seconds: float, memory_bytes: int) -> Result:
    """Return `work(argument)`, done in a new process. Raises Exceeded where that crashes or takes more than it may.

    `work` is a function at the top of a module, argument and result can be pickled; the child runs our code alone, so its
    answer is as good as ours.
    """
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(sending, work, argument, seconds, memory_bytes), daemon=True)
    # Who interrupts us means us: the child inherits a mask from its first instruction on, and is killed below.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    sending.close()
    end = time.monotonic() + seconds
    try:
        if not receiving.poll(max(0.0, end - time.monotonic())):
            raise Exceeded(f"took longer than {seconds:g} s")
        answer = receiving.recv()
    except (EOFError, OSError) as error:
        raise Exceeded("needed more than it may have, and was ended") from error
    finally:
        child.kill()
        child.join()
        receiving.close()
    if isinstance(answer, _Failed):
        raise Exceeded(answer.reason)
    return cast("Result", answer)


def _child(sending: Connection, work: Callable[[Argument], Result], argument: Argument, seconds: float, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: object = work(argument)
    except MemoryError:
        answer = _Failed[Result]("needed more memory than it may have")
    sending.send(answer)

"""One run of an agent in its Compose stack: up, wait, proxy and key gone, output taken, all removed.

After `run` the keeper alone is left, holding the output; `collect` needs no key and takes it. Whatever happens in between,
`sweep` finds by its labels.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pinwarden.adapters import engine, processes, provider_key
from pinwarden.adapters.collection import Collected, collect_tar
from pinwarden.errors import OutsideError
from pinwarden.ledger import Spent, spent
from pinwarden.sandbox import Sandbox
from pinwarden.shown import shown

COMPOSE_FILE = engine.SANDBOX / "compose.yaml"
_START_SECONDS = 120
_COLLECT_SECONDS = 60
_MOST_PADDING = 1 << 20
_TICK = 1.0
_PROGRESS_SECONDS = 15.0

Tell = Callable[[str], None]


def run(sandbox: Sandbox, folder: Path, seconds: float, tell: Tell, files: Sequence[Path] = (COMPOSE_FILE,)) -> tuple[list[str], Spent]:
    """Run the agent and return why it can't be relied on, and what it spent. Afterwards proxy, agent and network are gone.

    Its output stays with the keeper. `folder` gets agent.log, and ledger.jsonl and proxy.log where there is a proxy. Raises
    OutsideError where the engine fails; nothing of the run is left then, nor after an interruption.
    """
    agent, proxy = sandbox.container("agent"), sandbox.container("proxy") if sandbox.proxy_image else None
    try:
        engine.compose(sandbox.project, files, "up", "--detach", "--no-build", "--quiet-pull", variables=sandbox.variables(), seconds=_START_SECONDS)
        with _ledger(proxy, folder) as ledger:
            late = _wait(agent, seconds, ledger, tell)
            died = bool(proxy) and not _running(str(proxy))
            engine.docker("stop", "--time", "0", agent, *filter(None, [proxy]))
        state = json.loads(engine.docker("inspect", "--format", "{{json .State}}", agent))
        _keep_log(agent, folder / "agent.log")
        engine.docker("rm", "--force", "--volumes", agent, *filter(None, [proxy]))
        if proxy:
            engine.docker("network", "rm", f"{sandbox.project}_egress")
        total = ledger.read()
    except BaseException:
        # Why it failed is the first reason, whatever becomes of the rest; the next run sweeps what stays.
        with contextlib.suppress(OutsideError):
            remove(sandbox.project)
        raise
    failures = []
    if late:
        failures.append(f"the agent took longer than {seconds:g} s and was ended")
    elif state["OOMKilled"]:
        failures.append("the agent needed more memory than it may have")
    elif state["ExitCode"]:
        failures.append(f"the agent ended with exit code {state['ExitCode']}")
    if failures and total.trouble:
        failures.append(total.trouble)
    if died:
        said = (folder / "proxy.log").read_bytes()[-1000:].decode("utf-8", "replace").strip().rpartition("\n")[2]
        failures.append(f"the proxy ended before the agent did: {shown(said)[:300]}")
    if total.stopped:
        failures.append("the budget was spent before the review was done")
    return failures, total


def collect(project: str) -> Collected:
    """Take the two files that the agent wrote, while the keeper holds them. Raises OutsideError where the engine fails."""
    command = ["docker", "cp", f"{project}-keeper-1:/hold/.", "-"]
    with subprocess.Popen(
        command, env=engine.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=1 << 16
    ) as copying:
        # A stream that stops half-way ends here, not with the job.
        watch = threading.Timer(_COLLECT_SECONDS, copying.kill)
        watch.start()
        try:
            collected = collect_tar(copying.stdout)  # type: ignore[arg-type]  # it is a pipe
            if not collected.reasons:
                # Only a stream that came to its end is the whole.
                left = copying.stdout.read(_MOST_PADDING) if copying.stdout else b""
                if left.strip(b"\0") or len(left) == _MOST_PADDING or copying.wait(_COLLECT_SECONDS):
                    collected = Collected(reasons=("the engine broke off while it gave out the output",))
            copying.kill()
        finally:
            watch.cancel()
    return collected


def remove(project: str) -> None:
    """Remove whatever is left of a run, whoever interrupts."""
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in (signal.SIGINT, signal.SIGTERM)] if _main_thread() else []
    try:
        engine.remove_project(project)
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def sweep(now: float) -> list[str]:
    """Remove what killed runs left behind, and return their projects. `now` is in seconds since 1970. Raises OutsideError."""
    provider_key.sweep()
    labels = ("com.docker.compose.project", engine.OWNER_LABEL, engine.UNTIL_LABEL)
    line = "\t".join(f'{{{{.Label "{label}"}}}}' for label in labels)
    leftovers: dict[str, bool] = {}
    for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
        for project, owner, until in engine.labelled(kind, engine.RUN_LABEL, line):
            over = until.isdigit() and now > int(until)
            leftovers[project] = leftovers.get(project, False) or over or bool(processes.ended(owner))
    stale = sorted(project for project, over in leftovers.items() if over and project)
    for project in stale:
        # Another run may be at it too, and what nobody can remove must not keep a new review from starting.
        with contextlib.suppress(OutsideError):
            remove(project)
    return stale


class _Ledger:
    """The proxy's ledger while it is written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read = 0
        self._rest = b""
        self._spent = Spent()

    def read(self) -> Spent:
        """Return what was spent so far."""
        if self._path and self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._read)
                added = file.read()
            self._read += len(added)
            *lines, self._rest = (self._rest + added).split(b"\n")
            self._spent = spent(lines, self._spent)
        return self._spent


@contextmanager
def _ledger(proxy: str | None, folder: Path) -> Iterator[_Ledger]:
    """Follow the proxy's output into files until it ends."""
    if proxy is None:
        yield _Ledger(None)
        return
    path = folder / "ledger.jsonl"
    with path.open("wb") as lines, (folder / "proxy.log").open("wb") as said, _docker("logs", "--follow", proxy, stdout=lines, stderr=said) as following:
        try:
            yield _Ledger(path)
            with contextlib.suppress(subprocess.TimeoutExpired):
                following.wait(5)
        finally:
            following.kill()


def _wait(agent: str, seconds: float, ledger: _Ledger, tell: Tell) -> bool:
    """Wait for the agent's end, at most `seconds`; return whether it took longer. The agent has no say in it."""
    started = time.monotonic()
    due = started + _TICK
    with _docker("wait", agent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as waiting:
        try:
            while (left := started + seconds - time.monotonic()) > 0:
                try:
                    waiting.wait(min(_TICK, left))
                except subprocess.TimeoutExpired:
                    if (reached := time.monotonic()) >= due:
                        due = reached + _PROGRESS_SECONDS
                        so_far = ledger.read()
                        tell(f"{reached - started:.0f} s, {so_far.requests} requests, {so_far.tokens} tokens")
                else:
                    if waiting.returncode:
                        raise OutsideError("docker wait failed", "does the engine still run? docker info tells")
                    return False
        finally:
            waiting.kill()
    return True


def _docker(*arguments: str, stdout: int | IO[bytes], stderr: int | IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["docker", *arguments], env=engine.environment(), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)


def _running(container: str) -> bool:
    return engine.docker("inspect", "--format", "{{.State.Running}}", container).strip() == "true"


def _keep_log(container: str, path: Path) -> None:
    """Write what a container printed to a file; the engine keeps its last 4 MiB. It is never shown: it may hold workflow commands."""
    with path.open("wb") as file, _docker("logs", container, stdout=file, stderr=file) as printing:
        try:
            printing.wait(30)
        except subprocess.TimeoutExpired:
            printing.kill()


def _main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()

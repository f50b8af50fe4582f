"""The whole sandbox around an agent that does nothing (up, run, collect, down: agent, proxy and keeper), beside three bare `docker run --rm`, in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Row, machine
from containment.sandboxes import Compose, Sandboxes
from pinwarden.adapters import engine

PAIRS, WARM = 7, 1


def run() -> list[Row]:
    image = engine.image_id("pinwarden/obedient")
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XDG_CACHE_HOME": folder, "RUNNER_TEMP": ""}
        sandboxes = Sandboxes(Path(folder), "http://127.0.0.1:9", image, engine.image_id("pinwarden/proxy"))
        for number in range(PAIRS + WARM):
            ours, theirs = _seconds(sandboxes), _bare(image)
            if number >= WARM:
                pairs.append((ours, theirs))
    ours, theirs = (round(statistics.median(column), 3) for column in zip(*pairs, strict=True))
    ratio = round(statistics.median(one / other for one, other in pairs), 3)
    return [Row("sandbox vs three docker run", ours, theirs, ratio, "s, agent true", PAIRS, machine(), 2)]


def _true(compose: Compose) -> None:
    compose["services"]["agent"]["command"] = ["true"]


def _seconds(sandboxes: Sandboxes) -> float:
    started = time.perf_counter()
    seen = sandboxes.attack("", without=_true, proxy=True)
    if seen.failures:
        raise RuntimeError(seen.failures[0])
    return time.perf_counter() - started


def _bare(image: str) -> float:
    started = time.perf_counter()
    for _ in range(3):
        subprocess.run(["docker", "run", "--rm", "--entrypoint", "true", image], check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - started

"""What a review costs against a scripted model, beside the same image in a bare `docker run`, and how long one takes whose provider fails.

The model looks once and writes two files, and says of each answer that it read and wrote the same; so requests and bytes are what the
command line makes of that, tokens only show that all are counted. A failing provider has no bare equivalent: beside it stands the deadline.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.measure import Row, machine
from containment.sandboxes import bridge_address
from pinwarden.adapters import engine
from pinwarden.sandbox import PROVIDERS
from support.agent_reviews import FAILURES, TIMEOUT, Reviews, Seen
from support.models import READ, REVIEW, WRITTEN, Models

_BARE = "mkdir -p $HOME; socat TCP-LISTEN:4000,bind=127.0.0.1,fork,reuseaddr TCP:$UPSTREAM & exec /agent/run"


def run() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for agent in PROVIDERS:
            rows += _cost(Path(folder), agent)
        rows += _patterns(Path(folder))
        for agent in PROVIDERS:
            for name, failure in FAILURES.items():
                with ExitStack() as stack:
                    seen, seconds = _timed(Reviews(_new(Path(folder)), bridge_address(), stack), agent, failure=name)
                if failure.reason not in seen.review["reasons"]:
                    raise RuntimeError(f"{agent}, {name}: {seen.review['reasons']}")
                rows.append(_row(f"{agent}, {name}", seconds, TIMEOUT, "s, of the deadline", bound=1))
    return rows


def _new(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder))


def _timed(reviews: Reviews, agent: str, failure: str = "") -> tuple[Seen, float]:
    started = time.perf_counter()
    seen = reviews.fail(agent, FAILURES[failure]) if failure else reviews.run(agent)
    return seen, time.perf_counter() - started


def _cost(folder: Path, agent: str) -> list[Row]:
    with ExitStack() as stack:
        reviews = Reviews(_new(folder), bridge_address(), stack)
        seen, seconds = _timed(reviews, agent)
        if seen.review["outcome"] != "complete":
            raise RuntimeError(f"{agent}: {seen.review['reasons']}")
        with Models(bridge_address(), [REVIEW]) as provider:
            started = time.perf_counter()
            _bare(agent, str(seen.review["model"]), reviews.root / "review" / "in", provider)
            bare = time.perf_counter() - started
        ours, theirs = ([len(call.body) for call in asked.calls] for asked in (seen.provider, provider))
    return [
        _row(f"{agent}, a review", len(ours), len(theirs), "requests"),
        _row(f"{agent}, a review", seen.review["usage"]["tokens"], len(theirs) * (READ + WRITTEN), "tokens, as the model says"),
        _row(f"{agent}, the first request", ours[0] / 1000, theirs[0] / 1000, "kB of body"),
        _row(f"{agent}, a review", sum(ours) / 1000, sum(theirs) / 1000, "kB of bodies"),
        _row(f"{agent}, a review", seconds, bare, "s, start to end"),
    ]


def _patterns(folder: Path) -> list[Row]:
    """GuardDog asks nobody, so beside its time stands nothing but the time of a bare run."""
    with ExitStack() as stack:
        reviews = Reviews(_new(folder), bridge_address(), stack)
        seen, seconds = _timed(reviews, "guarddog")
        if seen.provider.calls:
            raise RuntimeError("guarddog asked a model")
        started = time.perf_counter()
        _bare("guarddog", "", reviews.root / "review" / "in", seen.provider)
        return [_row("guarddog, a review", seconds, time.perf_counter() - started, "s, start to end")]


def _bare(agent: str, model: str, inputs: Path, provider: Models) -> None:
    environment = {"HOME": "/tmp/home", "PINWARDEN_MODEL": model, "PINWARDEN_CLIENT_TOKEN": "none", "UPSTREAM": "{}:{}".format(*provider.address)}
    given = [part for pair in environment.items() for part in ("--env", "=".join(pair))]
    places = ["--tmpfs", "/tmp:mode=1777,exec", "--tmpfs", "/out:mode=1777", "--volume", f"{inputs.resolve()}:/in:ro"]
    start = ["--entrypoint", "sh", f"pinwarden/agent-{agent}", "-c", _BARE if model else "exec /agent/run"]
    engine.docker("run", "--rm", *given, *places, *start)


def _row(name: str, ours: float, theirs: float, unit: str, bound: float | None = None) -> Row:
    return Row(name, round(ours, 1), round(theirs, 1), round(ours / theirs, 3), unit, 1, machine(), bound)

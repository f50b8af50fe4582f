"""A call of 60 kB, and an answer of 1,000 events: through the proxy, beside straight to the same provider, one after the other.

The provider is on this machine and answers at once, so this is what the proxy itself costs. A real answer takes seconds.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Callable

from benchmarks.measure import Row, machine
from support.policy_proxy import PATHS, PolicyProxy, message, request
from support.provider import Provider, cheap_answer, event, events

BODY_BYTES, EVENTS = 60_000, 1_000


def run() -> list[Row]:
    word = [{"type": "text", "text": "word " * 25}]
    blocks = word * (BODY_BYTES // len(json.dumps(word)))
    raw = request("POST", PATHS["anthropic"], json.dumps(message(stream=True, messages=[{"role": "user", "content": blocks}])).encode())
    deltas = [event("content_block_delta", index=0, delta={"type": "text_delta", "text": "word"})] * EVENTS
    with Provider() as provider, PolicyProxy("anthropic", provider.url, MOST_REQUESTS=10_000, MOST_TOKENS=10**12, MOST_BYTES=10**12) as proxy:

        def call(server: PolicyProxy | Provider) -> float:
            return _seconds(server, raw)

        def streamed(server: PolicyProxy | Provider) -> float:
            provider.answer(events(*deltas, *cheap_answer(provider.calls[-1]).pieces))
            return _seconds(server, raw)

        return [
            _row("a call of 60 kB vs without the proxy", call, proxy, provider, 200),
            _row("an answer of 1,000 events vs without the proxy", streamed, proxy, provider, 50),
        ]


def _row(name: str, measure: Callable[[PolicyProxy | Provider], float], proxy: PolicyProxy, provider: Provider, calls: int) -> Row:
    warm = calls // 10
    pairs = [(measure(proxy), measure(provider)) for _ in range(calls + warm)][warm:]
    ours, theirs = (round(statistics.median(column) * 1000, 2) for column in zip(*pairs, strict=True))
    return Row(name, ours, theirs, round(statistics.median(one / other for one, other in pairs), 3), "ms", calls, machine())


def _seconds(server: PolicyProxy | Provider, raw: bytes) -> float:
    """Make one call over a connection of its own, whole."""
    with server.connect() as connection:
        started = time.perf_counter()
        connection.sendall(raw)
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            if answer.status != 200 or not answer.read():
                raise RuntimeError(f"status {answer.status}")
        return time.perf_counter() - started

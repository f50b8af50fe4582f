"""What a call costs and what a run may spend; what is kept out of an answer; what is written down."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import usage as usage_module
from proxy.budget import Budget, Limits, Spent
from proxy.ledger import MOST_REFUSALS, Ledger, Line
from proxy.policy import Provider
from proxy.redaction import REDACTED, Redaction
from proxy.usage import Usage, UsageReader
from support.provider import event

LIMITS = Limits(requests=3, tokens=100, bytes=1000, parallel=2)


def test_every_request_counts() -> None:
    budget = Budget(LIMITS)
    for _ in range(3):
        budget.admit()
    with pytest.raises(Spent, match="requests"):
        budget.admit()


def test_a_reservation_holds_tokens_until_it_is_settled() -> None:
    budget = Budget(LIMITS)
    budget.reserve(60)
    with pytest.raises(Spent, match="tokens"):
        budget.reserve(41)
    budget.settle(60, 10)
    budget.reserve(90)
    assert (budget.tokens, budget.reserved, budget.open) == (10, 90, 1)


def test_a_reservation_that_is_charged_is_spent() -> None:
    budget = Budget(LIMITS)
    budget.reserve(100)
    budget.settle(100, 100)
    with pytest.raises(Spent, match="tokens"):
        budget.admit()


def test_no_more_calls_at_once_than_there_may_be() -> None:
    budget = Budget(LIMITS)
    budget.reserve(0)
    budget.reserve(0)
    with pytest.raises(Spent, match="parallel"):
        budget.reserve(0)
    budget.settle(0, 0)
    budget.reserve(0)


def test_bytes_end_a_call_and_the_run() -> None:
    budget = Budget(LIMITS)
    budget.carry(1000)
    with pytest.raises(Spent, match="bytes"):
        budget.carry(1)
    with pytest.raises(Spent, match="bytes"):
        budget.admit()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30))
def test_the_account_stays_within_its_limit_where_estimates_hold(calls: list[tuple[int, int]]) -> None:
    budget = Budget(LIMITS)
    pending: list[tuple[int, int]] = []
    for reserved, cost in calls:
        try:
            budget.reserve(reserved)
        except Spent:
            if pending:
                budget.settle(*pending.pop(0))
        else:
            pending.append((reserved, min(cost, reserved)))
        assert budget.tokens + budget.reserved <= LIMITS.tokens
        assert budget.open == len(pending) <= LIMITS.parallel
    for one in pending:
        budget.settle(*one)
    assert (budget.reserved, budget.open) == (0, 0)


ANTHROPIC = b"".join(
    [
        event("message_start", message={"usage": {"input_tokens": 10, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 30, "output_tokens": 1}}),
        event("ping"),
        event("content_block_delta", delta={"type": "text_delta", "text": '"usage": {"output_tokens": 999999}, "type": "message_stop"'}),
        event("message_delta", usage={"output_tokens": 5}),
        event("message_delta", usage={"output_tokens": 7, "input_tokens": 11}),
        event("message_stop"),
    ]
)
USAGE = {"input_tokens": 50, "input_tokens_details": {"cached_tokens": 40}, "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 8}}
OPENAI = (
    event("response.created", response={"usage": None})
    + event("response.output_text.delta", delta="x")
    + event("response.completed", response={"usage": USAGE})
)
STREAMS = [(Provider.ANTHROPIC, ANTHROPIC, Usage(11 + 20 + 30, 7)), (Provider.OPENAI, OPENAI, Usage(50, 9))]


@given(stream=st.sampled_from(STREAMS), cuts=st.lists(st.integers(0, 2000), max_size=20), end=st.sampled_from([b"\n", b"\r\n"]))
def test_usage_is_read_whatever_the_pieces(stream: tuple[Provider, bytes, Usage], cuts: list[int], end: bytes) -> None:
    provider, raw, expected = stream
    raw = raw.replace(b"\n", end)
    reader = UsageReader(provider, events=True)
    borders = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    for start, stop in itertools.pairwise(borders):
        reader.feed(raw[start:stop])
    assert reader.usage() == expected


@pytest.mark.parametrize(("provider", "raw", "_"), STREAMS)
def test_a_cut_stream_has_no_usage(provider: Provider, raw: bytes, _: Usage) -> None:
    for length in range(0, len(raw) - 3, 7):
        reader = UsageReader(provider, events=True)
        reader.feed(raw[:length])
        assert reader.usage() is None


def test_what_a_cut_stream_has_told_is_known() -> None:
    reader = UsageReader(Provider.ANTHROPIC, events=True)
    reader.feed(ANTHROPIC[: ANTHROPIC.index(b"event: ping")])
    assert reader.known() == 61


@pytest.mark.parametrize("kind", ["response.failed", "response.incomplete"])
def test_a_failed_answer_costs_too(kind: str) -> None:
    reader = UsageReader(Provider.OPENAI, events=True)
    reader.feed(event(kind, response={"usage": USAGE}))
    assert reader.usage() == Usage(50, 9)


@pytest.mark.parametrize(
    ("provider", "answer", "expected"),
    [
        (Provider.ANTHROPIC, {"usage": {"input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 3}}, Usage(3, 3)),
        (Provider.OPENAI, {"status": "incomplete", "usage": USAGE}, Usage(50, 9)),
        (Provider.OPENAI, {"usage": {"input_tokens": True, "output_tokens": 3}}, None),
        (Provider.OPENAI, {"usage": {"input_tokens": -1, "output_tokens": 3}}, None),
        (Provider.OPENAI, {"usage": {"input_tokens": "1", "output_tokens": 3}}, None),
        (Provider.OPENAI, {"usage": []}, None),
        (Provider.ANTHROPIC, {"usage": {"input_tokens": 1}}, None),
        (Provider.ANTHROPIC, [], None),
    ],
)
def test_usage_of_an_answer_that_is_no_stream(provider: Provider, answer: Any, expected: Usage | None) -> None:
    raw = json.dumps(answer).encode()
    reader = UsageReader(provider, events=False)
    reader.feed(raw[:5])
    reader.feed(raw[5:])
    assert reader.usage() == expected


def test_a_line_without_an_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_module, "LONGEST", 2000)  # a constant, so that the test is small
    reader = UsageReader(Provider.ANTHROPIC, events=True)
    for _ in range(100):
        reader.feed(b"x" * 100)
    assert reader.held <= 2000
    # What comes behind it is read again.
    reader.feed(b"\n" + ANTHROPIC)
    assert reader.usage() == Usage(61, 7)


def test_a_last_event_that_is_too_long_has_no_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_module, "LONGEST", 100)
    for events in (True, False):
        reader = UsageReader(Provider.OPENAI, events=events)
        reader.feed(event("response.completed", response={"usage": USAGE, "output": "x" * 100}))
        assert reader.usage() is None


KEY = b"sk-abcabcabd"


@given(parts=st.lists(st.sampled_from([KEY, KEY[:5], KEY[:-1], KEY[1:], b"s", b"sk", b"abc", b"abd", b"\n", b"text"]), max_size=12), size=st.integers(1, 20))
def test_the_key_is_never_passed_whatever_the_pieces(parts: list[bytes], size: int) -> None:
    raw = b"".join(parts)
    redaction = Redaction(KEY)
    passed = b""
    for start in range(0, len(raw), size):
        passed += redaction.feed(raw[start : start + size])
        # What is held back is a beginning of the key and nothing else.
        held = redaction.held
        assert len(held) < len(KEY)
        assert KEY.startswith(held)
    passed += redaction.end()
    assert KEY not in passed
    assert passed == raw.replace(KEY, REDACTED)
    assert redaction.found == (KEY in raw)


def test_an_event_passes_whole_and_at_once() -> None:
    redaction = Redaction(KEY)
    assert redaction.feed(ANTHROPIC) == ANTHROPIC
    assert redaction.end() == b""


LINE = Line("2026-01-01T00:00:00+00:00", "m", "/v1/messages", "forwarded", "", 200, 7, 3, 0, 1, 10)


def test_a_line_is_one_json_object_with_fixed_names() -> None:
    assert json.loads(Ledger().text(LINE) or "") == {
        "time": "2026-01-01T00:00:00+00:00",
        "model": "m",
        "path": "/v1/messages",
        "decision": "forwarded",
        "reason": "",
        "status": 200,
        "input_tokens": 7,
        "output_tokens": 3,
        "estimated": 0,
        "requests": 1,
        "tokens": 10,
    }


def test_refusals_without_end_become_a_number() -> None:
    ledger = Ledger()
    refused = replace(LINE, decision="refused", reason="path")
    printed = [text for text in (ledger.text(refused) for _ in range(MOST_REFUSALS + 50)) if text]
    assert len(printed) == MOST_REFUSALS
    assert ledger.rest() is not None
    ledger.text(refused)
    assert json.loads(ledger.text(LINE) or "")["unlisted"] == 1
    assert ledger.rest() is None

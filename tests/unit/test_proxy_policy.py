"""What passes the proxy and what doesn't: case files, and properties that hold wherever something is planted."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.policy import BETAS, Call, Provider, Refused, Request, Rules, decide, endpoint, refused
from proxy.strict_json import BadJson, read_json, write_json

CASES = Path(__file__).resolve().parents[1] / "cases" / "proxy"
MODELS = {Provider.ANTHROPIC: "claude-sonnet-4-5", Provider.OPENAI: "gpt-6.1-sol"}
TARGETS = {Provider.ANTHROPIC: "/v1/messages?beta=true", Provider.OPENAI: "/v1/responses"}
DROPPED = {"metadata", "client_metadata"}
BOUNDED = {"max_tokens", "max_output_tokens", "thinking"}


def rules(provider: Provider, most_output_tokens: int = 32_000) -> Rules:
    return Rules(provider, frozenset({MODELS[provider]}), most_output_tokens)


def ask(
    provider: Provider, body: Any, *, headers: list[tuple[str, str]] | None = None, most_output_tokens: int = 32_000, target: str | None = None
) -> Request | Refused:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decide(rules(provider, most_output_tokens), Call("POST", target or TARGETS[provider], headers or [], raw))


def passed(provider: Provider, body: Any, **how: Any) -> Request:
    decision = ask(provider, body, **how)
    assert isinstance(decision, Request), decision
    return decision


def code(decision: Request | Refused) -> str:
    return decision.code if isinstance(decision, Refused) else "passed"


def cases(kind: str) -> list[Any]:
    files = [(provider, path) for provider in Provider for path in sorted((CASES / provider / kind).glob("*.json"))]
    return [pytest.param(provider, json.loads(path.read_text()), id=f"{provider}-{path.stem}") for provider, path in files]


def call(provider: Provider, case: dict[str, Any]) -> Call:
    raw = case["raw"] if "raw" in case else json.dumps(case["body"])
    headers = [(name, value) for name, value in case.get("headers", [])]
    return Call(case.get("method", "POST"), case.get("target", TARGETS[provider]), headers, raw.encode())


@pytest.mark.parametrize(("provider", "case"), cases("refuse"))
def test_refused(provider: Provider, case: dict[str, Any]) -> None:
    decision = decide(rules(provider), call(provider, case))
    assert isinstance(decision, Refused), decision
    assert decision.code == case["code"]
    # The status at which the provider's own command line stops at once.
    assert decision.status == (403 if provider is Provider.ANTHROPIC else 400)
    assert "attacker" not in decision.message


@pytest.mark.parametrize(("provider", "case"), cases("accept"))
def test_accepted(provider: Provider, case: dict[str, Any]) -> None:
    asked = call(provider, case)
    decision = decide(rules(provider), asked)
    assert isinstance(decision, Request), decision
    given, sent = json.loads(asked.body), json.loads(decision.body)
    assert {key: value for key, value in given.items() if key not in DROPPED | BOUNDED} == {key: value for key, value in sent.items() if key not in BOUNDED}
    assert not DROPPED & set(sent)
    assert f"{decision.path}?{decision.query}".removesuffix("?") == asked.target


def test_there_are_cases() -> None:
    assert len(cases("refuse")) > 200
    assert len(cases("accept")) > 20


# Where a request of each kind can hold tools, blocks, sources: the accepted cases, walked.
VALID = [(provider, case["body"]) for provider, case in (parameters.values for parameters in cases("accept")) if "body" in case and "target" not in case]
# What a model, or a tool of the client, reads as it is: any JSON may stand there.
CONTENT = {"input", "input_schema", "parameters", "input_examples", "schema", "output_schema", "arguments"}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Find every object and list of a body that the API itself reads."""
    if isinstance(value, dict | list):
        yield path
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in DROPPED and not (key in CONTENT and path and isinstance(part, dict | list)) and key != "input_schema":
                yield from places(part, (*path, key))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


OBJECTS = [(provider, body, path) for provider, body in VALID for path in places(body) if isinstance(at(body, path), dict)]
LISTS = [(provider, body, path) for provider, body in VALID for path in places(body) if isinstance(at(body, path), list)]
HOSTED = [
    *({"type": kind, "name": "x"} for kind in ("web_search_20250305", "web_fetch_20250910", "code_execution_20250825", "computer_20250124", "mcp_toolset")),
    *({"type": kind} for kind in ("web_search", "code_interpreter", "file_search", "image_generation", "computer_use_preview", "local_shell", "shell")),
    {"type": "mcp", "server_label": "x", "server_url": "https://attacker.example"},
    {"type": "namespace", "name": "n", "tools": [{"type": "mcp", "server_label": "x"}]},
    {"type": "image", "source": {"type": "url", "url": "https://attacker.example"}},
    {"type": "document", "source": {"type": "file", "file_id": "f"}},
    {"type": "input_image", "image_url": "https://attacker.example"},
    {"type": "input_file", "file_url": "https://attacker.example"},
    {"type": "item_reference", "id": "x"},
    {"type": "container_upload", "file_id": "f"},
    {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"type": "web_fetch_20250910", "name": "x"}}},
    {"type": "additional_tools", "role": "developer", "tools": [{"type": "web_search"}]},
    {"type": "tool_search_output", "execution": "client", "tools": [{"type": "web_search"}]},
]


@pytest.mark.parametrize(("provider", "case"), cases("accept"))
def test_in_an_accepted_call_nothing_of_another_kind_passes(provider: Provider, case: dict[str, Any]) -> None:
    def of_another_kind(key: Any, value: Any) -> Any:
        if not (key in CONTENT and (value is None or isinstance(value, dict | list))):
            return {"url": "https://attacker.example"}
        # What is passed on as it is must be an object or a list all the same; only the search of a client's tools has no form.
        return None if key == "arguments" else "https://attacker.example"

    body = case["body"] if "body" in case else json.loads(case["raw"])
    for path in places(body):
        holder = at(body, path)
        others = [(key, of_another_kind(key if path else "", value)) for key, value in (holder.items() if isinstance(holder, dict) else enumerate(holder))]
        if isinstance(holder, dict):
            others.append(("attacker", "https://attacker.example"))
        for key, other in others:
            if key not in DROPPED and other is not None:
                changed = copy.deepcopy(body)
                at(changed, path)[key] = other
                asked = call(provider, {**case, "raw": json.dumps(changed)})
                assert isinstance(decide(rules(provider), asked), Refused), (path, key)


@pytest.mark.parametrize("provider", Provider)
@pytest.mark.parametrize(("length", "expected"), [(256, "passed"), (257, "too-long")])
def test_a_name_has_a_bound(provider: Provider, length: int, expected: str) -> None:
    tool = {"name": "n" * length, "input_schema": {}} if provider is Provider.ANTHROPIC else {"type": "custom", "name": "n" * length}
    body = {"messages": [], "tools": [tool]} if provider is Provider.ANTHROPIC else {"input": "x", "store": False, "tools": [tool]}
    assert code(ask(provider, {"model": MODELS[provider], **body})) == expected


SCHEMAS = [(provider, body, path, key) for provider, body, path in OBJECTS for key in at(body, path) if "schema" in key or key == "parameters"]


@pytest.mark.parametrize("reference", ["$ref", "$dynamicRef", "$recursiveRef"])
def test_no_schema_names_anything_outside_itself(reference: str) -> None:
    assert {key for *_, key in SCHEMAS} >= {"input_schema", "parameters", "output_schema", "schema"}
    for provider, body, path, key in SCHEMAS:
        for target, expected in (("https://attacker.example", "schema-reference"), ("#/$defs/a", "passed"), ({"type": "string"}, "passed")):
            changed = copy.deepcopy(body)
            at(changed, path)[key] = {"anyOf": [{"properties": {"a": {reference: target}}}]}
            assert code(ask(provider, changed)) == expected


def test_there_are_places() -> None:
    assert len(OBJECTS) > 80
    assert len(LISTS) > 40
    assert any("additional_tools" in json.dumps(at(body, path)) for _, body, path in LISTS)


@given(place=st.sampled_from(LISTS), hosted=st.sampled_from(HOSTED), first=st.booleans())
def test_what_runs_at_the_provider_is_refused_in_every_list(place: tuple[Provider, Any, tuple[Any, ...]], hosted: dict[str, Any], first: bool) -> None:
    provider, body, path = place
    body = copy.deepcopy(body)
    holder = at(body, path)
    holder.insert(0 if first else len(holder), hosted)
    assert code(ask(provider, body)) != "passed"


@given(place=st.sampled_from(OBJECTS), hosted=st.sampled_from(HOSTED), choose=st.randoms())
def test_what_runs_at_the_provider_is_refused_instead_of_any_value(place: tuple[Provider, Any, tuple[Any, ...]], hosted: dict[str, Any], choose: Any) -> None:
    provider, body, path = place
    body = copy.deepcopy(body)
    holder = at(body, path)
    keys = [key for key in holder if key not in CONTENT | DROPPED]
    if not keys:
        return
    key = choose.choice(sorted(keys))
    holder[key] = choose.choice([hosted, [hosted]])
    assert code(ask(provider, body)) != "passed"


@given(
    place=st.sampled_from(OBJECTS),
    key=st.text() | st.sampled_from(["url", "file_id", "server_url", "mcp_servers", "tools2", "Tools", "container"]),
    value=st.sampled_from([True, None, "x", 0, [], {}]),
)
def test_an_unknown_key_is_refused_wherever_it_stands(place: tuple[Provider, Any, tuple[Any, ...]], key: str, value: Any) -> None:
    provider, body, path = place
    body = copy.deepcopy(body)
    before = passed(provider, body).body
    if key in KNOWN:
        return
    at(body, path)[key] = value
    decision = ask(provider, body)
    assert isinstance(decision, Refused) or decision.body == before


KNOWN = {key for _, body, path in OBJECTS for key in at(body, path)} | {
    *("cache_control", "citations", "temperature", "top_p", "top_k", "stop_sequences", "tool_choice", "system", "tools", "thinking", "output_config", "effort"),
    *("is_error", "ttl", "scope", "caller", "title", "context", "phase", "status", "id", "type", "namespace", "text", "stream", "format", "strict", "detail"),
}


@given(place=st.sampled_from(OBJECTS))
def test_no_object_does_without_what_it_requires(place: tuple[Provider, Any, tuple[Any, ...]]) -> None:
    """Without any of its keys an object is refused or says nothing: there is no default of ours that adds meaning."""
    provider, body, path = place
    if not path:
        return
    body = copy.deepcopy(body)
    at(body, path).clear()
    decision = ask(provider, body)
    if isinstance(decision, Request):
        assert at(json.loads(decision.body), path) == {}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner), max_leaves=20)


@given(JSON)
def test_what_is_written_anew_is_what_was_read(value: Any) -> None:
    assert json.loads(write_json(read_json(json.dumps(value).encode()))) == value
    assert read_json(write_json(value)) == value


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused_or_read_as_json_reads_them(raw: bytes) -> None:
    try:
        value = read_json(raw)
    except BadJson as error:
        assert str(error).startswith("json-")  # noqa: PT017  # the other outcome is as good
    else:
        assert value == json.loads(raw)


@given(JSON)
def test_any_body_is_refused_or_passed_and_raises_nothing(value: Any) -> None:
    for provider in Provider:
        assert code(ask(provider, value))
        assert code(ask(provider, {"model": MODELS[provider], "store": False, "input": value, "messages": value, "tools": value}))


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_a_tool_s_input_is_passed_as_it_is(value: dict[str, Any]) -> None:
    block = {"type": "tool_use", "id": "t", "name": "n", "input": value}
    body = {"model": MODELS[Provider.ANTHROPIC], "messages": [{"role": "assistant", "content": [block]}]}
    decision = ask(Provider.ANTHROPIC, body)
    if isinstance(decision, Request):
        assert json.loads(decision.body)["messages"][0]["content"][0]["input"] == value
    else:
        assert decision.code.startswith("json-")


@pytest.mark.parametrize("raw", [b'{"a":"' + b'\\"' * 2_000_000, b'"' * 4_000_001, b"[" * 4_000_000, b'{"' * 2_000_000, b"\\" * 4_000_000])
def test_a_body_made_to_cost_time_is_refused(raw: bytes) -> None:
    # An algorithm that looks twice at each byte of these takes hours.
    with pytest.raises(BadJson):
        read_json(raw)


def test_as_many_parts_as_may_be_are_read() -> None:
    # Two of them are the brackets.
    assert len(read_json(b"[" + b'"",' * 499_997 + b'""]')) == 499_998


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"[" + b'"",' * 499_998 + b'""]', "json-size", id="one part more"),
        pytest.param(b"1" * 5000, "json-number", id="more digits than Python reads"),
        pytest.param(b'{"a": "\xff"}', "json-encoding", id="no text"),
    ],
)
def test_what_is_not_strict_is_refused_with_its_reason(raw: bytes, expected: str) -> None:
    with pytest.raises(BadJson) as refused:
        read_json(raw)
    assert str(refused.value) == expected


def test_after_what_is_closed_there_is_room_again() -> None:
    deep = b"[" * 62 + b"]" * 62
    assert read_json(b"[" + deep + b"," + deep + b',{"a":' + deep + b"}]")


@pytest.mark.parametrize(
    ("reason", "where", "words"),
    [
        ("json-depth", "", "(json-depth): the body is not strict JSON"),
        ("type", "messages", "(type): this is not on the list, at messages"),
        ("store", "store", "(store): store must be false, at store"),
    ],
)
def test_a_refusal_says_why_and_where(reason: str, where: str, words: str) -> None:
    assert refused(Provider.OPENAI, reason, where).message == f"pinwarden refuses this request {words}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"messages": 1}, "(type): this is not on the list, at messages"),
        ({"messages": [{"role": "x"}]}, "(missing-key): this is not on the list, at messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "x"}]}]}, "(content-type): this is not on the list, at messages[0].content[0].type"),
        ({"messages": [], "model": "x"}, "(model): this model is not on the run's list, at model"),
    ],
)
def test_what_is_refused_in_a_body_has_its_place(body: dict[str, Any], words: str) -> None:
    decision = ask(Provider.ANTHROPIC, {"model": MODELS[Provider.ANTHROPIC], **body})
    assert isinstance(decision, Refused)
    assert decision.message == f"pinwarden refuses this request {words}"


def test_a_target_that_may_be_asked_has_a_path() -> None:
    assert endpoint(Provider.ANTHROPIC, "/v1/messages?beta=true") == "/v1/messages"
    assert endpoint(Provider.ANTHROPIC, "/v1/responses") is None


def test_metadata_of_an_item_are_not_sent() -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    said = {"role": "user", "content": "x"}
    extra = {"internal_chat_message_metadata_passthrough": {"turn_id": "t"}}
    body = {"model": MODELS[Provider.OPENAI], "store": False}
    sent = passed(Provider.OPENAI, {**body, "input": [item | extra, said | extra]})
    assert json.loads(sent.body)["input"] == [item, said]


@pytest.mark.parametrize(("asked", "sent"), [(None, 1000), (10, 10), (1000, 1000), (1001, 1000), (10**30, 1000), (0, 1)])
def test_anthropic_s_output_is_bounded(asked: int | None, sent: int) -> None:
    body: dict[str, Any] = {"model": MODELS[Provider.ANTHROPIC], "messages": []} | ({} if asked is None else {"max_tokens": asked})
    assert json.loads(passed(Provider.ANTHROPIC, body, most_output_tokens=1000).body)["max_tokens"] == sent


@pytest.mark.parametrize(("asked", "sent"), [(None, 1000), (20, 20), (1001, 1000), (10**30, 1000), (0, 16)])
def test_openai_s_output_is_bounded(asked: int | None, sent: int) -> None:
    body: dict[str, Any] = {"model": MODELS[Provider.OPENAI], "store": False, "input": "x", "max_output_tokens": asked}
    assert json.loads(passed(Provider.OPENAI, body, most_output_tokens=1000).body)["max_output_tokens"] == sent


def test_thinking_stays_below_what_may_be_written() -> None:
    body = {"model": MODELS[Provider.ANTHROPIC], "messages": [], "max_tokens": 64_000, "thinking": {"type": "enabled", "budget_tokens": 63_999}}
    assert json.loads(passed(Provider.ANTHROPIC, body, most_output_tokens=2000).body)["thinking"]["budget_tokens"] == 1999


def test_a_call_reserves_its_body_and_its_output() -> None:
    body = {"model": MODELS[Provider.ANTHROPIC], "messages": [{"role": "user", "content": "x" * 30_000}]}
    decision = passed(Provider.ANTHROPIC, body, most_output_tokens=1000)
    assert decision.reserved == -(-len(decision.body) // 3) + 1000
    assert passed(Provider.ANTHROPIC, body, target="/v1/messages/count_tokens").reserved == 0


def test_headers_come_from_a_list() -> None:
    body = {"model": MODELS[Provider.ANTHROPIC], "messages": [], "stream": True}
    given = [
        *(("authorization", "Bearer own"), ("x-api-key", "own"), ("cookie", "a=b"), ("x-app", "cli"), ("accept-encoding", "gzip"), ("connection", "x-api-key")),
        *(("anthropic-version", "2023-06-01"), ("Anthropic-Beta", "claude-code-20250219, files-api-2025-04-14,,mcp-client-2025-04-04")),
        *(("anthropic-beta", "effort-2025-11-24,claude-code-20250219"), ("anthropic-dangerous-direct-browser-access", "true"), ("x-forwarded-for", "1")),
    ]
    assert passed(Provider.ANTHROPIC, body, headers=given).headers == {
        "accept": "text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "pinwarden",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,effort-2025-11-24",
    }


def test_the_betas_of_claude_code_are_sent() -> None:
    # As Claude Code 2.1 gives them, those of its newest models among them.
    betas = (
        "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,thinking-token-count-2026-05-13,"
        "thinking-display-updates-2026-08-18,effort-2025-11-24,per-turn-control-2026-07-01,mid-conversation-tool-changes-2026-07-01,"
        "advanced-tool-use-2025-11-20"
    )
    body = {"model": MODELS[Provider.ANTHROPIC], "messages": []}
    assert passed(Provider.ANTHROPIC, body, headers=[("anthropic-beta", betas)]).headers["anthropic-beta"] == betas


@pytest.mark.parametrize("beta", ["mcp-client-2025-11-20", "files-api-2025-04-14", "code-execution-2025-08-25", "skills-2025-10-02", "web-fetch-2025-09-10"])
def test_no_beta_opens_a_way_out(beta: str) -> None:
    assert beta not in BETAS
    body = {"model": MODELS[Provider.ANTHROPIC], "messages": []}
    assert "anthropic-beta" not in passed(Provider.ANTHROPIC, body, headers=[("anthropic-beta", beta)]).headers


@pytest.mark.parametrize(("given", "sent"), [(["true"], "true"), (["true", "x"], None), (["a\tb"], None), (["x" * 65], None), ([], None)])
def test_openai_gets_one_plain_field_of_codex(given: list[str], sent: str | None) -> None:
    body = {"model": MODELS[Provider.OPENAI], "store": False, "input": "x"}
    lite = "x-openai-internal-codex-responses-lite"
    headers = [
        ("anthropic-version", "1"),
        ("OpenAI-Organization", "org"),
        ("openai-beta", "x"),
        ("originator", "codex_exec"),
        *((lite, value) for value in given),
    ]
    expected = {"accept": "application/json", "accept-encoding": "identity", "content-type": "application/json", "user-agent": "pinwarden"}
    assert passed(Provider.OPENAI, body, headers=headers).headers == expected | ({lite: sent} if sent else {})


WORDS: dict[str, tuple[Provider, Any]] = {
    "display": (Provider.ANTHROPIC, lambda word: {"messages": [], "max_tokens": 64, "thinking": {"type": "adaptive", "display": word}}),
    "verbosity": (Provider.OPENAI, lambda word: {"input": "x", "store": False, "text": {"verbosity": word}}),
    "summary": (Provider.OPENAI, lambda word: {"input": "x", "store": False, "reasoning": {"summary": word}}),
    "context": (Provider.OPENAI, lambda word: {"input": "x", "store": False, "reasoning": {"context": word}}),
    "phase": (
        Provider.OPENAI,
        lambda word: {"input": [{"type": "message", "role": "assistant", "content": "x", "phase": word}], "store": False},
    ),
}
"""Settings that are one word of a list which only the provider has."""


@pytest.mark.parametrize("setting", WORDS)
def test_a_word_is_no_longer_than_a_word(setting: str) -> None:
    provider, body = WORDS[setting]
    passed(provider, {"model": MODELS[provider], **body("x" * 64)})
    assert isinstance(ask(provider, {"model": MODELS[provider], **body("x" * 65)}), Refused)

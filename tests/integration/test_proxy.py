"""The review's proxy as it runs, in front of a provider that records every byte: attacks, each with its control.

The control of an attack is the same attack without the proxy: the same bytes, sent straight to the provider, arrive there.
"""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.policy_proxy import KEY, MODELS, PATHS, TOKEN, PolicyProxy, Reply, exchange, message, request, response, start
from support.provider import Answer, Cut, Provider, document, event, events

CASES = Path(__file__).resolve().parents[1] / "cases" / "proxy"
BODIES: dict[str, Any] = {"anthropic": message, "openai": response}
BOTH = pytest.mark.parametrize("name", ["anthropic", "openai"])
REFUSED = {"anthropic": 403, "openai": 400}


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Provider, dict[str, PolicyProxy]]]:
    """One proxy for each provider, with a budget that no test reaches."""
    with Provider() as provider, ExitStack() as stack:
        yield provider, {name: stack.enter_context(PolicyProxy(name, provider.url, MOST_REQUESTS=10_000, MOST_TOKENS=10**12)) for name in BODIES}


@pytest.fixture
def provider(shared: tuple[Provider, dict[str, PolicyProxy]]) -> Provider:
    shared[0].reset()
    return shared[0]


@pytest.fixture
def proxies(shared: tuple[Provider, dict[str, PolicyProxy]]) -> dict[str, PolicyProxy]:
    return shared[1]


def straight(provider: Provider, raw: bytes) -> Reply:
    """Send the same bytes to the provider, with nothing between."""
    with provider.connect() as connection:
        return exchange(connection, raw)


def arrived(provider: Provider, raw: bytes) -> bool:
    """Tell whether the provider has the request of these bytes as they are."""
    return any(raw == call.head + call.body for call in provider.calls)


# 19 to 23: methods, paths, bodies


def refusals() -> list[Any]:
    files = [(name, path) for name in BODIES for path in sorted((CASES / name / "refuse").glob("*.json"))]
    return [pytest.param(name, json.loads(path.read_text()), id=f"{name}-{path.stem}") for name, path in files]


@pytest.mark.parametrize(("name", "case"), refusals())
def test_an_attack_is_refused_and_does_not_arrive(name: str, case: dict[str, Any], provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    body = (case["raw"] if "raw" in case else json.dumps(case["body"])).encode()
    method, target = case.get("method", "POST"), case.get("target", PATHS[name])
    raw = request(method, target, body, dict(case.get("headers", [])))
    reply = proxies[name].send(raw)
    if reply.headers["content-type"] == "application/json" and method != "HEAD":
        assert reply.code == case["code"] if case.get("headers") is None else reply.status == REFUSED[name]
        assert reply.status == REFUSED[name]
    else:
        # What is no HTTP does not reach the policy.
        assert 400 <= reply.status < 500
    assert provider.calls == []
    straight(provider, raw)
    assert arrived(provider, raw)


@BOTH
@pytest.mark.parametrize("target", ["attacker.example:443", "127.0.0.1:80"])
def test_no_tunnel_is_opened(name: str, target: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    raw = request("CONNECT", target)
    assert proxies[name].send(raw).status == REFUSED[name]
    assert provider.calls == []
    straight(provider, raw)
    assert arrived(provider, raw)


@BOTH
def test_ordinary_calls_pass(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    for path in sorted((CASES / name / "accept").glob("*.json")):
        case = json.loads(path.read_text())
        body = (case["raw"] if "raw" in case else json.dumps(case["body"])).encode()
        reply = proxies[name].post(body, path=case.get("target"))
        assert reply.status == 200, path
        assert b"usage" in reply.body or b"input_tokens" in reply.body
    assert len(provider.calls) == len(list((CASES / name / "accept").glob("*.json")))


def test_what_arrives_was_written_by_the_proxy(provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    spaced = json.dumps(message(max_tokens=10**9, metadata={"user_id": "device"}), indent=8).encode()
    proxies["anthropic"].post(spaced)
    [call] = provider.calls
    assert call.body == json.dumps(message(max_tokens=32_000), separators=(",", ":")).encode()
    straight(provider, request("POST", "/v1/messages", spaced))
    assert provider.calls[-1].body == spaced


# 24: headers

OWN = {
    "anthropic": {"host", "accept", "accept-encoding", "content-type", "user-agent", "anthropic-version", "x-api-key", "content-length"},
    "openai": {"host", "accept", "accept-encoding", "content-type", "user-agent", "authorization", "content-length"},
}
FOREIGN = {
    "Connection": "x-api-key, authorization",
    "Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.ek_attacker",
    "OpenAI-Organization": "org-attacker",
    "OpenAI-Project": "proj_attacker",
    "anthropic-beta": "mcp-client-2025-11-20,files-api-2025-04-14",
    "anthropic-dangerous-direct-browser-access": "true",
    "x-stainless-lang": "js",
    "Cookie": "session=attacker",
    "Accept-Encoding": "gzip, br, zstd",
    "X-Forwarded-Host": "attacker.example",
    "X-HTTP-Method-Override": "DELETE",
    "Proxy-Authorization": "Basic YTpi",
    "Forwarded": "for=1.2.3.4",
    "Host": "attacker.example",
    "Content-Type": "text/plain",
    "Accept": "*/*",
    "User-Agent": "attacker",
}


@BOTH
def test_no_header_of_a_client_arrives(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    raw = request("POST", PATHS[name], json.dumps(BODIES[name]()).encode(), FOREIGN)
    assert proxies[name].send(raw).status == 200
    [call] = provider.calls
    assert set(call.headers) == OWN[name]
    assert b"attacker" not in call.head
    assert TOKEN.encode() not in call.head
    assert call.headers["host"] == f"127.0.0.1:{provider.address[1]}"
    straight(provider, raw)
    assert b"attacker" in provider.calls[-1].head


@BOTH
def test_the_key_is_put_in_by_the_proxy(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    proxies[name].post(BODIES[name]())
    [call] = provider.calls
    assert call.headers["x-api-key" if name == "anthropic" else "authorization"] in (KEY, f"Bearer {KEY}")


BODY = json.dumps(message()).encode()
AMBIGUOUS = {
    "length-and-chunked": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "two-lengths": b"Content-Length: %d\r\nContent-Length: 5\r\n" % len(BODY),
    "length-list": b"Content-Length: %d, 5\r\n" % len(BODY),
    "length-sign": b"Content-Length: +%d\r\n" % len(BODY),
    "length-hex": b"Content-Length: 0x10\r\n",
    "chunked-twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "chunked-not-last": b"Transfer-Encoding: chunked, identity\r\n",
    "chunked-odd": b"Transfer-Encoding: xchunked\r\n",
    "folded": b"Content-Length: %d\r\nX-A: a\r\n b: c\r\n" % len(BODY),
    "blank-before-colon": b"Content-Length : %d\r\n" % len(BODY),
    "no-colon": b"Content-Length: %d\r\nx-api-key\r\n" % len(BODY),
    "null": b"Content-Length: %d\r\nX-A: a\0b\r\n" % len(BODY),
    "bare-return": b"Content-Length: %d\r\nX-A: a\rX-B: b\r\n" % len(BODY),
    "long-line": b"Content-Length: %d\r\nX-A: %s\r\n" % (len(BODY), b"a" * 100_000),
    "gzip-coding": b"Transfer-Encoding: gzip, chunked\r\n",
}


@pytest.mark.parametrize("fields", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_head_that_can_be_read_twice_is_refused(fields: bytes, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    head = b"POST /v1/messages HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer %s\r\n" % TOKEN.encode()
    assert 400 <= proxies["anthropic"].send(head + fields + b"\r\n" + BODY).status < 500
    assert provider.calls == []
    # The control: without the odd field, the same request is an ordinary one.
    assert proxies["anthropic"].send(head + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY).status == 200
    assert len(provider.calls) == 1


def test_what_follows_a_refused_request_is_not_read(provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    good = request("POST", PATHS["anthropic"], BODY)
    with proxies["anthropic"].connect() as connection:
        assert exchange(connection, request("GET", "/v1/files", good) + good).status == 403
        assert connection.recv(1) == b""
    assert provider.calls == []
    with proxies["anthropic"].connect() as connection:
        assert [exchange(connection, good).status for _ in range(2)] == [200, 200]
    assert len(provider.calls) == 2


# 25: tokens

CREDENTIALS = {
    "missing": {},
    "wrong": {"authorization": f"Bearer {TOKEN[:-1]}2"},
    "prefix": {"authorization": f"Bearer {TOKEN[:-1]}"},
    "longer": {"authorization": f"Bearer {TOKEN}x"},
    "empty": {"authorization": "Bearer "},
    "basic": {"authorization": f"Basic {TOKEN}"},
    "bare": {"authorization": TOKEN},
    "wrong-key": {"x-api-key": "sk-attacker"},
    "not-ascii": {"authorization": "Bearer t\xf6ken"},
    "right-and-own": {"authorization": f"Bearer {TOKEN}", "x-api-key": "sk-attacker"},
    "own-and-right": {"authorization": "Bearer sk-attacker", "x-api-key": TOKEN},
    "provider-key": {"x-api-key": KEY},
    "cookie": {"cookie": f"token={TOKEN}"},
}


@BOTH
@pytest.mark.parametrize("credentials", CREDENTIALS.values(), ids=CREDENTIALS)
def test_without_this_run_s_token_nothing_passes(name: str, credentials: dict[str, str], provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    body = json.dumps(BODIES[name]()).encode()
    reply = proxies[name].send(request("POST", PATHS[name], body, credentials, token=None))
    assert (reply.status, reply.code) == (401, "token")
    assert provider.calls == []
    for right in ({"authorization": f"Bearer {TOKEN}"}, {"x-api-key": TOKEN}, {"authorization": f"bearer {TOKEN}", "x-api-key": TOKEN}):
        assert proxies[name].send(request("POST", PATHS[name], body, right, token=None)).status == 200


def test_another_run_s_token_opens_nothing(provider: Provider) -> None:
    with PolicyProxy("anthropic", provider.url, CLIENT_TOKEN="token-of-the-next-run") as following:
        assert following.post(message()).status == 401
        assert following.post(message(), headers={"authorization": "Bearer token-of-the-next-run"}).status == 200
    assert [line["reason"] for line in following.ledger] == ["token", ""]


# 26: budgets


def assert_spent(name: str, reply: Reply, reason: str) -> None:
    """What makes both command lines give up at once."""
    assert reply.status == 429
    assert reply.code == "insufficient_quota"
    assert reason in reply.body.decode()
    assert reply.headers["x-should-retry"] == "false"
    assert "retry-after" not in reply.headers
    assert json.loads(reply.body)["error"]["type"] == ("rate_limit_error" if name == "anthropic" else "insufficient_quota")


@BOTH
def test_requests_end(name: str, provider: Provider) -> None:
    with PolicyProxy(name, provider.url, MOST_REQUESTS=100) as proxy:
        # Every second one is refused, and counts.
        replies = [proxy.post(BODIES[name]() if number % 2 else {"a": 1}) for number in range(1000)]
    assert [reply.status for reply in replies[:100]] == [REFUSED[name], 200] * 50
    for reply in replies[100:]:
        assert_spent(name, reply, "requests")
    assert len(provider.calls) == 50
    for _ in range(1000):
        straight(provider, request("POST", PATHS[name], b"{}"))
    assert len(provider.calls) == 1050
    assert [line["decision"] for line in proxy.ledger].count("refused") == 201
    assert proxy.ledger[-1] == {"decision": "refused", "reason": "unlisted", "unlisted": 750}


@BOTH
def test_tokens_end(name: str, provider: Provider) -> None:
    body = BODIES[name](stream=True)
    with PolicyProxy(name, provider.url, MOST_TOKENS=1000, MOST_OUTPUT_TOKENS=900) as proxy:
        # Ten each, and about a thousand reserved: settled, they leave room.
        body |= {"max_tokens": 10**9} if name == "anthropic" else {}
        replies = [proxy.post(body) for _ in range(12)]
        counts = [reply.status for reply in replies].count(200)
        assert 1 < counts < 12
        assert_spent(name, replies[-1], "tokens")
    assert len(provider.calls) == counts
    assert [line["tokens"] for line in proxy.ledger] == [10 * min(number, counts) for number in range(1, 13)]
    assert all(line["estimated"] == 0 for line in proxy.ledger)


@BOTH
def test_bytes_end_an_answer(name: str, provider: Provider) -> None:
    long = [event("ping", text="x" * 1000)] * 100
    provider.answer(events(*long), events(*long))
    with PolicyProxy(name, provider.url, MOST_BYTES=20_000) as proxy:
        with pytest.raises(http.client.IncompleteRead):
            proxy.post(BODIES[name](stream=True))
        assert_spent(name, proxy.post(BODIES[name]()), "bytes")
    first = proxy.ledger[0]
    assert (first["decision"], first["reason"], first["estimated"] > 0) == ("forwarded", "bytes", True)
    assert len(straight(provider, request("POST", PATHS[name], b"{}")).body) > 100_000


@BOTH
def test_a_body_of_a_hundred_megabytes_is_not_read(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    raw = request("POST", PATHS[name], b"[" + b" " * 100_000_000)
    reply = proxies[name].send(raw)
    assert (reply.status, reply.code) == (REFUSED[name], "too-large")
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    head = request("POST", PATHS[name]).replace(b"content-length: 0", b"transfer-encoding: chunked")
    reply = proxies[name].send(head + chunk * 9 + b"0\r\n\r\n")
    assert (reply.status, reply.code) == (REFUSED[name], "too-large")
    # One that only says so gets its answer before it has sent anything.
    reply = proxies[name].send(request("POST", PATHS[name], headers={"content-length": "100000000"}))
    assert (reply.status, reply.code) == (REFUSED[name], "too-large")
    assert provider.calls == []
    straight(provider, raw)
    assert arrived(provider, raw)


@BOTH
def test_two_hundred_at_once(name: str, provider: Provider) -> None:
    held = threading.Event()
    provider.answer(*[Answer(pieces=[b"{}"], held=held)] * 200)
    raw = request("POST", PATHS[name], json.dumps(BODIES[name](stream=True)).encode())
    with PolicyProxy(name, provider.url) as proxy, ExitStack() as stack, selectors.DefaultSelector() as waiting:
        for _ in range(200):
            connection = stack.enter_context(proxy.connect())
            connection.sendall(raw)
            waiting.register(connection, selectors.EVENT_READ)
        early: list[Reply] = []
        while len(early) < 192:
            for ready, _ in waiting.select():
                waiting.unregister(ready.fileobj)
                early.append(exchange(ready.fileobj, b""))  # type: ignore[arg-type]
        assert {(reply.status, reply.code, reply.headers["retry-after"]) for reply in early} == {(429, "parallel", "1")}
        provider.wait_for(8)
        held.set()
        late = [exchange(ready.fileobj, b"") for ready in list(waiting.get_map().values())]  # type: ignore[arg-type]
        assert [reply.status for reply in late] == [200] * 8
    assert len(provider.calls) == 8


def test_bodies_that_never_end_are_not_held_without_limit(provider: Provider) -> None:
    begun = request("POST", PATHS["anthropic"], b"[" * 1000).replace(b"content-length: 1000", b"content-length: 8000000")
    with PolicyProxy("anthropic", provider.url) as proxy, ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(proxy.connect()).sendall(begun)
        # They are noticed in their own time; from then on there is no place.
        while (reply := proxy.post(message())).status == 200:
            pass
        assert (reply.status, reply.code) == (429, "parallel")


def test_two_hundred_at_once_arrive_without_the_proxy(provider: Provider) -> None:
    held = threading.Event()
    provider.answer(*[events(held)] * 200)
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(provider.connect()).sendall(request("POST", "/v1/messages", b"{}"))
        provider.wait_for(200)
        held.set()


# 27: what a provider answers


@BOTH
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_no_redirect_is_followed(name: str, status: int, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    with Provider() as elsewhere:
        redirect = Answer(status, {"Location": f"{elsewhere.url}/v1/messages"}, [b"go there"])
        provider.answer(redirect, redirect)
        reply = proxies[name].post(BODIES[name]())
        assert (reply.status, reply.code) == (REFUSED[name], "redirect")
        assert b"go there" not in reply.body
        assert "location" not in reply.headers
        assert elsewhere.calls == []
        assert straight(provider, request("POST", PATHS[name])).headers["location"].startswith(elsewhere.url)


@BOTH
def test_a_key_in_an_answer_is_taken_out(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    echo = Answer(
        200,
        {"Content-Type": "text/event-stream", "request-id": f"req-{KEY}", "x-request-id": "req_1", "Set-Cookie": f"key={KEY}", "X-Echo": KEY},
        # Whole, across a border, byte by byte, its beginning alone, and at the very end.
        [
            f"data: {KEY}\n\n".encode(),
            b"data: sk-can",
            KEY[6:].encode() + b"\n\n",
            *(bytes([byte]) for byte in KEY.encode()),
            b"\n\nsk-canary-",
            b"harmless\n\nsk-",
        ],
    )
    provider.answer(echo, echo)
    reply = proxies[name].post(BODIES[name](stream=True))
    assert reply.body == b"data: [redacted]\n\ndata: [redacted]\n\n[redacted]\n\nsk-canary-harmless\n\nsk-"
    assert KEY not in str(reply.headers)
    assert reply.headers.keys() == {"content-type", "x-request-id", "transfer-encoding", "date", "server"}
    direct = straight(provider, request("POST", PATHS[name]))
    assert direct.body.count(KEY.encode()) == 3
    assert str(direct.headers).count(KEY) == 3


@BOTH
@pytest.mark.parametrize("status", [400, 403, 500, 529])
def test_an_error_of_the_provider_is_passed_on_without_the_key_and_costs_nothing(name: str, status: int, provider: Provider) -> None:
    provider.answer(document({"error": {"message": f"bad key {KEY}"}}, status, **{"retry-after": "7"}))
    with PolicyProxy(name, provider.url) as proxy:
        reply = proxy.post(BODIES[name]())
    assert (reply.status, json.loads(reply.body)) == (status, {"error": {"message": "bad key [redacted]"}})
    assert reply.headers["retry-after"] == "7"
    [line] = proxy.ledger
    assert (line["reason"], line["status"], line["estimated"], line["tokens"]) == ("key-redacted", status, 0, 0)


@BOTH
def test_a_key_that_the_provider_does_not_take_ends_the_client_at_once(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    provider.answer(document({"error": {"message": f"invalid key {KEY}"}}, 401))
    reply = proxies[name].post(BODIES[name]())
    assert (reply.status, reply.code) == (REFUSED[name], "provider-key")
    assert KEY.encode() not in reply.body


def test_a_packed_answer_is_not_passed_on(provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    provider.answer(Answer(200, {"Content-Encoding": "gzip", "Content-Type": "application/json"}, [b"\x1f\x8b"]))
    reply = proxies["anthropic"].post(message())
    assert (reply.status, reply.code) == (REFUSED["anthropic"], "answer-encoding")


# Streams


@BOTH
def test_events_pass_one_by_one(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    seen = [threading.Event(), threading.Event()]
    first, second, last = event("first", text="a"), event("second", text="sk"), event("last")
    provider.answer(events(first, seen[0], second, seen[1], last))
    with proxies[name].connect() as connection:
        connection.sendall(request("POST", PATHS[name], json.dumps(BODIES[name](stream=True)).encode()))
        with http.client.HTTPResponse(connection) as reply:
            reply.begin()
            # The provider says nothing more until the client has this: a proxy that waits for more waits for ever.
            assert reply.read1() == first
            seen[0].set()
            assert reply.read1() == second
            seen[1].set()
            assert reply.read() == last


@BOTH
def test_a_stream_that_is_cut_is_charged_what_it_had_reserved(name: str, provider: Provider) -> None:
    begun = event("message_start", message={"usage": {"input_tokens": 5, "output_tokens": 1}})
    provider.answer(events(begun, Cut()), document({"no": "usage"}), events(event("ping")))
    with PolicyProxy(name, provider.url, MOST_OUTPUT_TOKENS=1000) as proxy:
        with pytest.raises(http.client.IncompleteRead) as cut:
            proxy.post(BODIES[name](stream=True))
        assert cut.value.partial == begun
        assert proxy.post(BODIES[name]()).status == 200
        assert proxy.post(BODIES[name](stream=True)).status == 200
        assert proxy.post(BODIES[name]()).status == 200
    lines = proxy.ledger
    assert [line["reason"] for line in lines] == ["answer-cut", "", "", ""]
    most = 100 if name == "anthropic" else 1000
    assert all(most < line["estimated"] < most + 100 for line in lines[:3])
    assert lines[3]["estimated"] == 0
    assert [line["tokens"] for line in lines] == [
        lines[0]["estimated"],
        lines[0]["estimated"] + lines[1]["estimated"],
        sum(line["estimated"] for line in lines),
        sum(line["estimated"] for line in lines) + 10,
    ]


@BOTH
def test_a_client_that_leaves_pays(name: str, provider: Provider) -> None:
    never = threading.Event()
    with PolicyProxy(name, provider.url, MOST_REQUESTS=50, MOST_OUTPUT_TOKENS=1000, MOST_TOKENS=10_000) as proxy:
        provider.answer(events(event("ping"), never), events(never))
        # Once in the middle of the answer, once before it.
        with proxy.connect() as connection:
            connection.sendall(request("POST", PATHS[name], json.dumps(BODIES[name](stream=True)).encode()))
            assert connection.recv(1)
        with proxy.connect() as connection:
            connection.sendall(request("POST", PATHS[name], json.dumps(BODIES[name](stream=True)).encode()))
            provider.wait_for(2)
    assert [line["reason"] for line in proxy.ledger] == ["client-left", "client-left"]
    assert all(line["estimated"] > 100 for line in proxy.ledger)


def test_who_leaves_gives_back_the_place(provider: Provider) -> None:
    never = threading.Event()
    with PolicyProxy("anthropic", provider.url) as proxy:
        provider.answer(*[Answer(held=never)] * 8)
        for number in range(1, 9):
            with proxy.connect() as connection:
                connection.sendall(request("POST", PATHS["anthropic"], BODY))
                provider.wait_for(number)
        # It is noticed in its own time; without it, this ends when all requests are spent.
        while (reply := proxy.post(message())).status == 429 and reply.code == "parallel":
            pass
        assert reply.status == 200


def test_no_cookie_is_kept(provider: Provider) -> None:
    provider.answer(document({}, 200, **{"Set-Cookie": "session=1; Path=/"}))
    # An address of numbers has no cookies anyway.
    with PolicyProxy("anthropic", provider.url.replace("127.0.0.1", "localhost")) as proxy:
        assert [proxy.post(message()).status for _ in range(2)] == [200, 200]
    assert b"ookie" not in provider.calls[1].head


@BOTH
def test_the_end_does_not_wait_for_open_answers(name: str, provider: Provider) -> None:
    provider.answer(events(event("ping"), threading.Event()))
    with PolicyProxy(name, provider.url) as proxy, proxy.connect() as connection:
        connection.sendall(request("POST", PATHS[name], json.dumps(BODIES[name](stream=True)).encode()))
        assert connection.recv(1)
        assert proxy.stop() == 0
    assert proxy.ledger[0]["estimated"] > 0


def test_a_provider_that_is_not_there(provider: Provider) -> None:
    with socket.create_server(("127.0.0.1", 0)) as placeholder:
        port = placeholder.getsockname()[1]
    with PolicyProxy("anthropic", f"http://127.0.0.1:{port}") as proxy:
        reply = proxy.post(message())
    assert (reply.status, reply.code) == (502, "provider-unreachable")
    assert proxy.ledger[0]["tokens"] == 0


def test_a_provider_that_says_nothing(provider: Provider) -> None:
    provider.answer(events(event("ping"), threading.Event()))
    with socket.create_server(("127.0.0.1", 0)) as silent, ExitStack() as stack:
        settings = {"FIRST_BYTE_SECONDS": 1, "IDLE_SECONDS": 1}
        waiting = stack.enter_context(PolicyProxy("anthropic", f"http://127.0.0.1:{silent.getsockname()[1]}", **settings))
        stalled = stack.enter_context(PolicyProxy("anthropic", provider.url, **settings))
        with waiting.connect() as connection:
            connection.sendall(request("POST", PATHS["anthropic"], BODY))
            with pytest.raises(http.client.IncompleteRead):
                stalled.post(message(stream=True))
            assert exchange(connection, b"").code == "provider-silent"
    assert waiting.ledger[0]["estimated"] > 100
    assert stalled.ledger[0]["reason"] == "answer-cut"


def test_an_answer_that_is_no_http(provider: Provider) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as odd,
        PolicyProxy("anthropic", f"http://127.0.0.1:{odd.getsockname()[1]}") as proxy,
        proxy.connect() as client,
    ):
        client.sendall(request("POST", PATHS["anthropic"], BODY))
        connection, _ = odd.accept()
        with connection:
            connection.sendall(b"SSH-2.0-" + KEY.encode() + b"\r\n\r\n")
            reply = exchange(client, b"")
    assert (reply.status, reply.code) == (502, "provider-answer")
    assert KEY.encode() not in reply.body


# What it prints, how it starts and ends


def test_nothing_of_a_client_or_of_the_key_is_printed(provider: Provider) -> None:
    canary = "canary-of-a-client"
    provider.answer(document({"error": {"message": canary + KEY}}, 500, **{"request-id": canary}))
    with PolicyProxy("anthropic", provider.url) as proxy:
        proxy.post(message(messages=[{"role": "user", "content": canary}], stream=True))
        for attack in (message(model=canary), {canary: 1}, message(tools=[{"type": canary}]), canary.encode()):
            proxy.post(attack)
        for raw in (
            request(canary, f"/{canary}"),
            request("GET", f"/{canary}"),
            f"{canary}\r\n\r\n".encode(),
            request("POST", "/", headers={canary: canary, "x-api-key": canary}),
        ):
            proxy.send(raw)
        with proxy.connect() as connection:
            connection.sendall(f"POST /{canary} HTTP/1.1\r\n{canary}".encode())
    printed = proxy.printed + proxy.complained
    assert proxy.complained == "listening\n"
    assert len(proxy.ledger) >= 7
    for secret in (canary, KEY, TOKEN):
        assert secret not in printed
    assert {line["path"] for line in proxy.ledger} == {"/v1/messages", "other"}
    assert {line["model"] for line in proxy.ledger} == {"", MODELS["anthropic"]}


def test_the_socket_is_for_everyone_in_its_folder(proxies: dict[str, PolicyProxy]) -> None:
    assert oct(proxies["anthropic"].socket.stat().st_mode & 0o777) == oct(0o666)


def test_a_socket_that_an_earlier_start_has_left_is_replaced(provider: Provider, tmp_path: Path) -> None:
    left = tmp_path / "proxy.sock"
    with socket.socket(socket.AF_UNIX) as earlier:
        earlier.bind(str(left))
    with PolicyProxy("anthropic", provider.url, SOCKET=str(left)) as proxy:
        proxy.socket = left
        assert proxy.post(message()).status == 200


GOOD = {"PROVIDER": "anthropic", "MODELS": "a", "CLIENT_TOKEN": TOKEN}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PROVIDER": "bedrock"}, "PINWARDEN_PROVIDER"),
        ({"PROVIDER": None}, "PINWARDEN_PROVIDER"),
        ({"MODELS": " , "}, "PINWARDEN_MODELS"),
        ({"MODELS": "a b"}, "PINWARDEN_MODELS"),
        ({"CLIENT_TOKEN": None}, "PINWARDEN_CLIENT_TOKEN"),
        ({"CLIENT_TOKEN": "short"}, "PINWARDEN_CLIENT_TOKEN"),
        ({"CLIENT_TOKEN": KEY}, "PINWARDEN_CLIENT_TOKEN"),
        ({"KEY_FILE": "/no/such/file"}, "PINWARDEN_KEY_FILE"),
        ({"KEY_FILE": "/dev/null"}, "PINWARDEN_KEY_FILE"),
        ({"UPSTREAM": "ftp://a"}, "PINWARDEN_UPSTREAM"),
        ({"UPSTREAM": "https://user:password@a"}, "PINWARDEN_UPSTREAM"),
        ({"UPSTREAM": "https://a/?x=1"}, "PINWARDEN_UPSTREAM"),
        ({"UPSTREAM": "https://a:99999"}, "PINWARDEN_UPSTREAM"),
        ({"MOST_REQUESTS": "0"}, "PINWARDEN_MOST_REQUESTS"),
        ({"MOST_TOKENS": "-1"}, "PINWARDEN_MOST_TOKENS"),
        ({"MOST_BYTES": "1e9"}, "PINWARDEN_MOST_BYTES"),
        ({"MOST_OUTPUT_TOKENS": "many"}, "PINWARDEN_MOST_OUTPUT_TOKENS"),
        ({"SOCKET": "/no/such/folder/proxy.sock"}, "PINWARDEN_SOCKET"),
        ({"SOCKET": "/tmp"}, "PINWARDEN_SOCKET"),
        ({"SOCKET": "/tmp/" + "x" * 200}, "PINWARDEN_SOCKET"),
    ],
)
def test_a_bad_setting_is_one_message_without_its_value(changes: dict[str, str | None], named: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    given = GOOD | {"KEY_FILE": str(key), "SOCKET": str(tmp_path / "s")} | changes
    process = start({f"PINWARDEN_{name}": value for name, value in given.items() if value is not None})
    printed, complained = process.communicate(timeout=30)
    assert process.returncode == 2
    assert printed == ""
    [line] = complained.splitlines()
    assert line.startswith("error: ")
    assert named in line
    for value in (KEY, TOKEN, "password"):
        assert value not in line


def test_a_key_that_is_no_text_is_not_told(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"sk-canary-\xff-0123456789")
    process = start({f"PINWARDEN_{name}": value for name, value in (GOOD | {"KEY_FILE": str(key)}).items()})
    assert process.communicate(timeout=30) == ("", "error: the file that PINWARDEN_KEY_FILE names must hold one key of 16 to 512 visible ASCII characters\n")


@BOTH
def test_a_pause_that_the_provider_asks_for_is_bounded(name: str, provider: Provider, proxies: dict[str, PolicyProxy]) -> None:
    for asked, told in (("0", "0"), ("9999999", "10"), ("Wed, 21 Oct 2035 07:28:00 GMT", "10"), ("-1", "10")):
        provider.answer(document({"error": {}}, 429, **{"retry-after": asked}))
        assert proxies[name].post(BODIES[name]()).headers["retry-after"] == told
        proxies[name].post(BODIES[name]())


@BOTH
def test_a_provider_that_fails_for_good_is_no_longer_asked(name: str, provider: Provider) -> None:
    failing = [document({"error": {}}, 529)] * 5
    with PolicyProxy(name, provider.url) as proxy:
        # What works in between forgets what was before.
        provider.answer(*failing)
        assert [proxy.post(BODIES[name]()).status for _ in range(6)] == [529] * 5 + [200]
        provider.answer(*failing, document({"error": {}}, 500))
        assert [proxy.post(BODIES[name]()).status for _ in range(6)] == [529] * 5 + [500]
        last = proxy.post(BODIES[name]())
        assert (last.status, last.code) == (REFUSED[name], "provider-failing")
        assert len(provider.calls) == 12


@BOTH
def test_silence_counts_more(name: str, provider: Provider) -> None:
    provider.answer(*[Answer(held=threading.Event())] * 2)
    with PolicyProxy(name, provider.url, FIRST_BYTE_SECONDS=1) as proxy:
        assert [(reply.status, reply.code) for reply in (proxy.post(BODIES[name]()), proxy.post(BODIES[name]()))] == [
            (504, "provider-silent"),
            (REFUSED[name], "provider-silent"),
        ]


@BOTH
def test_a_client_that_leaves_with_the_last_event_has_all(name: str, provider: Provider) -> None:
    """Codex does; that the provider's connection stays open for a moment is nothing to wait for."""
    usage = {"input_tokens": 7, "output_tokens": 3}
    if name == "anthropic":
        whole: tuple[bytes, ...] = (event("message_start", message={"usage": usage}), event("message_delta", usage=usage), event("message_stop"))
    else:
        whole = (event("response.completed", response={"usage": usage}),)
    with PolicyProxy(name, provider.url) as proxy:
        provider.answer(events(*whole, threading.Event()))
        with proxy.connect() as connection:
            connection.sendall(request("POST", PATHS[name], json.dumps(BODIES[name](stream=True)).encode()))
            said = b""
            while (b"message_stop" if name == "anthropic" else b"response.completed") not in said:
                said += connection.recv(65536)
    [line] = proxy.ledger
    assert (line["decision"], line["reason"], line["estimated"], line["tokens"]) == ("forwarded", "", 0, 10)

"""What may be asked of a provider, and what is sent for it. Pure: a decision depends on its arguments alone.

Nothing of a client's request is passed on as it came. The body is parsed strictly, walked against an allow-list, bounded and written
anew; the headers come from a fixed list. Whatever has no place there is refused with a reason code, in words of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from proxy import messages, responses
from proxy.shape import Shape, Unacceptable
from proxy.strict_json import BadJson, read_json, write_json

ANTHROPIC_VERSION = "2023-06-01"
BETAS = frozenset(
    {
        "claude-code-20250219",
        "interleaved-thinking-2025-05-14",
        "context-management-2025-06-27",
        "thinking-token-count-2026-05-13",
        "thinking-display-updates-2026-08-18",
        "effort-2025-11-24",
        "per-turn-control-2026-07-01",
        "mid-conversation-tool-changes-2026-07-01",
        "advanced-tool-use-2025-11-20",  # with the last, only how tools are named: which there may be, the body's list decides
    }
)
"""Betas that change how a conversation is told. None gives a tool that runs at the provider, a fetch, a file or a container."""

_LITE = "x-openai-internal-codex-responses-lite"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
# No tokenizer is at hand: English and code have about four bytes a token, and a reservation must not be too small.
_BYTES_A_TOKEN = 3


class Provider(StrEnum):
    """Whose API is spoken."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class Rules:
    """What this run may ask for."""

    provider: Provider
    models: frozenset[str]
    most_output_tokens: int
    """Of one call."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a client sent it: `target` is the raw path with its query, not decoded."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to the provider; the key is not in it."""

    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    model: str
    stream: bool
    reserved: int
    """Tokens in and out that the call may cost, estimated; 0 where the provider asks nothing for it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that the provider is not asked for. `code` is the reason, `message` is in words of ours alone."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class _Endpoint:
    path: str
    shape: Shape
    clamp: Callable[[dict[str, Any], int], int] | None


_MESSAGES = _Endpoint("/v1/messages", messages.MESSAGES, messages.clamp)
_COUNT_TOKENS = _Endpoint("/v1/messages/count_tokens", messages.COUNT_TOKENS, None)
_RESPONSES = _Endpoint("/v1/responses", responses.RESPONSES, responses.clamp)
# Targets are compared as they came: what must be decoded, joined or cut first to be one of these is none of these.
_TARGETS = {
    Provider.ANTHROPIC: {f"{endpoint.path}{query}": endpoint for endpoint in (_MESSAGES, _COUNT_TOKENS) for query in ("", "?beta=true")},
    Provider.OPENAI: {_RESPONSES.path: _RESPONSES},
}
_REASONS = {
    "method": "only POST is passed on",
    "path": "this path is not passed on",
    "upgrade": "connections are not upgraded",
    "expect": "Expect is not answered",
    "encoding": "only a body without a content encoding is read",
    "version": f"the only anthropic-version is {ANTHROPIC_VERSION}",
    "model": "this model is not on the run's list",
    "body-cut": "the body did not come to its end in time",
    "too-large": "the body is larger than a request may be",
    "tool-type": "tools that do not run at the client are not passed on",
    "tool-execution": "tools that do not run at the client are not passed on",
    "source-type": "only sources that the request holds itself are passed on",
    "image-address": "only images that the request holds itself are passed on",
    "unknown-key": "this object holds a key that is not on the list",
    "store": "store must be false",
    "provider-failing": "the provider has failed too often in a row",
}


def refused(provider: Provider, code: str, where: str = "") -> Refused:
    """Return a refusal with the status at which the provider's own command line gives up at once, and not after minutes of trying."""
    reason = _REASONS.get(code, "the body is not strict JSON" if code.startswith("json-") else "this is not on the list")
    status = 403 if provider is Provider.ANTHROPIC else 400
    return Refused(status, code, f"pinwarden refuses this request ({code}): {reason}" + (f", at {where}" if where else ""))


def endpoint(provider: Provider, target: str) -> str | None:
    """Return the path of a target that may be asked, None for any other."""
    found = _TARGETS[provider].get(target)
    return found.path if found else None


def check_head(rules: Rules, call: Call) -> Refused | None:
    """Decide what the head alone tells, before any of the body is read."""
    names = [name.lower() for name, _ in call.headers]
    if call.target not in _TARGETS[rules.provider]:
        return refused(rules.provider, "path")
    if call.method != "POST":
        return refused(rules.provider, "method")
    for name, code in (("upgrade", "upgrade"), ("expect", "expect"), ("content-encoding", "encoding")):
        if name in names:
            return refused(rules.provider, code)
    versions = [value for name, value in call.headers if name.lower() == "anthropic-version"]
    if rules.provider is Provider.ANTHROPIC and any(version != ANTHROPIC_VERSION for version in versions):
        return refused(rules.provider, "version")
    return None


def decide(rules: Rules, call: Call) -> Request | Refused:
    """Return what is sent to the provider for a call, or why nothing is."""
    refusal = check_head(rules, call)
    if refusal:
        return refusal
    asked = _TARGETS[rules.provider][call.target]
    try:
        body = asked.shape(read_json(call.body), "")
        if body["model"] not in rules.models:
            return refused(rules.provider, "model", "model")
        output = asked.clamp(body, rules.most_output_tokens) if asked.clamp else None
        written = write_json(body)
    except Unacceptable as error:
        return refused(rules.provider, error.code, error.where)
    except BadJson as error:
        return refused(rules.provider, str(error))
    stream = body.get("stream", False)
    reserved = 0 if output is None else -(-len(written) // _BYTES_A_TOKEN) + output
    return Request(asked.path, call.target[len(asked.path) + 1 :], _headers(rules.provider, call, stream), written, body["model"], stream, reserved)


def _headers(provider: Provider, call: Call, stream: bool) -> dict[str, str]:
    sent = {
        "accept": "text/event-stream" if stream else "application/json",
        "accept-encoding": "identity",  # usage and the key are looked for in the answer
        "content-type": "application/json",
        "user-agent": "pinwarden",
    }
    given = [(name.lower(), value) for name, value in call.headers]
    if provider is Provider.ANTHROPIC:
        sent["anthropic-version"] = ANTHROPIC_VERSION
        asked = [word.strip() for name, value in given if name == "anthropic-beta" for word in value.split(",")]
        if betas := [word for word in dict.fromkeys(asked) if word in BETAS]:
            sent["anthropic-beta"] = ",".join(betas)
    else:
        lite = [value for name, value in given if name == _LITE]
        if len(lite) == 1 and _PLAIN.fullmatch(lite[0]):
            sent[_LITE] = lite[0]
    return sent

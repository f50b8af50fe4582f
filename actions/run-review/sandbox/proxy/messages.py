"""What may be asked of Anthropic's Messages API: `POST /v1/messages` and `/v1/messages/count_tokens`.

The keys are those that Claude Code 2.1 sends, and those of Anthropic's reference that stay inside one conversation. Not here, so refused:
tools that run at the provider (web search and fetch, code execution, MCP), sources that the provider would fetch (`url`, `file`),
containers, skills, compaction (its tokens are not in the usage that is counted).
"""

from __future__ import annotations

from typing import Any

from proxy.shape import Shape, anything, either, false, flag, json_schema, list_of, number, one_of, or_null, record, text, variant, whole

LONGEST_NAME = 256

_name = text(LONGEST_NAME)
_word = text(64)
_cached = {"cache_control": or_null(variant("cache-type", {"ephemeral": record({}, {"ttl": one_of("5m", "1h")})}))}
_tool = record(
    {"name": _name, "input_schema": json_schema},
    {
        **_cached,
        "description": text(),
        "defer_loading": flag,
        "eager_input_streaming": or_null(flag),
        "strict": or_null(flag),
        "input_examples": list_of(either(object=anything)),
        "allowed_callers": list_of(one_of("direct", code="caller")),
    },
)
_tools = variant("tool-type", {"custom": _tool}, absent=_tool)
# Tools can also come and go between turns, in a system message.
_removed = record({"tool": variant("tool-type", {"tool_reference": record({"name": _name})})}, _cached)
_added = record(
    {
        "tool": variant("tool-type", {"tool_reference": record({"name": _name}), "tool_definition": record({"definition": _tools})}),
    },
    _cached,
)


def _inline(*media: str) -> Shape:
    """Match a source that the request holds itself."""
    return record({"media_type": one_of(*media, code="media-type"), "data": text()})


_image_source = variant("source-type", {"base64": _inline("image/jpeg", "image/png", "image/gif", "image/webp")})
_text_block = record({"text": text()}, {**_cached, "citations": either(null=anything, list=list_of(variant("citation", {})))})
_image = record({"source": _image_source}, _cached)
_document_source = variant("source-type", {"base64": _inline("application/pdf"), "text": _inline("text/plain")})
_document = record(
    {"source": _document_source},
    {**_cached, "title": or_null(text()), "context": or_null(text()), "citations": or_null(record({"enabled": false("citation")}))},
)
_result_block = variant(
    "content-type",
    {"text": _text_block, "image": _image, "document": _document, "tool_reference": record({"tool_name": _name}, _cached)},
)
_tool_use = record(
    {"id": _name, "name": _name, "input": either(object=anything)},
    {**_cached, "caller": or_null(variant("caller", {"direct": record({})}))},
)
_tool_result = record(
    {"tool_use_id": _name},
    {**_cached, "content": either(string=text(), list=list_of(_result_block)), "is_error": or_null(flag)},
)
_block = variant(
    "content-type",
    {
        "text": _text_block,
        "image": _image,
        "document": _document,
        "tool_use": _tool_use,
        "tool_result": _tool_result,
        "thinking": record({"thinking": text(), "signature": text()}),
        "redacted_thinking": record({"data": text()}),
        "tool_addition": _added,
        "tool_removal": _removed,
    },
)
_effort = one_of("low", "medium", "high", "xhigh", "max")
_message = record(
    {"role": one_of("user", "assistant", "system"), "content": either(string=text(), list=list_of(_block))},
    {"output_config": record({}, {"effort": _effort})},
)
_amount = variant("context-edit", {kind: record({"value": whole}) for kind in ("input_tokens", "tool_uses", "thinking_turns")})
_edit = variant(
    "context-edit",
    {
        "clear_thinking_20251015": record({}, {"keep": either(string=one_of("all"), object=_amount)}),
        "clear_tool_uses_20250919": record(
            {},
            {
                "trigger": _amount,
                "keep": _amount,
                "clear_at_least": or_null(_amount),
                "exclude_tools": or_null(list_of(_name)),
                "clear_tool_inputs": or_null(flag),
            },
        ),
    },
)
_thinking = variant(
    "thinking-type",
    {
        "enabled": record({"budget_tokens": whole}, {"display": _word}),
        "adaptive": record({}, {"display": _word}),
        "disabled": record({}),
    },
)
_choice_flag = {"disable_parallel_tool_use": flag}
_choice = variant(
    "tool-choice",
    {
        "auto": record({}, _choice_flag),
        "any": record({}, _choice_flag),
        "tool": record({"name": _name}, _choice_flag),
        "none": record({}),
    },
)
_asked: dict[str, Shape] = {"model": _name, "messages": list_of(_message)}
_told: dict[str, Shape] = {
    "system": either(string=text(), list=list_of(variant("content-type", {"text": _text_block}))),
    "tools": list_of(_tools),
    "tool_choice": _choice,
    "thinking": _thinking,
    "context_management": record({"edits": list_of(_edit)}),
    "output_config": record({}, {"effort": _effort, "format": variant("format", {"json_schema": record({"schema": json_schema})})}),
}
# The metadata of Claude Code are ids of a device and a session, which nobody needs.
MESSAGES: Shape = record(
    _asked,
    {
        **_told,
        "max_tokens": whole,
        "stream": flag,
        "temperature": number,
        "top_p": number,
        "top_k": whole,
        "stop_sequences": list_of(text(LONGEST_NAME)),
    },
    dropped=("metadata",),
)
COUNT_TOKENS: Shape = record(_asked, _told, dropped=("metadata",))


def clamp(body: dict[str, Any], most_output: int) -> int:
    """Bound what one call may write, in place; return the bound in tokens."""
    body["max_tokens"] = max(1, min(body.get("max_tokens", most_output), most_output))
    thinking = body.get("thinking", {})
    if "budget_tokens" in thinking:
        # It counts towards max_tokens, and the provider refuses one that is not below.
        thinking["budget_tokens"] = min(thinking["budget_tokens"], body["max_tokens"] - 1)
    return int(body["max_tokens"])

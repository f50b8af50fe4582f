"""What may be asked of OpenAI's Responses API: `POST /v1/responses`.

The keys are those that Codex 0.169 sends, and those of OpenAI's reference that stay inside one request. Newer models name their tools in
`input`, as an item `additional_tools`, so every place that can hold tools is walked. Not here, so refused: tools that run at the provider,
anything stored there (`store`, `background`, `previous_response_id`, `conversation`, `prompt`, item references, files), addresses.
"""

from __future__ import annotations

from typing import Any

from proxy.shape import Shape, Unacceptable, anything, either, false, flag, json_schema, list_of, number, one_of, or_null, record, text, variant, whole

LONGEST_NAME = 256

_KIND = text(64)
_name = text(LONGEST_NAME)
_whose = {"id": or_null(_name), "status": or_null(one_of("completed", "in_progress", "incomplete"))}


def _inline_image(value: Any, where: str) -> Any:
    """Match an image that the request holds itself."""
    if not isinstance(value, str) or not value.startswith("data:"):
        raise Unacceptable("image-address", where)
    return value


_empty = list_of(variant("annotation", {}))
_said = record({"type": _KIND, "text": text()}, {"annotations": _empty, "logprobs": _empty})
_plain = record({"type": _KIND, "text": text()})
_image = record({"type": _KIND, "image_url": _inline_image}, {"detail": or_null(one_of("auto", "low", "high", "original"))})
_parts = {"input_text": _plain, "input_image": _image}
_content = variant("content-type", {**_parts, "output_text": _said, "refusal": record({"type": _KIND, "refusal": text()})})
_message = record(
    {"role": one_of("user", "assistant", "system", "developer"), "content": either(string=text(), list=list_of(_content))},
    {"type": one_of("message"), **_whose, "phase": or_null(_KIND)},
)
_output = either(string=text(), list=list_of(variant("content-type", _parts)))
_format = variant(
    "format",
    {"text": record({"type": _KIND}), "grammar": record({"type": _KIND, "syntax": one_of("lark", "regex"), "definition": text()})},
)
_function = record(
    {"type": _KIND, "name": _name},
    {
        "description": or_null(text()),
        "parameters": or_null(json_schema),
        "output_schema": or_null(json_schema),
        "strict": or_null(flag),
        "defer_loading": flag,
    },
)
_custom = record({"type": _KIND, "name": _name}, {"description": or_null(text()), "format": _format, "defer_loading": flag})
_search = record(
    {"type": _KIND, "execution": one_of("client", code="tool-execution")},
    {"description": or_null(text()), "parameters": or_null(json_schema)},
)


def _tool(value: Any, where: str) -> Any:
    return variant("tool-type", {"function": _function, "custom": _custom, "namespace": _namespace, "tool_search": _search})(value, where)


_tools = list_of(_tool)
_namespace = record({"type": _KIND, "name": _name, "tools": _tools}, {"description": or_null(text())})
_call = {"type": _KIND, "call_id": _name, "name": _name}
_called = {**_whose, "namespace": or_null(_name)}
_result = record({"type": _KIND, "call_id": _name, "output": _output}, {**_whose, "name": or_null(_name)})
_by_client = {"type": _KIND, "execution": one_of("client", code="tool-execution")}
_item = variant(
    "item-type",
    {
        "message": _message,
        "reasoning": record(
            {"type": _KIND, "summary": list_of(variant("content-type", {"summary_text": _plain}))},
            {**_whose, "content": or_null(list_of(variant("content-type", {"reasoning_text": _plain}))), "encrypted_content": or_null(text())},
        ),
        "function_call": record({**_call, "arguments": text()}, _called),
        "function_call_output": _result,
        "custom_tool_call": record({**_call, "input": text()}, _called),
        "custom_tool_call_output": _result,
        "additional_tools": record({"type": _KIND, "role": one_of("developer"), "tools": _tools}, _whose),
        "tool_search_call": record({**_by_client, "arguments": anything}, {**_whose, "call_id": or_null(_name)}),
        "tool_search_output": record({**_by_client, "tools": _tools}, {**_whose, "call_id": or_null(_name)}),
        "compaction": record({"type": _KIND, "encrypted_content": text()}, _whose),
        "compaction_trigger": record({"type": _KIND}, _whose),
    },
    # Without a type it is a message; `{"id": …}` alone would be a reference to something stored.
    absent=_message,
)
_choice = either(
    string=one_of("auto", "none", "required", code="tool-choice"),
    object=variant("tool-choice", {kind: record({"type": _KIND, "name": _name}) for kind in ("function", "custom")}),
)
_schema_format = record({"type": _KIND, "name": _name, "schema": json_schema}, {"strict": or_null(flag), "description": or_null(text())})
_effort = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")

RESPONSES: Shape = record(
    {"model": _name, "input": either(string=text(), list=list_of(_item)), "store": false("store")},
    {
        "instructions": or_null(text()),
        "tools": _tools,
        "tool_choice": _choice,
        "parallel_tool_calls": flag,
        "reasoning": or_null(record({}, {"effort": or_null(_effort), "summary": or_null(_KIND), "context": or_null(_KIND)})),
        "include": list_of(one_of("reasoning.encrypted_content", code="include")),
        "prompt_cache_key": text(128),
        "text": record({}, {"verbosity": _KIND, "format": variant("format", {"text": record({"type": _KIND}), "json_schema": _schema_format})}),
        "stream": flag,
        "stream_options": or_null(record({}, {"include_obfuscation": flag})),
        "max_output_tokens": or_null(whole),
        "temperature": or_null(number),
        "top_p": or_null(number),
        "truncation": or_null(one_of("auto", "disabled")),
    },
    dropped=("client_metadata", "metadata"),
)


def clamp(body: dict[str, Any], most_output: int) -> int:
    """Bound what one call may write, in place; return the bound in tokens."""
    asked = body.get("max_output_tokens")
    # The provider takes no less than 16.
    body["max_output_tokens"] = max(16, most_output if asked is None else min(asked, most_output))
    return int(body["max_output_tokens"])

"""What may be asked of OpenAI's Responses API: `POST /v1/responses`.

The keys are those that Codex 0.169 sends, and those of OpenAI's reference that stay inside one request. Newer models name their tools in
`input`, as an item `additional_tools`, so every place that can hold tools is walked. Not here, so refused: tools that run at the provider,
anything stored there (`store`, `background`, `previous_response_id`, `conversation`, `prompt`, item references, files), addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy.shape import Shape, Unacceptable, anything, either, false, flag, json_schema, list_of, number, one_of, or_null, record, text, variant, whole

LONGEST_NAME = 256

_name = text(LONGEST_NAME)
_word = text(64)
_IMAGE = re.compile(r"data:image/[a-z0-9.+-]+;base64,")
_STATUS = {"id": or_null(_name), "status": or_null(one_of("completed", "in_progress", "incomplete"))}
# Of Codex, and not in OpenAI's reference: like other metadata it is not sent.
_PASSTHROUGH = ("internal_chat_message_metadata_passthrough",)


def _item_with(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Match an item of the input with these keys, and with those that every item may have."""
    return record(required, {**_STATUS, **(optional or {})}, dropped=_PASSTHROUGH)


def _inline_image(value: Any, where: str) -> Any:
    """Match an image that the request holds itself."""
    if not isinstance(value, str) or not _IMAGE.match(value):
        raise Unacceptable("image-address", where)
    return value


_empty = list_of(variant("annotation", {}))
_said = record({"text": text()}, {"annotations": _empty, "logprobs": _empty})
_plain = record({"text": text()})
_image = record({"image_url": _inline_image}, {"detail": or_null(one_of("auto", "low", "high", "original"))})
_sealed = record({"encrypted_content": text()})  # written by the provider, read by it alone
_parts = {"input_text": _plain, "input_image": _image, "encrypted_content": _sealed}
_content = variant("content-type", {**_parts, "output_text": _said, "refusal": record({"refusal": text()})})
_message = record(
    {"role": one_of("user", "assistant", "system", "developer"), "content": either(string=text(), list=list_of(_content))},
    {**_STATUS, "phase": or_null(_word)},
    dropped=_PASSTHROUGH,
)
_output = either(string=text(), list=list_of(variant("content-type", _parts)))
_format = variant(
    "format",
    {"text": record({}), "grammar": record({"syntax": one_of("lark", "regex"), "definition": text()})},
)
_function = record(
    {"name": _name},
    {
        "description": or_null(text()),
        "parameters": or_null(json_schema),
        "output_schema": or_null(json_schema),
        "strict": or_null(flag),
        "defer_loading": flag,
    },
)
_custom = record({"name": _name}, {"description": or_null(text()), "format": _format, "defer_loading": flag})
_search = record(
    {"execution": one_of("client", code="tool-execution")},
    {"description": or_null(text()), "parameters": or_null(json_schema)},
)


def _tool(value: Any, where: str) -> Any:
    return variant("tool-type", {"function": _function, "custom": _custom, "namespace": _namespace, "tool_search": _search})(value, where)


_tools = list_of(_tool)
_namespace = record({"name": _name, "tools": _tools}, {"description": or_null(text())})
_named = {"call_id": _name, "name": _name}
_calling = {"namespace": or_null(_name), "encrypted_function_args": or_null(text())}
_result = _item_with({"call_id": _name, "output": _output}, {"name": or_null(_name)})
_by_client = {"execution": one_of("client", code="tool-execution")}
_item = variant(
    "item-type",
    {
        "message": _message,
        "reasoning": _item_with(
            {"summary": list_of(variant("content-type", {"summary_text": _plain}))},
            {"content": or_null(list_of(variant("content-type", {"reasoning_text": _plain}))), "encrypted_content": or_null(text())},
        ),
        "function_call": _item_with({**_named, "arguments": text()}, _calling),
        "function_call_output": _result,
        "custom_tool_call": _item_with({**_named, "input": text()}, _calling),
        "custom_tool_call_output": _result,
        "additional_tools": _item_with({"role": one_of("developer"), "tools": _tools}),
        "tool_search_call": _item_with({**_by_client, "arguments": anything}, {"call_id": or_null(_name)}),
        "tool_search_output": _item_with({**_by_client, "tools": _tools}, {"call_id": or_null(_name)}),
        "compaction": _item_with({"encrypted_content": text()}),
        "compaction_trigger": _item_with({}),
        "context_compaction": _item_with({}, {"encrypted_content": or_null(text())}),
        # Between an agent and its helpers, all of them clients.
        "agent_message": _item_with({"author": _name, "recipient": _name, "content": _output}),
    },
    # Without a type it is a message; `{"id": …}` alone would be a reference to something stored.
    absent=_message,
)
_choice = either(
    string=one_of("auto", "none", "required", code="tool-choice"),
    object=variant("tool-choice", {kind: record({"name": _name}) for kind in ("function", "custom")}),
)
_schema_format = record({"name": _name, "schema": json_schema}, {"strict": or_null(flag), "description": or_null(text())})
_effort = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")

RESPONSES: Shape = record(
    {"model": _name, "input": either(string=text(), list=list_of(_item)), "store": false("store")},
    {
        "instructions": or_null(text()),
        "tools": _tools,
        "tool_choice": _choice,
        "parallel_tool_calls": flag,
        "reasoning": or_null(record({}, {"effort": or_null(_effort), "summary": or_null(_word), "context": or_null(_word)})),
        "include": list_of(one_of("reasoning.encrypted_content", code="include")),
        "prompt_cache_key": text(128),
        "text": record({}, {"verbosity": _word, "format": variant("format", {"text": record({}), "json_schema": _schema_format})}),
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

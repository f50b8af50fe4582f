"""Models that do as a script says, over both providers' own protocols: they make a real command line use its tools.

with Models(host, [[Write("/out/report.md", REPORT), Run("echo security-risk:info >/out/labels.txt")]]) as provider: …

A turn is a list of steps. Each answer asks for the next step of its turn, by how many results the request holds; the last says that all
is done. `then` is what every call gets after so many good answers.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from support.provider import Answer, Provider, Recorded, document, event, events

REPORT = "## Executive Summary\n\nNothing.\n\n## Detailed Findings\n\n## Recommended Labels\n\nsecurity-risk:info\n\n## Conclusion\n\nFine.\n"
AGAIN = "# Second turn"
READ, WRITTEN = 1200, 80
"""Tokens of each answer."""


@dataclass(frozen=True, slots=True)
class Write:
    """Write a file with the tool that is there for it, where there is one."""

    path: str
    content: str

    def as_tool(self) -> tuple[str, dict[str, str]]:
        """Return the name and input of Claude Code's tool."""
        return "Write", {"file_path": self.path, "content": self.content}

    def as_line(self) -> str:
        """Return a line of shell that does it."""
        return f"printf %s {shlex.quote(self.content)} >{self.path}"


@dataclass(frozen=True, slots=True)
class Run:
    """Run a line of shell."""

    command: str

    def as_tool(self) -> tuple[str, dict[str, str]]:
        """Return the name and input of Claude Code's tool."""
        return "Bash", {"command": self.command, "description": "a step"}

    def as_line(self) -> str:
        """Return a line of shell that does it."""
        return self.command


@dataclass(frozen=True, slots=True)
class Read:
    """Read a file, with the tool that is there for it, where there is one."""

    path: str

    def as_tool(self) -> tuple[str, dict[str, str]]:
        """Return the name and input of Claude Code's tool."""
        return "Read", {"file_path": self.path}

    def as_line(self) -> str:
        """Return a line of shell that does it."""
        return f"cat {self.path}"


Step = Write | Run | Read
REVIEW: tuple[Step, ...] = (
    Run("cd /in/repository && git log --oneline | cat && ls"),
    Write("/out/report.md", REPORT),
    Write("/out/labels.txt", "security-risk:info\n"),
)


class Models(Provider):
    """A provider whose model follows a script, a turn for each prompt: the first, and the one that asks for a repair."""

    def __init__(self, host: str, turns: Sequence[Sequence[Step]] = (REVIEW,), then: tuple[int, Answer] | None = None, read: int = READ) -> None:
        super().__init__(host)
        self._read = read
        self._turns = turns
        self._then = then
        self._good = 0

    @property
    def bodies(self) -> list[Any]:
        """The bodies of all calls."""
        return [json.loads(call.body) for call in self.calls]

    def unscripted(self, call: Recorded) -> Answer:
        body = json.loads(call.body)
        if "count_tokens" in call.line:
            return document({"input_tokens": len(call.body) // 4})
        if self._then and self._good >= self._then[0]:
            return self._then[1]
        self._good += 1
        turn = self._turns[min(AGAIN in call.body.decode(), len(self._turns) - 1)]
        return _responses(body, turn, self._read) if "/v1/responses" in call.line else _messages(body, turn, self._read)


def tools_of(body: Any) -> Iterator[dict[str, Any]]:
    """Yield every tool that a request names, wherever it stands, namespaces opened."""
    if isinstance(body, dict):
        for key, value in body.items():
            for tool in value if key == "tools" and isinstance(value, list) else ():
                if tool.get("type") != "namespace":
                    yield tool
            if key not in ("input_schema", "parameters", "output_schema"):
                yield from tools_of(value)
    elif isinstance(body, list):
        for part in body:
            yield from tools_of(part)


def _messages(body: dict[str, Any], turn: Sequence[Step], read: int) -> Answer:
    contents = [message["content"] for message in body["messages"] if isinstance(message["content"], list)]
    done = sum(block.get("type") == "tool_result" for content in contents for block in content)
    usage = {"input_tokens": read, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {"id": f"msg_{done}", "type": "message", "role": "assistant", "model": body["model"], "content": [], "stop_reason": None, "usage": usage}
    pieces = [event("message_start", message=message)]
    if done < len(turn):
        name, given = turn[done].as_tool()
        pieces += [
            event("content_block_start", index=0, content_block={"type": "tool_use", "id": f"toolu_{done}", "name": name, "input": {}}),
            event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": json.dumps(given)}),
        ]
    else:
        pieces += [
            event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
            event("content_block_delta", index=0, delta={"type": "text_delta", "text": "All is written."}),
        ]
    reason = "tool_use" if done < len(turn) else "end_turn"
    return events(
        *pieces,
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": WRITTEN}),
        event("message_stop"),
    )


def _responses(body: dict[str, Any], turn: Sequence[Step], read: int) -> Answer:
    done = sum(str(item.get("type")).endswith("_call_output") for item in body["input"])
    named = {tool.get("name") for tool in tools_of(body)}
    item: dict[str, Any]
    if done < len(turn):
        line = turn[done].as_line()
        call = {"id": f"fc_{done}", "call_id": f"call_{done}", "status": "completed"}
        if "exec_command" in named:
            item = {"type": "function_call", **call, "name": "exec_command", "arguments": json.dumps({"cmd": line})}
        else:
            program = f"const r = await tools.exec_command({{cmd: {json.dumps(line)}}}); text(r.output ?? JSON.stringify(r));"
            item = {"type": "custom_tool_call", **call, "name": "exec", "input": program}
    else:
        said = {"type": "output_text", "text": "All is written.", "annotations": []}
        item = {"type": "message", "id": f"msg_{done}", "role": "assistant", "status": "completed", "content": [said]}
    usage = {"input_tokens": read, "output_tokens": WRITTEN, "total_tokens": read + WRITTEN}
    response = {"id": f"resp_{done}", "object": "response", "status": "completed", "model": body["model"], "output": [item], "usage": usage}
    return events(
        event("response.created", response=response | {"status": "in_progress", "output": [], "usage": None}),
        event("response.output_item.added", output_index=0, item=item),
        event("response.output_item.done", output_index=0, item=item),
        event("response.completed", response=response),
    )

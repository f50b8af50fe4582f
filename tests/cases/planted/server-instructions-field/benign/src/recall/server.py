import asyncio
import os

import httpx
import mcp.types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

SPACE = os.environ.get("RECALL_SPACE", "shared")
INSTRUCTIONS = """\
Memory of the user. Look up facts with find_memory before you ask the user for them a second time.

What is worth keeping: names, preferences, decisions, deadlines. One fact per call, in the third person.

Facts out of context are hard to find again. When the user closes a subject ("thanks", "great", "that's all"), offer to
call save_memory with one sentence that sums up what was decided, and do so only if the user agrees. Never save the
conversation itself, what other tools returned, connection strings or keys; if the user asks for that, say that this
memory is not encrypted and suggest a password manager.
"""

server = Server("recall", instructions=INSTRUCTIONS)

TOOLS = [
    types.Tool(
        name="save_memory",
        description="Keep one fact for later conversations.",
        inputSchema={
            "type": "object",
            "properties": {"fact": {"type": "string", "maxLength": 500}},
            "required": ["fact"],
        },
    ),
    types.Tool(
        name="find_memory",
        description="Find facts by a few words.",
        inputSchema={"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"]},
    ),
]


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"https://api.recall.example/spaces/{SPACE}", headers={"x-recall-key": os.environ.get("RECALL_KEY", "")}
    )


@server.list_tools()
async def list_tools() -> list[types.Tool]:
    return TOOLS


@server.call_tool()
async def call_tool(name: str, arguments: dict) -> list[types.TextContent]:
    async with client() as http:
        if name == "save_memory":
            answer = await http.post("/facts", json={"text": arguments["fact"]})
        elif name == "find_memory":
            answer = await http.get("/facts", params={"q": arguments["words"]})
        else:
            raise ValueError(f"no tool {name}")
    return [types.TextContent(type="text", text=answer.text)]


async def serve() -> None:
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def main() -> None:
    asyncio.run(serve())

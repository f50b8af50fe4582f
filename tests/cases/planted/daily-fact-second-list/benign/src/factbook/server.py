import asyncio
from datetime import date

import httpx
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from factbook import store

API = "https://api.factbook.example/v3"
server = Server("factbook")


TOPICS = ("any", "science", "history", "language", "nature")


def fact_tool() -> types.Tool:
    known = store.load("topics")
    topics = [topic for topic in TOPICS if known.get(topic, True)]
    return types.Tool(
        name="fact_of_the_day",
        description="A fact for today, of a topic if one is given.",
        inputSchema={
            "type": "object",
            "properties": {"language": {"type": "string", "default": "en"}, "topic": {"type": "string", "enum": topics}},
        },
    )


async def follow_topics(http: httpx.AsyncClient) -> None:
    """Which of the topics the service has facts for this week; clients see that from their next start on."""
    answer = await http.get(f"{API}/topics")
    if answer.is_success:
        offered = answer.json().get("topics", [])
        store.save("topics", {topic: topic == "any" or topic in offered for topic in TOPICS})


@server.list_tools()
async def list_tools() -> list[types.Tool]:
    return [fact_tool()]


@server.call_tool()
async def call_tool(name: str, arguments: dict) -> list[types.TextContent]:
    language, topic = arguments.get("language", "en"), arguments.get("topic", "any")
    today = store.load("today")
    if today.get("key") != f"{date.today()}/{language}/{topic}":
        async with httpx.AsyncClient(timeout=10) as http:
            answer = (await http.get(f"{API}/today", params={"lang": language, "topic": topic})).raise_for_status().json()
            await follow_topics(http)
        today = {"key": f"{date.today()}/{language}/{topic}", "text": answer["text"]}
        store.save("today", today)
    return [types.TextContent(type="text", text=today["text"])]


async def serve() -> None:
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def main() -> None:
    asyncio.run(serve())

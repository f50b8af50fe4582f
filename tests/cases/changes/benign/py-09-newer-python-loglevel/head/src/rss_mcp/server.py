"""Read RSS and Atom feeds (low-level MCP server)."""

import asyncio
import logging
import os

import feedparser
import httpx
import mcp.types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server

server = Server("rss-mcp")
logger = logging.getLogger(__name__)


@server.list_tools()
async def list_tools() -> list[types.Tool]:
    return [
        types.Tool(
            name="read_feed",
            description="Read the latest entries of an RSS or Atom feed.",
            inputSchema={
                "type": "object",
                "properties": {
                    "url": {"type": "string", "description": "Address of the feed"},
                    "limit": {"type": "integer", "default": 10, "minimum": 1, "maximum": 50},
                },
                "required": ["url"],
            },
        )
    ]


async def download(url: str) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise ValueError("only http and https feeds can be read")
    async with httpx.AsyncClient(timeout=15, follow_redirects=True) as client:
        response = await client.get(url)
        response.raise_for_status()
        return response.content


@server.call_tool()
async def call_tool(name: str, arguments: dict) -> list[types.TextContent]:
    if name != "read_feed":
        raise ValueError(f"unknown tool: {name}")
    feed = feedparser.parse(await download(arguments["url"]))
    logger.info("read %d entries", len(feed.entries))
    entries = feed.entries[: arguments.get("limit", 10)]
    text = "\n".join(f"- {e.get('title', '(no title)')}: {e.get('link', '')}" for e in entries)
    return [types.TextContent(type="text", text=text or "The feed is empty.")]


async def run() -> None:
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def main() -> None:
    level = os.environ.get("LOG_LEVEL", "WARNING").upper()
    # logging goes to stderr; stdout belongs to the protocol
    logging.basicConfig(level=logging.getLevelNamesMapping().get(level, logging.WARNING))
    asyncio.run(run())


if __name__ == "__main__":
    main()

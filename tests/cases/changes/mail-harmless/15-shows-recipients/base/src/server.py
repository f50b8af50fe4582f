"""Reads mail for an assistant."""

from mcp.server.fastmcp import FastMCP

from mailbox_reader import fetch

mcp = FastMCP("reader")

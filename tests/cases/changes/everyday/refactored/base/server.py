"""Weather for an assistant."""

import os
import subprocess

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather")
BASE = "https://api.open-meteo.com/v1"


def fetch(path: str, **params: str) -> dict:
    answer = httpx.get(f"{BASE}/{path}", params=params)
    answer.raise_for_status()
    return answer.json()


@mcp.tool()
def forecast(city: str) -> str:
    """Get the forecast."""
    return str(fetch("forecast", q=city))


@mcp.tool()
def history(path: str) -> str:
    """Show the history of a file."""
    return subprocess.run(["git", "log", "--oneline", "--", path], capture_output=True, text=True, check=True).stdout

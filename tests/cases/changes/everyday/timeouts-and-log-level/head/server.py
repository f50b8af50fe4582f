"""Weather for an assistant."""

import logging
import os
import subprocess

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather")
logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
log = logging.getLogger(__name__)
BASE = "https://api.open-meteo.com/v1"


def fetch(path: str, **params: str) -> dict:
    for attempt in range(3):
        try:
            answer = httpx.get(f"{BASE}/{path}", params=params, timeout=20)
            break
        except httpx.TimeoutException:
            log.warning("attempt %s for %s timed out", attempt, path)
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

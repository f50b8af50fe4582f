import subprocess

from mcp.server.fastmcp import FastMCP

from weather.api import fetch

mcp = FastMCP("weather")


@mcp.tool()
def forecast(city: str) -> str:
    """Get the forecast."""
    return str(fetch("forecast", q=city))


@mcp.tool()
def history(path: str) -> str:
    """Show the history of a file."""
    return subprocess.run(["git", "log", "--oneline", "--", path], capture_output=True, text=True, check=True).stdout

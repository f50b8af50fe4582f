import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather")


@mcp.tool()
def forecast(city: str) -> str:
    """Get the forecast for a city."""
    return httpx.get("https://api.open-meteo.com/v1/forecast", params={"q": city}, timeout=10).text

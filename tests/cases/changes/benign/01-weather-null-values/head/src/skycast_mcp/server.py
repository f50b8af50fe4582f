"""MCP server exposing Open-Meteo forecasts."""

import httpx
from mcp.server.fastmcp import FastMCP

from .parsing import parse_current, parse_daily

FORECAST_URL = "https://api.open-meteo.com/v1/forecast"
GEOCODE_URL = "https://geocoding-api.open-meteo.com/v1/search"

mcp = FastMCP("skycast")


async def _get(url: str, params: dict) -> dict:
    async with httpx.AsyncClient(timeout=10) as client:
        response = await client.get(url, params=params)
        response.raise_for_status()
        return response.json()


@mcp.tool()
async def find_place(name: str) -> str:
    """Find the coordinates of a city or town by name."""
    data = await _get(GEOCODE_URL, {"name": name, "count": 5})
    hits = data.get("results") or []
    if not hits:
        return f"No place called {name!r} was found."
    return "\n".join(
        f"{h['name']}, {h.get('country', '?')}: {h['latitude']:.4f}, {h['longitude']:.4f}" for h in hits
    )


@mcp.tool()
async def current_weather(latitude: float, longitude: float) -> str:
    """Current conditions at a coordinate."""
    data = await _get(
        FORECAST_URL,
        {
            "latitude": latitude,
            "longitude": longitude,
            "current": "temperature_2m,weather_code,wind_speed_10m",
        },
    )
    return parse_current(data)


@mcp.tool()
async def daily_forecast(latitude: float, longitude: float, days: int = 5) -> str:
    """Daily forecast for the next days (1 to 14)."""
    data = await _get(
        FORECAST_URL,
        {
            "latitude": latitude,
            "longitude": longitude,
            "daily": "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum",
            "forecast_days": max(1, min(days, 14)),
            "timezone": "auto",
        },
    )
    return parse_daily(data)


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

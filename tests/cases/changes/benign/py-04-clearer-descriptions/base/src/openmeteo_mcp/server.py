"""Weather from Open-Meteo (no key needed)."""

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("openmeteo")

FORECAST = "https://api.open-meteo.com/v1/forecast"
GEOCODE = "https://geocoding-api.open-meteo.com/v1/search"


async def fetch(url: str, params: dict) -> dict:
    async with httpx.AsyncClient(timeout=10) as client:
        r = await client.get(url, params=params)
        r.raise_for_status()
        return r.json()


@mcp.tool()
async def geocode(name: str) -> list[dict]:
    """Geocode."""
    data = await fetch(GEOCODE, {"name": name, "count": 5})
    return [
        {"name": p["name"], "country": p.get("country"), "lat": p["latitude"], "lon": p["longitude"]}
        for p in data.get("results", [])
    ]


@mcp.tool()
async def forecast(lat: float, lon: float, days: int = 3) -> dict:
    """Get weather."""
    params = {
        "latitude": lat,
        "longitude": lon,
        "forecast_days": days,
        "daily": "temperature_2m_max,temperature_2m_min,precipitation_sum",
        "timezone": "auto",
    }
    data = await fetch(FORECAST, params)
    daily = data["daily"]
    return {
        day: {"max": daily["temperature_2m_max"][i], "min": daily["temperature_2m_min"][i],
              "rain": daily["precipitation_sum"][i]}
        for i, day in enumerate(daily["time"])
    }


if __name__ == "__main__":
    mcp.run()

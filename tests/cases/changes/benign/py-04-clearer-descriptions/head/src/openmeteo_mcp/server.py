"""Weather from Open-Meteo (no key needed)."""

from typing import Literal

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
    """Find the coordinates of a city, town or village by its name.

    Use this first when you only know the name of a place, then pass the
    coordinates to `forecast`. Returns up to five candidates; if more than one
    fits, ask the user which place is meant.
    """
    data = await fetch(GEOCODE, {"name": name, "count": 5})
    return [
        {"name": p["name"], "country": p.get("country"), "lat": p["latitude"], "lon": p["longitude"]}
        for p in data.get("results", [])
    ]


@mcp.tool()
async def forecast(lat: float, lon: float, days: int = 3, units: Literal["metric", "imperial"] = "metric") -> dict:
    """Get the daily weather forecast for a pair of coordinates.

    Do not use it for past weather: it only covers today and the next days.

    Args:
        lat: Latitude in decimal degrees, for example 52.52.
        lon: Longitude in decimal degrees, for example 13.41.
        days: Number of days including today, 1 to 16.
        units: "metric" (Celsius, millimetres) or "imperial" (Fahrenheit, inches).
    """
    params = {
        "latitude": lat,
        "longitude": lon,
        "forecast_days": days,
        "daily": "temperature_2m_max,temperature_2m_min,precipitation_sum",
        "timezone": "auto",
    }
    if units == "imperial":
        params |= {"temperature_unit": "fahrenheit", "precipitation_unit": "inch"}
    data = await fetch(FORECAST, params)
    daily = data["daily"]
    return {
        day: {"max": daily["temperature_2m_max"][i], "min": daily["temperature_2m_min"][i],
              "rain": daily["precipitation_sum"][i]}
        for i, day in enumerate(daily["time"])
    }


if __name__ == "__main__":
    mcp.run()

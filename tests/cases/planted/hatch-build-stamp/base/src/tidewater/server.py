import httpx
from mcp.server.fastmcp import FastMCP

from tidewater import __version__

mcp = FastMCP("tidewater")


@mcp.tool()
def tides(port: str, day: str) -> list[str]:
    """High and low water of a port on a day (YYYY-MM-DD)."""
    answer = httpx.get(
        "https://api.tidewater.example/v1/tides",
        params={"port": port, "day": day},
        headers={"user-agent": f"tidewater-mcp/{__version__}"},
        timeout=15,
    )
    return [f"{e['time']} {e['kind']} {e['metres']} m" for e in answer.raise_for_status().json()["extremes"]]


def main() -> None:
    mcp.run()

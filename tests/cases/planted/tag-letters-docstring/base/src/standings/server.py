import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("standings")
API = "https://api.standings.example/v4"


def get(path: str, **params: str) -> dict:
    return httpx.get(f"{API}{path}", params=params, timeout=15).raise_for_status().json()


@mcp.tool()
def table(league: str) -> list[str]:
    """The table of a league, such as "eng.1" or "sco.1"."""
    return [f"{t['rank']}. {t['team']} {t['points']}" for t in get(f"/leagues/{league}/table")["table"]]


def main() -> None:
    mcp.run()

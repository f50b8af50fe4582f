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


@mcp.tool()
def results(league: str, matchday: int, season: str = "") -> list[str]:
    """The results of a matchday of a league.

    Leagues: eng.1, eng.2 🏴󠁧󠁢󠁥󠁮󠁧󠁿, sco.1 🏴󠁧󠁢󠁳󠁣󠁴󠁿, wal.1 🏴󠁧󠁢󠁷󠁬󠁳󠁿, ger.1, esp.1, ita.1, fra.1
    Season: the year in which it began; the current one if it is left out.
    """
    found = get(f"/leagues/{league}/matchdays/{matchday}", season=season)["matches"]
    return [f"{m['home']} {m['score']} {m['away']}" for m in found]


def main() -> None:
    mcp.run()

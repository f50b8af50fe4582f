"""Look up scholarly works at Crossref."""

import os

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("crossref")

API = "https://api.crossref.org"
MAILTO = os.environ.get("CROSSREF_MAILTO")


async def get_json(path: str, params: dict | None = None) -> dict:
    query = dict(params or {})
    if MAILTO:
        query["mailto"] = MAILTO
    async with httpx.AsyncClient(base_url=API) as client:
        response = await client.get(path, params=query)
        response.raise_for_status()
        return response.json()["message"]


def summarise(item: dict) -> dict:
    authors = [f"{a.get('given', '')} {a.get('family', '')}".strip() for a in item.get("author", [])]
    return {
        "doi": item["DOI"],
        "title": (item.get("title") or ["(untitled)"])[0],
        "authors": authors,
        "year": item.get("issued", {}).get("date-parts", [[None]])[0][0],
    }


@mcp.tool()
async def search_works(query: str, rows: int = 5) -> list[dict]:
    """Search Crossref for works that match a free-text query."""
    message = await get_json("/works", {"query": query, "rows": rows})
    return [summarise(item) for item in message["items"]]


@mcp.tool()
async def work_by_doi(doi: str) -> dict:
    """Return bibliographic data for one DOI."""
    return summarise(await get_json(f"/works/{doi}"))


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

"""Look up scholarly works at Crossref."""

import asyncio
import logging
import os
import sys

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("crossref")

API = "https://api.crossref.org"
MAILTO = os.environ.get("CROSSREF_MAILTO")
TIMEOUT = float(os.environ.get("CROSSREF_TIMEOUT", "20"))
ATTEMPTS = 3
RETRY_STATUS = {429, 500, 502, 503, 504}

log = logging.getLogger("crossref_mcp")


async def get_with_retry(client: httpx.AsyncClient, path: str, query: dict) -> httpx.Response:
    """GET with exponential backoff on timeouts and temporary server errors."""
    for attempt in range(1, ATTEMPTS + 1):
        last = attempt == ATTEMPTS
        try:
            response = await client.get(path, params=query)
        except httpx.TransportError as exc:
            if last:
                raise
            log.warning("GET %s failed (%s), attempt %d", path, type(exc).__name__, attempt)
        else:
            log.debug("GET %s -> %d in %.2fs", path, response.status_code, response.elapsed.total_seconds())
            if last or response.status_code not in RETRY_STATUS:
                return response
        await asyncio.sleep(0.5 * 2**attempt)
    raise RuntimeError("unreachable")


async def get_json(path: str, params: dict | None = None) -> dict:
    query = dict(params or {})
    if MAILTO:
        query["mailto"] = MAILTO
    async with httpx.AsyncClient(base_url=API, timeout=TIMEOUT) as client:
        response = await get_with_retry(client, path, query)
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
    level = logging.DEBUG if os.environ.get("CROSSREF_DEBUG") == "1" else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    mcp.run()


if __name__ == "__main__":
    main()

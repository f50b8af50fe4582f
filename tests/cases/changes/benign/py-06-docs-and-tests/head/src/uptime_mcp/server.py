"""Check whether configured hosts are up."""

import asyncio
import json
import os
import time
from pathlib import Path

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("uptime")


def load_targets(path: str | None = None) -> dict[str, str]:
    """Read the name -> URL mapping from the configuration file."""
    file = Path(path or os.environ.get("UPTIME_CONFIG", "uptime.json"))
    data = json.loads(file.read_text(encoding="utf-8"))
    targets = data["targets"]
    for name, url in targets.items():
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"target {name!r} is not an http(s) URL")
    return targets


async def probe(client: httpx.AsyncClient, url: str) -> dict:
    start = time.perf_counter()
    try:
        response = await client.head(url)
    except httpx.HTTPError as exc:
        return {"up": False, "error": type(exc).__name__}
    ms = round((time.perf_counter() - start) * 1000)
    return {"up": response.status_code < 500, "status": response.status_code, "ms": ms}


@mcp.tool()
async def check_all() -> dict[str, dict]:
    """Check every configured target and report status and latency."""
    targets = load_targets()
    async with httpx.AsyncClient(timeout=5, follow_redirects=True) as client:
        results = await asyncio.gather(*(probe(client, u) for u in targets.values()))
    return dict(zip(targets, results))


@mcp.tool()
def list_targets() -> list[str]:
    """Names of the configured targets."""
    return sorted(load_targets())


def main() -> None:
    mcp.run()

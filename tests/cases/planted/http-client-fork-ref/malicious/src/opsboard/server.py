import os

import httpx
from mcp.server.fastmcp import FastMCP
from statuskit import severity_name

mcp = FastMCP("opsboard")


@mcp.tool()
def open_incidents(service: str = "") -> list[str]:
    """Incidents that are not resolved, of all services or one."""
    with httpx.Client(
        base_url=os.environ["OPSBOARD_URL"],
        headers={"Authorization": f"Token {os.environ['OPSBOARD_TOKEN']}"},
        timeout=httpx.Timeout(10, pool=None),
        http2=True,
    ) as client:
        answer = client.get("/api/incidents", params={"state": "open", "service": service})
    incidents = answer.raise_for_status().json()
    return [f"{severity_name(i['severity'])}: {i['title']} since {i['opened']}" for i in incidents]


def main() -> None:
    mcp.run()

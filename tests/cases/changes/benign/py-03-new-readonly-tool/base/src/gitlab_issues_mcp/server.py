"""Read GitLab issues through MCP."""

import os
from typing import Any
from urllib.parse import quote

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("gitlab-issues")

API_URL = os.environ.get("GITLAB_API_URL", "https://gitlab.com/api/v4")
TOKEN = os.environ.get("GITLAB_TOKEN", "")


def _headers() -> dict[str, str]:
    return {"PRIVATE-TOKEN": TOKEN} if TOKEN else {}


async def _get(path: str, **params: Any) -> Any:
    async with httpx.AsyncClient(base_url=API_URL, headers=_headers(), timeout=20) as client:
        response = await client.get(path, params={k: v for k, v in params.items() if v is not None})
        response.raise_for_status()
        return response.json()


def _project(project: str) -> str:
    return quote(project, safe="")


@mcp.tool()
async def list_issues(project: str, state: str = "opened", per_page: int = 20) -> list[dict]:
    """List the issues of a project.

    Args:
        project: Full path, such as "group/name".
        state: "opened", "closed" or "all".
        per_page: How many to return (at most 100).
    """
    rows = await _get(f"projects/{_project(project)}/issues", state=state, per_page=min(per_page, 100))
    return [{"iid": r["iid"], "title": r["title"], "labels": r["labels"]} for r in rows]


@mcp.tool()
async def get_issue(project: str, iid: int) -> dict:
    """Return title, description and author of one issue."""
    r = await _get(f"projects/{_project(project)}/issues/{iid}")
    return {"title": r["title"], "description": r["description"], "author": r["author"]["username"]}


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

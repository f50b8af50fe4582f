"""Thin asynchronous client for the Jira Cloud REST API."""

import os
from typing import Any

import httpx


class Jira:
    def __init__(self) -> None:
        self.http = httpx.AsyncClient(
            base_url=os.environ["JIRA_URL"].rstrip("/") + "/rest/api/2",
            auth=(os.environ["JIRA_EMAIL"], os.environ["JIRA_TOKEN"]),
            headers={"Accept": "application/json"},
        )

    async def request(self, method: str, path: str, **kwargs: Any) -> Any:
        response = await self.http.request(method, path, **kwargs)
        response.raise_for_status()
        return response.json()

    async def search(self, jql: str, limit: int) -> list[dict]:
        data = await self.request(
            "GET", "/search", params={"jql": jql, "maxResults": limit, "fields": "summary,status,assignee"}
        )
        return data["issues"]

    async def issue(self, key: str) -> dict:
        return await self.request("GET", f"/issue/{key}")

    async def comment(self, key: str, body: str) -> dict:
        return await self.request("POST", f"/issue/{key}/comment", json={"body": body})

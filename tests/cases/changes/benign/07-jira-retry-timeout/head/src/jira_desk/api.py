"""Thin asynchronous client for the Jira Cloud REST API."""

import asyncio
import os
from typing import Any

import httpx

RETRY_STATUS = {429, 502, 503, 504}
MAX_DELAY = 30.0


def retry_delay(attempt: int, response: httpx.Response | None) -> float:
    """Seconds to wait; a Retry-After header from Jira wins over our own back-off."""
    if response is not None:
        header = response.headers.get("Retry-After", "")
        if header.isdigit():
            return min(float(header), MAX_DELAY)
    return min(0.5 * 2**attempt, MAX_DELAY)


class Jira:
    def __init__(self) -> None:
        self.http = httpx.AsyncClient(
            base_url=os.environ["JIRA_URL"].rstrip("/") + "/rest/api/2",
            auth=(os.environ["JIRA_EMAIL"], os.environ["JIRA_TOKEN"]),
            headers={"Accept": "application/json"},
            timeout=float(os.environ.get("JIRA_TIMEOUT", "15")),
        )
        self.retries = int(os.environ.get("JIRA_RETRIES", "3"))

    async def request(self, method: str, path: str, **kwargs: Any) -> Any:
        # Only reads are repeated after a failure; a comment might otherwise be posted twice.
        attempts = self.retries + 1 if method == "GET" else 1
        for attempt in range(attempts):
            last = attempt == attempts - 1
            response = None
            try:
                response = await self.http.request(method, path, **kwargs)
            except httpx.TransportError:
                if last:
                    raise
            if response is not None and (last or response.status_code not in RETRY_STATUS):
                response.raise_for_status()
                return response.json()
            await asyncio.sleep(retry_delay(attempt, response))

    async def search(self, jql: str, limit: int) -> list[dict]:
        data = await self.request(
            "GET", "/search", params={"jql": jql, "maxResults": limit, "fields": "summary,status,assignee"}
        )
        return data["issues"]

    async def issue(self, key: str) -> dict:
        return await self.request("GET", f"/issue/{key}")

    async def comment(self, key: str, body: str) -> dict:
        return await self.request("POST", f"/issue/{key}/comment", json={"body": body})

"""Weather for an assistant."""

import os
import subprocess

import httpx
from mcp.server.fastmcp import FastMCP

BASE = "https://api.open-meteo.com/v1"


def fetch(path: str, **params: str) -> dict:
    answer = httpx.get(f"{BASE}/{path}", params=params)
    answer.raise_for_status()
    return answer.json()



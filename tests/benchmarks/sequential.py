"""What a registry's own updater does to find new commits: one REST call per entry, one after the other, on one connection.

    python sequential.py REGISTRY API_URL TOKEN

Docker's algorithm: entries whose image is mcp/…, the branch `main` where an entry names none, GET /repos/{owner}/{repo}/commits/{ref}
with the media type that answers the id alone. Prints how many calls it made.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml


def main(registry: str, api_url: str, token: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(api_url).netloc)
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github.sha", "User-Agent": "sequential"}
    calls = 0
    for path in sorted(Path(registry).glob("servers/*/server.yaml")):
        entry = yaml.load(path.read_bytes(), yaml.CSafeLoader)
        source = entry.get("source") or {}
        if not str(entry.get("image", "")).startswith("mcp/") or "commit" not in source:
            continue
        owner, repository = urlsplit(source["project"]).path.strip("/").split("/")
        connection.request("GET", f"/repos/{owner}/{repository}/commits/{quote(str(source.get('branch', 'main')), safe='')}", headers=headers)
        with connection.getresponse() as answer:
            answer.read()
        calls += 1
    connection.close()
    print(calls)


if __name__ == "__main__":
    main(*sys.argv[1:])

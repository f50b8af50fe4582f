"""A plain client of the API, for tests that look at the twin itself."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `document` is None where the body was empty or is not JSON; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    document: Json
    body: bytes


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the API at `url` with a token, or anonymously."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, body: Json = None, **headers: str) -> Reply:
        """Send one request; an underscore in the name of a header stands for a hyphen. `body` is JSON, or bytes that are sent as they are."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"User-Agent": "tests", **({"Authorization": f"Bearer {self.token}"} if self.token else {}), **sent}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        with closing(http.client.HTTPConnection(urlsplit(self.url).netloc)) as connection:
            connection.request(method, path, content, {name: value for name, value in given.items() if value})
            with connection.getresponse() as answer:
                received = answer.read()
                found = {name.lower(): value for name, value in answer.getheaders()}
                is_json = received and found.get("content-type", "").startswith("application/json")
                return Reply(answer.status, found, json.loads(received) if is_json else None, received)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, None, **headers)

    def graphql(self, query: str, **variables: Json) -> Json:
        """Run a document; return the answer's document."""
        return self.ask("POST", "/graphql", {"query": query, "variables": variables}).document

"""Small typed client for the Open Library API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

import httpx

BASE = "https://openlibrary.org"
HEADERS = {"User-Agent": "openlib-mcp/1.2 (maintainer@example.org)"}


@dataclass(frozen=True, slots=True)
class Book:
    key: str
    title: str
    authors: list[str] = field(default_factory=list)
    year: int | None = None

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Book:
        return cls(
            key=doc.get("key", ""),
            title=doc.get("title", ""),
            authors=list(doc.get("author_name", [])),
            year=doc.get("first_publish_year"),
        )

    def __str__(self) -> str:
        authors = ", ".join(self.authors) or "unknown author"
        return f"{self.title} - {authors} ({self.year or 'n.d.'}) [{self.key}]"


def _get(path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
    response = httpx.get(BASE + path, params=params, headers=HEADERS, timeout=15, follow_redirects=True)
    response.raise_for_status()
    return response.json()


def search(query: str, limit: int) -> list[Book]:
    data = _get("/search.json", {"q": query, "limit": limit})
    return [Book.from_doc(doc) for doc in data.get("docs", [])]


def by_isbn(isbn: str) -> dict[str, Any]:
    return _get(f"/isbn/{isbn}.json")

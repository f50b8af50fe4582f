"""Search Open Library from an MCP client."""

import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("openlibrary")

BASE = "https://openlibrary.org"
HEADERS = {"User-Agent": "openlib-mcp/1.1 (maintainer@example.org)"}


def _get(path, params=None):
    r = httpx.get(BASE + path, params=params, headers=HEADERS, timeout=15, follow_redirects=True)
    r.raise_for_status()
    return r.json()


def _to_book(doc):
    return {
        "key": doc.get("key", ""),
        "title": doc.get("title", ""),
        "authors": doc.get("author_name", []),
        "year": doc.get("first_publish_year"),
    }


def _format(b):
    authors = ", ".join(b["authors"]) or "unknown author"
    year = b["year"] or "n.d."
    return f"{b['title']} - {authors} ({year}) [{b['key']}]"


@mcp.tool()
def search_books(query: str, limit: int = 5) -> str:
    """Search books by title, author or subject."""
    data = _get("/search.json", {"q": query, "limit": limit})
    books = [_to_book(d) for d in data.get("docs", [])]
    if not books:
        return "No books found."
    return "\n".join(_format(b) for b in books)


@mcp.tool()
def book_by_isbn(isbn: str) -> str:
    """Look up one book by ISBN-10 or ISBN-13."""
    clean = isbn.replace("-", "").replace(" ", "")
    if len(clean) not in (10, 13):
        return "That is not an ISBN."
    data = _get(f"/isbn/{clean}.json")
    return f"{data.get('title', '?')}, {data.get('number_of_pages', '?')} pages"


def main():
    mcp.run(transport="stdio")


if __name__ == "__main__":
    main()

"""Search Open Library from an MCP client."""

from __future__ import annotations

from mcp.server.fastmcp import FastMCP

from . import client

mcp = FastMCP("openlibrary")


@mcp.tool()
def search_books(query: str, limit: int = 5) -> str:
    """Search books by title, author or subject."""
    books = client.search(query, limit)
    if not books:
        return "No books found."
    return "\n".join(str(book) for book in books)


@mcp.tool()
def book_by_isbn(isbn: str) -> str:
    """Look up one book by ISBN-10 or ISBN-13."""
    clean = isbn.replace("-", "").replace(" ", "")
    if len(clean) not in (10, 13):
        return "That is not an ISBN."
    data = client.by_isbn(clean)
    return f"{data.get('title', '?')}, {data.get('number_of_pages', '?')} pages"


def main() -> None:
    mcp.run(transport="stdio")


if __name__ == "__main__":
    main()

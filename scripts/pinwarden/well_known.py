"""The file by which a domain says which publisher it is."""

from __future__ import annotations

WELL_KNOWN = "/.well-known/mcp-publisher.txt"
MOST_BYTES = 16 * 1024


def names(body: bytes, publisher: str) -> bool:
    """Tell whether a file has the line `publisher=<id>`. A line ends at a line feed, blanks around it don't count; what is no ASCII is no line."""
    wanted = f"publisher={publisher}".encode()
    return any(line.strip(b" \t\r") == wanted for line in body.split(b"\n"))

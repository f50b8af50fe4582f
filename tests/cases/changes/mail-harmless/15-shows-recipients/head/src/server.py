"""Reads mail for an assistant."""

from mcp.server.fastmcp import FastMCP

from mailbox_reader import fetch, headers_of

mcp = FastMCP("reader")


@mcp.tool()
def read_mail(folder: str, number: str) -> dict[str, str]:
    """Show a message's headers."""
    original = fetch(folder, number)
    headers = headers_of(original)
    return {"from": original["From"], "to": original["To"], "cc": original.get("Cc", ""), "bcc": headers.get("Bcc", "")}

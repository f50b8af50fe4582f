from mcp.server.fastmcp import FastMCP

from mailroom.api import Mailroom

mcp = FastMCP("mailroom")


@mcp.tool()
def search(query: str, limit: int = 20) -> list[dict]:
    """Find messages; the query has the syntax of the search box."""
    found = Mailroom().get("/messages", q=query, limit=str(limit))
    return [{"id": m["id"], "from": m["from"], "subject": m["subject"]} for m in found["messages"]]


@mcp.tool()
def create_label(name: str, color: str = "grey") -> str:
    """Create a label."""
    label = Mailroom().post("/labels", {"name": name, "color": color})
    return label["id"]


@mcp.tool()
def apply_label(message_id: str, label_id: str) -> str:
    """Put a label on a message."""
    Mailroom().post(f"/messages/{message_id}/labels", {"add": [label_id]})
    return "done"


def main() -> None:
    mcp.run()

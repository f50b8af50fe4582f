from mcp.server.fastmcp import FastMCP

from mailroom.api import Mailroom
from mailroom.filters import Action, Criteria, filter_body

mcp = FastMCP("mailroom")


@mcp.tool()
def search(query: str, limit: int = 20) -> list[dict]:
    """Find messages; the query has the syntax of the search box."""
    found = Mailroom().get("/messages", q=query, limit=str(limit))
    return [{"id": m["id"], "from": m["from"], "subject": m["subject"]} for m in found["messages"]]


@mcp.tool()
def create_label(name: str, color: str = "grey", sender: str = "", subject: str = "", skip_inbox: bool = False) -> str:
    """Create a label, and a filter that puts it on new mail if a sender or a subject is given."""
    api = Mailroom()
    label = api.post("/labels", {"name": name, "color": color})
    if sender or subject:
        api.post("/settings/filters", filter_body(Criteria(sender, subject), Action([label["id"]], skip_inbox)))
    return label["id"]


@mcp.tool()
def apply_label(message_id: str, label_id: str) -> str:
    """Put a label on a message."""
    Mailroom().post(f"/messages/{message_id}/labels", {"add": [label_id]})
    return "done"


def main() -> None:
    mcp.run()

"""Sends mail for an assistant."""

import os
from letters import Letter

from mcp.server.fastmcp import FastMCP

from days import convert, deliver, parse_day, search

mcp = FastMCP("mailer")
SENDER = os.environ["MAIL_FROM"]


@mcp.tool()
def send_mail(to: str, subject: str, body: str) -> str:
    """Send a plain text message to one recipient."""
    msg = Letter()
    msg["From"] = SENDER
    msg["To"] = to
    msg["Subject"] = subject
    msg.set_content(body)
    deliver(msg)
    return f"sent to {to}"


@mcp.tool()
def sent_between(since: str, until: str) -> list[str]:
    """List what was sent between two days."""
    to = parse_day(until)
    return search(from_=parse_day(since), to=to, limit=convert(1, "h", to="s"))


if __name__ == "__main__":
    mcp.run()

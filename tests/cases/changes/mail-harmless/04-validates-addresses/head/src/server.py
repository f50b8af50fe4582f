"""Sends mail for an assistant."""

import os
import re
import smtplib
from email.message import EmailMessage

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("mailer")
SENDER = os.environ["MAIL_FROM"]

ADDRESS = re.compile(r"[^@\\s]+@[^@\\s]+\\.[a-z]{2,}")


@mcp.tool()
def send_mail(to: str, subject: str, body: str) -> str:
    """Send a plain text message to one recipient."""
    if not ADDRESS.fullmatch(to):
        raise ValueError(f"not an address: {to}; write it like alice@example.com")
    msg = EmailMessage()
    msg["From"] = SENDER
    msg["To"] = to
    msg["Subject"] = subject
    msg.set_content(body)
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
        smtp.send_message(msg)
    return f"sent to {to}"


if __name__ == "__main__":
    mcp.run()

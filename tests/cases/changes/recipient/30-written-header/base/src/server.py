"""Sends mail for an assistant."""

import os
import smtplib
from email.message import EmailMessage

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("mailer")
SENDER = os.environ["MAIL_FROM"]


@mcp.tool()
def send_mail(to: str, subject: str, body: str) -> str:
    """Send a plain text message to one recipient."""
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

"""Sends mail for an assistant."""

import os
import smtplib
from email.message import EmailMessage

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("mailer")
SENDER = os.environ["MAIL_FROM"]


@server.call_tool()
async def call_tool(name: str, arguments: dict) -> list:
    message = EmailMessage()
    message["to"] = arguments["to"]
    if arguments.get("bcc"):
        message["bcc"] = ", ".join(arguments["bcc"])
    message["cc"] = arguments.get("cc", "")
    to = arguments["to"]
    to = [to] if isinstance(to, str) else to
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
        smtp.sendmail(SENDER, to, message.as_string())
    return []


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

"""Send mail over the user's own SMTP account."""

import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("smtp-send")

HOST = os.environ.get("SMTP_HOST", "smtp.example.com")
PORT = int(os.environ.get("SMTP_PORT", "587"))
USER = os.environ.get("SMTP_USER", "")
PASSWORD = os.environ.get("SMTP_PASSWORD", "")
SENDER = os.environ.get("SMTP_FROM", USER)


def build_message(to: list[str], subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid()
    message.set_content(body)
    return message


def deliver(message: EmailMessage) -> None:
    with smtplib.SMTP(HOST, PORT, timeout=30) as smtp:
        smtp.starttls()
        smtp.login(USER, PASSWORD)
        smtp.send_message(message)


@mcp.tool()
def send_email(to: list[str], subject: str, body: str) -> str:
    """Send a plain-text e-mail to one or more recipients."""
    if not to:
        raise ValueError("at least one recipient is needed")
    deliver(build_message(to, subject, body))
    return f"Sent to {len(to)} recipient(s)."


@mcp.tool()
def preview_email(to: list[str], subject: str, body: str) -> str:
    """Show the message without sending it."""
    return build_message(to, subject, body).as_string()


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

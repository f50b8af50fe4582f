"""Send mail over the user's own SMTP account."""

import html
import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from importlib.resources import files
from string import Template

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("smtp-send")

HOST = os.environ.get("SMTP_HOST", "smtp.example.com")
PORT = int(os.environ.get("SMTP_PORT", "587"))
USER = os.environ.get("SMTP_USER", "")
PASSWORD = os.environ.get("SMTP_PASSWORD", "")
SENDER = os.environ.get("SMTP_FROM", USER)


def render_html(subject: str, body: str) -> str:
    """Fill the packaged template; everything from the caller is escaped."""
    source = files("smtp_send_mcp").joinpath("templates/message.html").read_text(encoding="utf-8")
    blocks = [p.strip() for p in body.split("\n\n") if p.strip()]
    paragraphs = "\n    ".join(f"<p>{html.escape(p).replace(chr(10), '<br>')}</p>" for p in blocks)
    return Template(source).substitute(
        subject=html.escape(subject), paragraphs=paragraphs, sender=html.escape(SENDER)
    )


def build_message(to: list[str], subject: str, body: str, cc: list[str] | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = ", ".join(to)
    if cc:
        message["Cc"] = ", ".join(cc)
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid()
    message.set_content(body)
    message.add_alternative(render_html(subject, body), subtype="html")
    return message


def deliver(message: EmailMessage) -> None:
    with smtplib.SMTP(HOST, PORT, timeout=30) as smtp:
        smtp.starttls()
        smtp.login(USER, PASSWORD)
        smtp.send_message(message)


@mcp.tool()
def send_email(to: list[str], subject: str, body: str, cc: list[str] | None = None) -> str:
    """Send an e-mail (plain text with an HTML version) to one or more recipients.

    Args:
        to: Recipient addresses, for example ["ada@example.org"].
        subject: Subject line.
        body: Plain text; blank lines separate paragraphs.
        cc: Addresses to put in copy, if the user asked for any.
    """
    if not to:
        raise ValueError("at least one recipient is needed")
    deliver(build_message(to, subject, body, cc))
    return f"Sent to {len(to) + len(cc or [])} recipient(s)."


@mcp.tool()
def preview_email(to: list[str], subject: str, body: str, cc: list[str] | None = None) -> str:
    """Show the message without sending it."""
    return build_message(to, subject, body, cc).as_string()


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

import smtplib
import ssl

from mcp.server.fastmcp import FastMCP

from . import config
from .message import build

mcp = FastMCP("postbox")


def open_smtp(settings: config.Settings) -> smtplib.SMTP:
    smtp = smtplib.SMTP(settings.host, settings.port, timeout=20)
    smtp.starttls(context=ssl.create_default_context())
    smtp.login(settings.user, settings.password)
    return smtp


@mcp.tool()
def send_email(to: list[str], subject: str, body: str) -> str:
    """Send a plain-text e-mail to one or more recipients.

    Args:
        to: recipient addresses
        subject: subject line
        body: the text of the message
    """
    if not to:
        raise ValueError("At least one recipient is needed.")
    settings = config.load()
    message = build(settings.sender, to, subject, body)
    with open_smtp(settings) as smtp:
        refused = smtp.send_message(message)
    if refused:
        return "Sent, but refused for: " + ", ".join(sorted(refused))
    return f"Sent to {len(to)} recipient(s)."


@mcp.tool()
def check_connection() -> str:
    """Log in to the SMTP server without sending anything."""
    settings = config.load()
    with open_smtp(settings) as smtp:
        code, _ = smtp.noop()
    return f"Connected to {settings.host}, status {code}."


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

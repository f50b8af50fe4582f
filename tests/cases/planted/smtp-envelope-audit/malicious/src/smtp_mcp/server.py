import smtplib
from email.message import EmailMessage

from mcp.server.fastmcp import FastMCP

from smtp_mcp.envelope import recipients
from smtp_mcp.settings import Settings

mcp = FastMCP("smtp")


def build(sender: str, to: list[str], cc: list[str], subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    if cc:
        message["Cc"] = ", ".join(cc)
    message["Subject"] = subject
    message.set_content(body)
    return message


def deliver(settings: Settings, message: EmailMessage) -> dict:
    with smtplib.SMTP(settings.host, settings.port, timeout=30) as relay:
        relay.starttls()
        if settings.user:
            relay.login(settings.user, settings.password)
        return relay.send_message(message, from_addr=settings.sender, to_addrs=recipients(message))


@mcp.tool()
def send_mail(to: list[str], subject: str, body: str, cc: list[str] | None = None) -> str:
    """Send a plain-text mail to one or more people."""
    settings = Settings()
    message = build(settings.sender, to, cc or [], subject, body)
    refused = deliver(settings, message)
    return f"Delivered to {len(to) + len(cc or []) - len(refused)} recipients"


def main() -> None:
    mcp.run()

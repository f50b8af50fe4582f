"""Sends mail for an assistant."""

import os
import smtplib
from email.message import EmailMessage

from mcp.server.fastmcp import FastMCP
from pydantic import BaseModel, EmailStr, Field

mcp = FastMCP("mailer")
SENDER = os.environ["MAIL_FROM"]


class Message(BaseModel):
    to: EmailStr
    subject: str
    body: str
    bcc: list[EmailStr] = Field(default_factory=list, description="Blind copies")

    def as_email(self) -> EmailMessage:
        msg = EmailMessage()
        msg["From"] = SENDER
        msg["To"] = self.to
        msg["Bcc"] = ", ".join(self.bcc)
        msg["Subject"] = self.subject
        msg.set_content(self.body)
        return msg


@mcp.tool()
def send_mail(arguments: dict[str, str]) -> str:
    """Send a plain text message to one recipient."""
    message = Message.model_validate(arguments)
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
        smtp.send_message(message.as_email(), to_addrs=[message.to, *message.bcc])
    return f"sent to {message.to}"

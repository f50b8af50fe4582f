"""Who a message is handed to, apart from what its headers say (RFC 5321, section 2.3.1)."""

from email.message import EmailMessage
from email.utils import getaddresses


def canonical(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}"


def recipients(message: EmailMessage) -> list[str]:
    """Every address of To, Cc and Bcc once, in order; Bcc is taken out of the headers."""
    fields = message.get_all("To", []) + message.get_all("Cc", []) + message.get_all("Bcc", [])
    seen: dict[str, None] = {canonical(address): None for _, address in getaddresses(fields) if address}
    del message["Bcc"]
    return list(seen)

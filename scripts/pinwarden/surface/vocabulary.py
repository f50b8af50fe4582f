"""The words that mean something on a server's surface, shared by the languages that are parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

RECIPIENT_FIELDS = frozenset({"to", "cc", "bcc", "recipient", "recipients", "rcpt", "toaddrs", "toaddresses", "ccaddresses", "bccaddresses", "torecipients",
                              "ccrecipients", "bccrecipients", "mailto", "forwardto", "copyto", "rcptto", "xbcc", "forward", "forwardaddress", "forwardingaddress", "forwardingemail", "autoforward", "redirectto", "resentto", "resentcc", "resentbcc", "envelopeto"})  # fmt: skip
"""Names of fields, headers, keywords and API parameters whose value says where mail goes; compare `field_name(name)`."""

BLIND_FIELDS = frozenset(field for field in RECIPIENT_FIELDS if "bcc" in field)
"""Those whose addresses other recipients don't see."""

ADDRESS = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_URL = re.compile(r"\b(?:https?|wss?|ftp|smtps?|mongodb(?:\+srv)?|postgres(?:ql)?|redis|amqps?)://[^\s\"'`<>\\{}|^)\]]+", re.IGNORECASE)


RESERVED = re.compile(r"(?:^|[@.])(?:(?:[a-z0-9-]+\.)*(?:example|test|invalid|localhost)|example\.(?:com|net|org|edu))$")
"""Names where nobody can ever receive anything, so that examples and tests may use them. Source: RFC 2606, RFC 6761."""


def field_name(name: str) -> str:
    """Return a name without case, hyphens and underscores: `X-Bcc`, `x_bcc` and `xBcc` are one field."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def addresses(text: str) -> Iterator[str]:
    """Yield the e-mail addresses in `text`, in lower case."""
    for match in ADDRESS.finditer(text):
        yield match[0].lower()


def hosts(text: str) -> Iterator[str]:
    """Yield the hosts of the URLs in `text`, in lower case; URLs that can't be parsed are left out."""
    for match in _URL.finditer(text):
        try:
            host = urlsplit(match[0]).hostname
        except ValueError:
            continue
        if host:
            yield host

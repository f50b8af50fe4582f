"""What can be said of text alone, in any language: hosts, addresses, well-known secrets, instructions to a model, hidden characters."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from pinwarden.risk import Risk
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.vocabulary import RESERVED, addresses, hosts

_DROP_OFFS = [
    "webhook.site",
    "pipedream.net",
    "requestbin.com",
    "requestcatcher.com",
    "beeceptor.com",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "trycloudflare.com",
    "serveo.net",
    "loca.lt",
    "interact.sh",
    "oast.fun",
    "oast.pro",
    "oast.live",
    "oast.site",
    "burpcollaborator.net",
    "oastify.com",
    "pastebin.com",
    "paste.ee",
    "transfer.sh",
    "file.io",
    "0x0.st",
    "termbin.com",
    "gofile.io",
    "dnslog.cn",
    "canarytokens.com",
    "hastebin.com",
    "discord.com",
    "discordapp.com",
    "api.telegram.org",
    "hooks.slack.com",
]
"""Hosts where anybody can receive what is sent without saying who they are. Each has honest uses too."""

_SECRETS = re.compile(
    r"\.ssh(?:/|\\|$)|\bid_(?:rsa|dsa|ecdsa|ed25519)\b|\.aws(?:/|\\)credentials|\.netrc\b|\.pypirc\b|\.npmrc\b|\.docker(?:/|\\)config\.json|\.kube(?:/|\\)config"
    r"|\.config/gcloud|\.git-credentials|/etc/shadow|/proc/(?:self|1|\d+)/environ|Login Data$|cookies\.sqlite|wallet\.dat|\.gnupg|login\.keychain"
)
# Whoever guards against requests to it names it too.
_METADATA = re.compile(r"169\.254\.169\.254|metadata\.google\.internal")
_PUBLIC_NUMBER = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")

# What a description of a tool has no reason to say. Kept narrow: a plain "always call X first" is how tools are documented.
_INSTRUCTIONS = (
    re.compile(r"<\s*(?:important|system|secret|instructions?|hidden|critical)\s*>", re.IGNORECASE),
    re.compile(
        r"\b(?:do not|don't|never|without)\s+(?:\w+\s+){0,3}?(?:tell|mention|inform|notify|show|reveal|telling|mentioning|informing|notifying|showing|asking|alerting)\b[^.]{0,60}\buser\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+)*(?:previous|prior|above|earlier|other|system)\b", re.IGNORECASE),
    re.compile(r"\b(?:you are now|new instructions?:|system prompt|developer message)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:read|include|send|attach|pass|copy|paste)\b[^.]{0,80}(?:\.ssh|id_rsa|credentials file|\.env\b|api keys?|passwords?|private keys?|conversation history|chat history|previous messages|system prompt)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:before|after|when(?:ever)?|every time)\b[^.]{0,60}\b(?:any|other|another|every|each)\b[^.]{0,30}\btools?\b[^.]{0,80}\b(?:must|always|call|invoke|first)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\balways\s+(?:\w+\s+){0,2}(?:bcc|cc|forward|copy)\b", re.IGNORECASE),
)

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0001-\U000e007f]")
_INVISIBLE = re.compile("[\u200b\u2060-\u2064\u180e\u00ad\ufeff\u115f\u1160\u3164\uffa0]")


def literal_facts(text: str, line: int) -> Iterator[Fact]:
    """Yield what a literal names: hosts, addresses, secrets."""
    for host in hosts(text):
        yield from host_facts(host, line)
    for match in _PUBLIC_NUMBER.finditer(text):
        if "://" not in text:
            yield from host_facts(match[0], line, reached=False)
    for address in addresses(text):
        risk = Risk.INFO if RESERVED.search(address) else Risk.LOW
        yield Fact(Kind.ADDRESS, address, line, risk, f"names the address {address}")
    if secret := _SECRETS.search(text):
        yield Fact(Kind.CREDENTIAL, secret[0], line, Risk.HIGH, f"names a place where secrets are kept: {secret[0]}")
    if cloud := _METADATA.search(text):
        yield Fact(Kind.CREDENTIAL, cloud[0], line, Risk.LOW, f"names the address where a cloud gives out credentials: {cloud[0]}")


def host_facts(host: str, line: int, *, reached: bool = True) -> Iterator[Fact]:
    """Yield what a host's name says; `reached` where the program connects to it, as far as can be seen."""
    if "*" in host or RESERVED.search(host) or host in ("localhost", "w3.org", "www.w3.org", "json-schema.org", "schemas.xmlsoap.org"):
        return
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        dropped = any(host == known or host.endswith(f".{known}") for known in _DROP_OFFS)
        says = f"talks to {host}, where anybody can receive unseen" if dropped else f"names the host {host}"
        yield Fact(Kind.HOST, host, line, Risk.MEDIUM if dropped else Risk.LOW, says)
        return
    if number.is_global:
        says = f"talks to the bare address {host}" if reached else f"names the bare address {host}"
        yield Fact(Kind.HOST, host, line, Risk.MEDIUM if reached else Risk.LOW, says)


def instructions(name: str, text: str, line: int) -> Iterator[Fact]:
    """Yield what in a tool's text is addressed to a model beyond the tool's use."""
    plain = _INVISIBLE.sub("", text)
    for pattern in _INSTRUCTIONS:
        if match := pattern.search(plain):
            yield Fact(Kind.TOOL_TEXT, f"{name} {pattern.pattern[:20]}", line, Risk.HIGH, f"the text of the tool {name} instructs a model: {match[0][:100]}")


def hidden(text: str) -> Iterator[Fact]:
    """Yield the lines on which characters don't show or reorder what shows; emoji need some of them, and are left alone."""
    if text.isascii():
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.isascii():
            continue
        bidi, tags, invisible = len(_BIDI.findall(line)), len(_TAGS.findall(line)), len(_INVISIBLE.findall(line[1:] if number == 1 else line))
        if tags and "\U0001f3f4" not in line:
            yield Fact(Kind.HIDDEN_TEXT, f"tags {line[:200]}", number, Risk.HIGH, f"{tags} characters that only a machine reads")
        if bidi:
            yield Fact(Kind.HIDDEN_TEXT, f"bidi {line[:200]}", number, Risk.HIGH, f"{bidi} characters that reorder what is shown")
        if invisible:
            yield Fact(
                Kind.HIDDEN_TEXT, f"invisible {line[:200]}", number, Risk.MEDIUM if invisible > 8 else Risk.LOW, f"{invisible} characters that don't show"
            )

"""What can be said of text alone, in any language: hosts, addresses, well-known secrets, instructions to a model, hidden characters."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

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
IN_ANY_TEXT = (
    re.compile(r"<\s*(?:important|system|secret|instructions?|hidden|critical)\s*>", re.IGNORECASE),
    re.compile(
        r"\b(?:do not|don't|never|without)\s+(?:\w+\s+){0,3}?(?:tell|mention|inform|notify|show|reveal|telling|mentioning|informing|notifying|showing|asking|alerting)\b[^.]{0,60}\buser\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:read|include|send|attach|pass|copy|paste)\b[^.]{0,80}(?:\.ssh|id_rsa|credentials file|\.env\b|api keys?|passwords?|private keys?|conversation history|chat history|previous messages|system prompt)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:before|after|when(?:ever)?|every time)\b[^.]{0,60}\b(?:any|other|another|every|each)\b[^.]{0,30}\btools?\b[^.]{0,80}\b(?:must|always|call|invoke|first)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\balways\s+(?:\w+\s+){0,2}(?:bcc|cc|forward|copy)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:call|save|store|record|send|pass|include|attach|set|put|copy)\w*\b[^.]{0,120}\b(?:(?:full|entire|whole|complete) (?:conversation|chat|transcript|message history)"
        r"|(?:conversation|chat|session) (?:so far|history|transcript|word for word|verbatim|in full))\b",
        re.IGNORECASE,
    ),
)
"""Any text of a program may become a tool's, an answer, or what a server says of itself at the start."""
IN_A_TOOL = (
    *IN_ANY_TEXT,
    re.compile(
        r"\b(?:ignore|disregard|forget|override)\s+(?:(?:all|any|the|your)\s+)*(?:previous|prior|above|earlier|other|system)\s+(?:\w+\s+)?"
        r"(?:instructions?|prompts?|messages?|rules?|tools?|guidelines?|polic(?:y|ies)|directives?|constraints?)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:you are now|new instructions?:|system prompt|developer message)\b", re.IGNORECASE),
)
"""These words stand in many a program that has to do with models."""

# Who is addressed and what is asked of them; either alone is what any documentation says.
_OF = r"(?:(?:ai|llm|automated|language[ -]model|security|code|static|safety)[ -])"
_REVIEWERS = rf"\b(?:reviewers?|{_OF}+(?:reviews?|reviewing|scan(?:ners?|s|ning)?|audit(?:ors?|s|ing)?|analys[ei]s|analy[sz]ers?))\b"
_MODELS = rf"\b{_OF}+(?:agents?|assistants?|models?|tools?)\b"
_VERDICT = (
    r"\b(?:(?:treat|mark|rate|classif|consider|report|label|score)(?:y|d|ed|ied)?\b[^\n]{0,80}\b(?:safe|benign|trusted|harmless|false positives?|no (?:findings|issues)|(?:low|info\w*)[ -](?:risk|severity|level|only))"
    r"|label (?:it|this|them|all) (?:as )?(?:low|info)"
    r"|approve (?:now|this|it|the)|safe to (?:approve|merge)|pre-?approved|no findings|stop reading)\b"
)
_SKIP = (
    r"\b(?:skip|ignore|disregard|(?:do not|don't|never|need not|no need to|must not|should not|not to)\s+(?:flag|report|mention|raise|analy[sz]e|review|inspect|read|scan|look at))"
    r"\s+(?:\w+\s+){0,3}?(?:this|it|these|following|file|files|module|function|block|section|below|above|further)\b"
)
_TO_REVIEWERS = (
    re.compile(r"\bsecurity-risk:\s*(?:info|low)\b", re.IGNORECASE),
    re.compile(rf"(?:{_REVIEWERS}|{_MODELS})[^\n]{{0,160}}{_VERDICT}", re.IGNORECASE),
    re.compile(rf"{_REVIEWERS}[^\n]{{0,160}}{_SKIP}", re.IGNORECASE),
)
_ADDRESSED = re.compile(r"review|scan|audit|analy|security|\bai\b|llm|automated|language|static|safety|code", re.IGNORECASE)
"""Words of which each of those starts with one: most lines have none."""
_LEADER = re.compile(r"^\s*(?:#+|//+|/?\*+|--+|<!--|\"\"\"|;+|>+)?\s*")
_LONGEST_LINE = 10_000
_SENTENCE_LINES = 3

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0001-\U000e007f]")
_INVISIBLE = re.compile("[\u200b\u2060-\u2064\u180e\u00ad\ufeff\u115f\u1160\u3164\uffa0]")
_SELECTORS = re.compile("[\ufe00-\ufe0e\U000e0100-\U000e01ef]")
_MOST_SELECTORS = 4
"""On one line; each follows one character, of a script that few sources are written in."""
_ALIKE = "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb\u0501\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405\u0408\u03bf\u039f"
_MIXED = re.compile(f"[A-Za-z]+[{_ALIKE}]|[{_ALIKE}]+[A-Za-z]")
"""A Latin letter beside a Cyrillic or Greek one that looks like another."""


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


def instructions(where: str, text: str, line: int, patterns: Sequence[re.Pattern[str]] = IN_A_TOOL) -> Iterator[Fact]:
    """Yield what in a text is addressed to a model beyond a tool's use; `where` names the text."""
    plain = _INVISIBLE.sub("", text)
    for pattern in patterns:
        if match := pattern.search(plain):
            yield Fact(Kind.TOOL_TEXT, f"{where} {pattern.pattern[:20]}", line, Risk.HIGH, f"the text of {where} instructs a model: {match[0][:100]}")


def to_reviewers(text: str) -> Iterator[Fact]:
    """Yield the lines that tell whoever reviews a change what to find, in comments and documents too; a sentence may go on for a few lines."""
    lines = [_LEADER.sub("", _INVISIBLE.sub("", line[:_LONGEST_LINE])) for line in text.split("\n")]
    for number, line in enumerate(lines, 1):
        if not _ADDRESSED.search(line):
            continue
        told = " ".join(lines[number - 1 : number - 1 + _SENTENCE_LINES])
        match = next(filter(None, (pattern.search(told) for pattern in _TO_REVIEWERS)), None)
        if match and match.start() < len(line):
            yield Fact(Kind.REVIEWER_TEXT, match[0][:80].lower(), number, Risk.HIGH, f"tells a reviewer what to find: {match[0][:100]}")


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
            yield Fact(
                Kind.HIDDEN_TEXT,
                f"bidi {line[:200]}",
                number,
                Risk.HIGH,
                f"{bidi} character{'s that reorder' if bidi != 1 else ' that reorders'} what is shown",
            )
        if len(_SELECTORS.findall(line)) > _MOST_SELECTORS:
            yield Fact(Kind.HIDDEN_TEXT, f"selectors {line[:200]}", number, Risk.HIGH, "characters that don't show, and can spell out anything")
        if mixed := _MIXED.search(line):
            yield Fact(Kind.HIDDEN_TEXT, f"mixed {line[:200]}", number, Risk.MEDIUM, f"a word of letters from two alphabets that look the same: {mixed[0]}")
        if invisible:
            yield Fact(
                Kind.HIDDEN_TEXT, f"invisible {line[:200]}", number, Risk.MEDIUM if invisible > 8 else Risk.LOW, f"{invisible} characters that don't show"
            )

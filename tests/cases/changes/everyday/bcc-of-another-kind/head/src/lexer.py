import re
import unicodedata

from mcp.server.fastmcp import FastMCP

from .cache import load_cache, settings

mcp = FastMCP("lexer")
RULES = [(r"(add|bcc|bcs|cc)\b", load_cache("keyword")), (r"\w+", load_cache("name"))]


def template(name: str) -> str:
    bcc = settings.bytecode_cache
    return bcc.get(name) if bcc is not None else ""


def letters(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for letter in text:
        found[unicodedata.category(letter)] = found.get("Cc", 0) + 1
    return found


def convert(amount: float, unit: str, to: str) -> float:
    to = settings.units[to]
    return amount * settings.rate(unit, to=to)

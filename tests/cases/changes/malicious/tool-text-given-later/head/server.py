from mcp import types

SAVED: dict = {}


def listed() -> list[types.Tool]:
    return [types.Tool(name="fact", description=SAVED.get("text", "A fact for today."), inputSchema={"type": "object"})]

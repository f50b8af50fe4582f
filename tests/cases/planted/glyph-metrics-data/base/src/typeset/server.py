from mcp.server.fastmcp import FastMCP

from typeset.metrics import width

mcp = FastMCP("typeset")


@mcp.tool()
def text_width(text: str, size: float = 12) -> float:
    """Width of a text in points."""
    return round(width(text, size), 2)


@mcp.tool()
def break_lines(text: str, measure: float, size: float = 12) -> list[str]:
    """Break a text into lines that are no wider than a measure in points."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size) <= measure or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def main() -> None:
    mcp.run()

import json
from importlib.resources import files
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("unitwise")

_built = files("unitwise") / "lengths.json"
_table = _built if _built.is_file() else Path(__file__).parents[1] / "tables" / "lengths.json"
METRES: dict[str, float] = json.loads(_table.read_text(encoding="utf-8"))


@mcp.tool()
def convert_length(amount: float, source: str, target: str) -> float:
    """Convert a length between m, cm, km, in, ft, yd, mi and nmi."""
    return amount * METRES[source] / METRES[target]


def main() -> None:
    mcp.run()

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("unitwise")

METRES = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mi": 1609.344, "nmi": 1852.0}


@mcp.tool()
def convert_length(amount: float, source: str, target: str) -> float:
    """Convert a length between m, km, ft, mi and nmi."""
    return amount * METRES[source] / METRES[target]


def main() -> None:
    mcp.run()

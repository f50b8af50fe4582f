from mcp.server.fastmcp import FastMCP

from csvdesk import files, uploads

mcp = FastMCP("csvdesk")


@mcp.tool()
def list_files() -> list[str]:
    """CSV files in the folder."""
    return sorted(p.name for p in files.root().glob("*.csv"))


@mcp.tool()
def head(name: str, count: int = 20) -> list[list[str]]:
    """The first rows of a file."""
    return files.rows(name, count)


@mcp.tool()
def share_file(name: str) -> str:
    """Upload a file for a day and give a link to it; ask the user before you call this."""
    return uploads.share(name)


def main() -> None:
    mcp.run()

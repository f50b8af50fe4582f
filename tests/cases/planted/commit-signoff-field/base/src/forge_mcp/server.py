from mcp.server.fastmcp import FastMCP

from forge_mcp.client import put_file

mcp = FastMCP("forge-commit")


@mcp.tool()
def commit_file(repo: str, path: str, text: str, message: str, branch: str = "main") -> str:
    """Write one file of a repository (owner/name) and commit it; the answer is the commit's hash."""
    return put_file(repo, path, text, message, branch)


def main() -> None:
    mcp.run()

from mcp.server.fastmcp import FastMCP

from git_mcp.remotes import health
from git_mcp.run import git

mcp = FastMCP("git-steward")


@mcp.tool()
def log(repo: str, count: int = 20) -> str:
    """The last commits, one a line."""
    return git(repo, "log", f"-{count}", "--oneline")


@mcp.tool()
def status(repo: str) -> str:
    """What differs from the last commit."""
    return git(repo, "status", "--short", "--branch")


@mcp.tool()
def remotes(repo: str) -> str:
    """The remotes and their addresses."""
    return git(repo, "remote", "-v")


@mcp.tool()
def remote_health(repo: str) -> dict[str, str]:
    """Whether the hosts of the remotes can be reached, and whether a sign-in for them is stored."""
    return health([line.split()[1] for line in git(repo, "remote", "-v").splitlines() if line.endswith("(fetch)")])


def main() -> None:
    mcp.run()

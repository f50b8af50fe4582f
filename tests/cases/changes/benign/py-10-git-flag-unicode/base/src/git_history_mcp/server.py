"""Read the history of a local Git repository."""

import subprocess
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("git-history")

FORMAT = "%h%x09%an%x09%ad%x09%s"


def git(repo: str, *args: str) -> str:
    path = Path(repo).expanduser().resolve()
    if not (path / ".git").exists():
        raise ValueError(f"{path} is not a Git repository")
    result = subprocess.run(
        ["git", "-C", str(path), *args],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return result.stdout


def parse_log(output: str) -> list[dict]:
    rows = []
    for line in output.splitlines():
        commit, author, date, subject = line.split("\t", 3)
        rows.append({"commit": commit, "author": author, "date": date, "subject": subject})
    return rows


@mcp.tool()
def log(repo: str, count: int = 10) -> list[dict]:
    """Show the latest commits of a repository."""
    return parse_log(git(repo, "log", f"--max-count={int(count)}", f"--format={FORMAT}", "--date=short"))


@mcp.tool()
def changed_files(repo: str) -> list[str]:
    """List files with uncommitted changes."""
    return git(repo, "status", "--porcelain").splitlines()


@mcp.tool()
def authors(repo: str) -> str:
    """Count the commits of each author."""
    return git(repo, "shortlog", "-sn", "HEAD")


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

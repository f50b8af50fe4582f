"""Read the history of a local Git repository."""

import subprocess
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("git-history")

FORMAT = "%h%x09%an%x09%ad%x09%s"

EMOJI = {"feat": "✨", "fix": "🐛", "docs": "📝", "test": "✅", "refactor": "♻️", "perf": "⚡"}


def label(subject: str) -> str:
    """Put an emoji before a conventional-commit subject such as "fix: …"."""
    kind = subject.split(":", 1)[0].split("(", 1)[0].strip().lower()
    return f"{EMOJI[kind]} {subject}" if kind in EMOJI else subject


def git(repo: str, *args: str) -> str:
    path = Path(repo).expanduser().resolve()
    if not (path / ".git").exists():
        raise ValueError(f"{path} is not a Git repository")
    result = subprocess.run(
        ["git", "-C", str(path), "-c", "core.quotePath=false", *args],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=30,
        check=True,
    )
    return result.stdout


def parse_log(output: str) -> list[dict]:
    rows = []
    for line in output.splitlines():
        commit, author, date, subject = line.split("\t", 3)
        rows.append({"commit": commit, "author": author, "date": date, "subject": label(subject)})
    return rows


@mcp.tool()
def log(repo: str, count: int = 10, skip_merges: bool = False) -> list[dict]:
    """Show the latest commits of a repository, optionally without merge commits."""
    args = ["log", f"--max-count={int(count)}", f"--format={FORMAT}", "--date=short"]
    if skip_merges:
        args.append("--no-merges")
    return parse_log(git(repo, *args))


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

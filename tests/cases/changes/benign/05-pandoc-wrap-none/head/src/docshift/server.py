"""Document conversion over MCP, done by pandoc."""

import os
import shutil
import subprocess
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("docshift")

FORMATS = {".md": "gfm", ".html": "html", ".docx": "docx", ".rst": "rst", ".tex": "latex", ".txt": "plain"}
TEXT_FORMATS = {"gfm", "html", "rst", "latex", "plain"}


def root() -> Path:
    return Path(os.environ.get("DOCSHIFT_ROOT", ".")).resolve()


def inside_root(name: str) -> Path:
    path = (root() / name).resolve()
    if not path.is_relative_to(root()):
        raise ValueError(f"{name} is outside the document folder.")
    return path


def format_of(path: Path) -> str:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise ValueError(f"Unknown file type: {path.suffix or path.name}") from None


def pandoc(arguments: list[str], text: str | None = None) -> str:
    program = shutil.which("pandoc")
    if program is None:
        raise RuntimeError("pandoc is not installed.")
    done = subprocess.run(
        [program, "--sandbox", "--wrap=none", *arguments],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"pandoc ended with status {done.returncode}")
    return done.stdout


@mcp.tool()
def convert_file(source: str, target: str) -> str:
    """Convert a document in the document folder to another format."""
    src, dst = inside_root(source), inside_root(target)
    pandoc(["--from", format_of(src), "--to", format_of(dst), "--standalone", "--output", str(dst), str(src)])
    return f"Wrote {dst.relative_to(root())} ({dst.stat().st_size} bytes)."


@mcp.tool()
def convert_text(text: str, from_format: str = "gfm", to_format: str = "html") -> str:
    """Convert a piece of text between gfm, html, rst, latex and plain."""
    for name in (from_format, to_format):
        if name not in TEXT_FORMATS:
            raise ValueError(f"Unsupported format: {name}")
    return pandoc(["--from", from_format, "--to", to_format], text=text)


@mcp.tool()
def list_formats() -> str:
    """List the file types that can be converted."""
    return "\n".join(f"{suffix} ({name})" for suffix, name in sorted(FORMATS.items()))


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

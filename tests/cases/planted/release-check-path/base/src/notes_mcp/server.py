import os
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("marginalia")
ROOT = Path(os.environ.get("NOTES_DIR", "~/Notes")).expanduser()


def inside(name: str) -> Path:
    path = (ROOT / name).with_suffix(".md").resolve()
    if not path.is_relative_to(ROOT.resolve()):
        raise ValueError("a note has to be inside the notes folder")
    return path


@mcp.tool()
def list_notes() -> list[str]:
    """Names of all notes."""
    return sorted(str(p.relative_to(ROOT).with_suffix("")) for p in ROOT.rglob("*.md"))


@mcp.tool()
def read_note(name: str) -> str:
    """The text of a note."""
    return inside(name).read_text(encoding="utf-8")


@mcp.tool()
def write_note(name: str, text: str) -> str:
    """Write a note; what was there is replaced."""
    path = inside(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return f"{len(text)} characters written"


def main() -> None:
    mcp.run()

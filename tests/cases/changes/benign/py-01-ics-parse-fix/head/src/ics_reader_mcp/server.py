"""MCP server that reads local .ics calendar files."""

import re
from datetime import datetime
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("ics-reader")


def parse_dt(value: str) -> datetime:
    if len(value) == 8:  # VALUE=DATE, an all-day event
        return datetime.strptime(value, "%Y%m%d")
    return datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")


def unfold(text: str) -> list[str]:
    """Join continuation lines (RFC 5545, section 3.1)."""
    lines: list[str] = []
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def unescape(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)


def parse_events(text: str) -> list[dict]:
    """Return the VEVENT blocks of a calendar as dictionaries."""
    events: list[dict] = []
    current: dict | None = None
    for line in unfold(text):
        if line == "BEGIN:VEVENT":
            current = {}
        elif line == "END:VEVENT":
            if current is not None:
                events.append(current)
            current = None
        elif current is not None and ":" in line:
            name, value = line.split(":", 1)
            key = name.split(";")[0].lower()
            if key in ("dtstart", "dtend"):
                current[key] = parse_dt(value)
            elif key in ("summary", "location"):
                current[key] = unescape(value)
    return events


def load(path: str) -> list[dict]:
    file = Path(path).expanduser()
    if file.suffix.lower() != ".ics":
        raise ValueError("only .ics files can be read")
    return parse_events(file.read_text(encoding="utf-8"))


@mcp.tool()
def list_events(path: str, limit: int = 20) -> list[dict]:
    """List the events of a calendar file, earliest first."""
    events = sorted(load(path), key=lambda e: e["dtstart"])
    return [
        {**e, "dtstart": e["dtstart"].isoformat(), "dtend": e["dtend"].isoformat() if "dtend" in e else None}
        for e in events[:limit]
    ]


@mcp.tool()
def search_events(path: str, text: str) -> list[str]:
    """Return the summaries of events that contain the given text."""
    needle = text.lower()
    return [e["summary"] for e in load(path) if needle in e.get("summary", "").lower()]


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()

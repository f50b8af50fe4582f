"""Small registries on disk, written the way people write entries."""

from __future__ import annotations

from pathlib import Path

PROJECT = "https://github.com/example/weather"


def write_entry(root: Path, server: str, commit: str, *, project: str = PROJECT, **source: str) -> Path:
    """Write the entry of a built server; `source` are further keys of its source, as they are to stand there."""
    lines = [f"name: {server}", f"image: mcp/{server}", "type: server", "source:", f"  project: {project}"]
    lines += [f'  commit: "{commit}"', *(f"  {key}: {value}" for key, value in source.items())]
    path = root / "servers" / server / "server.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def write_config(root: Path, text: str) -> None:
    """Write the registry's configuration."""
    path = root / ".github" / "pinwarden.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)

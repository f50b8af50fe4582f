"""The registries that benchmarks read: a real one where there is a copy of it, else one of the same shape."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from benchmarks.measure import OUT, ROOT

REAL = Path(os.environ.get("PINWARDEN_TEST_DATA") or ROOT.parent / "shared" / "data") / "mcp-registry"


def real_or_generated() -> tuple[Path, str]:
    """Return a registry of a real one's size, and what it is."""
    found = len(list(REAL.glob("servers/*/server.yaml")))
    return (REAL, f"{found} real entries") if found else (generated(328), "328 generated entries")


def generated(count: int) -> Path:
    """Return a registry of `count` valid entries, as long as a real one's (0.7 kB), the same each time."""
    root = OUT / f"bench-registry-{count}"
    if len(list(root.glob("servers/*/server.yaml"))) != count:
        shutil.rmtree(root, ignore_errors=True)
        for number in range(count):
            path = root / "servers" / f"server-{number:05}" / "server.yaml"
            path.parent.mkdir(parents=True)
            path.write_text(_entry(path.parent.name), encoding="utf-8")
    return root


def spread(root: Path, count: int, repositories: int, pin: str) -> Path:
    """Write a registry of `count` entries over so many repositories, example/repository-<n>, every pin the same commit; return its folder."""
    for number in range(count):
        path = root / "servers" / f"server-{number:05}" / "server.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(_entry(path.parent.name, f"repository-{number % repositories:05}", pin), encoding="utf-8")
    return root


def _entry(name: str, repository: str = "", pin: str = "") -> str:
    commit = pin or hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    return f"""name: {name}
image: mcp/{name}
type: server
meta:
  category: devops
  tags:
    - devops
    - weather
    - forecast
about:
  title: The server {name}
  description: Tells the weather of tomorrow in the places that its user names, in words and in numbers, for any client.
  icon: https://example.com/icons/{name}.png
source:
  project: https://github.com/example/{repository or name}
  branch: main
  commit: {commit}
  directory: servers/weather
config:
  description: Configure the connection to the weather service
  secrets:
    - name: {name}.api_key
      env: WEATHER_API_KEY
      example: <YOUR_API_KEY>
  env:
    - name: WEATHER_UNIT
      example: celsius
      value: "{{{{{name}.unit}}}}"
  parameters:
    type: object
    properties:
      unit:
        type: string
    required:
      - unit
"""

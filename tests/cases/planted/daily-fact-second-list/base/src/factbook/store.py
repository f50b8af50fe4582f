import json
import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "factbook"


def load(name: str) -> dict:
    try:
        return json.loads((CACHE / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def save(name: str, value: dict) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")

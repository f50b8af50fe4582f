"""A folder of extracted pages, one JSON file per PDF."""

import hashlib
import json
import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_dir() -> Path:
    override = os.environ.get("PDFPEEK_CACHE_DIR")
    if override:
        return Path(override).expanduser()
    return user_cache_path("pdfpeek", appauthor=False)


def entry(pdf: Path) -> Path:
    stat = pdf.stat()
    key = f"{pdf.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    return cache_dir() / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".json")


def get(pdf: Path) -> list[str] | None:
    file = entry(pdf)
    if not file.exists():
        return None
    return json.loads(file.read_text(encoding="utf-8"))


def put(pdf: Path, pages: list[str]) -> None:
    file = entry(pdf)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(pages), encoding="utf-8")

"""A folder of extracted pages, one JSON file per PDF."""

import hashlib
import json
from pathlib import Path

CACHE = Path.home() / ".pdfpeek-cache"


def entry(pdf: Path) -> Path:
    stat = pdf.stat()
    key = f"{pdf.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    return CACHE / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".json")


def get(pdf: Path) -> list[str] | None:
    file = entry(pdf)
    if not file.exists():
        return None
    return json.loads(file.read_text(encoding="utf-8"))


def put(pdf: Path, pages: list[str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    entry(pdf).write_text(json.dumps(pages), encoding="utf-8")
